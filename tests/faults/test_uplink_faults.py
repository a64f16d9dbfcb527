"""R1, R2 and R6: broker killed, database down, everything told three times over: the tables have each reading once."""

import asyncio
import random
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psutil
import psycopg
import pytest

from domain import credential
from domain.wire import EdgeBatch, EdgeItem, Relayed
from ingest import clock, commit
from ingest.message import Message
from ingest.patience import Patience
from ingest.reader import read
from ingest.roster import build
from mingchu import database
from mingchu.account import Account
from store import roster
from store.connection import connect
from store.migrate import migrate
from tests import ingest_world as world
from tests.faults.feeder import Feeder, Life
from tests.servers import PrivateBroker, running

TOPIC = "mc/v1/hall/cold/telemetry"
RATE = 200.0  # messages a second, of one edge


def _feeder(broker: PrivateBroker, folder: Path) -> Feeder:
    secret = broker.secret("edge.box")
    return Feeder(Life(str(folder), broker.url("edge.box"), "http://127.0.0.1:1", secret, "box", 0))


def _stored(dsn: str) -> list[str]:
    """The times of all readings of the cold store, as the ledger file writes them."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT time AT TIME ZONE 'UTC' FROM reading").fetchall()
    return sorted(time.replace(tzinfo=UTC).isoformat() for (time,) in rows)


def _check(feeder: Feeder, dsn: str) -> None:
    """Each acknowledged message once; one more may have been spooled by the life that was killed before it said so."""
    stored = _stored(dsn)
    assert len(stored) == len(set(stored))
    assert set(feeder.ledger) <= set(stored)
    assert len(stored) - len(feeder.ledger) <= 1


async def test_a_broker_that_is_killed_again_and_again_costs_nothing(
    dsn: str, broker: PrivateBroker, tmp_path: Path, *, full: bool
) -> None:
    await world.build(dsn)
    world.users(broker)
    feeder = _feeder(broker, tmp_path)
    with world.worker_process(world.config(dsn, broker)), feeder.living(RATE):
        for _ in range(20 if full else 2):
            await _grows(feeder, 6000 if full else 500)
            broker.stop(signal.SIGKILL)
            await asyncio.sleep(0.5)
            broker.start()
        await _grows(feeder, 100)
    with world.worker_process(world.config(dsn, broker)):
        await asyncio.to_thread(feeder.drain)
    _check(feeder, dsn)


async def _grows(feeder: Feeder, by: int) -> None:
    wanted = len(feeder.ledger) + by

    async def grown() -> bool:
        await asyncio.sleep(0.1)
        return len(feeder.ledger) >= wanted

    await world.eventually(grown, 120)


async def test_a_database_that_is_away_is_waited_for(
    server_directory: Path, broker: PrivateBroker, tmp_path: Path, *, full: bool
) -> None:
    folder = server_directory / "away"
    folder.mkdir(mode=0o711)
    server = database.prepare(folder, Account.find(), credential.generate(), durable=False)
    world.users(broker)
    feeder = _feeder(broker, tmp_path)
    with running(server.command(), server.answers, signal.SIGINT):
        await _prepare(server.dsn)
    with world.worker_process(world.config(server.dsn, broker)) as worker:
        with feeder.living(RATE):
            with running(server.command(), server.answers, signal.SIGINT):
                await _until(lambda: len(feeder.ledger) > 100)
                before = psutil.Process(worker.pid).memory_info().rss
            await asyncio.sleep(600 if full else 4)
            grown = psutil.Process(worker.pid).memory_info().rss - before
            with running(server.command(), server.answers, signal.SIGINT):
                await _grows(feeder, 100)
        assert grown < 50 * 2**20
        with running(server.command(), server.answers, signal.SIGINT):
            await asyncio.to_thread(feeder.drain)
            _check(feeder, server.dsn)


async def _prepare(dsn: str) -> None:
    connection = await connect(dsn, autocommit=True)
    await migrate(connection)
    await connection.close()
    await world.build(dsn)


async def _until(condition: Callable[[], bool]) -> None:
    async def holds() -> bool:
        await asyncio.sleep(0.1)
        return condition()

    await world.eventually(holds, 60)


def _told(count: int) -> list[bytes]:
    """Telemetry of one device, a reading a second up to now; of every twentieth the same day's before is told late."""
    now, said = datetime.now(UTC), []
    for second in range(count):
        late = timedelta(days=1) if second % 20 == 0 else timedelta()
        at = now - timedelta(seconds=count - second) - late
        values = {"air_temp": -10.0 if second % 7 else -20.0, "humidity": float(second)}
        said.append(msgspec.json.encode(Relayed(TOPIC, msgspec.json.encode({"ts": at, "values": values}), now)))
    return said


_STATE = (
    "SELECT device_id, metric_id, time, value, quality FROM reading ORDER BY 1, 2, 3",
    "SELECT device_id, metric_id, time, value FROM reading_latest ORDER BY 1, 2",
    "SELECT rule_code, device_id, value FROM predicate_state ORDER BY 1, 2",
)


async def test_three_times_over_in_any_order_is_the_same_as_once_in_order(
    dsn: str, monkeypatch: pytest.MonkeyPatch, *, full: bool
) -> None:
    await world.build(dsn)
    said = list(enumerate(_told(5000 if full else 400), 1))
    shuffled = said * 3
    random.Random(3).shuffle(shuffled)
    tables, at = world.Tables(dsn), clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)  # what is old by then must not depend on how long this takes
    once = await _landed(dsn, tables, _batches(said, 200))
    with psycopg.connect(dsn) as connection:
        connection.execute("TRUNCATE reading, ledger, signal, predicate_state, reading_latest")
    often = await _landed(dsn, tables, _batches(shuffled, 50))
    assert once == often
    assert len(once[0]) == 2 * len(said)
    stale = await tables.one("SELECT count(*) FROM signal WHERE time < now() - interval '12 h'")
    assert stale == 0


Batches = list[list[tuple[int, bytes]]]


def _batches(items: list[tuple[int, bytes]], size: int) -> Batches:
    """An edge's messages hold no more than a broker takes."""
    return [items[start : start + size] for start in range(0, len(items), size)]


async def _landed(dsn: str, tables: world.Tables, batches: Batches) -> list[list[tuple[object, ...]]]:
    """Land batches of an edge's items, and read what the tables hold."""
    connection = await connect(dsn, autocommit=True)
    known, patience = build(await roster.read(connection)), Patience()
    for items in batches:
        bodies = [msgspec.Raw(body) for _, body in items]
        numbered = [EdgeItem(seq, body) for (seq, _), body in zip(items, bodies, strict=True)]
        payload = msgspec.json.encode(EdgeBatch(world.SPOOL, tuple(numbered)))
        landing = read([Message("mc/v1/edge/box/up", payload, clock.now())], known)
        assert landing.dead == []
        await commit.land(connection, landing, known, patience)
    await connection.close()
    return [await tables.rows(query) for query in _STATE]
