"""What falls silent together is one alert of its site: on a real database, over a restart, and for the right people."""

from datetime import UTC, datetime, timedelta

import msgspec
import psycopg
import pytest

from alerts.counters import Counters
from alerts.decider import Decider
from alerts.message import compose
from domain.camera import Camera
from domain.rule import Place, Rule, RuleKind
from domain.severity import Severity
from store import outages, queue, registry
from store.connection import Connection, connect
from tests import alert_world as world

SITE = Rule(
    "site-gone", 1, RuleKind.OUTAGE, "场所离线", "Site gone", Severity.II, "test",
    place=Place.SITE, codes=("OFFLINE",), for_s=60.0, window_s=60.0, samples=3, share=0.5,
)  # fmt: skip
EDGE = msgspec.structs.replace(
    SITE, code="edge-gone", zh="主机离线", en="Edge gone", severity=Severity.III, place=Place.EDGE
)
DARK = Rule("dark", 1, RuleKind.HEALTH, "离线", "Dark", Severity.III, "test", codes=("OFFLINE",), for_s=1.0)
RULES = (SITE, EDGE, DARK)

_ALERTS = "SELECT rule_code, device_id, camera_id, zone, condition FROM alert ORDER BY id"
_ACTIVE = "SELECT count(*) FROM alert WHERE condition = 'ACTIVE' AND status NOT IN ('closed', 'dismissed')"


async def _hear(owner: Connection, devices: tuple[int, ...], ago_s: float = 0.0, *, online: bool = True) -> None:
    """These were heard so long ago; with `online` false their broker has said since that they are gone."""
    await owner.execute(
        "UPDATE device SET online = %s, last_seen = now() - make_interval(secs => %s) WHERE id = ANY(%s)",
        (online, ago_s, list(devices)),
    )
    await owner.execute(
        "UPDATE presence_change SET at = now() - make_interval(secs => %s) WHERE device_id = ANY(%s) AND NOT online",
        (max(ago_s - 20, 0.0), list(devices)),
    )


async def _look(connection: Connection) -> int:
    return await Decider(connection, Counters()).silences()


async def _cameras(owner: Connection, count: int, site: str = "site-0") -> list[int]:
    await registry.put_edge(owner, registry.NewEdge("edge-1", "边缘", "Edge", world.STATION, "x"))
    for number in range(count):
        camera = Camera(f"cam-{site}-{number}", site, "rtsp://x/", ())
        await registry.put_camera(owner, camera, "edge-1", "摄像头", "Camera")
    await owner.execute("UPDATE edge SET online = true, last_seen = now()")
    await owner.execute("UPDATE camera SET health = 'OK', health_at = now() - interval '1 hour'")
    cursor = await owner.execute("SELECT id FROM camera WHERE code LIKE %s ORDER BY id", (f"cam-{site}-%",))
    return [int(str(row[0])) for row in await cursor.fetchall()]


async def test_a_dead_switch_is_one_alert_of_the_site_and_says_who_is_back(dsn: str) -> None:
    town = await world.build(dsn, devices=6, url="http://receiver", more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign))
        assert await _look(connection) == 0
        await _hear(owner, town.devices[:5], 90, online=False)
        await _look(connection)
        assert world.rows(dsn, _ALERTS) == [("site-gone", None, None, "", "ACTIVE")]
        assert world.count(dsn, "SELECT count(*) FROM outage_member WHERE back IS NULL") == 5
        assert await _look(connection) == 0
        pushes = await world.due_pushes(connection)
        told = compose([push for push in pushes if push.to_operator], "https://console", b"k" * 32)
        assert "全场：场所离线" in told.text
        assert "6 台设备和摄像机中有 5 台" in told.text
        await _hear(owner, town.devices[5:], 90, online=False)  # the last one too: it joins
        await _look(connection)
        await _hear(owner, town.devices[:4])
        await _look(connection)
        assert world.rows(dsn, "SELECT condition, why FROM alert") != []
        assert world.rows(dsn, _ALERTS) == [("site-gone", None, None, "", "CLEARED")]
        assert world.count(dsn, "SELECT count(*) FROM outage_member WHERE back IS NOT NULL") == 4
        assert await _look(connection) == 0  # those that stay silent have their rule's own time
        await owner.execute("UPDATE outage_member SET freed = now() - interval '2 minutes'")
        assert await _look(connection) == 2
    assert world.rows(dsn, _ALERTS)[1:] == [("silent", one, None, "", "ACTIVE") for one in town.devices[4:]]


async def test_a_single_silence_waits_while_others_may_be_silent_with_it(dsn: str) -> None:
    town = await world.build(dsn, devices=4, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign))
        await _hear(owner, town.devices[:1], 70, online=False)
        await _hear(owner, town.devices[1:], 65)  # nothing said of them since, nor heard
        assert await _look(connection) == 0
        await _hear(owner, town.devices[1:])
        assert await _look(connection) == 1  # they talk: it is alone
    assert world.rows(dsn, _ALERTS) == [("silent", town.devices[0], None, "", "ACTIVE")]


async def test_an_alert_of_its_own_is_over_once_the_site_has_one(dsn: str) -> None:
    town = await world.build(dsn, devices=4, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign))
        await _hear(owner, town.devices[:1], 100, online=False)
        assert await _look(connection) == 1
        await _hear(owner, town.devices[1:3], 90, online=False)
        await _look(connection)
    assert [row[0::4] for row in world.rows(dsn, _ALERTS)] == [("silent", "CLEARED"), ("site-gone", "ACTIVE")]
    assert world.count(dsn, "SELECT count(*) FROM alert_history WHERE reason = 'part of the outage of its site'") == 1
    assert world.count(dsn, "SELECT count(*) FROM outage_member") == 3


async def test_what_somebody_dismissed_stays_dismissed_until_it_ends(dsn: str) -> None:
    town = await world.build(dsn, devices=4, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign))
        await _hear(owner, town.devices, 90, online=False)
        await _look(connection)
        await owner.execute("UPDATE alert SET status = 'dismissed', changed = now()")
        assert await _look(connection) == 0
        await _hear(owner, town.devices)
        await _look(connection)
        await _hear(owner, town.devices, 90, online=False)
        await _look(connection)
    assert world.rows(dsn, "SELECT rule_code, status FROM alert ORDER BY id") == [
        ("site-gone", "dismissed"),
        ("site-gone", "open"),
    ]


async def test_a_rule_that_is_switched_off_lets_go(dsn: str) -> None:
    town = await world.build(dsn, devices=4, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign))
        await _hear(owner, town.devices, 90, online=False)
        await _look(connection)
        await owner.execute("UPDATE rule SET current = false WHERE code = 'site-gone'")
        await owner.execute(
            "INSERT INTO rule (code, version, body, enabled) SELECT code, 2, body, false FROM rule"
            " WHERE code = 'site-gone'"
        )
        await _look(connection)
        assert world.rows(dsn, "SELECT condition FROM alert WHERE rule_code = 'site-gone'") == [("CLEARED",)]
        await owner.execute("UPDATE outage_member SET freed = now() - interval '2 minutes'")
        await _look(connection)
    assert world.count(dsn, "SELECT count(*) FROM alert WHERE rule_code = 'silent' AND condition = 'ACTIVE'") == 4


async def test_an_edge_that_is_away_is_one_alert_however_few_it_watches(dsn: str) -> None:
    town = await world.build(dsn, devices=6, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        cameras = await _cameras(owner, 2)
        await _hear(owner, (*town.devices, town.foreign))
        await owner.execute("UPDATE edge SET online = false")
        assert await _look(connection) == 0
        await owner.execute("UPDATE edge SET away_since = now() - interval '2 minutes'")
        await _look(connection)
        assert world.rows(dsn, _ALERTS) == [("edge-gone", None, None, "edge-1", "ACTIVE")]
        assert world.rows(dsn, "SELECT camera_id FROM outage_member ORDER BY 1") == [(one,) for one in cameras]
        await owner.execute("UPDATE edge SET online = true")
        await _look(connection)
    assert world.rows(dsn, _ALERTS) == [("edge-gone", None, None, "edge-1", "CLEARED")]


async def test_an_edge_of_a_closed_kitchen_may_be_off(dsn: str) -> None:
    town = await world.build(dsn, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _cameras(owner, 4)
        await _hear(owner, (*town.devices, town.foreign))
        await owner.execute("UPDATE edge SET online = false")
        await owner.execute("UPDATE edge SET away_since = now() - interval '2 minutes'")
        await owner.execute("""UPDATE site SET schedule = '{"openings": []}'""")
        assert await _look(connection) == 0
    assert world.rows(dsn, _ALERTS) == []


async def test_cameras_of_one_site_are_one_alert_and_none_of_their_own(dsn: str) -> None:
    town = await world.build(dsn, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        cameras = await _cameras(owner, 4)
        await _hear(owner, (*town.devices, town.foreign))
        await owner.execute("UPDATE camera SET health = 'OFFLINE', health_at = now() - interval '5 seconds'")
        for camera in cameras:
            await owner.execute(_DARK, (DARK.code, camera, True))
        decider = Decider(connection, Counters())
        await decider.signals()
        await owner.execute("UPDATE pending SET due = now()")
        await decider.dues()
        assert world.count(dsn, "SELECT count(*) FROM alert") == 0  # nobody has looked yet who is silent together
        await decider.silences()
        await owner.execute("UPDATE pending SET due = now()")
        await decider.dues()
        assert world.rows(dsn, _ALERTS) == [("site-gone", None, None, "", "ACTIVE")]
        await owner.execute("UPDATE camera SET health = 'OK', health_at = now() WHERE id = ANY(%s)", (cameras[1:],))
        for camera in cameras[1:]:
            await owner.execute(_DARK, (DARK.code, camera, False))
        await decider.signals()
        await decider.silences()
        await owner.execute("UPDATE pending SET due = now()")
        await decider.dues()
        assert world.count(dsn, _ACTIVE) == 0
        await owner.execute("UPDATE outage_member SET freed = now() - interval '2 minutes'")
        await owner.execute("UPDATE pending SET due = now()")
        await decider.dues()
    assert world.rows(dsn, _ALERTS)[1:] == [("dark", None, cameras[0], "", "ACTIVE")]


_DARK = (
    "INSERT INTO signal (rule_code, rule_version, camera_id, value, time, why)"
    " VALUES (%s, 1, %s, %s, now() - interval '5 seconds', 'test')"
)


async def test_two_sites_behind_one_switch_are_two_alerts_and_each_operator_sees_his(dsn: str) -> None:
    town = await world.build(dsn, devices=4, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        for number in range(3):
            device = registry.NewDevice("site-1", f"theirs-{number}", world.PROFILE.code, "设备", "Device", "x")
            await registry.put_device(owner, device)
        await owner.execute("UPDATE device SET online = true, last_seen = now()")
        cursor = await owner.execute("SELECT id FROM device")
        every = tuple(int(str(row[0])) for row in await cursor.fetchall())
        await _hear(owner, every, 90, online=False)
        await _look(connection)
    assert [row[0] for row in world.rows(dsn, _ALERTS)] == ["site-gone", "site-gone"]
    for person in (town.operator, town.stranger):
        async with await world.as_api(dsn, person) as api:
            seen = await queue.page(api, queue.QueueFilter(), 10)
            assert len(seen) == 1
            assert (seen[0].subject_en, seen[0].device_id, seen[0].camera_id) == ("Kitchen", None, None)
            assert len(await outages.members(api, seen[0].id)) == 4
            other = world.count(dsn, "SELECT id FROM alert WHERE id <> %s", (seen[0].id,))
            assert await outages.members(api, other) == []


async def test_a_graver_condition_of_a_silent_sites_device_is_an_alert_as_ever(dsn: str) -> None:
    town = await world.build(dsn, devices=4, more_rules=RULES)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign))
        await _hear(owner, town.devices, 90, online=False)
        decider = Decider(connection, Counters())
        await decider.silences()
        await world.signal(owner, world.BROKEN, town.devices[0], True, time=datetime.now(UTC) - timedelta(seconds=95))
        await decider.signals()
    assert [row[0] for row in world.rows(dsn, _ALERTS)] == ["site-gone", "broken"]


async def test_while_nobody_hears_the_broker_silence_is_no_alert_and_the_top_is_told_once(dsn: str) -> None:
    town = await world.build(dsn, devices=4, url="http://receiver", more_rules=RULES)
    said = "INSERT INTO process (service, instance, pid, started, cpu_s, memory, counters)"
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await _hear(owner, (*town.devices, town.foreign), 90, online=False)
        await owner.execute(said + """ VALUES ('ingest', 'one', 1, now(), 0, 0, '{"linked": 0}')""")
        for _ in range(2):
            assert await _look(connection) == 0
        await owner.execute("UPDATE trouble SET began = now() - interval '2 minutes'")
        for _ in range(2):
            assert await _look(connection) == 0
        pushes = await world.due_pushes(connection)
        assert [push.to_operator for push in pushes] == [False]
        notice = compose(pushes, "https://console", b"k" * 32)
        assert (notice.title, notice.url) == ("【平台】收不到任何数据", "https://console/operations")
        await owner.execute("""UPDATE process SET counters = '{"linked": 1}', seen = now()""")
        for _ in range(2):
            assert await _look(connection) == 0  # devices connect again
        assert world.rows(dsn, "SELECT reason FROM push ORDER BY created") == [("broker_silent",), ("broker_back",)]
        await owner.execute("UPDATE trouble SET ended = now() - interval '2 minutes'")
        await _look(connection)
    assert {row[0] for row in world.rows(dsn, _ALERTS)} == {"site-gone", "silent"}


@pytest.mark.parametrize("step", ["standing", "give_back", "free", "join"])
async def test_an_engine_that_dies_at_any_step_leaves_all_to_the_next(
    dsn: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await world.build(dsn, devices=6, url="http://receiver", more_rules=RULES)

    async def die(connection: Connection, *_: object) -> None:
        await connection.close()
        await connection.execute("SELECT 1")

    async with await connect(dsn, autocommit=True) as owner:
        await _hear(owner, (*town.devices, town.foreign))
        await _hear(owner, town.devices, 90, online=False)
        with monkeypatch.context() as patched:
            patched.setattr(outages, step, die)
            with pytest.raises(psycopg.OperationalError):
                await _look(await world.as_engine(dsn))
        assert world.count(dsn, "SELECT count(*) FROM alert") == 0
        for _ in range(2):
            async with await world.as_engine(dsn) as connection:
                await _look(connection)
    assert world.rows(dsn, _ALERTS) == [("site-gone", None, None, "", "ACTIVE")]
    assert world.count(dsn, "SELECT count(*) FROM outage_member") == 6
    assert world.count(dsn, "SELECT count(DISTINCT channel_id) FROM push") == world.count(
        dsn, "SELECT count(*) FROM push"
    )
