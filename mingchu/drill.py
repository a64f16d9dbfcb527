"""`mingchu drill`: the whole house on a scenario, headless, on servers of its own; then its score against the truth."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from alerts.audience import Turn
from ingest.message import message_key
from mingchu import demo, drill_page, seed
from mingchu.broker import free_port
from mingchu.drill_cause import with_causes
from mingchu.drill_outcome import Outcome, scenes, told
from mingchu.drill_score import Messages, Seen, Wanted, score
from mingchu.drill_timeline import Noted
from mingchu.settings import Settings
from simulators.scenario_file import Scenario
from simulators.sent import Acknowledged, lines
from store import tally
from store.connection import Connection, connect

START_S = 90.0  # for the house to get up and the scenario to begin
SETTLE_S = 45.0  # after the timeline's end, for what is still on its way

Line = TypeVar("Line", bound=msgspec.Struct)


class DrillError(Exception):
    """The drill could not be run to its end."""


class _Truth(msgspec.Struct, frozen=True):
    what: str
    at: datetime
    subject: str = ""
    name: str = ""


class _Stamped(msgspec.Struct, frozen=True):
    """What all messages of a device have."""

    ts: datetime


class _Item(msgspec.Struct, frozen=True):
    alert: int | None
    turn: str


class _PushBody(_Item, frozen=True):
    """One thing told, or several together."""

    items: tuple[_Item, ...] = ()


class _Delivery(msgspec.Struct, frozen=True):
    """A line of pushes.jsonl."""

    received_at: datetime
    body: _PushBody


def run(file: Path, keep: Path | None = None, factor: float = 1.0) -> Outcome:
    """Play the scenario `file` once; `keep`: the data directory to use and leave there. Raises DrillError.

    `factor`: of how many what the scenario places many of.
    """
    scenario = demo.scenario_of(file, factor)
    with _directory(keep) as root, _house(root, file, factor) as house:
        simulated = root / "simulators"
        zero = _zero(simulated / "truth.jsonl", house)
        _wait_out(scenario, zero, house)
        return asyncio.run(_collect(root, simulated, scenario, zero))


def tell(outcome: Outcome, file: Path | None, page: Path | None = None) -> bool:
    """Print the score, write the JSON and the page; returns whether the drill passed."""
    body = told(outcome)
    table = Table("verdict", "rule", "subject", "latency s", "why")
    for row in body["alerts"]:
        delay = "" if row["latency_s"] is None else f"{row['latency_s']:.2f}"
        table.add_row(row["verdict"], row["rule"], row["subject"], delay, row["why"])
    Console().print(table)
    print(", ".join(f"{name} {body[name]}" for name in ("expected", "matched", "missed", "unexpected")))
    print(f"latency {body['latency_s']}, from the truth's instant {body['since_truth_s']}")
    print(f"messages {body['messages']}")
    for bar in outcome.bars:
        if not bar.holds:
            print(f"failed: {bar.name} is {bar.value}, at most {bar.limit} may be")
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2))
    if page is not None:
        page.write_text(drill_page.render(outcome), encoding="utf-8")
    return outcome.passed


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="mingchu-drill-") as name:
        Path(name).chmod(0o711)  # the database's own account must be able to enter
        yield Path(name)


@contextmanager
def _house(root: Path, scenario: Path, factor: float) -> Iterator[subprocess.Popen[bytes]]:
    """`mingchu up --demo --once` on servers of its own, whatever the environment names."""
    foreign = {"MINGCHU_DATABASE_URL", "MINGCHU_MQTT_URL", "MINGCHU_CONSOLE_URL", "MINGCHU_EVIDENCE_DIR"}
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    command = [sys.executable, "-m", "mingchu", "up", "--demo", "--once", "--headless"]
    command += [
        "--scenario",
        str(scenario.absolute()),
        "--factor",
        str(factor),
        "--data-dir",
        str(root),
        "--port",
        str(free_port()),
    ]
    with (root / "up.log").open("wb") as log:
        house = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield house
        finally:
            house.send_signal(signal.SIGINT)
            house.wait(timeout=60)


def _zero(truth: Path, house: "subprocess.Popen[bytes]") -> datetime:
    """The timeline's zero, as the simulators wrote it down."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        _alive(house)
        for line in _lines(truth, _Truth):
            if line.what == "start":
                return line.at
        time.sleep(0.2)
    raise DrillError(f"the scenario did not begin within {START_S:.0f} s: see the logs, with --keep DIR")


def _wait_out(scenario: Scenario, zero: datetime, house: "subprocess.Popen[bytes]") -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"scenario {scenario.name}", total=scenario.duration_s)
        while (passed := (datetime.now(UTC) - zero).total_seconds()) < scenario.duration_s:
            _alive(house)
            progress.update(task, completed=passed)
            time.sleep(0.5)


def _alive(house: "subprocess.Popen[bytes]") -> None:
    if house.poll() is not None:
        raise DrillError(f"`mingchu up` ended by itself with code {house.returncode}: see up.log, with --keep DIR")


async def _collect(root: Path, simulated: Path, scenario: Scenario, zero: datetime) -> Outcome:
    connection = await connect(Settings(data_dir=root).dsn, autocommit=True)
    try:
        sent = list(lines(simulated / "sent.jsonl"))
        stored = await _settled(connection, [message_key(line.topic, line.body) for line in sent])
        _, repeated = await tally.readings(connection)
        alerts = await tally.alerts(connection)
    finally:
        await connection.close()
    truth = [Noted(line.what, line.at, line.subject, line.name) for line in _lines(simulated / "truth.jsonl", _Truth)]
    seen = witnesses(alerts, sent, _lines(simulated / "pushes.jsonl", _Delivery))
    seen = with_causes(seen, truth, scenes(), seed.beginning)
    found, messages = score(_wanted(scenario, zero), seen), Messages(len(sent), stored, repeated)
    return Outcome(scenario, zero, found, messages, tuple(note for note in truth if note.at >= zero))


async def _settled(connection: Connection, keys: list[bytes]) -> int:
    """How many of the messages are stored, once all are or SETTLE_S have passed."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        stored = await tally.stored(connection, keys)
        if stored == len(set(keys)) or time.monotonic() > deadline:
            return stored
        await asyncio.sleep(0.5)


def _wanted(scenario: Scenario, zero: datetime) -> list[Wanted]:
    moments = [(want, zero + timedelta(seconds=want.at)) for want in scenario.expect]
    return [Wanted(want.rule, want.subject, at, at + timedelta(seconds=want.within)) for want, at in moments]


def witnesses(
    alerts: Sequence[tally.RaisedAlert], sent: Sequence[Acknowledged], deliveries: Sequence[_Delivery]
) -> list[Seen]:
    """Join each alert with the message that began it and with the first push that told of it."""
    published = {_stamp(line): line.published for line in sent}
    told: dict[int, datetime] = {}
    for delivery in deliveries:
        for item in delivery.body.items or (delivery.body,):
            if item.turn == Turn.RAISED and item.alert is not None:
                told.setdefault(item.alert, delivery.received_at)
    return [_seen(alert, published, told) for alert in alerts]


def _seen(alert: tally.RaisedAlert, published: dict[tuple[str, datetime], datetime], told: dict[int, datetime]) -> Seen:
    if alert.last_sample is not None:
        ready: datetime | None = alert.last_sample
    else:
        first = published.get((alert.subject, alert.began))
        ready = None if first is None else first + timedelta(seconds=alert.waits_s)
    return Seen(alert.id, alert.rule, alert.subject, alert.raised, ready, told.get(alert.id), alert.why)


def _stamp(line: Acknowledged) -> tuple[str, datetime]:
    """A message is found by its device and its own time."""
    return line.topic.split("/")[3], msgspec.json.decode(line.body, type=_Stamped).ts


def _lines(path: Path, kind: type[Line]) -> list[Line]:
    """The whole lines of a file that is being written to; none while it is not there."""
    if not path.exists():
        return []
    body = path.read_bytes()
    return [msgspec.json.decode(line, type=kind) for line in body[: body.rfind(b"\n") + 1].splitlines()]
