"""Grants to see faces: whose, on which alert's evidence or which camera, until when (ADR 20).

Row-level security shows a person's own only. `now` is the asker's clock.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from domain.purpose import Purpose
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Grant:
    """One stated purpose; it covers either an alert or a camera."""

    id: int
    purpose: Purpose
    words: str
    until: datetime
    alert_id: int | None
    camera_id: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "purpose", Purpose(self.purpose))


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person states to get one; exactly one of `alert` and `camera` is set."""

    purpose: Purpose
    words: str
    since: datetime
    until: datetime
    alert: int | None = None
    camera: int | None = None


async def grant(connection: Connection, person: int, said: Statement) -> Grant:
    """Write it down; the subject is one that the person may see."""
    async with connection.cursor(row_factory=class_row(Grant)) as cursor:
        await cursor.execute(
            "INSERT INTO unblurred (person_id, alert_id, camera_id, purpose, words, since, until)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id, purpose, words, until, alert_id, camera_id",
            (person, said.alert, said.camera, said.purpose, said.words, said.since, said.until),
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def of_alert(connection: Connection, alert: int, now: datetime) -> Grant | None:
    """The person's grant on that alert's evidence, or None."""
    async with connection.cursor(row_factory=class_row(Grant)) as cursor:
        await cursor.execute(
            "SELECT id, purpose, words, until, alert_id, camera_id FROM unblurred"
            " WHERE alert_id = %s AND until > %s ORDER BY until DESC LIMIT 1",
            (alert, now),
        )
        return await cursor.fetchone()


async def of_camera(connection: Connection, camera: int, now: datetime) -> Grant | None:
    """The person's grant on that camera's live view, or None."""
    async with connection.cursor(row_factory=class_row(Grant)) as cursor:
        await cursor.execute(
            "SELECT id, purpose, words, until, alert_id, camera_id FROM unblurred"
            " WHERE camera_id = %s AND until > %s ORDER BY until DESC LIMIT 1",
            (camera, now),
        )
        return await cursor.fetchone()


async def of_evidence(connection: Connection, sha256: str, now: datetime) -> Grant | None:
    """The person's grant on an alert that those bytes are evidence of, or None."""
    async with connection.cursor(row_factory=class_row(Grant)) as cursor:
        await cursor.execute(
            "SELECT unblurred.id, purpose, words, until, alert_id, unblurred.camera_id FROM unblurred"
            " JOIN alert ON alert.id = unblurred.alert_id"
            " JOIN evidence ON evidence.scene_event_id = alert.scene_event_id"
            " WHERE evidence.sha256 = %s AND until > %s ORDER BY until DESC LIMIT 1",
            (sha256, now),
        )
        return await cursor.fetchone()
