"""A house of any age comes to today's schema with all that it had (PROMISES R16); its data lie in tests/waypoints."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from mingchu.up import install
from store import chains, migrate, queue, tally
from store.connection import Connection, connect
from tests.contents import counts, last_alert
from tests.rolled import settle_whatever_is_there

WAYPOINTS = ("0003", "0009", "0020", "0030")
FOLDER = Path("tests/waypoints")
# What migrations themselves say: that the audit log's order is sure from here on, a rule of the product's own, and how
# long a new class of rows is kept.
SAID = {
    "migrations/0021_audit_order.sql": "audit",
    "migrations/0037_by_hand.sql": "rule",
    "migrations/0038_webhooks.sql": "retention",
}
READINGS = 40


@pytest.mark.parametrize("age", WAYPOINTS)
async def test_a_house_of_that_age_keeps_all_that_it_had(
    database_url: str, monkeypatch: pytest.MonkeyPatch, age: str
) -> None:
    async with lived_in(database_url, monkeypatch, age) as dsn, await connect(dsn, autocommit=True) as owner:
        before, alert = counts(dsn), last_alert(dsn)
        assert alert["why"] == "event 16"
        assert before["reading"] == READINGS
        applied = await alone(owner)
        added = {table: 1 for name, table in SAID.items() if name in applied}
        after = counts(dsn)
        assert {name: after.get(name) for name in before} == {
            name: count + added.get(name, 0) for name, count in before.items()
        }
        assert last_alert(dsn) == alert
        await works(dsn, owner)
        assert last_alert(dsn) == alert


async def works(dsn: str, owner: Connection) -> None:
    """Today's house on what it found: its chains hold, its rollups have every reading, its queue shows the alert."""
    assert await install(owner, demo_rules=False) == []
    assert await chains.first_broken_audit(owner) is None
    assert await chains.first_broken_history(owner) is None
    assert await chains.first_unlike(owner) is None
    await settle_whatever_is_there(dsn)
    rolled = await (await owner.execute("SELECT coalesce(sum(n), 0)::int FROM reading_1h")).fetchone()
    assert rolled == (READINGS,)
    newest = (await tally.alerts(owner))[-1]
    assert (newest.rule, newest.subject) == ("lift-entrapment", "lift-1")
    shown = await queue.one(owner, newest.id)
    assert shown is not None
    assert (shown.status, shown.condition, shown.rule_zh) == ("open", "ACTIVE", "困人")
    await owner.execute(
        "INSERT INTO alert_history (alert_id, action, target, condition) VALUES (%s, 'note', 'open', 'ACTIVE')",
        (newest.id,),
    )
    assert await chains.first_broken_history(owner) is None


@asynccontextmanager
async def lived_in(database_url: str, monkeypatch: pytest.MonkeyPatch, age: str) -> AsyncIterator[str]:
    """A database as it was after migration `age`, with what a house had by then."""
    name, plan = f"test_{uuid.uuid4().hex}", migrate._plan

    async def older(connection: Connection) -> list[str]:
        return [one for one in await plan(connection) if one == "readings" or one.split("/")[1][:4] <= age]

    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as server:
        await server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        dsn = make_conninfo(database_url, dbname=name)
        try:
            async with await connect(dsn, autocommit=True) as owner:
                with monkeypatch.context() as patch:
                    patch.setattr(migrate, "_plan", older)
                    await alone(owner)
                for file in (FOLDER / f"{each}.sql" for each in WAYPOINTS if each <= age):
                    await owner.execute(file.read_bytes())
            yield dsn
        finally:
            await server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def alone(owner: Connection) -> list[str]:
    """Migrate; roles belong to the whole server: parallel runs make them one after the other."""
    lock = "pg_advisory_{}lock(hashtext('mingchu.tests'))"
    await owner.execute(f"SELECT {lock.format('')}".encode())
    try:
        return await migrate.migrate(owner)
    finally:
        await owner.execute(f"SELECT {lock.format('un')}".encode())
