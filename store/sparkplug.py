"""The last BIRTH of each Sparkplug node and device: without it nobody can read their data's aliases."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class BirthRow:
    """`device` announced itself through `gateway`, which may be the same; `payload` is the BIRTH as it came."""

    device: int
    gateway: int
    payload: bytes


async def write(connection: Connection, births: Sequence[BirthRow]) -> None:
    """Keep the last of each, in the order of their ids, so that workers do not wait for each other in a circle."""
    latest = {birth.device: birth for birth in births}
    for device in sorted(latest):
        birth = latest[device]
        await connection.execute(
            "INSERT INTO sparkplug_birth (device_id, gateway_id, payload) VALUES (%s, %s, %s)"
            " ON CONFLICT (device_id) DO UPDATE SET gateway_id = excluded.gateway_id, payload = excluded.payload,"
            " at = now()",
            (birth.device, birth.gateway, birth.payload),
        )


async def read(connection: Connection) -> list[BirthRow]:
    async with connection.cursor(row_factory=class_row(BirthRow)) as cursor:
        await cursor.execute("SELECT device_id AS device, gateway_id AS gateway, payload FROM sparkplug_birth")
        return await cursor.fetchall()
