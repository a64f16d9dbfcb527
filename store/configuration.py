"""A camera's configuration as people change it, each change a version (ADR 19). All within a person's scope.

The database itself counts the versions, keeps them, raises the edge's and says so (0007_configuration.sql).
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.camera import Mode, Zone
from domain.schedule import Schedule
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Settings:
    """What somebody wants a camera to be. `url` None: it stays as it is. `schedule` None: its site's.

    `model`: a published release; None: the one that its edge ships.
    """

    zh: str
    en: str
    url: str | None
    zones: tuple[Zone, ...]
    schedule: Schedule | None
    turns: bool
    replay: bool
    mode: Mode
    weight: int
    model: str | None


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera as it is now, and what its edge has made of it. JSON texts: zones, schedule, site_schedule.

    `address` and `login` are None for those who may not know them; `edge_version` is the configuration that brings
    this version, `applied` the newest that the edge has said it follows, at `applied_at`, except where `refused`.
    """

    id: int
    code: str
    zh: str
    en: str
    site_id: int
    site_code: str
    site_zh: str
    site_en: str
    version: int
    removed: datetime | None
    zones: str
    schedule: str | None
    site_schedule: str
    view: int
    turns: bool
    replay: bool
    mode: str
    weight: int
    model: str | None
    health: str
    address: str | None
    login: str | None
    edge: str
    online: bool
    edge_version: int
    applied: int | None
    applied_at: datetime | None
    refused: str


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One version of a camera: when, by whom (None: the command line or a registry file), and all of it as JSON."""

    version: int
    at: datetime
    person: str | None
    restores: int | None
    body: str


@dataclass(frozen=True, slots=True)
class CameraName:
    """One camera in a list."""

    id: int
    code: str
    zh: str
    en: str


async def camera(connection: Connection, identity: int) -> CameraRow | None:
    """One camera, removed or not; None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(CameraRow)) as cursor:
        await cursor.execute(
            "SELECT camera.id, camera.code, camera.zh, camera.en, site.id AS site_id, site.code AS site_code,"
            " site.zh AS site_zh, site.en AS site_en, camera.version, removed, camera.zones::text AS zones,"
            " camera.schedule::text AS schedule, site.schedule::text AS site_schedule, view, turns, replay, mode,"
            " weight, model, health, source.address, source.login, said.edge, said.online, revision.edge_version,"
            " said.version AS applied, said.at AS applied_at, said.refused FROM camera"
            " JOIN site ON site.id = camera.site_id"
            " JOIN camera_revision AS revision ON camera_id = camera.id AND revision.version = camera.version"
            " CROSS JOIN LATERAL edge_applied(camera.id) AS said"
            " LEFT JOIN LATERAL camera_source(camera.id) AS source ON true WHERE camera.id = %s",
            (identity,),
        )
        return await cursor.fetchone()


async def revisions(connection: Connection, identity: int, before: int, limit: int) -> list[RevisionRow]:
    """A camera's versions up to `before`, the newest first."""
    async with connection.cursor(row_factory=class_row(RevisionRow)) as cursor:
        await cursor.execute(
            "SELECT revision.version, revision.at, person.name AS person, restores, body::text AS body"
            " FROM camera_revision AS revision LEFT JOIN person ON person.id = person_id"
            " WHERE camera_id = %s AND revision.version <= %s ORDER BY revision.version DESC LIMIT %s",
            (identity, before, limit),
        )
        return await cursor.fetchall()


async def add(connection: Connection, site: int, edge: int, code: str, wanted: Settings) -> int | None:
    """A new camera; None where the site or the edge is not the person's to see.

    Raises psycopg.errors.UniqueViolation for a code that is taken, by whomever, and ForeignKeyViolation for a model
    that is not published.
    """
    cursor = await connection.execute(
        "INSERT INTO camera (site_id, edge_id, code, url, zh, en, zones, schedule, turns, replay, mode, weight, model)"
        " SELECT site.id, edge.id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM site, edge"
        " WHERE site.id = %s AND edge.id = %s RETURNING id",
        (code, wanted.url, *_values(wanted), site, edge),
    )
    row = await cursor.fetchone()
    return None if row is None else int(str(row[0]))


async def change(connection: Connection, identity: int, version: int, wanted: Settings) -> bool:
    """Make it so; False when the camera is no longer of that version, or not the person's to change.

    Raises psycopg.errors.ForeignKeyViolation for a model that is not published.
    """
    await _lock(connection, identity)
    cursor = await connection.execute(
        "UPDATE camera SET zh = %s, en = %s, zones = %s, schedule = %s, turns = %s, replay = %s, mode = %s,"
        " weight = %s, model = %s WHERE id = %s AND version = %s AND removed IS NULL"
        if wanted.url is None
        else "UPDATE camera SET zh = %s, en = %s, zones = %s, schedule = %s, turns = %s, replay = %s, mode = %s,"
        " weight = %s, model = %s, url = %s WHERE id = %s AND version = %s AND removed IS NULL",
        (*_values(wanted), *(() if wanted.url is None else (wanted.url,)), identity, version),
    )
    return cursor.rowcount > 0


async def remove(connection: Connection, identity: int, version: int) -> bool:
    """Have it watched no more; False as `change` does."""
    await _lock(connection, identity)
    cursor = await connection.execute(
        "UPDATE camera SET removed = now() WHERE id = %s AND version = %s AND removed IS NULL", (identity, version)
    )
    return cursor.rowcount > 0


async def renew_view(connection: Connection, identity: int, version: int) -> bool:
    """What it shows next is its view; False as `change` does."""
    await _lock(connection, identity)
    cursor = await connection.execute(
        "UPDATE camera SET view = view + 1 WHERE id = %s AND version = %s AND removed IS NULL", (identity, version)
    )
    return cursor.rowcount > 0


async def restore(connection: Connection, identity: int, version: int, wanted: int) -> bool:
    """Go back to the version `wanted` in all but the address and the view's number; False as `change` does.

    What was removed is there again.
    """
    await _lock(connection, identity)
    await connection.execute("SELECT set_config('mingchu.restores', %s, true)", (str(wanted),))
    cursor = await connection.execute(
        "UPDATE camera SET zh = body ->> 'zh', en = body ->> 'en', zones = body -> 'zones',"
        " schedule = nullif(body -> 'schedule', 'null'), turns = (body ->> 'turns')::boolean,"
        " replay = (body ->> 'replay')::boolean, mode = body ->> 'mode', weight = (body ->> 'weight')::smallint,"
        " model = body ->> 'model', removed = NULL FROM camera_revision AS revision"
        " WHERE camera.id = %s AND camera.version = %s AND camera_id = camera.id AND revision.version = %s",
        (identity, version, wanted),
    )
    return cursor.rowcount > 0


async def removed(connection: Connection, site: int) -> list[CameraName]:
    """The cameras of a site that are watched no more."""
    async with connection.cursor(row_factory=class_row(CameraName)) as cursor:
        await cursor.execute(
            "SELECT id, code, zh, en FROM camera WHERE site_id = %s AND removed IS NOT NULL ORDER BY code LIMIT 100",
            (site,),
        )
        return await cursor.fetchall()


async def of_edge(connection: Connection, edge: int) -> list[CameraName]:
    """The cameras that an edge watches."""
    async with connection.cursor(row_factory=class_row(CameraName)) as cursor:
        await cursor.execute(
            "SELECT id, code, zh, en FROM camera WHERE edge_id = %s AND removed IS NULL ORDER BY code LIMIT 1000",
            (edge,),
        )
        return await cursor.fetchall()


async def _lock(connection: Connection, identity: int) -> None:
    await connection.execute("SELECT lock_edge_of_camera(%s)", (identity,))


def _values(wanted: Settings) -> tuple[object, ...]:
    return (
        *(wanted.zh, wanted.en, _zones(wanted.zones), _schedule(wanted.schedule), wanted.turns, wanted.replay),
        *(wanted.mode, wanted.weight, wanted.model),
    )


def _zones(zones: tuple[Zone, ...]) -> Jsonb:
    return Jsonb(msgspec.to_builtins(zones))


def _schedule(schedule: Schedule | None) -> Jsonb | None:
    return None if schedule is None else Jsonb(msgspec.to_builtins(schedule))
