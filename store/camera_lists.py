"""A person's own named lists of cameras, and the cameras there are to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection

MOST = 200  # cameras of a list; the table has the same bound
MOST_LISTS = 50  # of a person

_CHOICES: LiteralString = """
    SELECT camera.id, camera.code, camera.zh, camera.en, site.id AS site_id, site.code AS site_code,
        site.zh AS site_zh, site.en AS site_en, health
    FROM camera JOIN site ON site.id = camera.site_id
"""


@dataclass(frozen=True, slots=True)
class CameraList:
    """Cameras under a name: `columns` by `columns` of them fill the wall."""

    name: str
    columns: int
    cameras: list[int]


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """A camera with its site, to choose or to show."""

    id: int
    code: str
    zh: str
    en: str
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    health: str


async def lists(connection: Connection) -> list[CameraList]:
    """The person's own lists by name."""
    async with connection.cursor(row_factory=class_row(CameraList)) as cursor:
        await cursor.execute("SELECT name, columns::int, cameras FROM camera_list ORDER BY name")
        return await cursor.fetchall()


async def put(connection: Connection, person: int, wanted: CameraList) -> bool:
    """Keep a list under its name, in the place of one of that name; False where the person has too many."""
    cursor = await connection.execute(
        "INSERT INTO camera_list (person_id, name, columns, cameras) SELECT %(person)s, %(name)s, %(columns)s,"
        " %(cameras)s WHERE (SELECT count(*) FROM camera_list WHERE name <> %(name)s) < %(most)s"
        " ON CONFLICT (person_id, name) DO UPDATE SET columns = excluded.columns, cameras = excluded.cameras",
        {
            "person": person, "name": wanted.name, "columns": wanted.columns, "cameras": wanted.cameras,
            "most": MOST_LISTS,
        },
    )  # fmt: skip
    return cursor.rowcount == 1


async def drop(connection: Connection, name: str) -> bool:
    """Forget a list; False where the person has none of that name."""
    return (await connection.execute("DELETE FROM camera_list WHERE name = %s", (name,))).rowcount == 1


async def choices(
    connection: Connection, search: str, limit: int, after: tuple[str, str] = ("", "")
) -> list[CameraChoice]:
    """Cameras whose own or whose site's name or code contains `search`, by the codes of both."""
    async with connection.cursor(row_factory=class_row(CameraChoice)) as cursor:
        await cursor.execute(
            _CHOICES + " WHERE removed IS NULL AND position(lower(%(search)s) IN lower(concat_ws(' ', camera.code,"
            " camera.zh, camera.en, site.code, site.zh, site.en))) > 0"
            " AND (site.code, camera.code) > (%(of)s, %(code)s) ORDER BY site.code, camera.code LIMIT %(limit)s",
            {"search": search, "limit": limit, "of": after[0], "code": after[1]},
        )
        return await cursor.fetchall()


async def some(connection: Connection, cameras: Sequence[int]) -> list[CameraChoice]:
    """Those of the cameras that the person may see and that are still there, in the order given."""
    async with connection.cursor(row_factory=class_row(CameraChoice)) as cursor:
        await cursor.execute(
            _CHOICES + " WHERE removed IS NULL AND camera.id = ANY(%(ids)s)"
            " ORDER BY array_position(%(ids)s::bigint[], camera.id)",
            {"ids": list(cameras)},
        )
        return await cursor.fetchall()
