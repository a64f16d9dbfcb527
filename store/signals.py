"""Signals as ingest writes them: a rule's predicate turned true or false for one subject at one time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.columns import Int8s, Ints
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Signal:
    """One flip (or, when `pulse`, something that is over at once) of one rule on one device or camera."""

    rule: str
    version: int
    value: bool
    time: datetime
    why: str
    device: int | None = None
    camera: int | None = None
    zone: str = ""
    scene_event: str | None = None
    pulse: bool = False


@dataclass(frozen=True, slots=True)
class StateRow:
    """The last known truth of a rule on a device, and since when. Without a row it is false."""

    rule: str
    device: int
    value: bool
    time: datetime


async def states(connection: Connection, devices: Ints) -> list[StateRow]:
    """What is known of every rule on these devices."""
    async with connection.cursor(row_factory=class_row(StateRow)) as cursor:
        await cursor.execute(
            "SELECT rule_code AS rule, device_id AS device, value, time FROM predicate_state WHERE device_id = ANY(%s)",
            (Int8s(devices),),
        )
        return await cursor.fetchall()


async def write_states(connection: Connection, rows: Sequence[StateRow]) -> None:
    """Remember the new truths."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO predicate_state (rule_code, device_id, value, time) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (rule_code, device_id) DO UPDATE SET value = excluded.value, time = excluded.time",
            [(row.rule, row.device, row.value, row.time) for row in rows],
        )


async def insert(connection: Connection, signals: Sequence[Signal]) -> None:
    """Queue them, in this order, and wake the alert engine at commit."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO signal (rule_code, rule_version, device_id, camera_id, zone, scene_event_id, value, pulse,"
            " time, why, severity) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " (SELECT (body->>'severity')::smallint FROM rule WHERE code = %s AND version = %s))",
            [
                (
                    *(one.rule, one.version, one.device, one.camera, one.zone, one.scene_event),
                    *(one.value, one.pulse, one.time, one.why, one.rule, one.version),
                )
                for one in signals
            ],
        )
    await connection.execute("SELECT pg_notify('mingchu_signal', '')")
