"""What the public wrote of sites and equipment, and the authority's answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """One complaint. `phone` is '' for whoever is not of the authority; `photos` are addresses of evidence."""

    id: int
    at: datetime
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    equipment_id: int | None
    equipment_zh: str | None
    equipment_en: str | None
    device_id: int | None
    topic: str
    words: str
    phone: str
    photos: list[str]
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer of the authority."""

    complaint_id: int
    at: datetime
    by: str
    words: str
    closes: bool


_ROWS: LiteralString = """
    SELECT complaint.id, complaint.at, complaint.site_id, site.code AS site_code, site.zh AS site_zh,
        site.en AS site_en, complaint.equipment_id, equipment.zh AS equipment_zh, equipment.en AS equipment_en,
        complaint.device_id, topic, words, coalesce(contact.phone, '') AS phone,
        ARRAY(SELECT sha256 FROM complaint_photo WHERE complaint_id = complaint.id ORDER BY 1) AS photos,
        (SELECT answer.at FROM complaint_answer AS answer WHERE answer.complaint_id = complaint.id AND closes) AS closed
    FROM complaint JOIN site ON site.id = complaint.site_id
    LEFT JOIN equipment ON equipment.id = complaint.equipment_id
    LEFT JOIN complaint_contact AS contact ON contact.complaint_id = complaint.id
"""
_OPEN: LiteralString = (
    " NOT EXISTS (SELECT FROM complaint_answer AS answer WHERE answer.complaint_id = complaint.id AND closes)"
)


async def page(
    connection: Connection, *, unanswered: bool, before: int | None = None, limit: int = 100, site: int | None = None
) -> list[ComplaintRow]:
    """Complaints that the person may see, the newest first; only those that nobody has closed, where asked so."""
    async with connection.cursor(row_factory=class_row(ComplaintRow)) as cursor:
        await cursor.execute(
            _ROWS + " WHERE (%(before)s::bigint IS NULL OR complaint.id < %(before)s)"
            " AND (%(site)s::bigint IS NULL OR complaint.site_id = %(site)s) AND (NOT %(open)s OR"
            + _OPEN + ") ORDER BY complaint.id DESC LIMIT %(limit)s",
            {"before": before, "open": unanswered, "limit": limit, "site": site},
        )  # fmt: skip
        return await cursor.fetchall()


async def one(connection: Connection, identity: int) -> ComplaintRow | None:
    """One complaint, or None where there is none or it is not the person's to see."""
    async with connection.cursor(row_factory=class_row(ComplaintRow)) as cursor:
        await cursor.execute(_ROWS + " WHERE complaint.id = %s", (identity,))
        return await cursor.fetchone()


async def of_site(connection: Connection, site: int, limit: int = 20) -> list[ComplaintRow]:
    """A site's complaints that nobody has closed; those of trapped people first."""
    async with connection.cursor(row_factory=class_row(ComplaintRow)) as cursor:
        await cursor.execute(
            _ROWS + " WHERE complaint.site_id = %s AND" + _OPEN + " ORDER BY topic <> 'trapped', complaint.id DESC"
            " LIMIT %s",
            (site, limit),
        )  # fmt: skip
        return await cursor.fetchall()


async def of_equipment(connection: Connection, equipment: int, limit: int = 20) -> list[ComplaintRow]:
    """A piece of equipment's complaints, the newest first."""
    async with connection.cursor(row_factory=class_row(ComplaintRow)) as cursor:
        await cursor.execute(
            _ROWS + " WHERE complaint.equipment_id = %s ORDER BY complaint.id DESC LIMIT %s", (equipment, limit)
        )
        return await cursor.fetchall()


async def of_alert(connection: Connection, alert: int, limit: int = 20) -> list[ComplaintRow]:
    """What was written of the alert's device from an hour before it began until it was finished."""
    async with connection.cursor(row_factory=class_row(ComplaintRow)) as cursor:
        await cursor.execute(
            _ROWS + " JOIN alert ON alert.device_id = complaint.device_id WHERE alert.id = %s"
            " AND complaint.at >= alert.began - interval '1 hour'"
            " AND (alert.status NOT IN ('closed', 'dismissed') OR complaint.at <= alert.changed)"
            " ORDER BY topic <> 'trapped', complaint.id DESC LIMIT %s",
            (alert, limit),
        )
        return await cursor.fetchall()


async def answers(connection: Connection, complaints: Sequence[int]) -> list[AnswerRow]:
    """The answers to those, in order."""
    async with connection.cursor(row_factory=class_row(AnswerRow)) as cursor:
        await cursor.execute(
            "SELECT complaint_id, at, coalesce(person.name, '—') AS by, words, closes FROM complaint_answer AS answer"
            " LEFT JOIN person ON person.id = answer.person_id WHERE complaint_id = ANY(%s) ORDER BY answer.id",
            (list(complaints),),
        )
        return await cursor.fetchall()


async def answer(connection: Connection, complaint: int, person: int, words: str, *, closes: bool) -> bool:
    """Answer it; False where it was closed before."""
    cursor = await connection.execute(
        "INSERT INTO complaint_answer (complaint_id, person_id, words, closes) SELECT complaint.id, %s, %s, %s"
        " FROM complaint WHERE complaint.id = %s AND NOT EXISTS (SELECT FROM complaint_answer AS earlier"
        "  WHERE earlier.complaint_id = complaint.id AND earlier.closes) ON CONFLICT DO NOTHING",
        (person, words, closes, complaint),
    )
    return cursor.rowcount == 1
