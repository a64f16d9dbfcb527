"""The weights file and its manifest: what the model is called, takes and knows, and the hash that it must have."""

import hashlib
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray


class WeightsError(Exception):
    """The weights are missing, changed or not described: the detector refuses to start."""


class Input(msgspec.Struct, frozen=True):
    """What the model takes: RGB 0..1, letterboxed; its longer side at most `longest` pixels, about `area` in all."""

    longest: int
    area: int


class Manifest(msgspec.Struct, frozen=True):
    """`detector.toml` beside the ONNX file; `models/export.py` writes it."""

    name: str
    version: str
    file: str
    sha256: str
    input: Input
    classes: tuple[str, ...]
    thresholds: dict[str, float]
    exclusive: tuple[tuple[str, ...], ...] = ()  # of such classes one box can be only one: a cat is no rat

    def groups(self) -> NDArray[np.int16]:
        """(classes,) a number per class; exclusive classes share theirs."""
        first = {name: group[0] for group in self.exclusive for name in group}
        return np.array([self.classes.index(first.get(name, name)) for name in self.classes], dtype=np.int16)


def load(path: Path) -> tuple[Manifest, bytes]:
    """Read the manifest and the ONNX bytes; raises WeightsError when the SHA-256 differs (PROMISES S12)."""
    manifest = _manifest(path)
    return manifest, released(path.with_name(manifest.file), manifest.sha256)


def released(file: Path, sha256: str) -> bytes:
    """A weights file's bytes; raises WeightsError when they are not those of the release."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read the weights {file}: {error.strerror}") from error
    digest = hashlib.sha256(body).hexdigest()
    if digest != sha256:
        raise WeightsError(
            f"the weights {file} have SHA-256 {digest[:12]}…, the manifest says {sha256[:12]}…: "
            "restore the file or export the model again"
        )
    return body


def _manifest(path: Path) -> Manifest:
    try:
        manifest = msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise WeightsError(f"cannot read the model's manifest {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise WeightsError(f"the model's manifest {path} is not valid: {error}") from error
    unknown = {*manifest.thresholds, *(name for group in manifest.exclusive for name in group)} - {*manifest.classes}
    if unknown:
        raise WeightsError(f"the model's manifest {path} names unknown classes: {sorted(unknown)}")
    return manifest
