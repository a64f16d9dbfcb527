"""R13 at the house: evidence store or database without room is one notice, loses nothing, and goes on by itself."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from alerts.counters import Counters
from alerts.decider import Decider
from domain import fullness
from domain.wire import EvidenceKind
from edge import uploader
from edge.counters import Counters as EdgeCounters
from edge.journal import Journal
from edge.spool import Priority, Spool
from edge.vault import Piece, Vault
from mingchu.account import Account
from store import process
from store.connection import ServiceRole, connect
from tests import ingest_world as world
from tests.console_client import served
from tests.console_world import EDGE_SECRET
from tests.ingest_world import Tables, ago, config, eventually, ingesting, speaking, telemetry
from tests.servers import PATIENCE_S, PrivateBroker

COLD = "mc/v1/hall/cold"
CLIP = bytes(range(251)) * 12_000  # 3 MB


class SmallDisk:
    """A disk of its own, which can be filled to the last byte."""

    def __init__(self, path: Path) -> None:
        self.path, self._filler = path, path / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def clear(self) -> None:
        self._filler.unlink(missing_ok=True)


@pytest.fixture
def disk(server_directory: Path) -> Iterator[SmallDisk]:
    """64 MiB; only root may make one, and not in every container."""
    path = server_directory / "small"
    path.mkdir()
    if subprocess.run(("mount", "-t", "tmpfs", "-o", "size=64m,mode=0777", "none", path), check=False).returncode:
        path.rmdir()
        pytest.skip("no disk of its own can be mounted here")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(("umount", "-l", path), check=True)
        path.rmdir()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "EVERY_S", 0.2)
    monkeypatch.setattr(fullness, "HOLDS_S", 3600.0)  # until the test ends it


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows whenever somebody finds no room."""
    found, refuse = list[object](), fullness.Fullness.refuse

    def note(one: fullness.Fullness) -> None:
        found.append(one)
        refuse(one)

    monkeypatch.setattr(fullness.Fullness, "refuse", note)
    return found


@asynccontextmanager
async def looking(dsn: str) -> AsyncIterator[None]:
    """An engine that looks at the house's troubles, and tells the top's one channel."""
    async with await connect(dsn, autocommit=True) as owner:
        await owner.execute(
            "INSERT INTO channel (authority, url, name, secret) SELECT path, 'http://receiver', 'top', 'secret'"
            " FROM authority ORDER BY nlevel(path) LIMIT 1"
        )

    async def look() -> None:
        while True:
            with suppress(psycopg.OperationalError):  # full, as the engine itself meets it
                async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
                    decider = Decider(connection, Counters())
                    while True:
                        await decider.silences()
                        await asyncio.sleep(0.1)
            await asyncio.sleep(0.2)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


NOTICES = "SELECT reason FROM push WHERE about IS NOT NULL ORDER BY created"


async def test_a_full_evidence_store(
    dsn: str, tmp_path: Path, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, counters, tables = Journal(tmp_path / "spool.db"), EdgeCounters(), Tables(dsn)
    journal.open()
    vault = Vault(tmp_path / "evidence", Spool(journal, 10**7), 10**9, counters)
    vault.open()
    async with served(dsn, disk.path / "evidence") as (address, _), looking(dsn):
        disk.fill()
        clip = vault.put(CLIP, "video/mp4", Priority.CLASS_I, Piece("e" * 32, "cam", EvidenceKind.CLIP))
        async with httpx.AsyncClient(base_url=address, auth=("edge-yx", EDGE_SECRET), timeout=PATIENCE_S) as client:
            refused = await client.put(f"/edge/evidence/{clip.sha256}", content=CLIP)
            assert (refused.status_code, refused.json()["code"]) == (507, "disk_full")
        bringing = uploader.Uploader(uploader.Account(address, "edge-yx", EDGE_SECRET), vault, counters)
        bringing.open()
        await tables.until("SELECT count(*) FROM push WHERE reason = 'disk_full'", 1)
        assert [kept.sha256 for kept in vault.waiting(9)] == [clip.sha256], "the edge keeps it"
        disk.clear()

        async def done() -> bool:
            return not vault.waiting(1)

        await eventually(done)
        stored = disk.path / "evidence" / clip.sha256[:2] / clip.sha256
        assert hashlib.sha256(stored.read_bytes()).hexdigest() == clip.sha256
        assert list((disk.path / "evidence" / "incoming").iterdir()) == []
        monkeypatch.setattr(fullness, "HOLDS_S", 0.0)
        await tables.until("SELECT count(*) FROM push WHERE reason = 'disk_room'", 1)
        await asyncio.to_thread(bringing.close)
    journal.close()
    assert [row[0] for row in await tables.rows(NOTICES)] == ["disk_full", "disk_room"]


@pytest.fixture
def tablespace(disk: SmallDisk, database_url: str) -> Iterator[str]:
    """For a database of which the tables lie on that disk; needs a server of ours."""
    place, account = disk.path / "tables", Account.find()
    place.mkdir(mode=0o700)
    if account.switch:
        os.chown(place, account.uid, account.gid)
    with psycopg.connect(database_url, autocommit=True) as owner:
        try:
            owner.execute(SQL("CREATE TABLESPACE small LOCATION {}").format(Literal(str(place))))
        except psycopg.Error as error:
            pytest.skip(f"the server cannot use a disk made here: {error}")
        yield "small"
        owner.execute("DROP TABLESPACE small")


async def test_a_full_database(
    disk: SmallDisk,
    tablespace: str,
    database_url: str,
    dsn: str,
    broker: PrivateBroker,
    refusals: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The tables lie on a disk of their own, as they should; a full disk of the log stops PostgreSQL, which is R2."""
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    with psycopg.connect(database_url, autocommit=True) as owner:
        name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
        owner.execute(SQL("ALTER DATABASE {} SET TABLESPACE {}").format(Identifier(name), Identifier(tablespace)))
    tables = Tables(dsn)

    async def refused() -> bool:
        return bool(refusals)

    async with ingesting(config(dsn, broker)), looking(dsn):
        await world.attended(broker)
        with speaking(broker, "hall.cold") as device:
            device.say(f"{COLD}/telemetry", telemetry(ago(9), seq=0, air_temp=-18))
            await tables.until("SELECT count(*) FROM ledger", 1)
            disk.fill()
            for seq in range(1, 4001):
                device.say(f"{COLD}/telemetry", telemetry(ago(9), seq=seq, air_temp=-18))
            await asyncio.to_thread(device.delivered)
            await eventually(refused)
            assert await tables.one("SELECT count(*) FROM ledger") < 4001, "there is no room"
            disk.clear()
            await tables.until("SELECT count(*) FROM ledger", 4001)
        await tables.until("SELECT count(*) FROM push WHERE reason = 'disk_full'", 1)
        monkeypatch.setattr(fullness, "HOLDS_S", 0.0)
        await tables.until("SELECT count(*) FROM push WHERE reason = 'disk_room'", 1)
    assert await tables.one("SELECT count(DISTINCT seq) FROM ledger") == 4001
    assert await tables.one("SELECT count(*) FROM reading") == 4001
    assert await tables.one("SELECT count(*) FROM dead_letter") == 0
    assert [row[0] for row in await tables.rows(NOTICES)] == ["disk_full", "disk_room"]
