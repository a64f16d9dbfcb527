"""What alerts by hand are made from: findings of tours, items of inspections; and which were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the vault."""

    sha256: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What an alert is made from: a tour's finding, or (with its code as `item`) an inspection's failed item."""

    site_id: int
    camera_id: int | None
    words: str
    at: datetime
    finding_id: int | None
    inspection_id: int | None
    item: str | None
    alert_id: int | None  # the alert that was made of it


@dataclass(frozen=True, slots=True)
class Made:
    """Where an alert comes from that a person made. `tour_id`: of the finding."""

    person: str
    tour_id: int | None
    inspection_id: int | None
    pictures: Sequence[str]


async def finding(connection: Connection, tour: int, wanted: int) -> Origin | None:
    """A finding of that tour, or None where the scope sees none."""
    async with connection.cursor(row_factory=class_row(Origin)) as cursor:
        await cursor.execute(
            "SELECT camera.site_id, camera.id AS camera_id, words, coalesce(captured, tour_look.at) AS at,"
            " found.id AS finding_id, NULL::bigint AS inspection_id, NULL AS item, made.alert_id"
            " FROM tour_finding AS found JOIN tour_look ON tour_look.id = look_id JOIN camera ON camera.id = camera_id"
            " LEFT JOIN alert_by_hand AS made ON made.finding_id = found.id WHERE found.id = %s AND tour_id = %s",
            (wanted, tour),
        )
        return await cursor.fetchone()


async def item(connection: Connection, inspection: int, code: str) -> Origin | None:
    """A failed item of that inspection, or None where the scope sees none."""
    async with connection.cursor(row_factory=class_row(Origin)) as cursor:
        await cursor.execute(
            "SELECT site_id, NULL::bigint AS camera_id, note AS words, told.at, NULL::bigint AS finding_id,"
            " told.inspection_id, told.item, made.alert_id FROM inspection_answer AS told"
            " JOIN inspection ON inspection.id = told.inspection_id LEFT JOIN alert_by_hand AS made"
            " ON made.inspection_id = told.inspection_id AND made.item = told.item"
            " WHERE told.inspection_id = %s AND told.item = %s AND told.failed",
            (inspection, code),
        )
        return await cursor.fetchone()


async def pictures(connection: Connection, origin: Origin) -> list[Picture]:
    """The pictures of what was found: of a tour's only what was kept."""
    async with connection.cursor(row_factory=class_row(Picture)) as cursor:
        await cursor.execute(
            "SELECT sha256, 'image/jpeg' AS media_type, size FROM tour_picture JOIN tour_finding USING (look_id)"
            " WHERE tour_finding.id = %s"
            " UNION ALL SELECT sha256, media_type, size FROM inspection_paper"
            " WHERE inspection_id = %s AND item = %s AND kind = 'photo'",
            (origin.finding_id, origin.inspection_id, origin.item),
        )
        return await cursor.fetchall()


async def note(connection: Connection, alert: int, person: int, origin: Origin, pictures: Sequence[Picture]) -> None:
    """Write down who made the alert, from what, with which pictures; raises psycopg's UniqueViolation a second time."""
    await connection.execute(
        "INSERT INTO alert_by_hand (alert_id, person_id, finding_id, inspection_id, item) VALUES (%s, %s, %s, %s, %s)",
        (alert, person, origin.finding_id, origin.inspection_id, origin.item),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO alert_picture (alert_id, sha256, media_type, size) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(alert, one.sha256, one.media_type, one.size) for one in pictures],
        )


async def of_alert(connection: Connection, alert: int) -> Made | None:
    """Where the alert comes from, or None where the machine raised it. A tour is named to who may see it."""
    async with connection.cursor(row_factory=class_row(Made)) as cursor:
        await cursor.execute(
            "SELECT coalesce(person.name, '—') AS person, tour_look.tour_id, made.inspection_id,"
            " ARRAY(SELECT sha256 FROM alert_picture WHERE alert_id = made.alert_id ORDER BY at, sha256) AS pictures"
            " FROM alert_by_hand AS made LEFT JOIN person ON person.id = made.person_id"
            " LEFT JOIN tour_finding AS found ON found.id = finding_id LEFT JOIN tour_look ON tour_look.id = look_id"
            " WHERE made.alert_id = %s",
            (alert,),
        )
        return await cursor.fetchone()


async def of_inspection(connection: Connection, inspection: int) -> dict[str, int]:
    """The alerts that were made of its items."""
    cursor = await connection.execute(
        "SELECT item, alert_id FROM alert_by_hand WHERE inspection_id = %s", (inspection,)
    )
    return {str(code): int(str(alert)) for code, alert in await cursor.fetchall()}


async def of_tour(connection: Connection, tour: int) -> dict[int, int]:
    """The alerts that were made of its findings."""
    cursor = await connection.execute(
        "SELECT finding_id, alert_id FROM alert_by_hand JOIN tour_finding ON tour_finding.id = finding_id"
        " JOIN tour_look ON tour_look.id = look_id WHERE tour_id = %s",
        (tour,),
    )
    return {int(str(found)): int(str(alert)) for found, alert in await cursor.fetchall()}
