"""Devices come and go while the broker runs: imported, claimed, rotated, revoked; over TLS from elsewhere."""

import asyncio
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from api import intake
from api.intake import Line
from domain import credential
from mingchu import broker as brokers
from mingchu import broker_keeper
from mingchu.account import Account
from mingchu.certificates import Authority
from store import profiles, provisioning
from store.connection import Connection, connect
from store.profiles import SameVersionError
from store.provisioning import ClaimedDevice, ListedDevice, ProvisioningError
from store.registry import UnknownCodeError
from tests.ingest_world import (
    SPOOL,
    Tables,
    ago,
    attended,
    batch,
    build,
    config,
    ingesting,
    speaking,
    telemetry,
    users,
)
from tests.servers import PATIENCE_S, PrivateBroker, wait_for


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    await build(dsn)
    connection = await connect(dsn, autocommit=True)
    await provisioning.put_vendor(connection, "acme", "顶点", "Acme", "")
    yield connection
    await connection.close()


@asynccontextmanager
async def kept(broker: PrivateBroker, dsn: str) -> AsyncIterator[None]:
    """The broker's users follow the registry."""
    keeping = asyncio.create_task(
        broker_keeper.keep(broker.broker, broker.secret(), dsn, lambda: broker.broker.reload(broker.pid))
    )
    try:
        yield
    finally:
        keeping.cancel()


def listed(code: str, profile: str = "scale-jjg1204", site: str = "market", **more: str) -> ListedDevice:
    return ListedDevice(site, code, profile, code, code, **more)


async def test_a_list_is_taken_line_by_line(connection: Connection) -> None:
    lines = [
        Line(2, listed("scale-9", vendor="acme", serial="A1"), behind=False),
        Line(3, listed("scale-9"), behind=False),
        Line(4, listed("Scale 10"), behind=False),
        Line(5, listed("scale-11", profile="none"), behind=False),
        Line(6, listed("scale-12", site="nowhere"), behind=False),
        Line(7, listed("scale-13", vendor="acme", serial="A1"), behind=False),
        Line(8, listed("room", profile="cold-store-sparkplug"), behind=True),
    ]
    first = await intake.take(connection, lines)
    assert [one.result for one in first] == ["added", "refused", "refused", "refused", "refused", "refused", "added"]
    assert [bool(one.password) for one in first] == [True, False, False, False, False, False, False]
    assert first[5].reason == "vendor acme has another device with the serial A1"
    again = await intake.take(connection, [replace(lines[0], device=replace(lines[0].device, zh="九号"))])
    assert [(one.result, one.password) for one in again] == [("changed", "")]
    assert [one.result for one in await intake.take(connection, [lines[6]])] == ["same"]


async def test_a_label_is_used_once(connection: Connection) -> None:
    device = ClaimedDevice("market", "scale-7", "秤", "Scale", credential.protect("x"))
    await provisioning.offer_claim(connection, "AAAA-BBBB-CCCC-DDDD", "acme", "scale-jjg1204", "A7")
    with pytest.raises(ProvisioningError, match="has a label for the serial A7 already"):
        await provisioning.offer_claim(connection, "AAAA-BBBB-CCCC-EEEE", "acme", "scale-jjg1204", "A7")
    with pytest.raises(UnknownCodeError, match="no label has this claim code"):
        await provisioning.claim(connection, "AAAA-BBBB-CCCC-EEEE", device)
    with pytest.raises(UnknownCodeError, match="there is no site 'nowhere'"):
        await provisioning.claim(connection, "AAAA-BBBB-CCCC-DDDD", replace(device, site="nowhere"))
    found = await provisioning.claim(connection, "AAAA-BBBB-CCCC-DDDD", device)
    assert (found.vendor, found.profile, found.serial) == ("acme", "scale-jjg1204", "A7")
    with pytest.raises(ProvisioningError, match="this label was used at"):
        await provisioning.claim(connection, "AAAA-BBBB-CCCC-DDDD", replace(device, code="scale-8"))


async def test_a_changed_profile_needs_a_higher_version(connection: Connection) -> None:
    (one,) = [each for each in await profiles.read(connection) if each.code == "cold-store"]
    import msgspec

    changed = msgspec.structs.replace(one, silence_s=700.0)
    with pytest.raises(SameVersionError, match="is installed as version 2"):
        await profiles.install_vendors(connection, changed, None)
    assert await profiles.install_vendors(connection, msgspec.structs.replace(changed, version=3), "acme")
    assert not await profiles.install_vendors(connection, msgspec.structs.replace(changed, version=3), "acme")
    assert [line.version for line in await profiles.history(connection, "cold-store")] == [3, 2]


async def test_a_revoked_device_loses_its_connection_and_others_keep_theirs(
    connection: Connection, dsn: str, broker: PrivateBroker
) -> None:
    for code in ("scale-8", "scale-9"):
        await provisioning.list_device(connection, listed(code), credential.protect(code))
    broker.secrets |= {"market.scale-8": "scale-8", "market.scale-9": "scale-9"}
    async with kept(broker, dsn):
        await asyncio.to_thread(wait_for, lambda: broker.lets_in("market.scale-9", "scale-9"))
        with speaking(broker, "market.scale-8") as other, speaking(broker, "market.scale-9") as device:
            await provisioning.rotate(connection, "market", "scale-9", credential.protect("new"))
            await asyncio.to_thread(wait_for, lambda: not device.client.is_connected())
            assert await asyncio.to_thread(broker.lets_in, "market.scale-9", "new")
            assert not await asyncio.to_thread(broker.lets_in, "market.scale-9", "scale-9")
            await provisioning.revoke(connection, "market", "scale-9")
            await asyncio.to_thread(wait_for, lambda: not broker.lets_in("market.scale-9", "new"))
            assert other.client.is_connected()
    with pytest.raises(ProvisioningError, match="market/scale-9 is revoked: add it anew"):
        await provisioning.rotate(connection, "market", "scale-9", credential.protect("newer"))
    with pytest.raises(UnknownCodeError, match="there is no device market/scale-0"):
        await provisioning.revoke(connection, "market", "scale-0")


async def test_no_edge_speaks_for_a_revoked_device(connection: Connection, dsn: str, broker: PrivateBroker) -> None:
    users(broker)
    await provisioning.revoke(connection, "hall", "cold")
    said = {"kind": "relayed", "topic": "mc/v1/hall/cold/telemetry", "payload": telemetry(air_temp=1.0), "heard": ago()}
    tables = Tables(dsn)
    async with ingesting(config(dsn, broker)):
        await attended(broker)
        with speaking(broker, "edge.box") as edge:
            edge.say("mc/v1/edge/box/up", batch(said, spool=SPOOL))
            edge.delivered()
        await tables.until("SELECT count(*) FROM dead_letter", 1)
    assert await tables.one("SELECT reason FROM dead_letter") == "device cold at site hall is revoked"
    assert await tables.one("SELECT count(*) FROM ledger") == 0


@pytest.fixture
def secure(server_directory: Path, tmp_path: Path) -> Iterator[tuple[PrivateBroker, Authority, int]]:
    """A broker with a TLS listener, the authority that it is from, and the port."""
    root, port = server_directory / uuid.uuid4().hex[:8], brokers.free_port()
    root.mkdir(mode=0o711)
    authority = Authority(tmp_path / "authority")
    mine = authority.identity([])
    outside = brokers.Outside("127.0.0.1", port, mine.certificate, mine.key)
    private = PrivateBroker(brokers.prepare(root, Account.find(), brokers.free_port(), brokers.free_port(), outside))
    private.start()
    yield private, authority, port
    private.stop(signal.SIGTERM)


def test_other_machines_come_over_tls_only(secure: tuple[PrivateBroker, Authority, int], tmp_path: Path) -> None:
    private, authority, port = secure
    user, secret = private.add_device("market", "scale-1")
    stranger = Authority(tmp_path / "stranger")
    stranger.identity([])

    def publish(*options: str, password: str = secret) -> bool:
        words = ("-h", "localhost", "-p", str(port), "-u", user, "-P", password, "-q", "1")
        topic = ("-t", "mc/v1/market/scale-1/state", "-m", "{}")
        return (
            subprocess.run(("mosquitto_pub", *words, *options, *topic), check=False, timeout=PATIENCE_S).returncode == 0
        )

    assert publish("--cafile", str(authority.certificate))
    assert not publish("--cafile", str(authority.certificate), password="guess")
    assert not publish("--cafile", str(stranger.certificate))
    assert not publish()
