"""What a phone has sent: a report that comes twice, because its answer was lost, is one."""

from uuid import UUID

from store.connection import Connection


async def known(connection: Connection, alert: int, person: int, key: UUID) -> bool:
    """Whether that report has been taken."""
    cursor = await connection.execute(
        "SELECT FROM report_key WHERE alert_id = %s AND person_id = %s AND key = %s", (alert, person, key)
    )
    return await cursor.fetchone() is not None


async def claim(connection: Connection, alert: int, person: int, key: UUID) -> bool:
    """Take the key within the report's own transaction; False where the report has been taken.

    Another request that is just taking it is waited for.
    """
    cursor = await connection.execute(
        "INSERT INTO report_key (alert_id, person_id, key) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (alert, person, key),
    )
    return cursor.rowcount == 1
