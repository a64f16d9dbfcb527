"""`mingchu up` on servers of its own, for benches that measure the whole of it: its status lines, its processes."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from domain import credential
from mingchu.bench import fleet, intake
from mingchu.bench.intake import EIGHT
from mingchu.bench.process import BenchError, checkout, child, until
from mingchu.broker import free_port
from mingchu.database import address
from mingchu.datadir import DataDirectory

START_S = 300.0  # of a new database, on a busy machine


@dataclass(frozen=True, slots=True)
class Tenant:
    """One process of the house as it said last."""

    name: str
    pid: int | None
    state: str
    restarts: int


@dataclass(frozen=True, slots=True)
class House:
    """A running `mingchu up`. `prober`: the code of the last of the bench's devices, `secret`: the password of all."""

    root: Path
    log: Path
    dsn: str
    broker_port: int
    console: str
    itself: psutil.Process
    secret: str
    prober: str

    def tenants(self) -> dict[str, Tenant]:
        """Its processes by name."""
        said = [line for line in _lines(self.log) if line.get("event") == "process"]
        return {line["name"]: Tenant(line["name"], line["pid"], line["state"], line["restarts"]) for line in said}

    def process(self, name: str) -> psutil.Process:
        """One that is up; raises BenchError where it is not in time."""
        until(lambda: self._is_up(name), f"{name} is not up")
        return psutil.Process(self.tenants()[name].pid)

    def login(self) -> tuple[str, str]:
        """Somebody of the demo who may look at everything, and the password; raises BenchError without the demo."""
        logins: list[dict[str, Any]] = (_said(self.log, "ready") or {}).get("logins", [])
        found = next((each for each in logins if each["role"] == "regulator" and each["password"]), None)
        if found is None:
            raise BenchError("nobody of the house can log in")
        return found["login"], found["password"]

    def _is_up(self, name: str) -> bool:
        tenant = self.tenants().get(name)
        return tenant is not None and tenant.state == "up"


@contextmanager
def house(root: Path, devices: int, options: Sequence[str] = ()) -> Iterator[House]:
    """`mingchu up` with `options`, and so many of the bench's devices registered and let in; `root`: its data."""
    log, secret = root / "up.log", credential.generate()
    dying = ("setpriv", "--pdeathsig=TERM", "--")  # it never outlives the bench
    command = (sys.executable, "-m", "mingchu", "up", "--headless", "--json-status", "--port", str(free_port()))
    foreign = {"MINGCHU_DATABASE_URL": "", "MINGCHU_MQTT_URL": ""}
    environment = {**foreign, "PYTHONPATH": checkout(), "MINGCHU_DATA_DIR": str(root)}
    else_ = f"the house does not start within {START_S:.0f} s (log: {log})"
    with child((*dying, *command, *options), log, **environment) as process:
        until(lambda: _said(log, "ready") is not None or process.poll() is not None, else_, patience_s=START_S)
        ready = _said(log, "ready")
        password = DataDirectory(root).kept_secret("database")
        if ready is None or password is None:
            raise BenchError(f"the house has ended at once (log: {log})")
        dsn, prober = address(root, password), fleet.device(devices - 1)
        intake.ask(dsn, lambda connection: intake.register(connection, EIGHT, devices, credential.protect(secret)))
        port = int(str(ready["broker"]).rpartition(":")[2])
        until(lambda: _lets_in(port, prober, secret), "the broker does not let the devices in")
        found = House(root, log, dsn, port, str(ready["console"]), process, secret, prober)
        found.process("ingest")
        yield found


def _lets_in(port: int, code: str, secret: str) -> bool:
    try:
        fleet.connect(port, credential.device_user(fleet.SITE, code), secret).close()
    except OSError:
        return False
    return True


def _said(log: Path, event: str) -> dict[str, Any] | None:
    """The last status line of that kind."""
    return next((line for line in reversed(_lines(log)) if line.get("event") == event), None)


def _lines(log: Path) -> list[dict[str, Any]]:
    whole = log.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in whole if line.startswith("{")]
