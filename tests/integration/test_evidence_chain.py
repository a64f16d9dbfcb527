"""From the edge's spool to the verifier: an intact chain passes, and whatever is done to the database shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
import psycopg
import pytest

from domain.chain import Fault
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.severity import Severity
from domain.wire import (
    EdgeBatch,
    EdgeBody,
    EdgeState,
    EvidenceAdded,
    EvidenceItem,
    EvidenceKind,
    EvidenceMissing,
    Sample,
    SceneBegan,
    SceneEnded,
    Storage,
    Verdict,
)
from edge.journal import Journal
from edge.spool import Draft, Priority, Spool
from ingest import clock, commit
from ingest.message import Message
from ingest.patience import Patience
from ingest.reader import read
from ingest.roster import Roster, build
from store import evidence_chain, roster
from store.connection import Connection, connect
from store.evidence_chain import Report
from tests.ingest_world import build as build_world

NOW = datetime.now(UTC)


def item(kind: EvidenceKind, digit: str) -> EvidenceItem:
    media: Literal["image/jpeg", "video/mp4"] = "video/mp4" if kind is EvidenceKind.CLIP else "image/jpeg"
    return EvidenceItem(kind, digit * 64, media, 1000, NOW, NOW + timedelta(seconds=20), True, "")


def scene(event: str) -> list[EdgeBody]:
    """What an edge says of one scene, from its begin to its end."""
    samples = tuple(
        Sample(NOW + timedelta(seconds=n), (0.1, 0.2, 0.3, 0.123456789), 0.87, Verdict.VIOLATING) for n in range(3)
    )
    pictures = (item(EvidenceKind.FRAME, event[0]), item(EvidenceKind.CROP, event[0]))
    began = SceneBegan(
        event, "eye", Scene.FIRE_UNATTENDED, "stove", 1, NOW, NOW, NOW, "flame", samples, "ab" * 32, 2, pictures
    )
    added = EvidenceAdded(event, "eye", item(EvidenceKind.CLIP, event[0]))
    missing = EvidenceMissing(event, "eye", EvidenceKind.BOXED, NOW, "the edge's disk was full")
    return [began, missing, added, SceneEnded(event, "eye", NOW + timedelta(seconds=60), "gone")]


def spooled(folder: Path, bodies: list[EdgeBody], name: str = "spool.db") -> list[Message]:
    """One message for each item, as the uplink would send them."""
    journal = Journal(folder / name)
    journal.open()
    spool = Spool(journal, 10**7)
    spool.append([Draft(Priority.CLASS_I, body) for body in bodies])
    items = spool.waiting(tuple(Priority), 999, 10**7, {}).items
    spool.acknowledge([one.seq for one in items])
    journal.close()
    batches = [EdgeBatch(spool.id, (one,)) for one in items]
    return [Message("mc/v1/edge/box/up", msgspec.json.encode(batch), clock.now()) for batch in batches]


class House:
    """A database with an ingest that lands what it is given."""

    def __init__(self, connection: Connection, known: Roster, dsn: str) -> None:
        self.connection, self.known, self.dsn = connection, known, dsn

    async def land(self, messages: list[Message]) -> None:
        landing = read(messages, self.known)
        assert landing.dead == []
        await commit.land(self.connection, landing, self.known, Patience())

    async def examine(self) -> Report:
        return await evidence_chain.examine(self.connection, self.known.cameras["eye"].id)

    def own(self, *statements: str) -> None:
        """Do something as the database's owner."""
        with psycopg.connect(self.dsn) as connection:
            for statement in statements:
                assert connection.execute(statement.encode()).rowcount != 0, statement


@asynccontextmanager
async def house(dsn: str) -> AsyncIterator[House]:
    await build_world(dsn)
    connection = await connect(dsn, autocommit=True)
    try:
        yield House(connection, build(await roster.read(connection)), dsn)
    finally:
        await connection.close()


A, B = "a" * 32, "b" * 32


async def test_an_intact_chain_passes_in_whatever_order_it_came(dsn: str, tmp_path: Path) -> None:
    async with house(dsn) as home:
        messages = spooled(tmp_path, [*scene(A), *scene(B)])
        await home.land([*messages[4:], *messages[:2]])
        assert [flaw.fault for flaw in (await home.examine()).flaws] == [Fault.MISSING]
        await home.land([*messages, *messages])
        report = await home.examine()
        assert report.flaws == []
        assert [one.links for one in report.chains] == [8]
        own, flaws = await evidence_chain.of_event(home.connection, A)
        assert ([row.place for row in own], flaws) == ([1, 2, 3, 4], [])


HARMS = {
    "a scene event's reason": "UPDATE scene_event SET why = 'nothing' WHERE id = '{a}'",
    "a sample": "UPDATE scene_event SET samples = jsonb_set(samples, '{{0,score}}', '0.1') WHERE id = '{a}'",
    "an end": "UPDATE scene_event SET ended = ended + interval '1 s' WHERE id = '{a}'",
    "evidence's hash": "UPDATE evidence SET sha256 = repeat('f', 64) WHERE scene_event_id = '{a}' AND kind = 'clip'",
    "evidence's time": "UPDATE evidence SET begin_at = begin_at - interval '1 s' WHERE scene_event_id = '{a}'",
    "evidence removed": "DELETE FROM evidence WHERE scene_event_id = '{a}' AND kind = 'crop'",
    "evidence slipped in": "INSERT INTO evidence SELECT scene_event_id, 'boxed', repeat('e', 64), media_type, size,"
    " begin_at, end_at, complete, why FROM evidence WHERE scene_event_id = '{a}' AND kind = 'crop'",
    "a word of missing evidence removed": "DELETE FROM evidence_missing WHERE scene_event_id = '{a}'",
    "a statement": "UPDATE evidence_link SET statement = convert_to(replace(convert_from(statement, 'UTF8'), 'flame',"
    " 'smoke'), 'UTF8') WHERE scene_event_id = '{a}' AND place = 1",
    "a statement and its hash": "UPDATE evidence_link SET statement = convert_to(replace(convert_from(statement,"
    " 'UTF8'), 'flame', 'smoke'), 'UTF8'), hash = encode(sha256(convert_to(replace(convert_from(statement, 'UTF8'),"
    " 'flame', 'smoke'), 'UTF8')), 'hex') WHERE place = 1",
    "a link removed": "DELETE FROM evidence_link WHERE place = 2",
    "two links swapped": "UPDATE evidence_link SET place = 9 - place WHERE place IN (4, 5)",
    "a scene event with all that it had": "DELETE FROM evidence_link WHERE scene_event_id = '{a}'",
}


_TABLES = ("scene_event", "evidence", "evidence_missing", "evidence_link")


async def test_whatever_is_changed_shows(dsn: str, tmp_path: Path) -> None:
    async with house(dsn) as home:
        await home.land(spooled(tmp_path, [*scene(A), *scene(B)]))
        home.own(*(f"CREATE TABLE kept_{table} AS TABLE {table}" for table in _TABLES))
        unseen = []
        for name, harm in HARMS.items():
            home.own(harm.format(a=A))
            unseen += [name] if not (await home.examine()).flaws else []
            undone = ((f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept_{table}") for table in _TABLES)
            home.own("SET session_replication_role = replica", *(step for steps in undone for step in steps))
            assert (await home.examine()).flaws == [], name
        assert unseen == []


async def test_a_lost_spool_and_a_fork_are_told_apart(dsn: str, tmp_path: Path) -> None:
    async with house(dsn) as home:
        await home.land(spooled(tmp_path, scene(A)))
        await home.land(spooled(tmp_path, scene(B), "new.db"))
        report = await home.examine()
        assert [one.links for one in report.chains] == [4, 4]
        assert report.flaws == []


async def test_a_spool_that_was_restored_from_a_copy_forks_the_chain(dsn: str, tmp_path: Path) -> None:
    async with house(dsn) as home:
        await home.land(spooled(tmp_path, scene(A)))
        copy = (tmp_path / "spool.db").read_bytes()
        await home.land(spooled(tmp_path, scene(B)))
        (tmp_path / "old.db").write_bytes(copy)
        later = [msgspec.structs.replace(body, id="c" * 32) for body in scene(B)]
        later[0] = msgspec.structs.replace(later[0], first=NOW - timedelta(seconds=1))
        await home.land(spooled(tmp_path, later[:1], "old.db"))
        assert Fault.FORKED in [flaw.fault for flaw in (await home.examine()).flaws]


async def test_services_may_not_touch_a_statement(dsn: str, tmp_path: Path) -> None:
    async with house(dsn) as home:
        await home.land(spooled(tmp_path, scene(A)))
    for role in ("mingchu_ingest", "mingchu_api", "mingchu_alerts"):
        for deed in ("UPDATE evidence_link SET place = 7", "DELETE FROM evidence_link", "DELETE FROM evidence_missing"):
            with psycopg.connect(dsn) as connection:
                connection.execute(f"SET ROLE {role}".encode())
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(deed.encode())


async def test_a_full_disk_is_one_signal_and_its_end_another(dsn: str) -> None:
    full = Rule("full", 1, RuleKind.EDGE, "满", "Full", Severity.II, "test", codes=("FULL",))
    async with house(dsn) as home:
        home.known = replace(home.known, edge_rules=(full,))
        states = [(Storage.FULL, 3.0), (Storage.FULL, 2.0), (Storage.SHEDDING, 1.0), (Storage.FULL, 9.0)]
        for storage, ago in states:
            said = EdgeState(True, NOW - timedelta(seconds=ago), storage, "why")
            await home.land([Message("mc/v1/edge/box/state", msgspec.json.encode(said), clock.now())])
        await home.land([Message("mc/v1/edge/box/state", b'{"online":false}', clock.now())])
        cursor = await home.connection.execute("SELECT rule_code, value, why FROM signal ORDER BY id")
        assert await cursor.fetchall() == [("full", True, "edge box: why"), ("full", False, "edge box: why")]
        cursor = await home.connection.execute("SELECT storage, online FROM edge WHERE code = 'box'")
        assert await cursor.fetchall() == [("SHEDDING", False)]
