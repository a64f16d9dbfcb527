"""How messages fall into batches changes nothing: one stream, cut anywhere, leaves the same tables."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.rule import Rule, RuleKind
from domain.severity import Severity
from ingest import clock, commit
from ingest.message import Message
from ingest.patience import Patience
from ingest.reader import read
from ingest.roster import Roster, build
from store import roster, rules
from store.connection import Connection, connect
from tests import ingest_world as world

JUMP = Rule(
    "jump", 1, RuleKind.THRESHOLD, "突变", "Jump", Severity.II, "test",
    profiles=("cold-store",), predicate="air_temp_change > 5 or (humidity > 90 and door_open)",
)  # fmt: skip
TABLES = {
    "reading": "SELECT device_id, metric_id, time, value, quality FROM reading ORDER BY 1, 2, 3, 4",
    "latest": "SELECT * FROM reading_latest ORDER BY device_id, metric_id",
    "ledger": "SELECT source_id, key, time, seq, rows FROM ledger ORDER BY 1, 3, 2",
    "state": "SELECT * FROM predicate_state ORDER BY rule_code, device_id",
    "signal": "SELECT rule_code, device_id, value, time, why FROM signal ORDER BY 4, 1, 2",
    "letter": "SELECT topic, payload, reason, partial, seen, kept FROM dead_letter ORDER BY topic, reason",
    "leftover": "SELECT key, heard, payload, landed FROM leftover ORDER BY key",
    "event": "SELECT device_id, time, code, phase FROM device_event ORDER BY 1, 2, 3",
}
VALUES = {  # of some, what is out of range
    "air_temp": st.sampled_from([-20.0, -18.0, -14.0, -5.0, 999.0]),
    "humidity": st.sampled_from([50.0, 95.0, 400.0]),
    "defrost": st.booleans(),
    "door_open": st.booleans(),
    "ice": st.just(1.0),
}
SAID = st.fixed_dictionaries({}, optional=VALUES).filter(bool)
STREAM = st.lists(
    st.tuples(st.sampled_from(("hall/cold", "far/away")), st.integers(0, 2), SAID), min_size=2, max_size=14
)


Stream = list[tuple[str, int, dict[str, float | bool]]]  # whose, how many s after the one before, what


class House:
    """A small district, and one connection to it."""

    def __init__(self, connection: Connection, known: Roster) -> None:
        self.connection, self.known = connection, known

    async def land(self, messages: list[Message]) -> None:
        landing = read(messages, self.known)
        assert landing.dead == []
        await commit.land(self.connection, landing, self.known, Patience())

    async def outcome(self, first: list[Message], parts: list[list[Message]]) -> dict[str, list[tuple[object, ...]]]:
        """All tables after `first` and then the parts; the database is left as it was."""
        async with self.connection.transaction(force_rollback=True):
            for part in (first, *parts):
                await self.land(part)
            return {name: await (await self.connection.execute(query)).fetchall() for name, query in TABLES.items()}


def messages(stream: Stream) -> list[Message]:
    """In order of each device's time, from some minutes ago; the first ones say all that there is to say."""
    at = datetime.now(UTC) - timedelta(minutes=4)
    whole: dict[str, float | bool] = {"air_temp": -18.0, "humidity": 50.0, "defrost": False, "door_open": False}
    told = [("hall/cold", 0, whole), ("far/away", 0, whole), *stream]
    found = []
    for seq, (device, later, values) in enumerate(told):
        at += timedelta(seconds=later)
        payload = msgspec.json.encode({"ts": at, "seq": seq, "values": values})
        found.append(Message(f"mc/v1/{device}/telemetry", payload, clock.now()))
    return found


@pytest.fixture
def house(dsn: str) -> Iterator[tuple[asyncio.Runner, House]]:
    async def enter() -> House:
        await world.build(dsn)
        connection = await connect(dsn, autocommit=True)
        await rules.install(connection, [world.WARM, JUMP])
        return House(connection, build(await roster.read(connection)))

    with asyncio.Runner() as runner:
        opened = runner.run(enter())
        yield runner, opened
        runner.run(opened.connection.close())


def test_a_stream_that_is_cut_anywhere_leaves_the_same_tables(house: tuple[asyncio.Runner, House]) -> None:
    """Thresholds, jumps and what is out of range, or unknown to the profile, among them."""
    runner, place = house

    @settings(max_examples=25, deadline=None)
    @given(STREAM, st.sets(st.integers(1, 13)))
    def cut(stream: Stream, cuts: set[int]) -> None:
        told = messages(stream)
        first, rest = told[:2], told[2:]
        borders = [0, *sorted(cut for cut in cuts if cut < len(rest)), len(rest)]
        parts = [rest[begin:end] for begin, end in pairwise(borders)]
        assert runner.run(place.outcome(first, parts)) == runner.run(place.outcome(first, [rest]))

    cut()


def test_a_counter_that_moves_behind_a_reading_out_of_range_is_seen(house: tuple[asyncio.Runner, House]) -> None:
    runner, place = house
    told = messages([("hall/cold", 1, {"air_temp": value}) for value in (-18.0, 999.0, -5.0)])
    found = runner.run(place.outcome(told[:2], [[one] for one in told[2:]]))
    assert [row[0] for row in found["signal"]] == ["jump", "warm"]
