"""A pack: both models, their cards and their weights in one file, as a platform publishes it and an edge takes it."""

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from inference import trait_weights, weights
from inference.eye import TRAITS
from inference.trait_weights import TraitManifest
from inference.weights import Manifest, WeightsError

CARD = "detector.toml"
FILES = 4


def write(card: Path) -> tuple[bytes, Manifest, TraitManifest]:
    """What lies at the detector's card, as ever the same bytes, and both cards. Raises WeightsError."""
    manifest, body = weights.load(card)
    traits, crops = trait_weights.load(card.with_name(TRAITS))
    parts = {
        CARD: card.read_bytes(),
        manifest.file: body,
        TRAITS: card.with_name(TRAITS).read_bytes(),
        traits.file: crops,
    }
    if len(parts) != FILES:
        raise WeightsError(f"the files that {card} and {TRAITS} name must have names of their own")
    out = io.BytesIO()
    with ZipFile(out, "w") as file:
        for name, data in parts.items():
            file.writestr(ZipInfo(name), data)  # a fixed date
    return out.getvalue(), manifest, traits


def lay(pack: bytes, folder: Path, most: int) -> Path:
    """Lay its files into an empty folder, at most so many bytes; returns the detector's card. Raises WeightsError."""
    try:
        with ZipFile(io.BytesIO(pack)) as file:
            for member in _members(file, most):
                (folder / member.filename).write_bytes(file.read(member))
    except (BadZipFile, NotImplementedError, RuntimeError) as error:
        raise WeightsError(f"the pack cannot be read: {error}") from error
    return folder / CARD


def _members(file: ZipFile, most: int) -> Iterator[ZipInfo]:
    found = file.infolist()
    plain = all(Path(one.filename).name == one.filename and one.filename not in (".", "..") for one in found)
    if not plain or len(found) != FILES or sum(one.file_size for one in found) > most:
        raise WeightsError("the pack does not hold two cards and their two files of weights")
    return iter(found)
