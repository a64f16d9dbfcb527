"""Keeps the private broker's users and rights equal to the registry while it runs."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

import psycopg
import structlog
from paho.mqtt import MQTTException, publish

from domain.topic import Channel
from mingchu.backoff import Backoff
from mingchu.broker import SERVICE, Broker, Client, device, edge
from store import registry
from store.connection import Connection, DatabaseUnreachableError, connect

log = structlog.get_logger(__name__)

_FAREWELL_S = 5.0


async def clients(connection: Connection) -> list[Client]:
    """Everybody whom the registry lets in."""
    return [
        *(
            device(one.site, one.code, one.credential, foreign=one.foreign, sparkplug=one.sparkplug)
            for one in await registry.device_credentials(connection)
        ),
        *(edge(one.code, one.credential) for one in await registry.edge_credentials(connection)),
    ]


async def write(broker: Broker, secret: str, dsn: str) -> bool:
    """Write the broker's files from the registry; True when one of them has changed."""
    return broker.write(secret, await _let_in(dsn))


async def _let_in(dsn: str) -> list[Client]:
    connection = await connect(dsn, autocommit=True)
    try:
        return await clients(connection)
    finally:
        await connection.close()


async def keep(broker: Broker, secret: str, dsn: str, reload: Callable[[], None]) -> None:
    """After each change of the registry write the files and `reload`; until cancelled, over outages.

    An edge that was put out hears of it first: from the reload on nothing reaches it, and it would keep its cameras.
    """
    loop, backoff, before = asyncio.get_running_loop(), Backoff(most_s=10.0, healthy_s=10.0), list[Client]()
    while True:
        began = loop.time()
        try:
            async for _ in registry.changes(dsn):
                now = await _let_in(dsn)
                if broker.write(secret, now):
                    log.info("the broker's users have changed")
                    await _bid_farewell(broker, secret, before, now)
                    reload()
                before = now
        except (DatabaseUnreachableError, psycopg.OperationalError) as error:
            backoff = backoff.after(loop.time() - began)
            log.warning("the broker's users are not followed", reason=str(error), again_in_s=backoff.wait_s)
        await asyncio.sleep(backoff.wait_s)


async def _bid_farewell(broker: Broker, secret: str, before: Iterable[Client], now: Iterable[Client]) -> None:
    """Take away what is retained for those who are let in no more: who is connected is sent that, and forgets."""
    users = {one.user for one in now}
    hears = [topic for one in before if one.user not in users for topic in one.subscribes]
    taken = [topic for topic in hears if topic.endswith(f"/{Channel.DOWN}")]
    if not taken:
        return
    try:
        await asyncio.wait_for(asyncio.to_thread(_take_away, broker, secret, taken), _FAREWELL_S)
    except (MQTTException, OSError, TimeoutError) as error:
        log.warning("who was put out could not be told", topics=taken, reason=str(error) or "no answer")


def _take_away(broker: Broker, secret: str, topics: Sequence[str]) -> None:
    logging.getLogger("paho").setLevel(logging.CRITICAL)  # it tells of its own leaving as an error
    publish.multiple(
        [(topic, None, 1, True) for topic in topics],
        "127.0.0.1",
        broker.service_port,
        auth={"username": SERVICE, "password": secret},
    )
