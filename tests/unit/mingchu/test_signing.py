"""The platform's key: made once, for the starting user only, and the same for all who ask at once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mingchu import signing
from mingchu.datadir import DataDirectory


def test_one_key_though_many_ask_at_once(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        names = {signing.name(key.public_key()) for key in pool.map(lambda _: signing.key(data), range(16))}
    assert len(names) == 1
    (file,) = data.secrets.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = signing.kept_public(data)
    assert kept is not None
    assert {signing.name(kept)} == names
    assert signing.kept_public(DataDirectory(tmp_path / "none")) is None


def test_a_spoilt_key_is_said_and_not_replaced(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.make()
    (data.secrets / "evidence-key.pem").write_text("spoilt", encoding="ascii")
    with pytest.raises(signing.KeyFileError, match="restore it from a backup"):
        signing.key(data)
    assert (data.secrets / "evidence-key.pem").read_text(encoding="ascii") == "spoilt"
