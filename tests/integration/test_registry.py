"""The registry and who listens to it: the demo is planted once, changes reach the broker."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec
import psycopg
import pytest
from argon2 import PasswordHasher
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from domain import credential
from domain.camera import Camera, Mode
from domain.schedule import ALWAYS_OPEN
from domain.wire import EdgeDown
from ingest.downlink import downlinks
from mingchu import broker_keeper, demo, seed, up
from mingchu.datadir import DataDirectory
from mingchu.settings import Settings
from store import listing, registry, roster
from store.connection import Connection, connect
from store.registry import UnknownCodeError
from tests.servers import PATIENCE_S, PrivateBroker, wait_for


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    connection = await connect(dsn, autocommit=True)
    yield connection
    await connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    settings.data.make()
    return settings


async def everything(connection: Connection) -> list[tuple[object, ...]]:
    """What the seed writes, with the numbers that a change would move."""
    tables = await connection.execute(
        "SELECT 'edge', code, config_version::text, credential FROM edge UNION ALL"
        " SELECT 'device', code, id::text, credential FROM device UNION ALL"
        " SELECT 'camera', code, id::text, url || zones::text FROM camera UNION ALL"
        " SELECT 'person', login, id::text, password FROM person UNION ALL"
        " SELECT 'channel', url, id::text, secret FROM channel UNION ALL"
        " SELECT 'site', code, id::text, schedule::text FROM site ORDER BY 1, 2"
    )
    return await tables.fetchall()


async def test_the_demo_is_planted_once(connection: Connection, settings: Settings) -> None:
    await up.install(connection, demo_rules=True)
    first = await demo.plant(connection, settings, seed.shipped("demo"))
    before = await everything(connection)
    assert await demo.plant(connection, settings, seed.shipped("demo")) == first
    assert await everything(connection) == before
    assert {login.role for login in first} == {"operator", "regulator", "admin"}
    assert all(login.password for login in first)
    assert [camera.code for camera in await listing.cameras(connection)] == [
        "kitchen-1",
        "night-1",
        "store-1",
        "stove-1",
    ]


async def test_no_credential_is_shipped(connection: Connection, settings: Settings, tmp_path: Path) -> None:
    """Each house makes its own (PROMISES S8): long, all different, and not those of another house."""
    await up.install(connection, demo_rules=True)
    first = [login.password or "" for login in await demo.plant(connection, settings, seed.shipped("demo"))]
    assert len(set(first)) == len(first)
    assert all(len(password) >= 20 for password in first)
    other = DataDirectory(tmp_path / "another")
    other.make()
    logins = [entry.login for entry in seed.shipped("demo").person]
    assert {other.secret(f"person.{login}") for login in logins}.isdisjoint(first)


async def test_a_password_that_was_changed_is_not_shown(connection: Connection, settings: Settings) -> None:
    await demo.plant(connection, settings, seed.shipped("local"))
    await connection.execute("UPDATE person SET password = %s", (PasswordHasher().hash("changed"),))
    assert [login.password for login in await demo.plant(connection, settings, seed.shipped("local"))] == [None]


async def test_a_cameras_change_raises_its_edges_version_and_is_heard(
    connection: Connection, settings: Settings, dsn: str
) -> None:
    await up.install(connection, demo_rules=False)
    await demo.plant(connection, settings, seed.shipped("demo"))
    heard = registry.changes(dsn)
    await anext(heard)
    camera = Camera("kitchen-1", "kitchen-site-1", "rtsp://192.0.2.1/other", ())
    before = await version(connection)
    await registry.put_camera(connection, camera, "edge-1", "切配间", "Preparation room")
    async with asyncio.timeout(PATIENCE_S):
        await anext(heard)
    await registry.put_camera(connection, camera, "edge-1", "切配间", "Preparation room")
    assert await version(connection) == before + 1
    await heard.aclose()


async def test_a_view_is_enrolled_anew_by_a_number_that_never_goes_back(
    connection: Connection, settings: Settings
) -> None:
    await up.install(connection, demo_rules=False)
    await demo.plant(connection, settings, seed.shipped("demo"))
    before = await version(connection)
    await registry.renew_view(connection, "kitchen-1")
    assert await version(connection) == before + 1
    await demo.plant(connection, settings, seed.shipped("demo"))
    views = {row.code: (row.view, row.turns, row.replay) for row in (await roster.read(connection)).cameras}
    assert views["kitchen-1"] == (2, False, False)
    assert views["night-1"] == (1, False, False)
    with pytest.raises(UnknownCodeError, match="there is no camera 'x'"):
        await registry.renew_view(connection, "x")


async def test_an_edge_relays_for_its_cameras_sites_and_for_those_it_is_given(
    connection: Connection, settings: Settings
) -> None:
    await up.install(connection, demo_rules=False)
    await demo.plant(connection, settings, seed.shipped("demo"))

    async def sites() -> list[str]:
        return list((await roster.read(connection)).edges[0].sites)

    assert await sites() == ["kitchen-site-1", "store-site-1"]
    before = await version(connection)
    for _ in range(2):
        await registry.put_edge_site(connection, "edge-1", "market-1")
    assert await sites() == ["kitchen-site-1", "market-1", "store-site-1"]
    assert await version(connection) == before + 1
    for site in ("market-1", "kitchen-site-1"):
        await registry.drop_edge_site(connection, "edge-1", site)
    assert await sites() == ["kitchen-site-1", "store-site-1"]
    with pytest.raises(UnknownCodeError, match="there is no site 'nowhere'"):
        await registry.put_edge_site(connection, "edge-1", "nowhere")
    given = 'edge = [{ code = "edge-1", zh = "a", en = "b", authority = "yunhai", sites = ["building-1"] }]'
    await seed.plant(connection, seed.parse(given), demo.places(settings))
    assert "building-1" in await sites()


async def test_a_sub_stream_reaches_the_edge_and_nobody_else(connection: Connection, settings: Settings) -> None:
    await up.install(connection, demo_rules=False)
    await demo.plant(connection, settings, seed.shipped("demo"))
    camera = seed.whole_picture(
        "kitchen-1", "kitchen-site-1", "rtsp://h/main", ["PHONE"], restricted=False, live_url="rtsp://u:p@h/sub"
    )
    await registry.put_camera(connection, camera, "edge-1", "切配间", "Preparation room")
    (payload,) = downlinks(await roster.read(connection)).values()
    down = msgspec.json.decode(payload, type=EdgeDown)
    assert down.config is not None
    subs = {each.code: each.live_url for each in down.config.cameras}
    assert subs.pop("kitchen-1") == "rtsp://u:p@h/sub"
    assert set(subs.values()) == {""}
    assert payload.count(b"live_url") == 1  # an edge that does not know it is told it only where it must
    await connection.execute("SET ROLE mingchu_api")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await connection.execute("SELECT live_url FROM camera")


async def version(connection: Connection) -> int:
    row = await (await connection.execute("SELECT config_version FROM edge WHERE code = 'edge-1'")).fetchone()
    assert row is not None
    return int(str(row[0]))


async def test_what_is_not_there_is_named(connection: Connection) -> None:
    with pytest.raises(UnknownCodeError, match="there is no site 'nowhere'"):
        await registry.put_camera(connection, Camera("c", "nowhere", "rtsp://x", ()), "edge-1", "c", "c")
    with pytest.raises(UnknownCodeError, match="there is no authority 'no where'"):
        await registry.put_edge(connection, registry.NewEdge("e", "e", "e", "no where", "x"))


async def test_a_new_device_may_speak_within_seconds(
    connection: Connection, settings: Settings, dsn: str, server_directory: Path
) -> None:
    await up.install(connection, demo_rules=False)
    await demo.plant(connection, settings, seed.shipped("demo"))
    root = server_directory / uuid.uuid4().hex[:8]
    root.mkdir(mode=0o711)
    private = PrivateBroker.below(root)
    private.start()
    try:
        keeping = asyncio.create_task(
            broker_keeper.keep(private.broker, private.secret(), dsn, lambda: os.kill(private.pid, signal.SIGHUP))
        )
        secret = settings.data.secret("market-1.scale-1")
        await asyncio.to_thread(wait_for, lambda: private.lets_in("market-1.scale-1", secret))
        assert not await asyncio.to_thread(private.lets_in, "market-1.scale-2", "new")
        entry = registry.NewDevice("market-1", "scale-2", "scale-jjg1204", "秤", "Scale", credential.protect("new"))
        await registry.put_device(connection, entry)
        await asyncio.to_thread(wait_for, lambda: private.lets_in("market-1.scale-2", "new"))
        keeping.cancel()
    finally:
        private.stop()


async def test_an_edge_that_is_put_out_hears_of_it_before_it_is_shut_out(
    connection: Connection, dsn: str, broker: PrivateBroker
) -> None:
    await registry.put_authority(connection, "a", "甲", "A")
    code, secret = "box", credential.generate()
    await registry.put_edge(connection, registry.NewEdge(code, "箱", "Box", "a", credential.protect(secret)))
    heard: list[bytes] = []
    edge = Client(CallbackAPIVersion.VERSION2, credential.edge_user(code), protocol=MQTTProtocolVersion.MQTTv5)
    edge.username_pw_set(credential.edge_user(code), secret)

    def listen(_client: Client, _data: object, _flags: object, reason: ReasonCode, _more: object) -> None:
        if not reason.is_failure:
            edge.subscribe(f"mc/v1/edge/{code}/down", 1)

    edge.on_connect = listen
    edge.on_subscribe = lambda *_: heard.append(b"listening")
    edge.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
    reload = partial(broker.broker.reload, broker.pid)
    keeping = asyncio.create_task(broker_keeper.keep(broker.broker, broker.secret(), dsn, reload))
    try:
        await asyncio.to_thread(wait_for, lambda: broker.lets_in(credential.edge_user(code), secret))
        edge.connect("127.0.0.1", broker.broker.port)
        edge.loop_start()
        await asyncio.to_thread(wait_for, lambda: bool(heard))
        await registry.revoke_edge(connection, code)
        await asyncio.to_thread(wait_for, lambda: not edge.is_connected())  # to ask would take its place
        assert heard == [b"listening", b""]
    finally:
        keeping.cancel()
        edge.loop_stop()


def test_the_registry_file_of_a_fresh_machine_parses() -> None:
    assert [edge.code for edge in seed.shipped("local").edge] == ["edge-1"]


async def test_a_camera_s_mode_reaches_its_edge(connection: Connection) -> None:
    await up.install(connection, demo_rules=True)
    await registry.put_authority(connection, "a", "甲", "A")
    await registry.put_operator(connection, "91440101MA5XXXXX0K", "乙", "B")
    await registry.put_site(
        connection, registry.NewSite("hall", "kitchen", "堂", "Hall", "", "a", "91440101MA5XXXXX0K", ALWAYS_OPEN)
    )
    await registry.put_edge(connection, registry.NewEdge("box", "箱", "Box", "a", "x"))
    patrolled = Camera("eye", "hall", "rtsp://h/1", (), mode=Mode.PATROL, weight=3)
    await registry.put_camera(connection, patrolled, "box", "眼", "Eye")
    assert _told(await roster.read(connection)) == patrolled
    await registry.set_mode(connection, "eye", Mode.WATCH, None)
    assert _told(await roster.read(connection)) == Camera("eye", "hall", "rtsp://h/1", (), weight=3)
    (line,) = await listing.cameras(connection)
    assert (line.mode, line.weight) == ("watch", 3)
    with pytest.raises(UnknownCodeError):
        await registry.set_mode(connection, "nobody", Mode.PATROL, None)


def _told(rows: roster.RosterRows) -> Camera:
    (payload,) = downlinks(rows).values()
    config = msgspec.json.decode(payload, type=EdgeDown).config
    assert config is not None
    return config.cameras[0]
