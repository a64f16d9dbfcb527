"""Figures that rules look at again and again: a row a device, a column a figure. Each look is one query (ADR 29)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray

from domain.rule import Look
from store.connection import Connection

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule looks at: of devices of these profiles, or built on them."""

    look: Look
    profiles: Sequence[str]
    names: Collection[str]  # metrics, for looks that read metrics
    codes: Sequence[str]
    window_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Devices' ids, and columns of shape (n,); NaN where nothing is known."""

    device: Sequence[int]
    values: dict[str, Floats]

    def beside(self, devices: Collection[int]) -> "Figures":
        """With those devices too; of the ones that were not found nothing is known."""
        more = sorted(set(devices) - set(self.device))
        nothing = np.full(len(more), np.nan)
        return Figures([*self.device, *more], {name: np.append(one, nothing) for name, one in self.values.items()})


_LATEST: LiteralString = """
    SELECT scope.id, metric.name,
        CASE WHEN latest.quality & 1 = 0 AND latest.time > now() - interval '10 minutes' THEN latest.value END,
        extract(epoch FROM now() - latest.time)::float8,
        extract(epoch FROM latest.time - coalesce(latest.since, latest.time))::float8
    FROM device_scope AS scope JOIN metric ON metric.profile_code = scope.profile_code AND metric.name = ANY(%(names)s)
    JOIN reading_latest AS latest ON latest.device_id = scope.id AND latest.metric_id = metric.id
    WHERE heard AND profiles && %(profiles)s::text[]
"""
_SITE: LiteralString = """
    SELECT scope.id, metric.name, max(latest.value), 0::float8, 0::float8
    FROM device_scope AS scope JOIN device_scope AS near ON near.site_id = scope.site_id AND near.heard
    JOIN metric ON metric.profile_code = near.profile_code AND metric.name = ANY(%(names)s)
    JOIN reading_latest AS latest ON latest.device_id = near.id AND latest.metric_id = metric.id
    WHERE scope.heard AND scope.profiles && %(profiles)s::text[]
        AND latest.quality & 1 = 0 AND latest.time > now() - interval '10 minutes' GROUP BY 1, 2
"""
_EVENTS: LiteralString = """
    SELECT scope.id, coalesce(told.n, 0)::float8 AS count FROM device_scope AS scope LEFT JOIN (
        SELECT device_id, count(*) AS n FROM device_event
        WHERE time > now() - make_interval(secs => %(window)s) AND time <= now()
            AND code = ANY(%(codes)s) AND phase <> 'end' GROUP BY 1) AS told ON told.device_id = scope.id
    WHERE profiles && %(profiles)s::text[]
"""
# A number that comes a little late is no gap; a step of a thousand is a counter that was set anew.
_SALES: LiteralString = """
    SELECT device_id, coalesce(sum(step - 1) FILTER (WHERE step BETWEEN 2 AND 1000), 0)::float8 AS lost FROM (
        SELECT device_id, seq - lag(seq) OVER (PARTITION BY device_id ORDER BY time, seq) AS step
        FROM transaction JOIN device_scope AS scope ON scope.id = device_id
        WHERE time > now() - make_interval(secs => %(window)s) AND time < now() - interval '2 minutes'
            AND heard AND profiles && %(profiles)s::text[]) AS sale
    GROUP BY 1
"""
# Of a stall's products the one that is furthest off, first of those that enough others sell.
_PRICES: LiteralString = """
    WITH priced AS (SELECT site_id, device_id, product, count(*) AS sales,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY unit_price) AS price
        FROM transaction JOIN device_scope AS scope ON scope.id = device_id
        WHERE time > now() - make_interval(secs => %(window)s) AND unit_price > 0
            AND profiles && %(profiles)s::text[] GROUP BY 1, 2, 3),
    market AS (SELECT site_id, product, count(*) AS sellers,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS median FROM priced GROUP BY 1, 2)
    SELECT DISTINCT ON (device_id) device_id, price / median AS price_ratio, sellers::float8, sales::float8
    FROM priced JOIN market USING (site_id, product)
    ORDER BY device_id, (sellers >= 5 AND sales >= 3) DESC, abs(ln(price / median)) DESC
"""
_TRADE: LiteralString = """
    WITH sold AS (SELECT scope.id, site_id, (SELECT max(time) FROM transaction
            WHERE device_id = scope.id AND time > now() - interval '1 day') AS at
        FROM device_scope AS scope WHERE heard AND profiles && %(profiles)s::text[])
    SELECT id, extract(epoch FROM now() - at)::float8 AS quiet_s,
        (count(at) OVER here - (at IS NOT NULL)::int)::float8 AS neighbours,
        (count(*) FILTER (WHERE at > now() - make_interval(secs => %(window)s)) OVER here
            - coalesce(at > now() - make_interval(secs => %(window)s), false)::int)::float8 AS selling
    FROM sold WINDOW here AS (PARTITION BY site_id)
"""
_DATES: LiteralString = """
    SELECT scope.id, (today - done)::float8 AS days_since, (due - today)::float8 AS days_left
    FROM device_scope AS scope JOIN device_date ON device_id = scope.id JOIN site ON site.id = scope.site_id,
        LATERAL (
            SELECT (now() AT TIME ZONE coalesce(site.schedule ->> 'timezone', 'Asia/Shanghai'))::date AS today) AS d
    WHERE what = %(what)s AND profiles && %(profiles)s::text[]
"""
_METRICS: dict[Look, LiteralString] = {Look.LATEST: _LATEST, Look.SITE: _SITE}
_COLUMNS: dict[Look, LiteralString] = {
    Look.EVENTS: _EVENTS,
    Look.SALES: _SALES,
    Look.PRICES: _PRICES,
    Look.TRADE: _TRADE,
    Look.DATES: _DATES,
}


async def look(connection: Connection, asked: Asked) -> Figures:
    """The figures of every device in scope of which something is known."""
    parameters = {
        "profiles": list(asked.profiles),
        "names": list(asked.names),
        "codes": list(asked.codes),
        "window": asked.window_s,
        "what": asked.codes[0] if asked.codes else "",
    }
    if asked.look in _METRICS:
        cursor = await connection.execute(_METRICS[asked.look], parameters)
        return _of_metrics(await cursor.fetchall())
    cursor = await connection.execute(_COLUMNS[asked.look], parameters)
    names = [column.name for column in cursor.description or ()][1:]
    rows = await cursor.fetchall()
    table = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), len(names))
    return Figures([int(str(row[0])) for row in rows], {name: table[:, n] for n, name in enumerate(names)})


def _of_metrics(rows: Sequence[Sequence[object]]) -> Figures:
    """A row (device, metric, value, age, unchanged) for each metric becomes columns of devices."""
    devices = sorted({int(str(row[0])) for row in rows})
    places = {device: place for place, device in enumerate(devices)}
    values: dict[str, Floats] = {}
    for device, name, *numbers in rows:
        for ending, number in zip(("", "_age", "_unchanged"), numbers, strict=True):
            column = values.setdefault(f"{name}{ending}", np.full(len(devices), np.nan))
            column[places[int(str(device))]] = np.nan if number is None else float(str(number))
    return Figures(devices, values)


async def held(connection: Connection, rule: str) -> set[int]:
    """The devices of which a rule's predicate is true as far as is known."""
    cursor = await connection.execute("SELECT device_id FROM predicate_state WHERE rule_code = %s AND value", (rule,))
    return {int(str(row[0])) for row in await cursor.fetchall()}
