"""Tours: who went through which cameras, what was shown (by its digest), and what was found. Rows are only added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection

NO_END = 2**63 - 1
_TOURS: LiteralString = """
    SELECT tour.id, tour.person_id, person.name AS person, plan, cameras, began, tour_end.at AS ended,
        (SELECT count(DISTINCT camera_id)::int FROM tour_look WHERE tour_id = tour.id
            AND digest IS NOT NULL) AS looked_at,
        (SELECT count(*)::int FROM tour_finding JOIN tour_look ON tour_look.id = look_id WHERE tour_id = tour.id)
            AS findings
    FROM tour JOIN person ON person.id = tour.person_id LEFT JOIN tour_end ON tour_end.tour_id = tour.id
"""
_FINDINGS: LiteralString = """
    SELECT tour_finding.id, tour_look.tour_id, tour_look.id AS look_id, tour_finding.at, words, camera.id AS camera_id,
        camera.code AS camera_code, camera.zh AS camera_zh, camera.en AS camera_en, site.id AS site_id,
        site.code AS site_code, site.zh AS site_zh, site.en AS site_en, tour_picture.sha256 AS picture,
        coalesce(person.name, '') AS person
    FROM tour_finding JOIN tour_look ON tour_look.id = look_id JOIN camera ON camera.id = camera_id
    JOIN site ON site.id = camera.site_id JOIN tour ON tour.id = tour_id
    LEFT JOIN person ON person.id = tour.person_id LEFT JOIN tour_picture USING (look_id)
"""
# The gravest open alerts first, then the riskier site, then more alerts, then what nobody has looked at for longest.
_WORST: LiteralString = """
    SELECT camera.id FROM camera
    LEFT JOIN LATERAL (SELECT min(severity) AS worst, count(*) AS n FROM alert WHERE alert.camera_id = camera.id
        AND status NOT IN ('closed', 'dismissed')) AS open ON true
    LEFT JOIN LATERAL (SELECT max(at) AS at FROM tour_look WHERE tour_look.camera_id = camera.id) AS seen ON true
    LEFT JOIN risk_score AS risk ON risk.site_id = camera.site_id AND risk.device_id = 0
        AND risk.day = (SELECT max(day) FROM risk_day)
    WHERE removed IS NULL
    ORDER BY worst NULLS LAST, score DESC NULLS LAST, n DESC, health <> 'OK', seen.at NULLS FIRST, camera.code
    LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class TourRow:
    """One tour: its cameras in order, how many of them showed a picture, and how many findings it has."""

    id: int
    person_id: int
    person: str
    plan: str
    cameras: list[int]
    began: datetime
    ended: datetime | None
    looked_at: int
    findings: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The digest of a still and when its camera captured it; or, with neither, why there was none."""

    captured: datetime | None
    sha256: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look at a camera. `sha256` is the still's that was shown; without one `why` says why."""

    id: int
    camera_id: int
    at: datetime
    captured: datetime | None
    sha256: str | None
    why: str
    kept: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something that a person found in a camera's still."""

    id: int
    tour_id: int
    look_id: int
    at: datetime
    words: str
    camera_id: int
    camera_code: str
    camera_zh: str
    camera_en: str
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    picture: str | None
    person: str


async def worst_first(connection: Connection, limit: int) -> list[int]:
    """Cameras by how much they want to be looked at."""
    cursor = await connection.execute(_WORST, (limit,))
    return [int(str(row[0])) for row in await cursor.fetchall()]


async def begin(connection: Connection, person: int, plan: str, cameras: Sequence[int]) -> int:
    """A new tour's id."""
    cursor = await connection.execute(
        "INSERT INTO tour (person_id, plan, cameras) VALUES (%s, %s, %s) RETURNING id", (person, plan, list(cameras))
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def end(connection: Connection, tour: int) -> bool:
    """End it; False where it has ended before."""
    cursor = await connection.execute("INSERT INTO tour_end (tour_id) VALUES (%s) ON CONFLICT DO NOTHING", (tour,))
    return cursor.rowcount == 1


async def tour(connection: Connection, identity: int) -> TourRow | None:
    """One tour, or None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(TourRow)) as cursor:
        await cursor.execute(_TOURS + " WHERE tour.id = %s", (identity,))
        return await cursor.fetchone()


async def tours(connection: Connection, limit: int = 50, before: tuple[int] = (NO_END,)) -> list[TourRow]:
    """Those below an id, the newest first."""
    async with connection.cursor(row_factory=class_row(TourRow)) as cursor:
        await cursor.execute(_TOURS + " WHERE tour.id < %s ORDER BY tour.id DESC LIMIT %s", (*before, limit))
        return await cursor.fetchall()


async def looked(connection: Connection, tour: int, camera: int, seen: Seen) -> int:
    """Write down what the person was shown; the look's id."""
    cursor = await connection.execute(
        "INSERT INTO tour_look (tour_id, camera_id, captured, digest, why) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (tour, camera, seen.captured, seen.sha256, seen.why),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def looks(connection: Connection, tour: int) -> list[LookRow]:
    """A tour's looks in order."""
    async with connection.cursor(row_factory=class_row(LookRow)) as cursor:
        await cursor.execute(
            "SELECT id, camera_id, tour_look.at, captured, digest AS sha256, why, look_id IS NOT NULL AS kept"
            " FROM tour_look LEFT JOIN tour_picture ON look_id = id WHERE tour_id = %s ORDER BY id",
            (tour,),
        )
        return await cursor.fetchall()


async def shown(connection: Connection, tour: int, look: int) -> str | None:
    """The digest of what that look of the tour showed, or None."""
    cursor = await connection.execute("SELECT digest FROM tour_look WHERE id = %s AND tour_id = %s", (look, tour))
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else str(row[0])


async def has_look(connection: Connection, tour: int, look: int) -> bool:
    """Whether the tour has that look."""
    cursor = await connection.execute("SELECT FROM tour_look WHERE id = %s AND tour_id = %s", (look, tour))
    return await cursor.fetchone() is not None


async def keep_picture(connection: Connection, look: int, sha256: str, size: int) -> None:
    """What the look showed is in the vault: so many bytes."""
    await connection.execute(
        "INSERT INTO tour_picture (look_id, sha256, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (look, sha256, size),
    )


async def find(connection: Connection, look: int, words: str) -> int:
    """Write a finding down; its id."""
    cursor = await connection.execute(
        "INSERT INTO tour_finding (look_id, words) VALUES (%s, %s) RETURNING id", (look, words)
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def findings(connection: Connection, tour: int) -> list[FindingRow]:
    """A tour's findings in order."""
    async with connection.cursor(row_factory=class_row(FindingRow)) as cursor:
        await cursor.execute(_FINDINGS + " WHERE tour_look.tour_id = %s ORDER BY tour_finding.id", (tour,))
        return await cursor.fetchall()


async def findings_of_site(connection: Connection, site: int, limit: int = 10) -> list[FindingRow]:
    """What was found at a site, the newest first."""
    async with connection.cursor(row_factory=class_row(FindingRow)) as cursor:
        await cursor.execute(
            _FINDINGS + " WHERE camera.site_id = %s ORDER BY tour_finding.id DESC LIMIT %s", (site, limit)
        )
        return await cursor.fetchall()
