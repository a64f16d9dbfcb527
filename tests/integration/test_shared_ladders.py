"""Conditions of one incident, and silences of one outage: one ladder, and everybody is told once."""

from collections import Counter

from alerts.counters import Counters
from alerts.decider import Decider
from domain.rule import Place, Rule, RuleKind
from domain.severity import Severity
from store import registry
from store.connection import Connection, connect
from tests import alert_world as world
from tests.alert_world import Town

FAULT = Rule("fault", 1, RuleKind.EVENT, "故障", "Fault", Severity.II, "test", codes=("1",))
AGAIN = Rule("again", 1, RuleKind.EVENT, "又一故障", "Again", Severity.II, "test", codes=("2",), incident="fault")
GRAVE = Rule("grave", 1, RuleKind.EVENT, "困人", "Trapped", Severity.I, "test", codes=("3",), incident="fault")
GONE = Rule(
    "site-gone", 1, RuleKind.OUTAGE, "场所离线", "Site gone", Severity.II, "test",
    place=Place.SITE, codes=("OFFLINE",), for_s=60.0, window_s=60.0, samples=3, share=0.5,
)  # fmt: skip


async def _town(dsn: str, owner: Connection, *rules: Rule, devices: int = 1) -> Town:
    town = await world.build(dsn, devices=devices, url="http://receiver", more_rules=rules)
    for path in ("city", world.STATION):  # the district has one already
        await registry.put_channel(owner, f"http://receiver/{path.rpartition('.')[2]}", "s", authority=path)
    return town


async def _passes(owner: Connection, connection: Connection, seconds: float) -> None:
    await owner.execute("UPDATE clock SET due = due - s, started = started - s, paused = paused - s"
                        " FROM make_interval(secs => %s) AS s", (seconds,))  # fmt: skip
    while await Decider(connection, Counters()).clocks():
        pass


def _told(dsn: str, reason: str) -> dict[object, int]:
    query = "SELECT substring(url FROM '[^/]+$') FROM push JOIN channel ON channel.id = channel_id WHERE reason = %s"
    return Counter(row[0] for row in world.rows(dsn, query, (reason,)))


def _running(dsn: str) -> list[object]:
    query = "SELECT rung FROM clock WHERE done IS NULL AND paused IS NULL ORDER BY alert_id, rung"
    return [row[0] for row in world.rows(dsn, query)]


async def test_rules_of_one_incident_climb_one_ladder_and_a_graver_one_adds_its_own(dsn: str) -> None:
    async with await connect(dsn, autocommit=True) as owner:
        town = await _town(dsn, owner, FAULT, AGAIN, GRAVE)
        everybody = {"operator": 1, "station": 1, "regulator": 1, "city": 1}
        async with await world.as_engine(dsn) as connection:
            for rule in (FAULT, AGAIN, AGAIN):
                await world.signal(owner, rule, town.devices[0], True)
                await Decider(connection, Counters()).signals()
            assert (_running(dsn), _told(dsn, "raised")) == (["rectify"], everybody), "the second joins in silence"
            await world.signal(owner, GRAVE, town.devices[0], True)
            await Decider(connection, Counters()).signals()
            assert world.rows(dsn, "SELECT rule_code, severity FROM alert") == [("fault", 1)]
            assert _running(dsn) == ["acknowledge", "rectify", "remind", "yellow"]
            assert _told(dsn, "raised") == dict.fromkeys(everybody, 2), "once more, as class I"
            await _passes(owner, connection, 1801)
            assert _told(dsn, "overdue") == {"operator": 1, "station": 1}
            await _passes(owner, connection, 1801)
            assert _told(dsn, "escalated") == {"regulator": 1}
            await world.signal(owner, AGAIN, town.devices[0], False)
            await Decider(connection, Counters()).signals()
            assert world.rows(dsn, "SELECT condition FROM alert") == [("ACTIVE",)], "others of the incident last"
            await _passes(owner, connection, 3601)
            assert _told(dsn, "escalated") == {"regulator": 1, "city": 1}


async def _silent(owner: Connection, devices: tuple[int, ...], ago_s: float, *, online: bool = False) -> None:
    await owner.execute(
        "UPDATE device SET online = %s, last_seen = now() - make_interval(secs => %s) WHERE id = ANY(%s)",
        (online, ago_s, list(devices)),
    )
    await owner.execute(
        "UPDATE presence_change SET at = now() - make_interval(secs => %s) WHERE device_id = ANY(%s) AND NOT online",
        (max(ago_s - 20, 0.0), list(devices)),
    )


async def test_an_outage_has_one_ladder_and_those_of_its_parts_stand_still(dsn: str) -> None:
    async with await connect(dsn, autocommit=True) as owner:
        town = await _town(dsn, owner, GONE, devices=4)
        async with await world.as_engine(dsn) as connection:
            look = Decider(connection, Counters()).silences
            await _silent(owner, (*town.devices, town.foreign), 0, online=True)
            await _silent(owner, town.devices[:1], 100)
            assert await look() == 1
            assert _running(dsn) == ["rectify"], "the device's own"
            await _silent(owner, town.devices[1:], 90)
            await look()
            assert world.rows(dsn, "SELECT rule_code, condition FROM alert ORDER BY id") == [
                ("silent", "CLEARED"), ("site-gone", "ACTIVE"),
            ]  # fmt: skip
            assert (_running(dsn), _told(dsn, "raised")["operator"]) == (["rectify"], 2), "the outage's alone"
            await _passes(owner, connection, 7201)
            assert _told(dsn, "overdue") == {"operator": 1, "station": 1}
            await _passes(owner, connection, 14401)
            assert _told(dsn, "escalated") == {"regulator": 1}
            await _passes(owner, connection, 86401)
            assert _told(dsn, "escalated") == {"regulator": 1, "city": 1}
            assert _told(dsn, "overdue") == {"operator": 1, "station": 1}, "never for a part of it"
            await _silent(owner, town.devices[1:], 0, online=True)  # all but the first are back
            await look()
            await owner.execute("UPDATE outage_member SET freed = now() - interval '2 minutes'")
            await look()
            assert world.rows(dsn, "SELECT condition FROM alert ORDER BY id") == [("ACTIVE",), ("CLEARED",)]
            assert _running(dsn) == ["rectify"], "it is told of by itself again"
            left = "SELECT extract(epoch FROM due - now())::int BETWEEN 86000 AND 86400 FROM clock WHERE done IS NULL"
            assert world.rows(dsn, left) == [(True,)], "as much time as there was"
