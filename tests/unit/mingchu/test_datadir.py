"""The data directory: ports that stay, secrets that stay, and one user at a time."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mingchu.datadir import DataDirectory, DataDirectoryError


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    directory = DataDirectory(tmp_path / "data")
    directory.make()
    return directory


def test_a_port_stays_until_somebody_else_listens_on_it(data: DataDirectory) -> None:
    port = data.claim_port("broker")
    assert data.claim_port("broker") == port
    with socket.create_server(("127.0.0.1", port)):
        assert data.port("broker") == port
        moved = data.claim_port("broker")
    assert moved != port
    assert data.ports() == {"broker": moved}


def test_secrets_are_made_once(data: DataDirectory) -> None:
    assert data.kept_secret("rtsp") is None
    secret = data.secret("rtsp")
    assert len(secret) >= 32
    assert data.secret("rtsp") == data.kept_secret("rtsp") == secret


def test_a_damaged_list_of_ports_is_made_anew(data: DataDirectory) -> None:
    (data.root / "ports.json").write_text('{"broker": 12', encoding="ascii")
    port = data.port("broker")
    assert json.loads((data.root / "ports.json").read_text(encoding="ascii")) == {"broker": port}


def test_only_one_process_holds_it(data: DataDirectory) -> None:
    program = (
        "import sys; from pathlib import Path; from mingchu.datadir import DataDirectory, DataDirectoryError\n"
        "try:\n    with DataDirectory(Path(sys.argv[1])).lock(): print('held')\n"
        "except DataDirectoryError as error: print(error)\n"
    )

    def other() -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, str(data.root)], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    with data.lock():
        assert other().startswith("another `mingchu up` (process ")
    assert other() == "held"


def test_a_place_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(DataDirectoryError, match=r"cannot make the data directory .*; set MINGCHU_DATA_DIR"):
        DataDirectory(tmp_path / "file" / "data").make()
