"""Keeps the private broker's users and rights equal to the registry while it runs."""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from mingchu.backoff import Backoff
from mingchu.broker import Broker, Client, device, edge
from store import registry
from store.connection import Connection, DatabaseUnreachableError, connect

log = structlog.get_logger(__name__)


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
    connection = await connect(dsn, autocommit=True)
    try:
        return broker.write(secret, await clients(connection))
    finally:
        await connection.close()


async def keep(broker: Broker, secret: str, dsn: str, reload: Callable[[], None]) -> None:
    """After each change of the registry write the files and `reload`; until cancelled, over outages."""
    loop, backoff = asyncio.get_running_loop(), Backoff(most_s=10.0, healthy_s=10.0)
    while True:
        began = loop.time()
        try:
            async for _ in registry.changes(dsn):
                if await write(broker, secret, dsn):
                    log.info("the broker's users have changed")
                    reload()
        except (DatabaseUnreachableError, psycopg.OperationalError) as error:
            backoff = backoff.after(loop.time() - began)
            log.warning("the broker's users are not followed", reason=str(error), again_in_s=backoff.wait_s)
        await asyncio.sleep(backoff.wait_s)
