"""A pack holds both models, byte for byte; anything else is refused."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest

from inference import pack
from inference.eye import Eye
from inference.weights import WeightsError

CARD = Path(__file__).parents[3] / "models" / "weights" / "detector.toml"
MOST = 1 << 26


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def test_a_pack_is_the_same_whenever_it_is_written_and_opens_as_the_model(tmp_path: Path) -> None:
    data, manifest, traits = pack.write(CARD)
    assert pack.write(CARD)[0] == data
    card = pack.lay(data, tmp_path, MOST)
    assert {file.name for file in tmp_path.iterdir()} == {"detector.toml", manifest.file, "traits.toml", traits.file}
    assert Eye.open(card).sha256 == Eye.open(CARD).sha256


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\3\4 and no more",
        zipped(**{"detector.toml": b"", "a": b"", "b": b""}),
        zipped(**{"detector.toml": b"", "a": b"", "b": b"", "../c": b""}),
        zipped(**{"detector.toml": b"", "a": b"", "b": b"", "/c": b""}),
        zipped(**{"detector.toml": b"", "a": b"", "b": b"", "c": bytes(2000)}),
    ],
    ids=["empty", "torn", "three", "outside", "absolute", "large"],
)
def test_what_is_no_pack_is_refused_and_leaves_nothing(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="pack"):
        pack.lay(data, tmp_path, 1000)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_do_not_answer_as_their_card_says_fail_the_trial(tmp_path: Path) -> None:
    card = pack.lay(pack.write(CARD)[0], tmp_path, MOST)
    card.write_text(card.read_text(encoding="utf-8").replace('    "rat",\n', '    "rat",\n    "mouse",\n'))
    with pytest.raises(WeightsError, match="do not answer as their card says"):
        Eye.open(card)
