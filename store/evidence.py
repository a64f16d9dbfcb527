"""Which evidence a person may see: bytes are reachable only through a row in the person's scope."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    """What the bytes are, and the row that makes them visible."""

    media_type: str
    linked_to: str


async def link(connection: Connection, sha256: str) -> EvidenceLink | None:
    """The link of those bytes to a scene event or a rectification that the person may see, or None."""
    async with connection.cursor(row_factory=class_row(EvidenceLink)) as cursor:
        await cursor.execute(
            "SELECT media_type, 'scene ' || scene_event_id AS linked_to FROM evidence WHERE sha256 = %(sha256)s"
            " UNION ALL SELECT media_type, 'rectification ' || rectification_id FROM rectification_photo"
            " WHERE sha256 = %(sha256)s LIMIT 1",
            {"sha256": sha256},
        )
        return await cursor.fetchone()
