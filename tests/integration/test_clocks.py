"""The clocks of alerts on a real database: fired once, whatever is killed, and told whom the ladder names."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time, timedelta

import msgspec
import psycopg

from alerts import ladderbook, workflow
from alerts.counters import Counters
from alerts.decider import Decider
from domain.alert import Action
from domain.calendar import Calendar, Hours
from domain.ladder import Ladder
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from store import ladders, registry
from store.connection import Connection, connect
from tests import alert_world as world
from tests.alert_world import Town
from tests.servers import wait_for

GRAVE = Rule("grave", 1, RuleKind.EVENT, "鼠患", "Rats", Severity.I, "test", codes=("9",))
TRAPPED = Rule("lift-entrapment", 1, RuleKind.EVENT, "困人", "Trapped", Severity.I, "test", codes=("8",))
PHOTO = workflow.Photo("a" * 64, "image/jpeg", 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A town, and what decides about it."""

    dsn: str
    town: Town
    owner: Connection
    decider: Decider

    async def raise_(self, rule: Rule) -> int:
        """An alert of that rule on the first device."""
        await world.signal(self.owner, rule, self.town.devices[0], True)
        await self.decider.signals()
        await self.decider.dues()
        return world.count(self.dsn, "SELECT max(id) FROM alert")

    async def passes(self, seconds: float) -> int:
        """So much time goes by: every clock was started and is due so much earlier. Returns how many fire."""
        await self.owner.execute(
            "UPDATE clock SET due = due - span, started = started - span FROM make_interval(secs => %s) AS span",
            (seconds,),
        )
        fired = 0
        while n := await self.decider.clocks():
            fired += n
        return fired

    def running(self) -> list[object]:
        return [row[0] for row in world.rows(self.dsn, "SELECT rung FROM clock WHERE done IS NULL ORDER BY rung")]

    def told(self, reason: str) -> list[object]:
        """The addresses of the channels that got a push for that reason."""
        return [
            row[0]
            for row in world.rows(
                self.dsn,
                "SELECT DISTINCT substring(url FROM '[^/]+$') FROM push JOIN channel ON channel.id = channel_id"
                " WHERE reason = %s ORDER BY 1",
                (reason,),
            )
        ]

    def steps(self) -> list[object]:
        return [row[0] for row in world.rows(self.dsn, "SELECT action FROM alert_history ORDER BY id")]


@asynccontextmanager
async def desk(dsn: str) -> AsyncIterator[Desk]:
    town = await world.build(dsn, url="http://receiver", more_rules=[GRAVE, TRAPPED])
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as engine:
        for path in ("city", world.STATION):  # the district has one already
            await registry.put_channel(owner, f"http://receiver/{path.rpartition('.')[2]}", "s", authority=path)
        yield Desk(dsn, town, owner, Decider(engine, Counters()))


async def _act(
    desk: Desk,
    who: workflow.Person,
    alert: int,
    action: Action,
    reason: str = "because",
    *,
    report: workflow.Report | None = None,
) -> None:
    report = workflow.Report("done", (PHOTO,)) if action is Action.REPORT else report
    version = world.count(desk.dsn, "SELECT version FROM alert WHERE id = %s", (alert,))
    async with await world.as_api(desk.dsn, who) as connection:
        await workflow.act(connection, who, alert, action, version, reason=reason, report=report)


async def test_class_one_climbs_from_the_operator_to_the_city_and_gets_its_cards(dsn: str) -> None:
    async with desk(dsn) as at:
        alert = await at.raise_(GRAVE)
        assert at.running() == ["acknowledge", "remind", "yellow"]
        assert await at.passes(0) == 0
        assert await at.passes(601) == 1  # ten minutes: the operator is reminded, and will be again
        assert at.told("reminder") == ["operator"]
        assert await at.passes(601) == 1
        assert await at.passes(601) == 2  # thirty: overdue
        assert at.told("overdue") == ["operator", "station"]
        assert await at.passes(1801) >= 1
        assert at.told("escalated") == ["regulator"]  # the district's
        assert await at.passes(3601) >= 1
        assert at.told("escalated") == ["city", "regulator"]
        await _act(at, at.town.operator, alert, Action.ACKNOWLEDGE)
        assert at.running() == ["yellow"]
        assert await at.passes(5 * 86400) == 1
        assert world.rows(dsn, "SELECT colour, alert_id FROM card") == [("yellow", alert)]
        assert at.told("yellow_card") == ["operator", "station"]
        assert await at.passes(5 * 86400) == 1
        assert world.count(dsn, "SELECT count(*) FROM card WHERE colour = 'red'") == 1
        await _act(at, at.town.operator, alert, Action.REPORT)
        assert at.running() == []
    fired = world.count(dsn, "SELECT count(*) FROM clock WHERE outcome = 'fired'")
    assert fired == world.count(dsn, "SELECT count(*) FROM alert_history WHERE person_id IS NULL") - 1
    assert world.rows(dsn, "SELECT DISTINCT why FROM clock WHERE outcome = 'cancelled'") == [("acknowledged",)]


async def test_a_report_in_time_stops_the_clock_and_one_that_is_sent_back_starts_it_anew(dsn: str) -> None:
    async with desk(dsn) as at:
        alert = await at.raise_(world.BROKEN)
        assert at.running() == ["rectify"]
        await _act(at, at.town.operator, alert, Action.ACKNOWLEDGE)
        assert at.running() == ["rectify"]
        await _act(at, at.town.operator, alert, Action.REPORT)
        assert at.running() == []
        before = world.rows(dsn, "SELECT due FROM alert")
        await _act(at, at.town.regulator, alert, Action.REJECT)
        assert at.running() == ["rectify"]
        assert world.rows(dsn, "SELECT alert.due = clock.due, alert.due > %s FROM alert, clock WHERE done IS NULL",
                          before[0]) == [(True, True)]  # fmt: skip
        assert await at.passes(86401) == 1
        assert at.told("overdue") == ["operator", "station"]
        await _act(at, at.town.regulator, alert, Action.DISMISS)
        assert at.running() == []


async def test_while_an_appeal_waits_the_ladder_stands_still_and_the_appeals_own_clock_runs(dsn: str) -> None:
    async with desk(dsn) as at:
        alert = await at.raise_(world.BROKEN)
        await at.passes(20 * 3600)
        due = world.rows(dsn, "SELECT extract(epoch FROM due - now())::int FROM clock")[0][0]
        await _act(at, at.town.operator, alert, Action.APPEAL, report=workflow.Report("是蒸汽"))
        assert at.running() == ["appeal", "rectify"]
        assert await at.passes(2 * 86400) == 0, "a day and twenty hours after the deadline"
        assert await at.passes(86400) == 1, "72 hours: the verdict is due"
        assert at.told("appeal_overdue") == ["regulator", "station"]
        assert at.told("overdue") == []
        await at.owner.execute("UPDATE appeal SET at = at - interval '3 days'")
        await _act(at, at.town.regulator, alert, Action.DENY)
        assert at.running() == ["rectify"]
        left = world.rows(dsn, "SELECT extract(epoch FROM due - now())::int FROM clock WHERE done IS NULL")[0][0]
        assert abs(int(str(left)) - int(str(due))) < 60, "as much as there was before"
        assert await at.passes(4 * 3600) == 1
        assert at.told("overdue") == ["operator", "station"]


async def test_what_an_outage_had_stopped_before_the_appeal_is_given_back_whole(dsn: str) -> None:
    async with desk(dsn) as at:
        alert = await at.raise_(world.BROKEN)
        due = world.rows(dsn, "SELECT extract(epoch FROM due - now())::int FROM clock")[0][0]
        await at.owner.execute("UPDATE clock SET paused = now() - interval '5 hours', due = due - interval '5 hours'")
        await _act(at, at.town.operator, alert, Action.APPEAL, report=workflow.Report("是蒸汽"))
        await _act(at, at.town.regulator, alert, Action.DENY)
        left = world.rows(dsn, "SELECT extract(epoch FROM due - now())::int FROM clock WHERE done IS NULL")[0][0]
        assert abs(int(str(left)) - int(str(due))) < 600, "as much as there was when the outage began"


async def test_of_class_one_only_the_cards_wait_for_an_appeal(dsn: str) -> None:
    async with desk(dsn) as at:
        alert = await at.raise_(GRAVE)
        before = world.rows(dsn, "SELECT due FROM alert")
        await _act(at, at.town.operator, alert, Action.APPEAL, report=workflow.Report("是猫"))
        assert world.rows(dsn, "SELECT rung FROM clock WHERE paused IS NOT NULL") == [("yellow",)]
        assert await at.passes(1801) == 2, "reminded, and overdue"
        assert at.told("overdue") == ["operator", "station"]
        await at.passes(9 * 86400)
        assert world.count(dsn, "SELECT count(*) FROM card") == 0
        await _act(at, at.town.regulator, alert, Action.DENY)
        assert world.rows(dsn, "SELECT due FROM alert") == before
        assert await at.passes(0) == 1
        assert world.rows(dsn, "SELECT colour FROM card") == [("yellow",)]


async def test_an_upheld_appeal_ends_what_waited_for_it(dsn: str) -> None:
    async with desk(dsn) as at:
        alert = await at.raise_(world.BROKEN)
        await _act(at, at.town.operator, alert, Action.APPEAL, report=workflow.Report("是蒸汽"))
        await _act(at, at.town.regulator, alert, Action.UPHOLD)
        assert at.running() == []
        assert await at.passes(9 * 86400) == 0


async def test_a_level_without_a_channel_passes_it_on_upwards(dsn: str) -> None:
    async with desk(dsn) as at:
        await at.owner.execute("UPDATE channel SET enabled = false WHERE authority = 'city.district'")
        await at.raise_(world.BROKEN)
        await at.passes(86401)
        await at.passes(172801)
        assert at.told("escalated") == ["city"]


async def test_what_ran_out_while_nobody_was_there_is_told_once_and_how_late(dsn: str) -> None:
    async with desk(dsn) as at:
        await at.raise_(GRAVE)
        assert await at.passes(4 * 3600) == 2  # the reminder once, not twenty-three times; overdue once
        assert at.steps() == ["raised", "reminder", "ack_overdue"]
        whys = [str(row[0]) for row in world.rows(dsn, "SELECT reason FROM alert_history ORDER BY id OFFSET 1")]
        assert whys == [
            "reminded, since nobody has acted yet; told 230 min late",
            "not acknowledged in time; told 210 min late",
        ]
        # The district's turn is long past, but it hears no sooner than ten minutes after the station has.
        assert at.running() == ["district", "remind", "yellow"]
        left = world.rows(dsn, "SELECT due - now() FROM clock WHERE rung = 'district'")[0][0]
        assert isinstance(left, timedelta)
        assert timedelta(minutes=9) < left <= timedelta(minutes=10)


async def test_working_time_of_the_authoritys_own_calendar(dsn: str) -> None:
    async with desk(dsn) as at:
        shipped = next(one for one in ladderbook.ladders() if one.code == "class-3")
        whole = (Hours(time(0), time(23, 59, 59)),)
        never = Calendar("weekend", 1, "周末", "Weekend", "Asia/Shanghai", whole, (5, 6))
        await ladders.install(at.owner, [msgspec.structs.replace(shipped, version=9, working=True)], [never])
        assert await ladders.choose(at.owner, "city.district", "weekend")
        await at.raise_(world.BROKEN)
        assert world.rows(
            dsn,
            "SELECT clock.version, alert.due = clock.due, alert.due > alert.raised + interval '24 hours',"
            " extract(isodow FROM alert.due AT TIME ZONE 'Asia/Shanghai')::int IN (6, 7) FROM clock, alert",
        ) == [(9, True, True, True)]


async def test_a_clock_that_no_ladder_knows_stops_and_holds_up_nobody(dsn: str) -> None:
    async with desk(dsn) as at:
        await at.raise_(world.BROKEN)
        await at.owner.execute("UPDATE clock SET version = 99")
        await world.signal(at.owner, GRAVE, at.town.devices[0], True)
        await at.decider.signals()
        assert await at.passes(86401 * 30) >= 2
        assert world.rows(dsn, "SELECT outcome, why FROM clock WHERE version = 99") == [
            ("failed", "ladder class-3 version 99 has no rung rectify")
        ]
        assert "ack_overdue" in at.steps()


async def test_an_engine_that_is_killed_fires_nothing_twice_and_loses_nothing(dsn: str) -> None:
    quick = msgspec.structs.replace(next(one for one in ladderbook.ladders() if one.code == "class-3"), version=9)
    town = await world.build(dsn, devices=40, url="http://127.0.0.1:9")
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await ladders.install(owner, [_hurried(quick)], [])
        for device in town.devices:
            await world.signal(owner, world.BROKEN, device, True)
        await Decider(connection, Counters()).signals()
        await owner.execute("UPDATE clock SET due = now() + random() * interval '1 second'")
    for _ in range(3):
        with world.engine(dsn) as process:
            await asyncio.to_thread(wait_for, lambda: world.active(dsn))
            await asyncio.sleep(0.2)
            process.kill()
    with world.engine(dsn):
        await asyncio.to_thread(
            wait_for, lambda: world.count(dsn, "SELECT count(*) FROM clock WHERE outcome = 'fired'") == 80
        )
    steps = world.rows(
        dsn, "SELECT action, count(*), count(DISTINCT alert_id) FROM alert_history GROUP BY 1 ORDER BY 1"
    )
    assert steps == [("escalated", 40, 40), ("overdue", 40, 40), ("raised", 40, 40)]
    assert world.count(dsn, "SELECT count(*) FROM push WHERE reason IN ('overdue', 'escalated')") == 120


def _hurried(one: Ladder) -> Ladder:
    """The same ladder whose levels follow each other at once."""
    return msgspec.structs.replace(
        one, rungs=tuple(msgspec.structs.replace(rung, after_s=rung.after_s and 0.1) for rung in one.rungs)
    )


async def test_a_move_and_a_clock_that_runs_out_meet_at_the_alerts_lock(dsn: str) -> None:
    """Twenty times the report and the firing at once: the clock fired before, or the report has cancelled it."""
    async with desk(dsn) as at:
        for _ in range(20):
            alert = await at.raise_(world.BROKEN)
            await _act(at, at.town.operator, alert, Action.ACKNOWLEDGE)
            await asyncio.gather(at.passes(86401), _act(at, at.town.operator, alert, Action.REPORT))
            await _act(at, at.town.regulator, alert, Action.DISMISS)
        outcomes = world.rows(
            dsn,
            "SELECT outcome, (SELECT count(*) FROM alert_history AS step WHERE step.alert_id = clock.alert_id"
            " AND step.action = 'overdue') FROM clock WHERE rung = 'rectify'",
        )
    assert len(outcomes) == 20
    assert set(outcomes) <= {("fired", 1), ("cancelled", 0)}


async def test_the_api_may_not_fire_forge_or_forget(dsn: str) -> None:
    async with desk(dsn) as at:
        await at.raise_(GRAVE)
        async with await world.as_api(dsn, at.town.regulator) as connection:
            for attempt in (
                "DELETE FROM clock",
                "UPDATE clock SET due = now()",
                "INSERT INTO card (site_id, alert_id, colour) SELECT site_id, id, 'red' FROM alert",
                "UPDATE card_lift SET reason = 'x'",
                "DELETE FROM rescue_step",
                "UPDATE ladder SET active = false",
            ):
                try:
                    await connection.execute(attempt.encode())
                except psycopg.errors.InsufficientPrivilege:
                    continue
                raise AssertionError(attempt)
        async with await world.as_api(dsn, at.town.stranger) as connection:
            cursor = await connection.execute("SELECT count(*) FROM clock")
            assert await cursor.fetchone() == (0,)
