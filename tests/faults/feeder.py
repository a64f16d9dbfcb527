"""An edge without cameras, as a process that may be killed: it spools telemetry or scenes, and brings them up.

Its ledger is a file: a line for each id whose append has returned. What stands there must not be lost.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from domain.scene import Scene
from domain.wire import EvidenceItem, EvidenceKind, Relayed, Sample, SceneBegan, Verdict
from edge.counters import Counters
from edge.journal import Journal
from edge.spool import Draft, Priority, Spool
from edge.uplink import Broker, Orders, Uplink
from edge.uploader import Account, Uploader
from edge.vault import Piece, Vault
from tests.servers import PATIENCE_S

SIGHT = Sample(datetime(2026, 7, 1, tzinfo=UTC), (0.0, 0.0, 1.0, 1.0), 0.9, Verdict.VIOLATING)


class Life(msgspec.Struct, frozen=True):
    """What the process is told. `rate`: items a second; 0: bring up what waits, and end."""

    folder: str
    mqtt_url: str
    api_url: str
    secret: str
    edge: str
    rate: float
    scenes: bool = False  # scenes with evidence, else telemetry of device hall/cold


@dataclass(frozen=True, slots=True)
class Feeder:
    """Many lives of one edge on one disk."""

    life: Life

    @property
    def ledger(self) -> list[str]:
        """The ids that were acknowledged to the sender."""
        path = Path(self.life.folder) / "ledger"
        return [line for line in path.read_text().split("\n")[:-1] if line] if path.exists() else []

    @contextmanager
    def living(self, rate: float) -> Iterator[subprocess.Popen[bytes]]:
        """A life; at its end it is killed."""
        said = msgspec.json.encode(msgspec.structs.replace(self.life, rate=rate)).decode()
        root = Path(__file__).parents[2]
        process = subprocess.Popen(
            (sys.executable, "-m", "tests.faults.feeder", said), cwd=root, stdout=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def drain(self) -> None:
        """A last life, until nothing waits any more."""
        with self.living(0) as process:
            assert process.wait(timeout=PATIENCE_S) == 0


def main(life: Life) -> None:
    folder, counters = Path(life.folder), Counters()
    with ExitStack() as stack:
        journal = Journal(folder / "spool.db")
        journal.open()
        stack.callback(journal.close)
        spool = Spool(journal, 10**8)
        vault = Vault(folder / "evidence", spool, 10**8, counters)
        vault.open()
        uplink = Uplink(
            Broker(life.mqtt_url, life.edge, life.secret), spool, Orders(lambda _: None, lambda *_: None), counters
        )
        uploader = Uploader(Account(life.api_url, life.edge, life.secret), vault, counters)
        for part in (uplink, uploader):
            part.open()
            stack.callback(part.close)
        feed(life, spool, vault) if life.rate else drain(spool, vault)


def feed(life: Life, spool: Spool, vault: Vault) -> None:
    with (Path(life.folder) / "ledger").open("a") as ledger:
        began, count = time.monotonic(), 0
        while True:
            name = scene(spool, vault) if life.scenes else reading(spool)
            ledger.write(f"{name}\n")
            ledger.flush()
            os.fsync(ledger.fileno())
            count += 1
            time.sleep(max(0.0, began + count / life.rate - time.monotonic()))


def reading(spool: Spool) -> str:
    now = datetime.now(UTC)
    payload = msgspec.json.encode({"ts": now, "values": {"air_temp": -20.0}})
    spool.append([Draft(Priority.TELEMETRY, Relayed("mc/v1/hall/cold/telemetry", payload, now))])
    return now.isoformat()


def scene(spool: Spool, vault: Vault) -> str:
    event, now = uuid.uuid4().hex, datetime.now(UTC)
    kept = vault.put(event.encode() * 50, "image/jpeg", Priority.CLASS_II, Piece(event, "eye", EvidenceKind.FRAME))
    item = EvidenceItem(EvidenceKind.FRAME, kept.sha256, kept.media_type, kept.size, now, now)
    times = (now, now, now)
    began = SceneBegan(event, "eye", Scene.PEST, "z", 0, *times, "seen", (SIGHT,), "ab" * 32, 1, (item,))
    spool.append([Draft(Priority.CLASS_II, began)])
    return event


def drain(spool: Spool, vault: Vault) -> None:
    while spool.load.depth or vault.waiting(1):
        time.sleep(0.05)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Life))
