"""What other services announce about alerts, heard on one connection."""

from collections.abc import AsyncIterator

from store.connection import ServiceRole, connect

_QUIET_S = 20.0  # without any notice for so long the connection is tried, so that a dead one is found


async def listen(dsn: str) -> AsyncIterator[int | None]:
    """Yield None once listening and after each quiet spell, then the id of every alert that was raised or changed.

    Raises DatabaseUnreachableError or psycopg.OperationalError when the connection is lost; notices sent meanwhile
    are lost too, so a new listener must read the tables again.
    """
    connection = await connect(dsn, ServiceRole.API, autocommit=True)
    try:
        await connection.execute("LISTEN mingchu_alert")
        while True:
            yield None
            async for notice in connection.notifies(timeout=_QUIET_S):
                if notice.payload.isdecimal():
                    yield int(notice.payload)
            await connection.execute("SELECT 1")
    finally:
        await connection.close()
