"""The pusher against real receivers: down and up again, refusing, slow, and where it must not go."""

import asyncio
import hmac
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alerts import grouping, pusher
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.decider import Decider
from domain.channel import DEAD_AFTER
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from store.connection import connect
from tests import alert_world as world
from tests.servers import wait_for
from tests.web_receiver import Receiver, Request

GRAVE = Rule("grave", 1, RuleKind.EVENT, "困人：{subject}", "Trapped: {subject}", Severity.I, "test", codes=("9",))


@asynccontextmanager
async def pushing(dsn: str, *, allow_private: bool = True) -> AsyncIterator[None]:
    """A pusher at work."""
    stop = asyncio.Event()
    config = AlertsConfig(dsn, "https://console", Path(), allow_private)
    task = asyncio.create_task(pusher.push(config, Counters(), stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _raise(dsn: str, *alerts: tuple[Rule, int]) -> None:
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        for rule, device in alerts:
            await world.signal(ingest, rule, device, True)
        await Decider(connection, Counters()).signals()


async def _until(dsn: str, query: str) -> None:
    await asyncio.to_thread(wait_for, lambda: world.count(dsn, query) == 1)


_ALL_SENT = "SELECT (count(*) > 0 AND count(*) = count(sent))::int FROM push"


async def test_a_push_says_what_happened_and_proves_who_sent_it(dsn: str) -> None:
    receiver = Receiver()
    await receiver.open()
    town = await world.build(dsn, url=receiver.url, more_rules=[GRAVE])
    async with pushing(dsn):
        await _raise(dsn, (GRAVE, town.devices[0]))
        await _until(dsn, _ALL_SENT)
    (request,) = receiver.of("/operator")
    ((key, alert),) = world.rows(
        dsn, "SELECT push.id, alert_id FROM push JOIN channel ON channel.id = channel_id WHERE operator_id IS NOT NULL"
    )
    assert request.headers["idempotency-key"] == str(key)
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["x-mingchu-signature"] == _openssl(b"secret-o", request.body)
    assert hmac.compare_digest(
        hmac.new(b"secret-o", request.body, "sha256").hexdigest(), request.headers["x-mingchu-signature"]
    )  # as docs/API.md says it
    assert _openssl(b"secret-o", request.body + b" ") != request.headers["x-mingchu-signature"]
    message = json.loads(request.body)
    assert message["title"] == "【Ⅰ级】困人：设备 · 厨房"
    assert message["url"] == f"https://console/alerts/{alert}"
    assert (message["id"], message["severity"], message["lang"]) == (str(key), 1, "zh")
    assert "确认" in message["text"]
    await receiver.close()


def _openssl(secret: bytes, body: bytes) -> str:
    """HMAC-SHA256 in hex, by a program that is none of ours."""
    program = shutil.which("openssl")
    assert program is not None
    command = [program, "dgst", "-sha256", "-hmac", secret.decode(), "-r"]
    return subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode().split()[0]


def told(requests: list[Request]) -> list[int]:
    """The alerts that the requests tell of, alone or together, in their order."""
    found = list[int]()
    for request in requests:
        body = json.loads(request.body)
        found += [item["alert"] for item in body.get("items") or [body]]
    return found


async def test_a_receiver_that_was_down_gets_everything_later_and_together(dsn: str) -> None:
    receiver = Receiver()
    await receiver.open()
    await receiver.close()
    town = await world.build(dsn, devices=5, url=receiver.url)
    async with pushing(dsn):
        await _raise(dsn, *((world.BROKEN, device) for device in town.devices))
        await _until(dsn, "SELECT (count(*) = 5)::int FROM push WHERE tries > 0 AND last_error <> ''")
        receiver.status["/operator"] = 503
        await receiver.open()
        await _until(dsn, "SELECT (count(*) = 5)::int FROM push WHERE last_error = 'HTTP 503'")
        receiver.status.clear()
        await _until(dsn, _ALL_SENT)
    # It may have been heard though it answered 503: the same message again, under the same key.
    (message,) = {str(row[0]) for row in world.rows(dsn, "SELECT DISTINCT message FROM push")}
    assert {request.headers["idempotency-key"] for request in receiver.requests} == {message}
    assert len({request.body for request in receiver.requests}) == 1
    assert sorted(told(receiver.requests[-1:])) == [
        row[0] for row in world.rows(dsn, "SELECT id FROM alert ORDER BY 1")
    ]
    await receiver.close()


async def test_a_refusal_is_final_and_visible(dsn: str) -> None:
    receiver = Receiver(status={"/operator": 404, "/regulator": 302})
    await receiver.open()
    town = await world.build(dsn, url=receiver.url, more_rules=[GRAVE])
    async with pushing(dsn):
        await _raise(dsn, (GRAVE, town.devices[0]))
        await _until(dsn, "SELECT (count(*) = 2)::int FROM push WHERE failed IS NOT NULL AND next_try IS NULL")
    errors = {str(row[0]) for row in world.rows(dsn, "SELECT last_error FROM push")}
    assert errors == {"HTTP 404", "HTTP 302: redirects are not followed"}
    assert len(receiver.requests) == 2
    await receiver.close()


async def test_a_slow_receiver_delays_nobody_else_and_the_gravest_go_first(dsn: str) -> None:
    released = asyncio.Event()
    receiver = Receiver(held={"/operator": released})
    await receiver.open()
    town = await world.build(dsn, devices=20, url=receiver.url, more_rules=[GRAVE])
    await _raise(
        dsn,
        *((world.BROKEN, device) for device in town.devices),
        *((GRAVE, device) for device in town.devices[:5]),
    )
    async with pushing(dsn):
        # Five grave ones go to the regulator as well; nothing to the operator gets through meanwhile.
        await asyncio.to_thread(wait_for, lambda: len(receiver.of("/regulator")) == 5)
        assert len(receiver.of("/operator")) <= grouping.GRAVE_ROOM
        released.set()
        await _until(dsn, _ALL_SENT)
    messages = [json.loads(request.body) for request in receiver.of("/operator")]
    # Several are on their way at once, so one that left later may arrive before the last grave one, but no more.
    assert {message["severity"] for message in messages[5 + grouping.GRAVE_ROOM - 1 :]} <= {3}
    assert [message["severity"] for message in messages if "items" not in message].count(1) == 5
    (together,) = [message for message in messages if "items" in message]
    assert together["title"] == "【汇总】20 条消息：Ⅲ级 20"
    assert len(set(told(receiver.of("/operator")))) == 25
    await receiver.close()


async def test_private_addresses_are_refused_unless_allowed(dsn: str) -> None:
    receiver = Receiver()
    await receiver.open()
    town = await world.build(dsn, url=f"http://localhost:{receiver.port}")
    async with pushing(dsn, allow_private=False):
        await _raise(dsn, (world.BROKEN, town.devices[0]))
        await _until(dsn, "SELECT count(*) FROM push WHERE failed IS NOT NULL AND last_error LIKE '%%public address%%'")
    assert receiver.requests == []
    await receiver.close()


async def test_two_pushers_tell_everything_once(dsn: str) -> None:
    receiver = Receiver()
    await receiver.open()
    town = await world.build(dsn, devices=30, url=receiver.url)
    async with pushing(dsn), pushing(dsn):
        for device in town.devices:
            await _raise(dsn, (world.BROKEN, device))
        await _until(dsn, _ALL_SENT)
    alerts = told(receiver.requests)
    assert len(alerts) == len(set(alerts)) == 30
    assert world.count(dsn, "SELECT max(tries) FROM push") == 1
    await receiver.close()


async def _channel(dsn: str, url: str, rank: int, kind: str = "webhook", secret: str = "s") -> int:
    """One more channel of the first operator."""
    return world.count(
        dsn,
        "INSERT INTO channel (operator_id, kind, url, secret, rank) SELECT id, %s, %s, %s, %s FROM operator"
        " WHERE uscc = %s RETURNING id",
        (kind, url, secret, rank, world.MINE),
    )


async def test_what_one_channel_refuses_goes_over_the_next(dsn: str) -> None:
    receiver = Receiver(status={"/operator": 404})
    await receiver.open()
    town = await world.build(dsn, url=receiver.url)
    second = await _channel(dsn, f"{receiver.url}/second", 2)
    await _channel(dsn, f"{receiver.url}/third", 3)
    async with pushing(dsn):
        await _raise(dsn, (world.BROKEN, town.devices[0]))
        await _until(dsn, "SELECT count(*) FROM push WHERE sent IS NOT NULL")
    assert [len(receiver.of(path)) for path in ("/operator", "/second", "/third")] == [1, 1, 0]
    ((channel, instead),) = world.rows(
        dsn,
        "SELECT channel_id, (SELECT failed IS NOT NULL FROM push AS first WHERE first.id = push.instead_of)"
        " FROM push WHERE instead_of IS NOT NULL",
    )
    assert (channel, instead) == (second, True)
    await receiver.close()


async def test_class_one_does_not_wait_long_for_a_channel_that_is_down(dsn: str) -> None:
    receiver = Receiver(status={"/operator": 503})
    await receiver.open()
    town = await world.build(dsn, url=receiver.url, more_rules=[GRAVE])
    await _channel(dsn, f"{receiver.url}/second", 2)
    async with pushing(dsn):
        await _raise(dsn, (GRAVE, town.devices[0]))
        await _until(dsn, "SELECT count(*) FROM push WHERE instead_of IS NOT NULL AND sent IS NOT NULL")
        receiver.status.clear()
        await _until(dsn, _ALL_SENT)  # and the first is told as well when it is back
    assert len(receiver.of("/second")) == 1
    await receiver.close()


async def test_a_channel_that_always_refuses_is_given_up_and_the_authority_told_once(dsn: str) -> None:
    receiver = Receiver(status={"/operator": 403})
    await receiver.open()
    town = await world.build(dsn, devices=DEAD_AFTER + 2, url=receiver.url)
    async with pushing(dsn):
        for number, device in enumerate(town.devices[:DEAD_AFTER], 1):
            await _raise(dsn, (world.BROKEN, device))
            await _until(dsn, f"SELECT (count(*) = {number})::int FROM push WHERE failed IS NOT NULL")
        await asyncio.to_thread(wait_for, lambda: len(receiver.of("/regulator")) == 1)
        await _raise(dsn, *((world.BROKEN, device) for device in town.devices[DEAD_AFTER:]))
        await _until(
            dsn, "SELECT (count(*) = count(*) FILTER (WHERE sent IS NOT NULL OR failed IS NOT NULL))::int FROM push"
        )
    (notice,) = receiver.of("/regulator")
    body = json.loads(notice.body)
    assert body["turn"] == "channel_dead"
    assert "HTTP 403" in body["text"]
    assert len(receiver.of("/operator")) == DEAD_AFTER  # what comes later is not even tried
    assert world.count(dsn, "SELECT count(*) FROM channel WHERE dead IS NOT NULL AND last_error = 'HTTP 403'") == 1
    await receiver.close()


async def test_quiet_hours_hold_all_but_class_one(dsn: str) -> None:
    receiver = Receiver()
    await receiver.open()
    town = await world.build(dsn, devices=3, url=receiver.url, more_rules=[GRAVE])
    world.rows(
        dsn,
        "UPDATE channel SET quiet_from = (now() AT TIME ZONE timezone - interval '1 hour')::time,"
        " quiet_to = (now() AT TIME ZONE timezone + interval '1 hour')::time RETURNING id",
    )
    async with pushing(dsn):
        await _raise(dsn, *((world.BROKEN, device) for device in town.devices[:2]))
        await _raise(dsn, (GRAVE, town.devices[2]))
        await _until(dsn, "SELECT (count(*) = 2)::int FROM push WHERE sent IS NOT NULL")
        assert {json.loads(request.body)["severity"] for request in receiver.requests} == {1}
        world.rows(dsn, "UPDATE channel SET quiet_from = NULL, quiet_to = NULL, ordinary_after = NULL RETURNING id")
        await _until(dsn, _ALL_SENT)
    await receiver.close()
