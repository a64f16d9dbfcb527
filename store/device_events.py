"""Device events (a fault's begin or end) and a scale's transactions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from domain.wire import DeviceEvent, Transaction
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of one device; `time` has passed the clock policy, `quality` are domain.quality flags."""

    device: int
    time: datetime
    quality: int
    said: DeviceEvent


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One sale on one scale."""

    device: int
    time: datetime
    quality: int
    said: Transaction


@dataclass(frozen=True, slots=True)
class NewestRow:
    """The newest begin or end of one event code on one device."""

    device: int
    code: str
    active: bool
    time: datetime


async def newest(connection: Connection, devices: Sequence[int], codes: Sequence[str]) -> list[NewestRow]:
    """What these devices last said of these codes: begin or end."""
    async with connection.cursor(row_factory=class_row(NewestRow)) as cursor:
        await cursor.execute(
            "SELECT DISTINCT ON (device_id, code) device_id AS device, code, phase = 'begin' AS active, time"
            " FROM device_event WHERE device_id = ANY(%s) AND code = ANY(%s) AND phase <> 'pulse'"
            " ORDER BY device_id, code, time DESC, id DESC",
            (list(devices), list(codes)),
        )
        return await cursor.fetchall()


async def insert_events(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Append all."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO device_event (device_id, code, phase, time, text, quality) VALUES (%s, %s, %s, %s, %s, %s)",
            [(row.device, row.said.code, row.said.phase, row.time, row.said.text, row.quality) for row in rows],
        )


async def insert_transactions(connection: Connection, rows: Sequence[TransactionRow]) -> set[tuple[int, str]]:
    """Append those that are new by (device, tx_id), and return which those are."""
    added: set[tuple[int, str]] = set()
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO transaction (device_id, tx_id, seq, time, product, gross_g, tare_g, net_g, unit_price, amount,"
            " pay, trace, quality) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING device_id, tx_id",
            [_values(row) for row in rows],
            returning=True,
        )
        async for result in cursor.results():
            added.update((int(str(device)), str(tx_id)) for device, tx_id in await result.fetchall())
    return added


def _values(row: TransactionRow) -> tuple[object, ...]:
    said = row.said
    sizes = (said.gross_g, said.tare_g, said.net_g, said.unit_price, said.amount)
    return (row.device, said.tx_id, said.seq, row.time, said.product, *sizes, said.pay, said.trace, row.quality)
