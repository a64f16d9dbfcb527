"""A whole house under test: `mingchu up --demo` as a user starts it, and the people and devices that come to it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
from paho.mqtt import MQTTException, publish

from mingchu.broker import free_port
from tests.servers import PATIENCE_S

ANSWER_S = 30.0  # for one answer, where a process may have been killed under the question
CHILDREN = ("ingest", "alerts", "api", "edge", "simulate", "receiver", "mosquitto", "postgres")
T = TypeVar("T")


def waited(look: Callable[[], T | None], what: str, *, patience_s: float = PATIENCE_S) -> T:
    """What `look` sees once it sees anything true; fails where it does not come."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)
    return found


class House:
    """A running `mingchu up --demo --once`, and what it says on its JSON lines. `words`: others than `--once`."""

    def __init__(self, root: Path, *words: str) -> None:
        self.root = root
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MINGCHU_")}
        self.environment = ours | {"MINGCHU_DATA_DIR": str(root)}
        port = str(free_port())
        more = words or ("--once",)
        command = self._command("up", "--demo", *more, "--headless", "--json-status", "--port", port)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment)
        self.said: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "mingchu", *words]

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def has_said(self, event: str) -> dict[str, Any] | None:
        """The first such line."""
        return next((line for line in list(self.said) if line["event"] == event), None)

    def wait_until_ready(self) -> None:
        """Return when it has welcomed its user and each child is up."""
        waited(lambda: self.process.poll() is not None or self.has_said("ready"), "the welcome")
        assert self.process.poll() is None, self.said
        waited(lambda: set(self.children()) == set(CHILDREN), "all children")

    @property
    def welcome(self) -> dict[str, Any]:
        ready = self.has_said("ready")
        assert ready is not None
        return ready

    @property
    def console(self) -> str:
        return str(self.welcome["console"])

    def password(self, login: str) -> str:
        return next(str(one["password"]) for one in self.welcome["logins"] if one["login"] == login)

    def children(self) -> dict[str, int]:
        """The process number of each child that is up now."""
        now = {str(line["name"]): line for line in list(self.said) if line["event"] == "process"}
        return {name: int(line["pid"]) for name, line in now.items() if line["state"] == "up"}

    def run(self, *words: str) -> str:
        """Another `mingchu` command beside it; returns what it printed."""
        done = subprocess.run(
            self._command(*words), check=False, capture_output=True, text=True, env=self.environment, timeout=PATIENCE_S
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def visitor(self, login: str) -> Iterator[httpx.Client]:
        """That person's REST client, logged in."""
        with httpx.Client(base_url=self.console, timeout=ANSWER_S, trust_env=False) as client:
            answer = client.post("/api/v1/login", json={"login": login, "password": self.password(login)})
            assert answer.status_code == 200, answer.text
            yield client

    def pushes(self, alert: int) -> set[tuple[str, str]]:
        """What the push receiver got about an alert: channel and turn."""
        listing = httpx.get(f"{self.welcome['pushes']}/pushes.json", timeout=ANSWER_S, trust_env=False).json()
        told = [
            (push["channel"], one) for push in listing["pushes"] for one in push["body"].get("items") or [push["body"]]
        ]
        return {(channel, one["turn"]) for channel, one in told if one["alert"] == alert}

    def freezer(self, site: str, code: str, secret: str) -> "Freezer":
        """A cold store's terminal that is registered under that code."""
        port = int(str(self.welcome["broker"]).rpartition(":")[2])
        return Freezer(site, code, secret, port)

    def processes(self) -> list[psutil.Process]:
        """Every process of this house but the parent, wherever it has gone: they all name its directory."""
        found = [one for one in psutil.process_iter() if one.pid not in (os.getpid(), self.process.pid)]
        return [one for one in found if _names(one, str(self.root))]

    def end(self, how: signal.Signals, *, patience_s: float = PATIENCE_S) -> int:
        """Send the parent that signal; returns its exit code."""
        self.process.send_signal(how)
        return self.process.wait(timeout=patience_s)


def _names(process: psutil.Process, directory: str) -> bool:
    """True when a living process works in, was started with, or is configured for that directory."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = [process.cwd(), *process.cmdline(), process.environ().get("MINGCHU_DATA_DIR", "")]
    except psutil.Error:
        return False
    return any(directory in word for word in words)


@dataclass(frozen=True)
class Freezer:
    """A cold store's terminal in the hands of the test: it says what it is told, in the words of its profile."""

    site: str
    code: str
    secret: str
    port: int

    def says(self, air_temp: float, *, trapped: bool = False) -> None:
        """Publish one status at QoS 1; returns when the broker has acknowledged it."""
        now = datetime.now(UTC).isoformat()
        values: Mapping[str, float | bool] = {
            **{"air_temp": air_temp, "set_point": -20.0, "defrost": False, "door_open": False},
            **{"power": True, "trapped": trapped},
        }
        publish.single(
            f"mc/v1/{self.site}/{self.code}/telemetry",
            json.dumps({"ts": now, "values": values}),
            qos=1,
            port=self.port,
            auth={"username": f"{self.site}.{self.code}", "password": self.secret},
        )

    def is_let_in(self, air_temp: float) -> bool:
        """Publish, where the broker knows the terminal by now."""
        try:
            self.says(air_temp)
        except (MQTTException, OSError):
            return False
        return True


def seen_json(client: httpx.Client, path: str) -> Any:
    """What is answered there, or None where nobody answers well at the moment."""
    try:
        answer = client.get(path)
    except httpx.HTTPError:
        return None
    return answer.json() if answer.status_code == 200 else None


def device_of(client: httpx.Client, site: str, code: str) -> dict[str, Any] | None:
    """That device as REST shows it."""
    devices = seen_json(client, "/api/v1/devices") or []
    return next((one for one in devices if (one["site"]["code"], one["code"]) == (site, code)), None)


def camera_of(client: httpx.Client, code: str) -> dict[str, Any] | None:
    """That camera as REST shows it."""
    return next((one for one in seen_json(client, "/api/v1/cameras") or [] if one["code"] == code), None)


def reading_of(device: dict[str, Any] | None, metric: str) -> float | None:
    """The latest value of one metric of a device as REST shows it."""
    values = (reading["value"] for reading in (device or {"readings": []})["readings"] if reading["metric"] == metric)
    return next(values, None)


def air_of(client: httpx.Client, freezer: Freezer) -> float | None:
    """The freezer's latest air temperature as REST shows it."""
    return reading_of(device_of(client, freezer.site, freezer.code), "air_temp")


def add_freezer(house: House, client: httpx.Client, site: str, code: str, zh: str) -> Freezer:
    """`mingchu device add` beside the running house; returns when its first message has landed."""
    told = house.run("device", "add", site, code, "--profile", "cold-store", "--zh", zh)
    secret = re.search(r"^password (\S+)$", told, re.MULTILINE)
    assert secret is not None, told
    freezer = house.freezer(site, code, secret[1])
    settle(client, freezer)
    return freezer


def settle(client: httpx.Client, freezer: Freezer) -> None:
    """The registry's change reaches the broker and ingest within seconds; until then a terminal repeats itself."""
    waited(lambda: freezer.is_let_in(-20.0) and air_of(client, freezer) == -20.0, f"{freezer.code} to be known")
