"""Gaps and dead letters as ingest leaves them: missing minutes have a cause, what was refused can be read again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest

from domain.gap import Cause, Gap, explain
from domain.profile import Metric
from ingest.library import profiles as library
from store import dead_letters, gaps, leftovers, profiles
from store.connection import ServiceRole, connect
from store.dead_letters import LetterFilter
from tests import ingest_world as world
from tests.ingest_world import Tables, ago, batch, config, ingesting, speaking, telemetry
from tests.servers import PrivateBroker

COLD = "mc/v1/hall/cold"
HOUR = timedelta(hours=1)


@pytest.fixture
async def place(dsn: str, broker: PrivateBroker) -> AsyncIterator[PrivateBroker]:
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    async with ingesting(config(dsn, broker)):
        await world.attended(broker)
        yield broker


async def missing(dsn: str, span: timedelta = HOUR, longest_s: float = 90) -> list[Gap]:
    connection = await connect(dsn, autocommit=True)
    identity, silence_s = await gaps.pace(connection, "hall", "cold")
    assert silence_s == 600
    end = datetime.now(UTC)
    found = await gaps.silences(connection, identity, end - span, end, timedelta(seconds=longest_s))
    facts = await gaps.facts(connection, identity, f"{COLD}/", end - span, end)
    await connection.close()
    return explain(found, facts)


async def test_each_missing_minute_has_its_cause(dsn: str, place: PrivateBroker) -> None:
    tables = Tables(dsn)
    minutes = [*range(59, 40, -1), *range(30, 20, -1), *range(10, -1, -1)]  # nothing from 40 to 31, and from 20 to 11
    with speaking(place, "hall.cold") as device:
        for seq, minute in enumerate(minutes):
            skipped = 10 if minute <= 10 else 0  # the second hole is one of the sequence too
            device.say(f"{COLD}/telemetry", telemetry(ago(minute * 60 + 5), seq=seq + skipped, air_temp=-18))
        device.delivered()
    await tables.until("SELECT count(*) FROM ledger", len(minutes))
    first, second = [gap for gap in await missing(dsn) if gap.cause is not Cause.LATE]
    assert (first.cause, first.messages, first.minutes) == (Cause.NEVER_SENT, 0, 11)
    assert (second.cause, second.messages, second.minutes) == (Cause.LOST, 10, 11)
    late = [gap for gap in await missing(dsn) if gap.cause is Cause.LATE]
    assert sum(gap.messages for gap in late) == len([minute for minute in minutes if minute * 60 + 5 > 300])


async def test_offline_and_refused_are_told_apart(dsn: str, place: PrivateBroker) -> None:
    tables = Tables(dsn)
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/telemetry", telemetry(ago(3500), air_temp=-18))
        device.delivered()
    await tables.until("SELECT count(*) FROM ledger", 1)
    await tables.rows("UPDATE device SET online = false WHERE code = 'cold' RETURNING 1")
    await tables.rows("UPDATE presence_change SET at = now() - interval '50 minutes' WHERE NOT online RETURNING 1")
    (gap,) = [gap for gap in await missing(dsn) if gap.cause is not Cause.LATE and gap.minutes > 5]
    assert gap.cause is Cause.OFFLINE
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/telemetry", b"{")
        device.delivered()
    await tables.until("SELECT count(*) FROM dead_letter", 1)
    assert [gap.cause for gap in await missing(dsn) if gap.minutes > 5 and gap.cause is not Cause.LATE] == [
        Cause.REJECTED
    ]


async def renamed(tables: Tables, table: str, old: str, new: str) -> None:
    await tables.rows(f"UPDATE {table} SET code = '{new}' WHERE code = '{old}' RETURNING 1")
    await tables.rows("SELECT pg_notify('mingchu_config', '')")


async def read_again(dsn: str, left: int) -> None:
    """Ask until so many letters are left: ingest may learn of the registry's change a moment later."""
    tables, owner = Tables(dsn), await connect(dsn, autocommit=True)

    async def landed() -> bool:
        await dead_letters.ask(owner, LetterFilter())
        await tables.until("SELECT count(*) FROM dead_letter WHERE replay IS NOT NULL", 0)
        return int(await tables.one("SELECT count(*) FROM dead_letter")) == left

    await world.eventually(landed)
    await owner.close()


async def test_a_stranger_that_is_registered_later_is_heard_after_all(dsn: str, broker: PrivateBroker) -> None:
    """Three messages of a device that nobody knew, one of them refused for good; the others land once."""
    tables = Tables(dsn)
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    await renamed(tables, "device", "cold", "other")
    async with ingesting(config(dsn, broker)):
        await world.attended(broker)
        with speaking(broker, "hall.cold") as device:
            for payload in (telemetry(ago(50), air_temp=-18), telemetry(ago(40), air_temp=-17), b"{"):
                device.say(f"{COLD}/telemetry", payload)
            device.delivered()
        await tables.until("SELECT count(*) FROM dead_letter", 3)
        await renamed(tables, "device", "other", "cold")
        await read_again(dsn, left=1)
        assert await tables.one("SELECT count(*) FROM reading") == 2
        await read_again(dsn, left=1)
        assert await tables.one("SELECT count(*) FROM reading") == 2
        assert await tables.one("SELECT online FROM device WHERE code = 'cold'") is False  # that was then
        assert "telemetry" in await tables.one("SELECT reason FROM dead_letter")


async def test_an_edges_item_is_read_again_with_a_batch_of_its_own(dsn: str, broker: PrivateBroker) -> None:
    tables = Tables(dsn)
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    await renamed(tables, "camera", "eye", "away")
    async with ingesting(config(dsn, broker)):
        await world.attended(broker)
        with speaking(broker, "edge.box") as edge:
            dark = {"kind": "health", "camera": "eye", "at": ago(), "state": "BLACK", "why": "x"}
            edge.say("mc/v1/edge/box/up", batch(dark))
            edge.delivered()
        await tables.until("SELECT count(*) FROM dead_letter", 1)
        await renamed(tables, "camera", "away", "eye")
        await read_again(dsn, left=0)
    assert await tables.rows("SELECT state FROM camera_health") == [("BLACK",)]


COLD_STORE = next(profile for profile in library() if profile.code == "cold-store")


async def learned(dsn: str, *names: str) -> None:
    """The profile knows more from now on."""
    new = tuple(Metric(name, "Cel", name, name, -100.0, 100.0) for name in names)
    owner = await connect(dsn, autocommit=True)
    version, metrics = COLD_STORE.version + len(names), (*COLD_STORE.metrics, *new)
    await profiles.install(owner, [msgspec.structs.replace(COLD_STORE, version=version, metrics=metrics)])
    await owner.close()


VALUES = (
    "SELECT metric.name, array_agg(value ORDER BY time) FROM reading JOIN metric ON metric.id = metric_id"
    " GROUP BY 1 ORDER BY 1"
)


async def test_what_was_left_out_is_stored_once_its_profile_knows_it(
    dsn: str, place: PrivateBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name by name, each value once, whoever repeats what: the message itself, or the wish to read it again."""
    monkeypatch.setattr(leftovers, "MOST", 3)
    tables = Tables(dsn)
    said = [telemetry(ago(40 - n), seq=n, air_temp=-18.0 - n, ice=float(n), frost=10.0 + n) for n in range(4)]
    with speaking(place, "hall.cold") as device:
        for payload in (*said, *said):
            device.say(f"{COLD}/telemetry", payload)
            await asyncio.to_thread(device.delivered)
    await tables.until("SELECT seen FROM dead_letter", 4)
    api = await connect(dsn, ServiceRole.API, autocommit=True)
    await api.execute("SELECT set_config('mingchu.authority', path::text, false) FROM authority WHERE nlevel(path) = 1")
    (letter,) = await dead_letters.page(api, LetterFilter(reason="no metric ice, frost"), None, 10)
    assert (letter.partial, letter.seen, letter.kept) == (True, 4, 3)
    temperatures = ("air_temp", [-18.0, -19.0, -20.0, -21.0])

    await learned(dsn, "ice")
    await stored_once(dsn, [temperatures, ("ice", [0.0, 1.0, 2.0])])
    assert [(one.seen, one.kept) for one in await dead_letters.page(api, LetterFilter(), None, 10)] == [(4, 3)]
    await learned(dsn, "ice", "frost")
    whole = [temperatures, ("frost", [10.0, 11.0, 12.0]), ("ice", [0.0, 1.0, 2.0])]
    await stored_once(dsn, whole)
    # Three are stored wholly; the fourth was beyond what is kept, and is told for ever.
    assert [(one.seen, one.kept) for one in await dead_letters.page(api, LetterFilter(), None, 10)] == [(1, 0)]
    assert await dead_letters.ask(api, LetterFilter()) == 0
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/telemetry", said[3])
        device.say(f"{COLD}/telemetry", telemetry(seq=9, humidity=50.0))
        device.delivered()
    await tables.until("SELECT count(*) FROM ledger WHERE seq = 9", 1)
    assert await tables.rows(VALUES) == sorted([*whole, ("humidity", [50.0])])
    await api.close()


async def stored_once(dsn: str, wanted: list[tuple[str, list[float]]]) -> None:
    """Ask for all letters until these values are stored, and once more: nothing is added."""
    tables, owner = Tables(dsn), await connect(dsn, autocommit=True)

    async def landed() -> bool:
        await dead_letters.ask(owner, LetterFilter())
        await tables.until("SELECT count(*) FROM dead_letter WHERE replay IS NOT NULL", 0)
        return await tables.rows(VALUES) == wanted

    await world.eventually(landed)
    assert await landed()
    await owner.close()


async def test_a_device_may_not_read_letters(dsn: str) -> None:
    ingest = await connect(dsn, ServiceRole.INGEST, autocommit=True)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await ingest.execute("UPDATE dead_letter SET topic = 'forged'")
    await ingest.close()
