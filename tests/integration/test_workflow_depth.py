"""Assignment, comments, transfer, supervision and appeals on a real database, under row-level security."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from alerts import workflow
from alerts.counters import Counters
from alerts.decider import Decider
from alerts.workflow import (
    Assign,
    Comment,
    Detail,
    GateError,
    Moved,
    NotFoundError,
    Photo,
    Refusal,
    Report,
    Supervise,
    Transfer,
    WorkflowError,
)
from domain.alert import Action, Role, Side, Status
from store import queue, registry
from store import workflow as cases
from store.connection import connect
from store.people import Person
from tests import alert_world as world

PHOTO = Photo("a" * 64, "image/jpeg", 1000)
REPORT = Report("已清理", (PHOTO,))


async def alert_of(dsn: str, device: int) -> int:
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        await world.signal(ingest, world.BROKEN, device, True)
        await Decider(connection, Counters()).signals()
    return world.count(dsn, "SELECT max(id) FROM alert")


async def act(
    dsn: str,
    person: Person,
    alert: int,
    action: Action,
    version: int,
    *,
    reason: str = "理由",
    report: Report | None = None,
    detail: Detail | None = None,
) -> Moved:
    async with await world.as_api(dsn, person) as connection:
        return await workflow.act(
            connection, person, alert, action, version, reason=reason, report=report, detail=detail
        )


async def refused(
    dsn: str, person: Person, alert: int, action: Action, version: int, *, detail: Detail | None = None
) -> Refusal:
    with pytest.raises(WorkflowError) as error:
        await act(dsn, person, alert, action, version, detail=detail)
    return error.value.refusal


async def sees(dsn: str, person: Person) -> dict[str, int]:
    """How many rows of each table the person sees."""
    tables = ("alert", "site", "device", "alert_history", "alert_comment", "appeal", "alert_transfer")
    async with await world.as_api(dsn, person) as connection:
        return {
            table: len(await (await connection.execute(f"SELECT FROM {table}".encode())).fetchall()) for table in tables
        }


async def people(dsn: str) -> dict[str, Person]:
    """One regulator of each level, and of the district beside."""
    async with await connect(dsn, autocommit=True) as connection:
        for path in ("city.beside",):
            await registry.put_authority(connection, path, path, path)
        return {
            path: await world.person(connection, path.rpartition(".")[2], Role.REGULATOR, authority=path)
            for path in ("city", world.STATION, "city.beside")
        }


async def test_a_transfer_takes_the_duty_along_and_leaves_the_sight(dsn: str) -> None:
    town = await world.build(dsn, devices=2)
    them = await people(dsn)
    city, station, beside = them["city"], them[world.STATION], them["city.beside"]
    alert = await alert_of(dsn, town.devices[0])
    await alert_of(dsn, town.devices[1])
    assert (await sees(dsn, beside))["alert"] == 0
    assert await refused(dsn, station, alert, Action.TRANSFER, 1, detail=Transfer("city.beside")) is Refusal.TARGET
    assert await refused(dsn, station, alert, Action.TRANSFER, 1, detail=Transfer("city.nowhere")) is Refusal.TARGET
    await act(dsn, station, alert, Action.TRANSFER, 1, detail=Transfer("city"))
    assert await refused(dsn, station, alert, Action.DISMISS, 2) is Refusal.RESPONSIBLE
    await act(dsn, city, alert, Action.TRANSFER, 2, detail=Transfer("city.beside"))
    # The neighbour sees that alert, its site and its device; nothing else of the site, and no other alert.
    assert await sees(dsn, beside) == {
        "alert": 1, "site": 1, "device": 1, "alert_history": 3, "alert_comment": 0, "appeal": 0, "alert_transfer": 2,
    }  # fmt: skip
    async with await world.as_api(dsn, beside) as connection:
        assert [row.id for row in await queue.page(connection, queue.QueueFilter(), 10)] == [alert]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("UPDATE alert SET site_id = site_id")
    assert (await sees(dsn, station))["alert"] == 2
    assert (await sees(dsn, town.stranger))["alert"] == 0
    assert (await act(dsn, beside, alert, Action.TRANSFER, 3, detail=Transfer("city"))).version == 4
    assert (await sees(dsn, beside))["alert"] == 1  # who once was responsible keeps reading it
    assert await refused(dsn, beside, alert, Action.DISMISS, 4) is Refusal.RESPONSIBLE
    moved = world.rows(dsn, "SELECT reason FROM alert_history WHERE action = 'transfer' ORDER BY id")
    assert moved == [("city\n理由",), ("city.beside\n理由",), ("city\n理由",)]


async def test_who_owns_an_alert_now_is_pushed_to_and_who_owned_it_is_told(dsn: str) -> None:
    town = await world.build(dsn, url="http://receiver")
    them = await people(dsn)
    async with await connect(dsn, autocommit=True) as owner:
        for path in ("city", world.STATION, "city.beside"):
            await registry.put_channel(owner, f"http://receiver/{path}", "s", authority=path)
    alert = await alert_of(dsn, town.devices[0])
    await act(dsn, them[world.STATION], alert, Action.TRANSFER, 1, detail=Transfer("city"))
    await act(dsn, them["city"], alert, Action.TRANSFER, 2, detail=Transfer("city.beside"))
    assert _told(dsn, "transferred") == {"city": 2, "regulator": 1, world.STATION: 1, "city.beside": 1}
    await act(dsn, town.operator, alert, Action.ACKNOWLEDGE, 3)
    await act(dsn, town.operator, alert, Action.REPORT, 4, report=REPORT)
    assert _told(dsn, "rectified") == {"city": 1, "city.beside": 1}, "to be reviewed by the neighbour"
    await act(dsn, them["city.beside"], alert, Action.REJECT, 5)
    world.rows(dsn, "UPDATE clock SET due = now() WHERE done IS NULL RETURNING id")
    async with await world.as_engine(dsn) as connection:
        await Decider(connection, Counters()).clocks()
        (told,) = [one for one in await world.due_pushes(connection) if one.reason == "overdue" and not one.to_operator]
    assert (told.url, told.holder_zh) == ("http://receiver/city.beside", "city.beside")


def _told(dsn: str, reason: str) -> dict[object, int]:
    """How often each channel got a push for that reason, by the end of its address."""
    query = (
        "SELECT substring(url FROM '[^/]+$'), count(*)::int FROM push JOIN channel ON channel.id = channel_id"
        " WHERE reason = %s GROUP BY 1"
    )
    return {row[0]: int(str(row[1])) for row in world.rows(dsn, query, (reason,))}


async def test_an_alert_is_given_to_who_can_act_on_it(dsn: str) -> None:
    town = await world.build(dsn)
    them = await people(dsn)
    alert = await alert_of(dsn, town.devices[0])
    station, beside = them[world.STATION], them["city.beside"]
    for person in (town.stranger, beside):
        got = await refused(dsn, town.regulator, alert, Action.ASSIGN, 1, detail=Assign(person.id))
        assert got is Refusal.ASSIGNEE
    assert await refused(dsn, town.operator, alert, Action.ASSIGN, 1, detail=Assign(station.id)) is Refusal.ASSIGNEE
    await act(dsn, town.regulator, alert, Action.ASSIGN, 1, detail=Assign(station.id))
    await act(dsn, town.operator, alert, Action.ASSIGN, 2, detail=Assign(town.operator.id))
    assert world.rows(dsn, "SELECT assignee FROM alert") == [(town.operator.id,)]
    async with await world.as_api(dsn, town.operator) as connection:
        assert [one.id for one in await cases.candidates(connection, alert)] == [town.operator.id]
        mine = queue.QueueFilter(assignee=town.operator.id)
        assert [row.id for row in await queue.page(connection, mine, 10)] == [alert]
        assert await queue.page(connection, queue.QueueFilter(assignee=station.id), 10) == []
    await act(dsn, town.operator, alert, Action.ASSIGN, 3, detail=Assign(None))
    assert world.rows(dsn, "SELECT assignee FROM alert") == [(None,)]


async def test_a_sides_own_words_stay_with_it(dsn: str) -> None:
    town = await world.build(dsn)
    alert = await alert_of(dsn, town.devices[0])
    await act(dsn, town.operator, alert, Action.COMMENT, 1, reason="给双方", detail=Comment(Side.BOTH))
    await act(dsn, town.operator, alert, Action.COMMENT, 2, reason="自己看", detail=Comment(Side.OPERATOR))
    # Whatever he asks for, nobody puts words before the other side alone.
    await act(dsn, town.regulator, alert, Action.COMMENT, 3, reason="内部", detail=Comment(Side.OPERATOR))
    assert (await sees(dsn, town.operator))["alert_comment"] == 2
    assert (await sees(dsn, town.regulator))["alert_comment"] == 2
    assert (await sees(dsn, town.stranger))["alert_comment"] == 0
    assert world.rows(dsn, "SELECT side FROM alert_comment ORDER BY id") == [("both",), ("operator",), ("authority",)]
    history = world.rows(dsn, "SELECT reason FROM alert_history WHERE action = 'comment' ORDER BY id")
    assert history == [("给双方",), ("",), ("",)]


async def test_supervision_comes_from_above_and_is_lifted_from_there(dsn: str) -> None:
    town = await world.build(dsn)
    them = await people(dsn)
    alert = await alert_of(dsn, town.devices[0])
    station, city = them[world.STATION], them["city"]
    until = Supervise(datetime.now(UTC) + timedelta(hours=4))
    assert await refused(dsn, station, alert, Action.SUPERVISE, 1, detail=until) is Refusal.ABOVE
    await act(dsn, town.regulator, alert, Action.SUPERVISE, 1, detail=until)
    assert await refused(dsn, city, alert, Action.SUPERVISE, 2, detail=until) is Refusal.SUPERVISED
    async with await world.as_api(dsn, town.operator) as connection:
        assert [row.id for row in await queue.supervised(connection, 10)] == [alert]
    assert await refused(dsn, station, alert, Action.LIFT, 2) is Refusal.LIFTER
    await act(dsn, city, alert, Action.LIFT, 2)
    assert world.rows(dsn, "SELECT supervised, supervised_due FROM alert") == [(None, None)]


async def test_a_rejected_appeal_gives_its_time_back_and_counts(dsn: str) -> None:
    town = await world.build(dsn, url="http://receiver")
    alert = await alert_of(dsn, town.devices[0])
    await act(dsn, town.operator, alert, Action.APPEAL, 1, report=REPORT)
    assert world.rows(dsn, "SELECT extract(epoch FROM due - at)::int FROM appeal") == [(259200,)]
    assert await refused(dsn, town.regulator, alert, Action.DISMISS, 2) is Refusal.APPEAL_WAITS
    world.rows(dsn, "UPDATE appeal SET at = at - interval '5 hours' RETURNING id")
    running = "SELECT min(due), count(*) FROM clock WHERE done IS NULL AND kind <> 'appeal_overdue'"
    clocks = world.rows(dsn, running)
    before = world.rows(dsn, "SELECT due FROM alert")[0][0]
    await act(dsn, town.regulator, alert, Action.DENY, 2)
    after = world.rows(dsn, "SELECT due FROM alert")[0][0]
    assert isinstance(before, datetime)
    assert isinstance(after, datetime)
    assert timedelta(hours=5) <= after - before < timedelta(hours=5, minutes=5)
    ((later, number),) = world.rows(dsn, running)
    assert number == clocks[0][1] != 0  # no clock of the ladder is ended, and the appeal's own is over
    assert later - clocks[0][0] == after - before  # type: ignore[operator]
    assert await refused(dsn, town.operator, alert, Action.UPHOLD, 3) is Refusal.ROLE
    with pytest.raises(GateError) as again:
        await act(dsn, town.operator, alert, Action.APPEAL, 3, report=REPORT)
    assert again.value.refusal is Refusal.APPEALED
    pushed = {row[0] for row in world.rows(dsn, "SELECT reason FROM push")}
    assert pushed == {"raised", "appealed", "appeal_denied"}


async def test_an_upheld_appeal_dismisses(dsn: str) -> None:
    town = await world.build(dsn)
    alert = await alert_of(dsn, town.devices[0])
    await act(dsn, town.operator, alert, Action.ACKNOWLEDGE, 1)
    await act(dsn, town.operator, alert, Action.APPEAL, 2, report=Report("是蒸汽，不是烟"))
    with pytest.raises(NotFoundError):
        await act(dsn, town.stranger, alert, Action.UPHOLD, 3)
    assert (await act(dsn, town.regulator, alert, Action.UPHOLD, 3)).status is Status.DISMISSED
    assert world.rows(dsn, "SELECT verdict FROM review") == [("dismiss",)]
    assert world.rows(dsn, "SELECT verdict, decided IS NOT NULL FROM appeal") == [("upheld", True)]
    async with await world.as_api(dsn, town.operator) as api:
        for query in ("UPDATE appeal SET text = ''", "DELETE FROM appeal", "UPDATE alert_comment SET text = 'x'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await api.execute(query.encode())
