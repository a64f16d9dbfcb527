"""A changed crop classifier refuses to start, with a sentence (PROMISES S12)."""

import hashlib
from pathlib import Path

import pytest

from inference import trait_weights
from inference.traits import State, Trait
from inference.weights import WeightsError

GROUPS = 'hat = ["not_visible", "worn", "missing"]\nclothes = ["not_visible", "worn", "missing", "bare"]\n'
SURENESS = "hat = 0.6\nclothes = 0.5\n"


def write(folder: Path, body: bytes, *, groups: str = GROUPS, sureness: str = SURENESS, released: bytes = b"x") -> Path:
    (folder / "traits.onnx").write_bytes(body)
    path = folder / "traits.toml"
    path.write_text(
        f'name = "t"\nversion = "1"\nfile = "traits.onnx"\nsha256 = "{hashlib.sha256(released).hexdigest()}"\n'
        f"[input]\nsize = 128\n[groups]\n{groups}[sureness]\n{sureness}"
    )
    return path


def test_the_right_file_loads(tmp_path: Path) -> None:
    manifest, body = trait_weights.load(write(tmp_path, b"x"))
    assert (manifest.input.size, manifest.outputs, body) == (128, 7, b"x")
    assert list(manifest.states) == [Trait.HAT, Trait.CLOTHES]
    assert manifest.states[Trait.CLOTHES] == (State.NOT_VISIBLE, State.WORN, State.MISSING, State.BARE)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="restore the file"):
        trait_weights.load(write(tmp_path, b"y"))


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, b"x")
    (tmp_path / "traits.onnx").unlink()
    with pytest.raises(WeightsError, match="cannot read the weights"):
        trait_weights.load(path)
    with pytest.raises(WeightsError, match="cannot read the model's manifest"):
        trait_weights.load(tmp_path / "none.toml")


@pytest.mark.parametrize("groups", ['beard = ["not_visible"]\n', 'hat = ["not_visible", "crooked"]\n'])
def test_unknown_names_are_refused(tmp_path: Path, groups: str) -> None:
    with pytest.raises(WeightsError, match="unknown trait or state"):
        trait_weights.load(write(tmp_path, b"x", groups=groups))


@pytest.mark.parametrize("change", [{"sureness": "hat = 0.6\n"}, {"groups": GROUPS.replace('"not_visible", ', "", 1)}])
def test_every_trait_has_a_sureness_and_can_be_not_visible(tmp_path: Path, change: dict[str, str]) -> None:
    with pytest.raises(WeightsError, match="for every trait"):
        trait_weights.load(write(tmp_path, b"x", **change))  # type: ignore[arg-type]
