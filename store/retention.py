"""Retention: how long each kind of record is kept, and the forgetting of what is older."""

from collections.abc import Mapping
from enum import StrEnum

from store.connection import Connection


class Kept(StrEnum):
    """What is forgotten by age. Alerts, their history and the audit log are not among it."""

    READING = "reading"
    ROLLUP = "rollup"
    TRANSACTION = "transaction"
    DEVICE_EVENT = "device_event"
    LEDGER = "ledger"
    DEAD_LETTER = "dead_letter"
    WEBHOOK_EVENT = "webhook_event"


async def days(connection: Connection) -> Mapping[Kept, int]:
    """Days that each kind is kept."""
    cursor = await connection.execute("SELECT kind, days FROM retention")
    return {Kept(str(kind)): int(str(number)) for kind, number in await cursor.fetchall()}


async def keep(connection: Connection, kind: Kept, number: int) -> None:
    """Keep a kind for so many days from now on; as the owner."""
    await connection.execute("UPDATE retention SET days = %s WHERE kind = %s", (number, kind))


async def forget(connection: Connection, kind: Kept) -> int:
    """Forget what is older than its kind is kept; returns how many chunks, partitions or rows went."""
    cursor = await connection.execute("SELECT forget(%s)", (kind,))
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))
