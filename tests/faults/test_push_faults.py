"""PROMISES R11 and R12: a storm is told in few messages, class I at once; a receiver that is down holds up no other."""

import asyncio
import time
from pathlib import Path

import msgspec

from alerts import pusher
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.decider import Decider
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from simulators.receiver import PushReceiver, ReceiverConfig
from store.connection import connect
from tests import alert_world as world
from tests.servers import wait_for

GRAVE = Rule("grave", 1, RuleKind.EVENT, "困人", "Trapped", Severity.I, "test", codes=("9",))
PER_S = 10_000 / 60


async def test_a_storm_raises_each_alert_once_and_is_told_in_few_messages(dsn: str, full: bool) -> None:
    subjects, seconds = (500, 300.0) if full else (60, 6.0)
    receiver = PushReceiver(ReceiverConfig(port=0, keep=10_000))
    await receiver.open()
    town = await world.build(dsn, devices=subjects + 30, url=f"{receiver.url}/push", more_rules=[GRAVE])
    stop = asyncio.Event()
    config = AlertsConfig(dsn, "https://console", Path(), push_allow_private=True)
    work = asyncio.gather(pusher.push(config, Counters(), stop), _decide(dsn, stop))
    written = await _blow(dsn, town.devices[:subjects], town.devices[subjects:], seconds)
    query = "SELECT (count(*) = 0)::int FROM push WHERE next_try IS NOT NULL"
    await asyncio.to_thread(lambda: wait_for(lambda: world.count(dsn, query) == 1))
    stop.set()
    await work
    alerts = subjects + len(written)
    assert world.count(dsn, "SELECT count(*) FROM alert") == alerts
    operator = [push for push in receiver.pushes if push.channel == "operator"]
    told = [int(str(one["alert"])) for push in operator for one in _items(push.body)]
    assert sorted(told) == sorted(int(str(row[0])) for row in world.rows(dsn, "SELECT id FROM alert"))
    # Each class I alone; of the others a burst, then one each few seconds (domain.channel).
    assert len(operator) - len(written) <= 20 + seconds * 12 / 60 + 15
    assert len(operator) - len(written) < subjects / 2
    alone = [push for push in operator if "items" not in push.body and push.body["severity"] == 1]
    assert len(alone) == len(written)
    await receiver.close()


def _items(body: object) -> list[dict[str, object]]:
    found = msgspec.convert(body, dict[str, object])
    return msgspec.convert(found.get("items") or [found], list[dict[str, object]])


async def _decide(dsn: str, stop: asyncio.Event) -> None:
    async with await world.as_engine(dsn) as connection:
        decider = Decider(connection, Counters())
        while not stop.is_set():
            if not await decider.signals():
                await asyncio.sleep(0.05)


async def _blow(dsn: str, ordinary: tuple[int, ...], grave: tuple[int, ...], seconds: float) -> list[int]:
    """Signals of `ordinary` in turn at 10,000 a minute; of `grave` one each tenth of the time."""
    begun, sent, lifts = time.monotonic(), 0, list(grave[:10])
    written = list[int]()
    async with await connect(dsn, autocommit=True) as ingest:
        while (now := time.monotonic() - begun) < seconds:
            for number in range(sent, int(now * PER_S)):
                turn, subject = divmod(number, len(ordinary))
                await world.signal(ingest, world.BROKEN, ordinary[subject], turn % 2 == 0)
            sent = int(now * PER_S)
            if lifts and now >= len(written) * seconds / 10:
                written.append(lifts.pop())
                await world.signal(ingest, GRAVE, written[-1], True)
            await asyncio.sleep(0.05)
    return written


async def test_a_receiver_that_is_down_gets_all_later_and_the_others_at_once(dsn: str, full: bool) -> None:
    """Thirty minutes are scaled, unless in full: the retries ahead are brought forward instead of waited for."""
    down = PushReceiver(ReceiverConfig(port=0))
    up = PushReceiver(ReceiverConfig(port=0))
    await down.open()
    await up.open()
    down.set_fault("500")
    town = await world.build(dsn, devices=20, url=f"{down.url}/push")
    world.rows(
        dsn,
        "UPDATE channel SET url = %s WHERE authority IS NOT NULL RETURNING id",
        (f"{up.url}/push/regulator",),
    )
    world.rows(dsn, "UPDATE rule SET body = jsonb_set(body, '{severity}', '2') WHERE code = 'broken' RETURNING code")
    stop = asyncio.Event()
    config = AlertsConfig(dsn, "https://console", Path(), push_allow_private=True)
    work = asyncio.gather(pusher.push(config, Counters(), stop), _decide(dsn, stop))
    async with await connect(dsn, autocommit=True) as ingest:
        for device in town.devices:
            await world.signal(ingest, world.BROKEN, device, True)

    async def at_once(query: str) -> None:  # in a thread: the pusher, in this loop, may hold what it waits for
        await asyncio.to_thread(world.rows, dsn, query)

    mine = "SELECT count(*) FROM push JOIN channel ON channel.id = channel_id WHERE sent IS NOT NULL AND "
    await asyncio.to_thread(wait_for, lambda: world.count(dsn, mine + "authority IS NOT NULL") == 20)
    if full:
        await asyncio.sleep(1800)
    for _ in range(0 if full else 10):  # half an hour's attempts, each as soon as the one before has failed
        await at_once("UPDATE push SET next_try = now() WHERE next_try > now() AND last_error <> '' RETURNING id")
        await at_once("UPDATE channel SET ordinary_after = NULL, tokens_open = NULL RETURNING id")
        await at_once("SELECT pg_notify('mingchu_push', '')")
        await asyncio.sleep(0.05)
    assert world.count(dsn, mine + "operator_id IS NOT NULL") == 0
    down.set_fault("ok")
    if not full:
        await at_once("UPDATE push SET next_try = now() WHERE next_try > now() RETURNING id")
        await at_once("UPDATE channel SET ordinary_after = NULL RETURNING id")
    patience_s = 3600.0 if full else 30.0  # the longest pause between two tries
    told_all = lambda: world.count(dsn, mine + "operator_id IS NOT NULL") == 20  # noqa: E731
    await asyncio.to_thread(lambda: wait_for(told_all, patience_s=patience_s))
    told = [one["alert"] for push in down.pushes for one in _items(push.body)]
    assert len(told) == len(set(told)) == 20
    stop.set()
    await work
    await down.close()
    await up.close()
