"""The alert engine on a real database: its tables, its lock, and what a SIGKILL leaves behind."""

import asyncio
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alerts.counters import Counters
from alerts.decider import BATCH, Decider
from alerts.engine import AlertsConfig, run
from domain.camera import Camera, Zone
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.severity import Severity
from store import registry, signal_queue
from store.connection import Connection, connect
from tests import alert_world as world
from tests.servers import wait_for

PHONE = Rule("phone", 1, RuleKind.SCENE, "玩手机", "Phone", Severity.III, "test", scene=Scene.PHONE)
DARK = Rule("dark", 1, RuleKind.HEALTH, "黑屏", "Dark", Severity.III, "test", codes=("BLACK",))
GRAVE = Rule("grave", 1, RuleKind.EVENT, "困人", "Trapped", Severity.I, "test", codes=("9",))


def _unhandled(dsn: str) -> int:
    return world.count(dsn, "SELECT count(*) FROM signal WHERE handled IS NULL")


async def test_a_condition_becomes_an_alert_with_history_and_pushes_at_once(dsn: str) -> None:
    town = await world.build(dsn, url="http://receiver")
    began = datetime.now(UTC) - timedelta(seconds=5)
    async with await world.as_engine(dsn) as connection, await connect(dsn, autocommit=True) as ingest:
        decider = Decider(connection, Counters())
        await world.signal(ingest, world.WARM, town.devices[0], True, time=began)
        assert await decider.signals() == 1
        assert world.rows(dsn, "SELECT since FROM pending") == [(began,)]
        assert await decider.dues() == 1
    assert world.rows(dsn, "SELECT condition, status, severity, began, cleared, version FROM alert") == [
        ("ACTIVE", "open", 2, began, None, 1)
    ]
    assert world.rows(dsn, "SELECT action, source, target FROM alert_history") == [("raised", None, "open")]
    assert world.count(dsn, "SELECT count(*) FROM pending") == 0
    # Class II: the operator and the authority above the station.
    assert world.count(dsn, "SELECT count(DISTINCT channel_id) FROM push WHERE reason = 'raised'") == 2
    assert world.rows(dsn, "SELECT outcome FROM signal WHERE handled IS NOT NULL") == [("waiting",)]


async def test_a_zone_is_clear_when_its_last_scene_event_has_ended(dsn: str) -> None:
    await world.build(dsn, more_rules=[PHONE])
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        camera = await _camera(dsn)
        events = [await world.scene_event(ingest, camera, "food", Scene.PHONE) for _ in range(2)]
        decider = Decider(connection, Counters())
        for event in events:
            await ingest.execute(_SCENE_SIGNAL, (PHONE.code, camera, "food", event, True))
        for event in events:
            await ingest.execute("UPDATE scene_event SET ended = now() WHERE id = %s", (event,))
            await ingest.execute(_SCENE_SIGNAL, (PHONE.code, camera, "", event, False))
            await decider.signals()
            if event == events[0]:  # somebody else is still there
                assert world.rows(dsn, "SELECT condition FROM alert") == [("ACTIVE",)]
    assert world.rows(dsn, "SELECT condition, zone FROM alert") == [("CLEARED", "food")]
    assert world.rows(dsn, "SELECT outcome FROM signal ORDER BY id") == [
        ("raised",),
        ("already-active",),
        ("others-remain",),
        ("cleared",),
    ]


_SCENE_SIGNAL = (
    "INSERT INTO signal (rule_code, rule_version, camera_id, zone, scene_event_id, value, time, why)"
    " VALUES (%s, 1, %s, %s, %s, %s, now(), 'test')"
)


async def _camera(dsn: str) -> int:
    async with await connect(dsn, autocommit=True) as owner:
        await registry.put_edge(owner, registry.NewEdge("edge", "边缘", "Edge", world.STATION, "x"))
        zone = Zone("food", "食品区", "Food", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), (Scene.PHONE,))
        await registry.put_camera(owner, Camera("cam", "site-0", "rtsp://x/", (zone,)), "edge", "摄像头", "Camera")
    return world.count(dsn, "SELECT id FROM camera")


async def test_a_cameras_health_is_judged_in_opening_hours_only(dsn: str) -> None:
    await world.build(dsn, more_rules=[DARK])
    camera = await _camera(dsn)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        decider = Decider(connection, Counters())
        schedule = (await (await owner.execute("SELECT schedule::text FROM site WHERE code = 'site-0'")).fetchall())[0]
        await owner.execute("""UPDATE site SET schedule = '{"openings": []}'""")
        await owner.execute(_SCENE_SIGNAL, (DARK.code, camera, "", None, True))
        await decider.signals()
        await decider.dues()
        assert world.count(dsn, "SELECT count(*) FROM alert") == 0
        assert world.count(dsn, "SELECT count(*) FROM pending WHERE due > now()") == 1
        await owner.execute("UPDATE site SET schedule = %s::jsonb", schedule)
        await owner.execute("UPDATE pending SET due = now()")
        await decider.dues()
    assert world.rows(dsn, "SELECT condition FROM alert") == [("ACTIVE",)]


async def test_a_device_that_fell_silent_proves_no_condition(dsn: str) -> None:
    town = await world.build(dsn)
    began, device = datetime.now(UTC) - timedelta(seconds=20), town.devices[0]
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        decider = Decider(connection, Counters())
        await owner.execute(_LATEST, (device, began))
        await owner.execute("UPDATE device SET online = false, last_seen = %s", (began,))
        await world.signal(owner, world.WARM, device, True, time=began)
        await decider.signals()
        assert await decider.dues() == 1
        assert world.count(dsn, "SELECT count(*) FROM alert") == 0
        assert world.count(dsn, "SELECT count(*) FROM pending WHERE due > now()") == 1
        await owner.execute(_LATEST, (device, datetime.now(UTC)))  # it is back, and nothing flipped
        await owner.execute("UPDATE device SET online = true, last_seen = now()")
        await owner.execute("UPDATE pending SET due = now()")
        await decider.dues()
    assert world.rows(dsn, "SELECT condition, began FROM alert") == [("ACTIVE", began)]


async def test_the_gravest_signals_come_first_and_a_due_condition_waits_for_its_own(dsn: str) -> None:
    town = await world.build(dsn, devices=2, more_rules=[GRAVE])
    began = datetime.now(UTC) - timedelta(seconds=20)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        decider = Decider(connection, Counters())
        await world.signal(owner, world.WARM, town.devices[0], True, time=began)
        await decider.signals()
        await world.signal(
            owner, world.WARM, town.devices[0], False, time=began + timedelta(seconds=world.WARM.for_s / 2)
        )
        await world.signal(owner, GRAVE, town.devices[1], True, time=began)
        assert [one.rule_code for one in await signal_queue.unhandled(connection, 9)] == [GRAVE.code, world.WARM.code]
        assert await decider.dues() == 0  # it is due, but what ended it has come already
        await decider.signals()
        assert await decider.dues() == 0
    assert world.rows(dsn, "SELECT rule_code FROM alert") == [(GRAVE.code,)]


async def test_many_that_fall_silent_together_are_told_in_batches(dsn: str) -> None:
    await world.build(dsn, devices=BATCH + 5)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        decider = Decider(connection, Counters())
        await owner.execute("UPDATE device SET online = true, last_seen = now() - interval '11 minutes'")
        counts = [await decider.silences() for _ in range(3)]
    assert counts[0] == BATCH
    assert counts[2] == 0
    assert world.count(dsn, "SELECT count(*) FROM alert") == sum(counts)


_LATEST = (
    "INSERT INTO reading_latest (device_id, metric_id, time, value, quality) VALUES (%s, 1, %s, 1, 0)"
    " ON CONFLICT (device_id, metric_id) DO UPDATE SET time = excluded.time"
)


async def test_silence_is_noticed_forgiven_and_not_repeated_after_a_dismissal(dsn: str) -> None:
    town = await world.build(dsn, devices=2)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        decider = Decider(connection, Counters())
        assert await decider.silences() == 0  # never heard: not installed yet
        await owner.execute("UPDATE device SET online = true, last_seen = now() - interval '11 minutes'")
        await owner.execute("UPDATE device SET last_seen = now() WHERE id = %s", (town.devices[1],))
        assert await decider.silences() == 2  # the first one and the stranger's
        assert await decider.silences() == 0
        await owner.execute("UPDATE device SET online = false, last_seen = now() - interval '2 minutes' WHERE online")
        await owner.execute("UPDATE device SET online = true, last_seen = now() WHERE id = %s", (town.devices[0],))
        assert await decider.silences() == 2  # one is back, the other said goodbye and stayed away
        query = "SELECT condition FROM alert WHERE device_id = %s"
        assert world.rows(dsn, query, (town.devices[0],)) == [("CLEARED",)]
        assert world.rows(dsn, query, (town.devices[1],)) == [("ACTIVE",)]
        await owner.execute("UPDATE alert SET status = 'dismissed', changed = now()")
        assert await decider.silences() == 0


async def test_a_signal_that_cannot_be_handled_does_not_hold_up_the_others(dsn: str) -> None:
    town = await world.build(dsn)
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        await owner.execute("INSERT INTO rule (code, version, body) VALUES ('bad', 1, '{\"code\": 1}')")
        bad = Rule("bad", 1, RuleKind.EVENT, "", "", Severity.III, "")
        unknown = Rule("unknown", 1, RuleKind.EVENT, "", "", Severity.III, "")
        for rule in (bad, world.BROKEN, unknown):
            await world.signal(owner, rule, town.devices[0], True, pulse=True)
        assert await Decider(connection, Counters()).signals() == 3
    outcomes = [str(row[0]) for row in world.rows(dsn, "SELECT outcome FROM signal ORDER BY id")]
    assert outcomes[0].startswith("unreadable: ")
    assert outcomes[1:] == ["raised", "no-rule"]
    assert world.rows(dsn, "SELECT rule_code, condition FROM alert") == [("broken", "CLEARED")]


async def test_signals_of_one_subject_in_a_batch_keep_their_order(dsn: str) -> None:
    town = await world.build(dsn, devices=2, url="http://receiver")
    first, second = town.devices
    flips = [(first, True), (second, True), (first, False), (first, True), (second, False), (first, False)]
    async with await connect(dsn, autocommit=True) as owner, await world.as_engine(dsn) as connection:
        for device, value in flips:
            await world.signal(owner, world.BROKEN, device, value)
        assert await Decider(connection, Counters()).signals() == len(flips)
    told = [("raised",), ("raised",), ("cleared",), ("recurred",), ("cleared",), ("cleared",)]
    assert world.rows(dsn, "SELECT outcome FROM signal ORDER BY id") == told
    steps = "SELECT action FROM alert_history JOIN alert ON alert.id = alert_id WHERE device_id = %s ORDER BY at"
    assert world.rows(dsn, steps, (first,)) == [("raised",), ("cleared",), ("recurred",), ("cleared",)]
    assert world.rows(dsn, "SELECT condition FROM alert") == [("CLEARED",), ("CLEARED",)]
    assert world.count(dsn, "SELECT count(*) FROM push") == 2  # class III: once to the operator for each alert


async def test_one_engine_is_active_and_a_standby_takes_over(dsn: str) -> None:
    town = await world.build(dsn, devices=2)
    with world.engine(dsn) as first:
        await asyncio.to_thread(wait_for, lambda: world.active(dsn))
        with world.engine(dsn):
            async with await connect(dsn, autocommit=True) as ingest:
                await world.signal(ingest, world.BROKEN, town.devices[0], True)
                await asyncio.to_thread(wait_for, lambda: _unhandled(dsn) == 0)
                first.kill()
                await world.signal(ingest, world.BROKEN, town.devices[1], True)
                await asyncio.to_thread(wait_for, lambda: _unhandled(dsn) == 0)
    assert world.count(dsn, "SELECT count(*) FROM alert") == 2


async def test_a_database_that_goes_away_is_waited_for(dsn: str) -> None:
    town = await world.build(dsn, devices=2)
    stop = asyncio.Event()
    task = asyncio.create_task(run(AlertsConfig(dsn, "http://console", Path()), stop))
    async with await connect(dsn, autocommit=True) as ingest:
        for device in town.devices:
            await world.signal(ingest, world.BROKEN, device, True)
            await asyncio.to_thread(wait_for, lambda: _unhandled(dsn) == 0)
            await ingest.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    await asyncio.to_thread(wait_for, lambda: world.active(dsn))
    stop.set()
    await task
    assert world.count(dsn, "SELECT count(*) FROM alert") == 2


async def test_an_unreachable_database_is_one_sentence_and_no_reason_to_die(free_port: Callable[[], int]) -> None:
    stop = asyncio.Event()
    config = AlertsConfig(f"postgresql://x:marker@127.0.0.1:{free_port()}/x", "http://console", Path())
    with capture_logs() as lines:
        task = asyncio.create_task(run(config, stop))
        await asyncio.to_thread(wait_for, lambda: bool(lines) or task.done())
        assert not task.done()
        stop.set()
        await task
    assert {line["event"] for line in lines} == {"alerts.database_lost"}
    assert "does not answer" in lines[0]["problem"]
    assert "marker" not in str(lines)


@pytest.mark.slow
async def test_killed_at_random_there_is_one_alert_per_incident_and_each_push_keeps_its_key(dsn: str) -> None:
    devices, kills = 20, 50 if os.environ.get("MINGCHU_FULL_FAULTS") else 10  # as often as PROMISES R4 says
    received: dict[str, set[str]] = {}

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(headers["Content-Length"]))
        received.setdefault(headers["Idempotency-Key"], set()).add(body.decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    town = await world.build(dsn, devices=devices, url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    chance = random.Random(1)
    left: list[int] = []

    async def flip(connection: Connection, value: bool) -> None:
        for device in town.devices:
            await world.signal(connection, world.BROKEN, device, value)
            await asyncio.sleep(0.003)

    async with await connect(dsn, autocommit=True) as connection:
        for number in range(kills):
            with world.engine(dsn) as process:
                await asyncio.to_thread(wait_for, lambda: world.active(dsn))
                flow = asyncio.create_task(flip(connection, number % 2 == 0))
                await asyncio.sleep(chance.uniform(0.02, 0.15))
                process.kill()
                await flow
                left.append(_unhandled(dsn))
        await connection.execute("UPDATE push SET next_try = now() WHERE sent IS NULL")  # the leases run out
    assert any(left), "no kill hit an engine at work"
    with world.engine(dsn):
        await asyncio.to_thread(wait_for, lambda: _unhandled(dsn) == 0)
        unsent = "SELECT count(*) FROM push WHERE sent IS NULL"
        await asyncio.to_thread(wait_for, lambda: world.count(dsn, unsent) == 0)
    server.close()
    # One incident per device: never closed by people, so each flip continues it.
    assert world.count(dsn, "SELECT count(*) FROM alert") == devices
    actions = "SELECT action, count(*)::int FROM alert_history GROUP BY 1 ORDER BY 1"
    assert world.rows(dsn, actions) == [
        ("cleared", devices * kills // 2), ("raised", devices), ("recurred", devices * (kills // 2 - 1)),
    ]  # fmt: skip
    assert world.count(dsn, "SELECT count(*) FROM push") == devices
    assert set(received) == {str(row[0]) for row in world.rows(dsn, "SELECT DISTINCT message FROM push")}
    assert all(len(bodies) == 1 for bodies in received.values())
