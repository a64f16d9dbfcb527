"""Which evidence a person may see: bytes are reachable only through a row in the person's scope."""

from dataclasses import dataclass

from psycopg.rows import class_row

from domain.wire import REDACTED
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    """What the bytes are, and the row that makes them visible. `guarded`: they may show faces (ADR 20)."""

    media_type: str
    linked_to: str
    guarded: bool


async def link(connection: Connection, sha256: str) -> EvidenceLink | None:
    """The link of those bytes to a scene event, a paper, a tour's look or a complaint that the person may see, or None.

    Bytes that are a redacted picture too (nobody was in it) are not guarded.
    """
    async with connection.cursor(row_factory=class_row(EvidenceLink)) as cursor:
        await cursor.execute(
            "SELECT media_type, 'scene ' || scene_event_id AS linked_to, NOT kind = ANY(%(redacted)s) AS guarded"
            " FROM evidence WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT media_type, 'inspection ' || inspection_id, false FROM inspection_paper"
            " WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT media_type, 'rectification ' || rectification_id, false FROM rectification_photo"
            " WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT media_type, 'appeal ' || appeal_id, false FROM appeal_photo WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT 'image/jpeg', 'recheck ' || rectification_id, false FROM recheck_still"
            " WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT 'image/jpeg', 'tour look ' || look_id, false FROM tour_picture"
            " WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT media_type, 'alert ' || alert_id, false FROM alert_picture WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT media_type, 'complaint ' || complaint_id, false FROM complaint_photo"
            " WHERE sha256 = %(sha256)s ORDER BY guarded LIMIT 1",
            {"sha256": sha256, "redacted": [kind.value for kind in REDACTED]},
        )
        return await cursor.fetchone()
