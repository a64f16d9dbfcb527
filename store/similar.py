"""Alerts like one: of the same rule at the same site, within 30 days of it, and what became of them."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection

DAYS = 30
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """One such alert; `here`: at the same device, or the same camera's zone. The counts are of all of them."""

    id: int
    status: str
    condition: str
    raised: datetime
    zone: str
    zh: str
    en: str
    here: bool
    all: int
    at_place: int
    dismissed: int
    closed: int


async def of(connection: Connection, alert: int) -> list[SimilarRow]:
    """The most alike first, then the newest; few of them, with the counts of all."""
    async with connection.cursor(row_factory=class_row(SimilarRow)) as cursor:
        await cursor.execute(
            "WITH this AS (SELECT * FROM alert WHERE id = %(alert)s), alike AS ("
            " SELECT alert.*, alert.zone = this.zone AND alert.device_id IS NOT DISTINCT FROM this.device_id"
            "  AND alert.camera_id IS NOT DISTINCT FROM this.camera_id AS here"
            " FROM this JOIN alert ON alert.site_id = this.site_id AND alert.rule_code = this.rule_code"
            "  AND alert.id <> this.id AND alert.raised BETWEEN this.raised - make_interval(days => %(days)s)"
            "  AND this.raised + make_interval(days => %(days)s))"
            " SELECT alike.id, alike.status, alike.condition, alike.raised, alike.zone,"
            " coalesce(camera.zh, device.zh, site.zh) AS zh, coalesce(camera.en, device.en, site.en) AS en, here,"
            " count(*) OVER () AS all, count(*) FILTER (WHERE here) OVER () AS at_place,"
            " count(*) FILTER (WHERE alike.status = 'dismissed') OVER () AS dismissed,"
            " count(*) FILTER (WHERE alike.status = 'closed') OVER () AS closed"
            " FROM alike LEFT JOIN camera ON camera.id = alike.camera_id"
            " LEFT JOIN device ON device.id = alike.device_id JOIN site ON site.id = alike.site_id"
            " ORDER BY here DESC, alike.raised DESC LIMIT %(shown)s",
            {"alert": alert, "days": DAYS, "shown": _SHOWN},
        )
        return await cursor.fetchall()
