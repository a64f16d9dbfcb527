"""The workflow on a real database, with the api's rights and under row-level security."""

import asyncio
import random

import psycopg
import pytest

from alerts import workflow
from alerts.counters import Counters
from alerts.decider import Decider
from alerts.workflow import ConflictError, GateError, Moved, NotFoundError, Photo, Report, RoleError
from domain.alert import Action, Status, transition
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from store.connection import connect
from store.people import Person
from tests import alert_world as world

PHOTO = Photo("a" * 64, "image/jpeg", 1000)
REPORT = Report("已清理", (PHOTO, PHOTO))
RECHECKED = Rule("rechecked", 1, RuleKind.EVENT, "", "", Severity.II, "", codes=("2",), recheck_s=60.0)


async def _alert(dsn: str, device: int, rule: Rule = world.BROKEN) -> int:
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        await world.signal(ingest, rule, device, True)
        await Decider(connection, Counters()).signals()
    return world.count(dsn, "SELECT max(id) FROM alert")


async def _clear(dsn: str, device: int, rule: Rule = world.BROKEN) -> None:
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        await world.signal(ingest, rule, device, False)
        await Decider(connection, Counters()).signals()


async def _act(
    dsn: str,
    person: Person,
    alert: int,
    action: Action,
    version: int,
    *,
    reason: str = "",
    report: Report | None = None,
) -> Moved:
    async with await world.as_api(dsn, person) as connection:
        return await workflow.act(connection, person, alert, action, version, reason=reason, report=report)


async def test_from_open_to_closed_with_every_paper_and_push(dsn: str) -> None:
    town = await world.build(dsn, url="http://receiver")
    alert = await _alert(dsn, town.devices[0])
    await _act(dsn, town.operator, alert, Action.ACKNOWLEDGE, 1)
    await _act(dsn, town.operator, alert, Action.REPORT, 2, report=REPORT)
    await _act(dsn, town.regulator, alert, Action.REJECT, 3, reason="看不清")
    await _act(dsn, town.operator, alert, Action.REPORT, 4, report=REPORT)
    with pytest.raises(GateError) as refused:
        await _act(dsn, town.regulator, alert, Action.ACCEPT, 5)
    assert refused.value.refusal is workflow.Refusal.ACTIVE
    await _clear(dsn, town.devices[0])
    # What the machine finds does not make a person's copy out of date.
    assert await _act(dsn, town.regulator, alert, Action.ACCEPT, 5) == Moved(alert, Status.CLOSED, 6)
    history = world.rows(dsn, "SELECT action, source, target, condition FROM alert_history ORDER BY id")
    assert history == [
        ("raised", None, "open", "ACTIVE"),
        ("acknowledge", "open", "acknowledged", "ACTIVE"),
        ("report", "acknowledged", "rectified", "ACTIVE"),
        ("reject", "rectified", "acknowledged", "ACTIVE"),
        ("report", "acknowledged", "rectified", "ACTIVE"),
        ("cleared", "rectified", "rectified", "CLEARED"),
        ("accept", "rectified", "closed", "CLEARED"),
    ]
    assert world.rows(dsn, "SELECT verdict, reason FROM review ORDER BY id") == [("reject", "看不清"), ("accept", "")]
    assert world.count(dsn, "SELECT count(*) FROM rectification_photo") == 2
    pushed = (
        "SELECT reason, operator_id IS NULL FROM push JOIN channel ON channel.id = channel_id ORDER BY push.created"
    )
    assert world.rows(dsn, pushed) == [
        ("raised", False),
        ("rectified", True),
        ("rejected", False),
        ("rectified", True),
        ("closed", False),
    ]


async def test_the_recheck_must_have_lasted(dsn: str) -> None:
    town = await world.build(dsn, more_rules=[RECHECKED])
    alert = await _alert(dsn, town.devices[0], RECHECKED)
    await _act(dsn, town.operator, alert, Action.ACKNOWLEDGE, 1)
    await _act(dsn, town.operator, alert, Action.REPORT, 2, report=REPORT)
    await _clear(dsn, town.devices[0], RECHECKED)
    with pytest.raises(GateError) as refused:
        await _act(dsn, town.regulator, alert, Action.ACCEPT, 3)
    assert refused.value.refusal is workflow.Refusal.RECHECK
    world.rows(dsn, "UPDATE alert SET cleared = cleared - interval '61 seconds' RETURNING id")
    with pytest.raises(GateError):  # it counts from the report: what was so before may have been arranged
        await _act(dsn, town.regulator, alert, Action.ACCEPT, 3)
    world.rows(dsn, "UPDATE rectification SET at = at - interval '61 seconds' RETURNING id")
    assert (await _act(dsn, town.regulator, alert, Action.ACCEPT, 3)).status is Status.CLOSED


async def test_another_operator_finds_nothing_and_changes_nothing(dsn: str) -> None:
    town = await world.build(dsn)
    alert = await _alert(dsn, town.devices[0])
    with pytest.raises(NotFoundError):
        await _act(dsn, town.stranger, alert, Action.ACKNOWLEDGE, 1)
    with pytest.raises(NotFoundError):
        await _act(dsn, town.operator, alert + 1, Action.ACKNOWLEDGE, 1)
    with pytest.raises(RoleError):
        await _act(dsn, town.regulator, alert, Action.ACKNOWLEDGE, 1)
    assert world.count(dsn, "SELECT count(*) FROM alert_history") == 1


async def test_nobody_rewrites_history_or_the_condition(dsn: str) -> None:
    town = await world.build(dsn)
    await _alert(dsn, town.devices[0])
    forbidden = (
        "UPDATE alert_history SET reason = ''",
        "DELETE FROM alert_history",
        "DELETE FROM alert",
        "UPDATE review SET reason = ''",
        "SELECT secret FROM channel",
    )
    async with await world.as_api(dsn, town.operator) as api, await world.as_engine(dsn) as engine:
        for query in (*forbidden, "UPDATE alert SET condition = 'CLEARED'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await api.execute(query.encode())
        for query in forbidden[:-1]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await engine.execute(query.encode())


async def test_twenty_people_at_once_take_only_the_legal_path(dsn: str) -> None:
    town = await world.build(dsn)
    alert = await _alert(dsn, town.devices[0])
    await _clear(dsn, town.devices[0])
    moved: list[Moved] = []
    conflicts = 0

    async def actor(seed: int) -> None:
        nonlocal conflicts
        chance = random.Random(seed)
        person = (town.operator, town.regulator)[seed % 2]
        async with await world.as_api(dsn, person) as connection:
            for _ in range(10):
                cursor = await connection.execute("SELECT version FROM alert WHERE id = %s", (alert,))
                row = await cursor.fetchone()
                assert row is not None
                action = chance.choice((Action.ACKNOWLEDGE, Action.REPORT, Action.ACCEPT, Action.REJECT))
                try:
                    moved.append(
                        await workflow.act(
                            connection, person, alert, action, int(str(row[0])), reason="r", report=REPORT
                        )
                    )
                except ConflictError:
                    conflicts += 1
                except (workflow.MoveError, RoleError):
                    continue

    await asyncio.gather(*(actor(seed) for seed in range(20)))
    assert conflicts > 0
    # Each version was given once, and the history is one legal path through the table.
    assert sorted(each.version for each in moved) == list(range(2, len(moved) + 2))
    steps = world.rows(dsn, "SELECT action, source, target FROM alert_history WHERE person_id IS NOT NULL ORDER BY id")
    assert len(steps) == len(moved)
    status = Status.OPEN
    for action, source, target in steps:
        move = transition(Action(str(action)), status)
        assert move is not None
        assert (move.source, move.target) == (source, target)
        status = move.target
    assert world.rows(dsn, "SELECT status FROM alert") == [(status,)]
