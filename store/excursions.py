"""Excursions as alerts tell them: which rule's condition was true on a device, from when to when, and its readings."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import class_row

from domain.excursion import Excursion, Limit
from store.connection import Connection

MOST, MOST_READINGS = 200, 50_000


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert of a threshold rule; `cleared` is None while its condition is true. `rule`: its body as JSON text."""

    id: int
    rule: str
    began: datetime
    cleared: datetime | None


async def of_device(connection: Connection, device: int, begin: datetime, end: datetime) -> list[AlertRow]:
    """Alerts of threshold rules whose condition was true within [begin, end), the latest first."""
    async with connection.cursor(row_factory=class_row(AlertRow)) as cursor:
        await cursor.execute(
            "SELECT alert.id, rule.body::text AS rule, began, cleared FROM alert"
            " JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " WHERE alert.device_id = %s AND rule.body->>'kind' = 'threshold' AND began < %s"
            " AND coalesce(cleared, 'infinity') > %s ORDER BY began DESC LIMIT %s",
            (device, end, begin, MOST),
        )
        return await cursor.fetchall()


async def of_alert(connection: Connection, alert: int) -> AlertRow | None:
    """An alert, where a threshold rule raised it."""
    async with connection.cursor(row_factory=class_row(AlertRow)) as cursor:
        await cursor.execute(
            "SELECT alert.id, rule.body::text AS rule, began, cleared FROM alert"
            " JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " WHERE alert.id = %s AND rule.body->>'kind' = 'threshold'",
            (alert,),
        )
        return await cursor.fetchone()


async def readings(
    connection: Connection, device: int, metric: str, begin: datetime, end: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unix seconds and values of believable readings of [begin, end], in order of time; of many, the first ones."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT extract(epoch FROM time)::float8, value FROM device_reading"
            " JOIN metric ON metric.id = device_reading.metric_id"
            " WHERE device_id = %s AND metric.name = %s AND time >= %s AND time <= %s AND quality & 1 = 0"
            " ORDER BY time LIMIT %s",
            (device, metric, begin, end, MOST_READINGS),
        )
        rows = np.array(await cursor.fetchall(), dtype=np.float64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


async def open_at(connection: Connection, alerts: Collection[int]) -> list[tuple[int, int, datetime]]:
    """Of alerts about devices: (alert, device, began)."""
    cursor = await connection.execute(
        "SELECT id, device_id, began FROM alert WHERE id = ANY(%s) AND device_id IS NOT NULL", (list(alerts),)
    )
    return [(int(str(row[0])), int(str(row[1])), row[2]) for row in await cursor.fetchall()]  # type: ignore[misc]


async def measured(
    connection: Connection, device: int, metric: str, begin: datetime, end: datetime
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `readings`, for a service, which has no person's scope."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            "SELECT extract(epoch FROM time)::float8, value FROM reading WHERE device_id = %s AND metric_id ="
            " (SELECT metric.id FROM metric JOIN device ON device.profile_code = metric.profile_code"
            "  WHERE device.id = %s AND metric.name = %s AND metric.unit = 'Cel')"
            " AND time >= %s AND time <= %s AND quality & 1 = 0 ORDER BY time LIMIT %s",
            (device, device, metric, begin, end, MOST_READINGS),
        )
        rows = np.array(await cursor.fetchall(), dtype=np.float64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The ledger of an alert whose condition is over."""

    alert_id: int
    metric: str
    bound: float
    began: datetime
    ended: datetime
    peak: float
    peak_at: datetime
    degree_minutes: float
    mean_kinetic: float
    recorded_s: float
    readings: int


async def put(
    connection: Connection, alert: int, beyond: Limit, span: tuple[datetime, datetime], told: Excursion
) -> None:
    """Write an alert's ledger, or write it anew after it recurred and cleared again."""
    await connection.execute(
        "INSERT INTO excursion VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (alert_id) DO UPDATE"
        " SET began = excluded.began, ended = excluded.ended, peak = excluded.peak, peak_at = excluded.peak_at,"
        " degree_minutes = excluded.degree_minutes, mean_kinetic = excluded.mean_kinetic,"
        " recorded_s = excluded.recorded_s, readings = excluded.readings",
        (
            *(alert, beyond.metric, beyond.bound, *span),
            *(told.peak, told.peak_at, told.degree_minutes, told.mean_kinetic, told.recorded_s, told.readings),
        ),
    )


async def ledger(connection: Connection, alerts: Collection[int]) -> dict[int, LedgerRow]:
    """What is written of these alerts."""
    async with connection.cursor(row_factory=class_row(LedgerRow)) as cursor:
        await cursor.execute("SELECT * FROM excursion WHERE alert_id = ANY(%s)", (list(alerts),))
        return {row.alert_id: row for row in await cursor.fetchall()}
