"""Tables as other systems take them: rows in the order of a key, a chunk at a time, as row security shows them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import LiteralString

from store.connection import Connection


class Table(StrEnum):
    """What can be taken."""

    ALERTS = "alerts"
    READINGS = "readings"
    TRANSACTIONS = "transactions"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Wish:
    """Rows of [begin, end), a day's by its beginning in China; of one site or one device, where they are named."""

    table: Table
    begin: datetime
    end: datetime
    site: int | None
    device: int | None


Value = str | int | float | bool | datetime | date | None
Row = tuple[Value, ...]

# The first columns are the key that the rows are sorted by; `first` sorts before all of them.
_ALERTS: LiteralString = """
    SELECT alert.id, severity, status, condition, rule_code AS rule, rule_version, site.code AS site,
        operator.uscc AS operator, coalesce(alert.authority, site.authority)::text AS authority,
        camera.code AS camera, device.code AS device, zone, began, raised, changed, cleared, due, why, alert.version
    FROM alert JOIN site ON site.id = alert.site_id JOIN operator ON operator.id = site.operator_id
    LEFT JOIN camera ON camera.id = alert.camera_id LEFT JOIN device ON device.id = alert.device_id
    WHERE alert.id > %s AND raised >= %s AND raised < %s AND (%s::bigint IS NULL OR alert.site_id = %s)
        AND (%s::bigint IS NULL OR alert.device_id = %s) ORDER BY alert.id LIMIT %s
"""
# A reading that was stored twice is told once.
_READINGS: LiteralString = """
    SELECT DISTINCT metric.id AS metric_id, reading.time, value, quality, metric.name AS metric, metric.unit,
        site.code AS site, device.code AS device
    FROM device_reading AS reading JOIN metric ON metric.id = reading.metric_id
    JOIN device ON device.id = reading.device_id JOIN site ON site.id = device.site_id
    WHERE (metric.id, reading.time, value, quality) > (%s, %s, %s, %s) AND reading.time >= %s AND reading.time < %s
        AND (%s::bigint IS NULL OR device.site_id = %s) AND reading.device_id = %s AND reading.device_id = %s
    ORDER BY metric.id, reading.time, value, quality LIMIT %s
"""
_TRANSACTIONS: LiteralString = """
    SELECT transaction.time, tx_id, seq, site.code AS site, device.code AS device, product, gross_g, tare_g, net_g,
        unit_price, amount, pay, trace, quality, received
    FROM transaction JOIN device ON device.id = transaction.device_id JOIN site ON site.id = device.site_id
    WHERE (transaction.time, tx_id) > (%s, %s) AND transaction.time >= %s AND transaction.time < %s
        AND (%s::bigint IS NULL OR device.site_id = %s)
        AND transaction.device_id = %s AND transaction.device_id = %s
    ORDER BY transaction.time, tx_id LIMIT %s
"""
_RISK: LiteralString = """
    SELECT risk_score.day, risk_score.site_id, device_id, site.code AS site, device.code AS device, score,
        risk_day.weights, array_to_string(measures, ' ') AS measures
    FROM risk_score JOIN risk_day ON risk_day.day = risk_score.day JOIN site ON site.id = risk_score.site_id
    LEFT JOIN device ON device.id = device_id
    WHERE (risk_score.day, risk_score.site_id, device_id) > (%s, %s, %s)
        AND risk_score.day::timestamp AT TIME ZONE 'Asia/Shanghai' >= %s
        AND risk_score.day::timestamp AT TIME ZONE 'Asia/Shanghai' < %s
        AND (%s::bigint IS NULL OR risk_score.site_id = %s) AND (%s::bigint IS NULL OR device_id = %s)
    ORDER BY risk_score.day, risk_score.site_id, device_id LIMIT %s
"""
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is read: its statement, where it begins, its columns with their types ('?' may be empty)."""

    query: LiteralString
    first: Row
    columns: tuple[tuple[str, str], ...]


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for name, _, kind in (one.partition(":") for one in text.split()))


FORMS: dict[Table, Form] = {
    Table.ALERTS: Form(
        _ALERTS, (0,),
        _columns("id:int severity:int status:text condition:text rule:text rule_version:int site:text operator:text"
                 " authority:text camera:text device:text zone:text began:time raised:time changed:time cleared:time"
                 " due:time why:text version:int"),
    ),
    Table.READINGS: Form(
        _READINGS, (0, _LONG_AGO, float("-inf"), -1),
        _columns("metric_id:int time:time value:float quality:int metric:text unit:text site:text device:text"),
    ),
    Table.TRANSACTIONS: Form(
        _TRANSACTIONS, (_LONG_AGO, ""),
        _columns("time:time tx_id:text seq:int site:text device:text product:text gross_g:float tare_g:float"
                 " net_g:float unit_price:float amount:float pay:text trace:text quality:int received:time"),
    ),
    Table.RISK: Form(
        _RISK, (date.min, 0, -1),
        _columns("day:date site_id:int device_id:int site:text device:text score:int weights:int measures:text"),
    ),
}  # fmt: skip


async def chunk(connection: Connection, wish: Wish, after: Row, limit: int) -> list[Row]:
    """At most `limit` rows after the key of a row."""
    form = FORMS[wish.table]
    of = (wish.site, wish.site, wish.device, wish.device)
    cursor = await connection.execute(form.query, (*after[: len(form.first)], wish.begin, wish.end, *of, limit))
    return await cursor.fetchall()  # type: ignore[return-value]
