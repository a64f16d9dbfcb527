"""A changed weights file refuses to start, with a sentence (PROMISES S12)."""

import hashlib
from pathlib import Path

import pytest

from inference import weights


def write(folder: Path, body: bytes, sha256: str) -> Path:
    (folder / "detector.onnx").write_bytes(body)
    path = folder / "detector.toml"
    path.write_text(
        f'name = "d"\nversion = "1"\nfile = "detector.onnx"\nsha256 = "{sha256}"\nclasses = ["person"]\n'
        "[input]\nlongest = 640\narea = 262144\n[thresholds]\nperson = 0.5\n"
    )
    return path


def test_the_right_file_loads(tmp_path: Path) -> None:
    manifest, body = weights.load(write(tmp_path, b"onnx", hashlib.sha256(b"onnx").hexdigest()))
    assert (manifest.input.longest, manifest.input.area, body) == (640, 262144, b"onnx")


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match="restore the file"):
        weights.load(write(tmp_path, b"onnx!", hashlib.sha256(b"onnx").hexdigest()))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(weights.WeightsError, match="cannot read the model's manifest"):
        weights.load(tmp_path / "detector.toml")


def test_thresholds_must_name_known_classes(tmp_path: Path) -> None:
    path = write(tmp_path, b"onnx", hashlib.sha256(b"onnx").hexdigest())
    path.write_text(path.read_text() + "ghost = 0.1\n")
    with pytest.raises(weights.WeightsError, match="ghost"):
        weights.load(path)
