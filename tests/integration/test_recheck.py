"""The machine's re-check and the sampled audit on a real database, with the engine's rights."""

import pytest

from alerts import recheck, workflow
from alerts.counters import Counters
from alerts.decider import Decider
from alerts.workflow import GateError, Refusal, Report
from domain import audit_sample
from domain.alert import Action, Status
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from store.connection import connect
from tests import alert_world as world
from tests.integration.test_workflow_depth import PHOTO, act, refused

REPORT = Report("已清理", (PHOTO,))
WATCHED = Rule("watched", 1, RuleKind.EVENT, "", "", Severity.III, "", codes=("2",), recheck_s=600.0)
SAMPLED = Rule(
    "sampled", 1, RuleKind.EVENT, "", "", Severity.III, "", codes=("3",), recheck_s=600.0, machine_share=0.5,
    draw_seed="spring",
)  # fmt: skip


async def reported(dsn: str, town: world.Town, rule: Rule, device: int = 0) -> int:
    """An alert that was raised, is over, and is reported as rectified."""
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        for value in (True, False):
            await world.signal(ingest, rule, town.devices[device], value)
            await Decider(connection, Counters()).signals()
    alert = world.count(dsn, "SELECT max(id) FROM alert")
    await act(dsn, town.operator, alert, Action.ACKNOWLEDGE, 1)
    await act(dsn, town.operator, alert, Action.REPORT, 2, report=REPORT)
    return alert


async def settled(dsn: str, seconds: int) -> int:
    """Let so many seconds pass for all that waits; returns how many alerts the machine looked at."""
    later = f"- interval '{seconds} seconds'"
    for query in (
        f"UPDATE recheck SET began = began {later}, next_look = next_look {later} WHERE result IS NULL RETURNING 1",
        f"UPDATE rectification SET at = at {later} RETURNING 1",
        f"UPDATE alert SET cleared = cleared {later} RETURNING 1",
    ):
        world.rows(dsn, query)
    async with await world.as_engine(dsn) as connection:
        return await recheck.settle(connection, Counters())


async def test_the_result_stands_beside_the_report(dsn: str) -> None:
    town = await world.build(dsn, more_rules=[WATCHED])
    world.rows(dsn, "UPDATE device SET online = true RETURNING 1")
    alert = await reported(dsn, town, WATCHED)
    assert await settled(dsn, 500) == 0
    assert await refused(dsn, town.regulator, alert, Action.ACCEPT, 3) is Refusal.RECHECK
    assert await settled(dsn, 101) == 1
    found = world.rows(dsn, "SELECT result, why, clear_since IS NOT NULL, next_look FROM recheck")
    assert found == [("clear", "watched for 600 s, nothing seen", True, None)]
    assert await settled(dsn, 10_000) == 0  # it ends once
    assert world.rows(dsn, "SELECT status FROM alert") == [("rectified",)]  # a human closes it
    assert (await act(dsn, town.regulator, alert, Action.ACCEPT, 3)).status is Status.CLOSED


async def test_what_could_not_be_seen_is_said_and_judged_by_a_human(dsn: str) -> None:
    town = await world.build(dsn, more_rules=[WATCHED])
    world.rows(dsn, "UPDATE device SET online = false RETURNING 1")
    alert = await reported(dsn, town, WATCHED)
    assert await settled(dsn, 601) == 1
    assert world.rows(dsn, "SELECT result, why FROM recheck") == [
        ("unjudged", "the device was OFFLINE during the re-check")
    ]
    async with await world.as_api(dsn, town.regulator) as connection:
        with pytest.raises(GateError) as mute:
            await workflow.act(connection, town.regulator, alert, Action.ACCEPT, 3)
    assert mute.value.refusal is Refusal.UNJUDGED
    assert (await act(dsn, town.regulator, alert, Action.ACCEPT, 3, reason="现场已查")).status is Status.CLOSED


async def test_the_machine_closes_its_share_and_a_human_the_sample(dsn: str) -> None:
    town = await world.build(dsn, devices=8, more_rules=[SAMPLED])
    world.rows(dsn, "UPDATE device SET online = true RETURNING 1")
    alerts = [await reported(dsn, town, SAMPLED, device) for device in range(8)]
    assert await settled(dsn, 601) == 8
    human = {alert: audit_sample.human("spring", alert, 0.5) for alert in alerts}
    assert set(human.values()) == {True, False}
    found = {row[0]: row[1] for row in world.rows(dsn, "SELECT id, status FROM alert")}
    assert found == {alert: "rectified" if by_human else "closed" for alert, by_human in human.items()}
    drawn = world.rows(dsn, "SELECT alert_id, seed, share, human, drawn FROM audit_draw ORDER BY alert_id")
    assert drawn == [(alert, "spring", 0.5, human[alert], audit_sample.drawn("spring", alert)) for alert in alerts]
    by_machine = [alert for alert in alerts if not human[alert]]
    steps = world.rows(dsn, "SELECT alert_id, person_id FROM alert_history WHERE action = 'settle' ORDER BY alert_id")
    assert steps == [(alert, None) for alert in by_machine]
    async with await world.as_api(dsn, town.operator) as connection:  # what is drawn is not for the operator's eyes
        assert await (await connection.execute("SELECT FROM audit_draw")).fetchall() == []
    sampled = next(alert for alert in alerts if human[alert])
    assert (await act(dsn, town.regulator, sampled, Action.ACCEPT, 3)).status is Status.CLOSED
