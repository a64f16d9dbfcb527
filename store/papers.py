"""The papers beside an alert: comments, the appeal, the machine's re-checks with their stills, the draw; precision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What somebody said; `person_name` is '—' where it is one of the other side's people."""

    at: datetime
    person_name: str
    side: str
    text: str


@dataclass(frozen=True, slots=True)
class AppealRow:
    """The operator's dispute and its verdict; `photos` are SHA-256."""

    at: datetime
    person_name: str | None
    text: str
    photos: list[str]
    due: datetime
    decided: datetime | None
    verdict: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class RecheckRow:
    """The machine's look after a report; `result` is None while it still looks."""

    rectification_id: int
    began: datetime
    watch_s: float
    ended: datetime | None
    result: str | None
    clear_since: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class StillRow:
    """A fresh picture beside a report, heads hidden."""

    rectification_id: int
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DrawRow:
    """What was drawn for an alert: who looks at it."""

    at: datetime
    seed: str
    share: float
    drawn: float
    human: bool


@dataclass(frozen=True, slots=True)
class PrecisionRow:
    """How often a scene on a camera was right, of what people have judged."""

    scene: str
    camera_id: int
    camera_code: str
    camera_zh: str
    camera_en: str
    judged: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One node of the regulator's tree."""

    path: str
    zh: str
    en: str


async def comments(connection: Connection, alert: int) -> list[CommentRow]:
    """What the person may read, in order."""
    async with connection.cursor(row_factory=class_row(CommentRow)) as cursor:
        await cursor.execute(
            "SELECT said.at, coalesce(person.name, '—') AS person_name, said.side, said.text FROM alert_comment AS said"
            " LEFT JOIN person ON person.id = said.person_id WHERE said.alert_id = %s ORDER BY said.id",
            (alert,),
        )
        return await cursor.fetchall()


async def appeal(connection: Connection, alert: int) -> AppealRow | None:
    """The alert's appeal, or None."""
    async with connection.cursor(row_factory=class_row(AppealRow)) as cursor:
        await cursor.execute(
            "SELECT appeal.at, person.name AS person_name, appeal.text, appeal.due, appeal.decided, appeal.verdict,"
            " appeal.reason, ARRAY(SELECT sha256 FROM appeal_photo WHERE appeal_id = appeal.id ORDER BY 1) AS photos"
            " FROM appeal LEFT JOIN person ON person.id = appeal.person_id WHERE appeal.alert_id = %s",
            (alert,),
        )
        return await cursor.fetchone()


async def rechecks(connection: Connection, alert: int) -> list[RecheckRow]:
    """The re-checks of the alert's reports, in their order."""
    async with connection.cursor(row_factory=class_row(RecheckRow)) as cursor:
        await cursor.execute(
            "SELECT rectification_id, began, watch_s, ended, result, clear_since, why FROM recheck"
            " WHERE alert_id = %s ORDER BY rectification_id",
            (alert,),
        )
        return await cursor.fetchall()


async def stills(connection: Connection, alert: int) -> list[StillRow]:
    """Fresh pictures beside the alert's reports, in the order of their capture."""
    async with connection.cursor(row_factory=class_row(StillRow)) as cursor:
        await cursor.execute(
            "SELECT still.rectification_id, still.sha256, still.at FROM recheck_still AS still"
            " JOIN rectification ON rectification.id = still.rectification_id"
            " WHERE rectification.alert_id = %s ORDER BY still.at",
            (alert,),
        )
        return await cursor.fetchall()


async def add_still(
    connection: Connection, rectification: int, sha256: str, *, size: int, at: datetime, person: int
) -> None:
    """Keep a fresh picture beside a report; the same one twice is one."""
    await connection.execute(
        "INSERT INTO recheck_still (rectification_id, sha256, size, at, person_id) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (rectification, sha256, size, at, person),
    )


async def draw(connection: Connection, alert: int) -> DrawRow | None:
    """What was drawn for the alert, or None; an operator sees none."""
    async with connection.cursor(row_factory=class_row(DrawRow)) as cursor:
        await cursor.execute("SELECT at, seed, share, drawn, human FROM audit_draw WHERE alert_id = %s", (alert,))
        return await cursor.fetchone()


async def precision(
    connection: Connection, camera: int | None = None, after: tuple[str, str] = ("", ""), limit: int = 2000
) -> list[PrecisionRow]:
    """Precision by scene and camera, of the cameras in the person's scope (or one), by code and scene."""
    async with connection.cursor(row_factory=class_row(PrecisionRow)) as cursor:
        await cursor.execute(
            "SELECT scene, camera_id, camera.code AS camera_code, camera.zh AS camera_zh, camera.en AS camera_en,"
            " judged, confirmed FROM scene_precision JOIN camera ON camera.id = camera_id"
            " WHERE (%(camera)s::bigint IS NULL OR camera_id = %(camera)s)"
            " AND (camera.code, scene) > (%(code)s, %(scene)s) ORDER BY camera.code, scene LIMIT %(limit)s",
            {"camera": camera, "code": after[0], "scene": after[1], "limit": limit},
        )
        return await cursor.fetchall()


async def names_of(connection: Connection, people: Sequence[int]) -> dict[int, str]:
    """Names of those of the people whom the person may see."""
    cursor = await connection.execute("SELECT id, name FROM person WHERE id = ANY(%s)", (list(people),))
    return {int(str(row[0])): str(row[1]) for row in await cursor.fetchall()}


async def authorities(connection: Connection) -> list[AuthorityRow]:
    """The whole tree, from the top."""
    async with connection.cursor(row_factory=class_row(AuthorityRow)) as cursor:
        await cursor.execute("SELECT path::text AS path, zh, en FROM authority ORDER BY authority.path")
        return await cursor.fetchall()
