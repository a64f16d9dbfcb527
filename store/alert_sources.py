"""Which rules' conditions keep an alert active, where several rules share one incident."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Source:
    """A rule's condition that belongs to an alert; `over`: since when it is so no more."""

    alert: int
    rule: str
    version: int
    since: datetime
    over: datetime | None
    why: str


async def active(connection: Connection, alerts: Collection[int]) -> dict[int, set[str]]:
    """The rules that hold each of these alerts; an alert of one rule alone is not among them."""
    if not alerts:
        return {}
    cursor = await connection.execute(
        "SELECT alert_id, rule_code FROM alert_source WHERE alert_id = ANY(%s) AND over IS NULL", (list(alerts),)
    )
    found: dict[int, set[str]] = {}
    for alert, rule in await cursor.fetchall():
        found.setdefault(int(str(alert)), set()).add(str(rule))
    return found


async def put(connection: Connection, sources: Sequence[Source]) -> None:
    """Remember conditions as they are now; of each alert and rule one, whose first reason stands."""
    if sources:
        await connection.execute(
            "INSERT INTO alert_source AS old (alert_id, rule_code, rule_version, since, over, why)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::integer[], %s::timestamptz[], %s::timestamptz[],"
            "  %s::text[]) ON CONFLICT (alert_id, rule_code) DO UPDATE SET over = excluded.over",
            (
                [one.alert for one in sources],
                [one.rule for one in sources],
                [one.version for one in sources],
                [one.since for one in sources],
                [one.over for one in sources],
                [one.why for one in sources],
            ),
        )
