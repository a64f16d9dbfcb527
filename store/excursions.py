"""Excursions as alerts tell them: which rule's condition was true on a device, from when to when, and its readings."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import class_row

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
