"""`mingchu up` as a user starts it: everything comes back after a kill, and nothing stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from mingchu.broker import free_port
from tests.servers import PATIENCE_S, wait_for

CHILDREN = {"postgres", "mosquitto", "ingest", "alerts", "api", "edge"}


class House:
    """A running `mingchu up`, and what it said so far on its JSON lines."""

    def __init__(self, root: Path, *options: str) -> None:
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("MINGCHU_")}
        self.command = [sys.executable, "-m", "mingchu", "up", "--data-dir", str(root), "--json-status", *options]
        self.process = subprocess.Popen(
            [*self.command, "--port", str(free_port())], stdout=subprocess.PIPE, text=True, env=self.environment
        )
        self.said: list[dict[str, object]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def has_said(self, event: str) -> bool:
        return any(line["event"] == event for line in list(self.said))

    def up(self) -> dict[str, int]:
        """The process number of each child that is up now."""
        now = {str(line["name"]): line for line in list(self.said) if line["event"] == "process"}
        return {name: int(str(line["pid"])) for name, line in now.items() if line["state"] == "up"}

    def wait_until_up(self) -> dict[str, int]:
        wait_for(lambda: self.process.poll() is not None or set(self.up()) == CHILDREN)
        assert self.process.poll() is None, self.said
        return self.up()

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def root(server_directory: Path) -> Path:
    return server_directory / uuid.uuid4().hex[:8]


@pytest.fixture
def house(root: Path) -> Iterator[House]:
    house = House(root)
    yield house
    house.process.kill()
    house.process.wait()


def are_gone(processes: list[psutil.Process]) -> bool:
    return all(not one.is_running() or one.status() == psutil.STATUS_ZOMBIE for one in processes)


def test_what_is_killed_comes_back_and_ctrl_c_leaves_nothing(house: House, root: Path) -> None:
    first = house.wait_until_up()
    assert house.has_said("ready")
    for pid in first.values():
        with suppress(ProcessLookupError):  # without the database it may have ended by itself
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: set(house.up()) == CHILDREN and not set(house.up().values()) & set(first.values()))

    refused = subprocess.run(
        [*house.command, "--port", str(free_port())], check=False, capture_output=True, text=True, env=house.environment
    )
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"mingchu: another `mingchu up` (process {house.process.pid}) already uses {root}")
    assert refused.stderr.count("\n") == 1

    processes = house.descendants()
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(timeout=PATIENCE_S) == 0
    assert are_gone(processes)
    wait_for(lambda: house.has_said("stopped"))


def test_a_killed_parent_leaves_nothing_and_the_next_start_works(house: House, root: Path) -> None:
    house.wait_until_up()
    processes = house.descendants()
    assert len(processes) > len(CHILDREN)
    house.process.kill()
    house.process.wait()
    again = House(root)
    try:
        again.wait_until_up()
        wait_for(lambda: are_gone(processes))
    finally:
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(timeout=PATIENCE_S) == 0


def test_a_busy_port_is_one_sentence(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "mingchu", "up", "--data-dir", str(root), "--port", str(port)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        f"mingchu: port {port} of 127.0.0.1 is in use: stop that program, or choose another --port\n",
    )
