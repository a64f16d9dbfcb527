"""The crop classifier's file and its manifest: input size, the states of each trait, how sure an answer must be."""

from pathlib import Path

import msgspec

from inference.traits import State, Trait
from inference.weights import WeightsError, released

Groups = dict[Trait, tuple[State, ...]]


class Square(msgspec.Struct, frozen=True):
    """What the model takes: crops in the middle of grey squares of so many pixels a side, RGB 0..1, planar."""

    size: int


class TraitManifest(msgspec.Struct, frozen=True):
    """`traits.toml` beside the ONNX file; `models/trait_export.py` writes it.

    groups: a trait's name and its states' names, both in the order of the network's outputs; sureness: below it a
    trait's answer is NOT_VISIBLE.
    """

    name: str
    version: str
    file: str
    sha256: str
    input: Square
    groups: dict[str, tuple[str, ...]]
    sureness: dict[str, float]

    @property
    def states(self) -> Groups:
        """The groups by their values; raises KeyError on a name that is none of ours."""
        return {Trait[t.upper()]: tuple(State[s.upper()] for s in names) for t, names in self.groups.items()}

    @property
    def outputs(self) -> int:
        return sum(map(len, self.groups.values()))


def load(path: Path) -> tuple[TraitManifest, bytes]:
    """Read the manifest and the ONNX bytes; raises WeightsError when they are not what was released (PROMISES S12)."""
    manifest = _manifest(path)
    return manifest, released(path.with_name(manifest.file), manifest.sha256)


def _manifest(path: Path) -> TraitManifest:
    try:
        manifest = msgspec.toml.decode(path.read_bytes(), type=TraitManifest)
        known = manifest.states
    except OSError as error:
        raise WeightsError(f"cannot read the model's manifest {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise WeightsError(f"the model's manifest {path} is not valid: {error}") from error
    except KeyError as error:
        raise WeightsError(f"the model's manifest {path} names an unknown trait or state: {error}") from error
    if set(manifest.sureness) != set(manifest.groups) or any(State.NOT_VISIBLE not in s for s in known.values()):
        raise WeightsError(f"the model's manifest {path} needs a sureness and a state not_visible for every trait")
    return manifest
