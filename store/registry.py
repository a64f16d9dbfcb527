"""The registry as an administrator writes it: authorities, operators, sites, edges, cameras, devices, people, channels.

Everything is put by its code: what is not there is added, what is there is changed. Each change that concerns an
edge or the broker raises the edge's version and announces `mingchu_config` with its commit. Needs the owner's rights.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import LiteralString

import msgspec
from psycopg import errors
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.alert import Role
from domain.camera import Camera, Mode
from domain.coordinates import Coordinates
from domain.schedule import Schedule
from store.connection import Connection, connect

_QUIET_S = 20.0  # without any notice for so long the connection is tried, so that a dead one is found


class UnknownCodeError(Exception):
    """A code names nothing that is registered. `what` it should have named: vendor, site, profile, device, label."""

    def __init__(self, sentence: str, what: str = "", code: str = "") -> None:
        super().__init__(sentence)
        self.what, self.code = what, code


@dataclass(frozen=True, slots=True)
class NewSite:
    """One kitchen, warehouse, market or building. `authority` is a path, `operator` a unified social credit code."""

    code: str
    kind: str
    zh: str
    en: str
    address: str
    authority: str
    operator: str
    schedule: Schedule
    coordinates: Coordinates | None = None  # None: as it is known already


@dataclass(frozen=True, slots=True)
class NewEdge:
    """One agent beside its cameras. `credential` is the hash."""

    code: str
    zh: str
    en: str
    authority: str
    credential: str


@dataclass(frozen=True, slots=True)
class NewDevice:
    """One elevator, scale, cold store. `credential` is the hash."""

    site: str
    code: str
    profile: str
    zh: str
    en: str
    credential: str | None  # None: it speaks through an edge or a gateway


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who may log in; exactly one of `authority` and `operator` (unified social credit code) is set."""

    login: str
    name: str
    role: Role
    password: str  # argon2id
    authority: str | None = None
    operator: str | None = None
    lang: str = "zh"
    configures: bool = True  # of regulators and admins: may change cameras and edges


@dataclass(frozen=True, slots=True)
class DeviceCredential:
    """What the broker must know of a device: does it speak its vendor's own language, or Sparkplug."""

    site: str
    code: str
    credential: str
    foreign: bool = False
    sparkplug: bool = False


@dataclass(frozen=True, slots=True)
class EdgeCredential:
    """What the broker must know of an edge."""

    code: str
    credential: str


async def put_authority(connection: Connection, path: str, zh: str, en: str) -> None:
    await connection.execute(
        "INSERT INTO authority (path, zh, en) VALUES (%s, %s, %s)"
        " ON CONFLICT (path) DO UPDATE SET zh = excluded.zh, en = excluded.en",
        (path, zh, en),
    )


async def put_operator(connection: Connection, uscc: str, zh: str, en: str) -> None:
    await connection.execute(
        "INSERT INTO operator (uscc, zh, en) VALUES (%s, %s, %s)"
        " ON CONFLICT (uscc) DO UPDATE SET zh = excluded.zh, en = excluded.en",
        (uscc, zh, en),
    )


async def put_site(connection: Connection, site: NewSite) -> None:
    """Raises UnknownCodeError for an authority or operator that is not there."""
    await _must_exist(connection, "SELECT 1 FROM authority WHERE path = %s::ltree", site.authority, "authority")
    operator = await _id(connection, "SELECT id FROM operator WHERE uscc = %s", site.operator, "operator")
    cursor = await connection.execute(
        "INSERT INTO site (code, kind, zh, en, address, authority, operator_id, schedule)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (code) DO UPDATE SET kind = excluded.kind,"
        " zh = excluded.zh, en = excluded.en, address = excluded.address, authority = excluded.authority,"
        " operator_id = excluded.operator_id, schedule = excluded.schedule"
        " WHERE (site.kind, site.zh, site.en, site.address, site.authority, site.operator_id, site.schedule)"
        " IS DISTINCT FROM (excluded.kind, excluded.zh, excluded.en, excluded.address, excluded.authority,"
        " excluded.operator_id, excluded.schedule)",
        (
            *(site.code, site.kind, site.zh, site.en, site.address, site.authority, operator),
            Jsonb(msgspec.to_builtins(site.schedule)),
        ),
    )
    if cursor.rowcount:
        await _bump_site(connection, site.code)
    if site.coordinates is not None:  # no edge needs to know
        await connection.execute(
            "UPDATE site SET longitude = %s, latitude = %s WHERE code = %s",
            (site.coordinates.longitude, site.coordinates.latitude, site.code),
        )


async def put_edge(connection: Connection, edge: NewEdge) -> None:
    """Raises UnknownCodeError for an authority that is not there."""
    await _must_exist(connection, "SELECT 1 FROM authority WHERE path = %s::ltree", edge.authority, "authority")
    await connection.execute(
        "INSERT INTO edge (code, zh, en, authority, credential) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (code) DO UPDATE SET zh = excluded.zh, en = excluded.en, authority = excluded.authority,"
        " credential = excluded.credential, enrolled = NULL, revoked = NULL",
        (edge.code, edge.zh, edge.en, edge.authority, edge.credential),
    )
    await _announce(connection)


async def put_edge_site(connection: Connection, edge: str, site: str) -> None:
    """Let an edge relay for a site's devices. Raises UnknownCodeError for an edge or site that is not there."""
    edge_id = await _id(connection, "SELECT id FROM edge WHERE code = %s", edge, "edge")
    site_id = await _id(connection, "SELECT id FROM site WHERE code = %s", site, "site")
    cursor = await connection.execute(
        "INSERT INTO edge_site (edge_id, site_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (edge_id, site_id)
    )
    if cursor.rowcount:
        await _bump_edges(connection, [edge_id])


async def drop_edge_site(connection: Connection, edge: str, site: str) -> None:
    """Take that back; an edge that watches a camera of the site still relays for it."""
    edge_id = await _id(connection, "SELECT id FROM edge WHERE code = %s", edge, "edge")
    site_id = await _id(connection, "SELECT id FROM site WHERE code = %s", site, "site")
    cursor = await connection.execute("DELETE FROM edge_site WHERE edge_id = %s AND site_id = %s", (edge_id, site_id))
    if cursor.rowcount:
        await _bump_edges(connection, [edge_id])


async def revoke_edge(connection: Connection, code: str) -> None:
    """Take an edge's credential and its open codes away. Raises UnknownCodeError for one that is not there."""
    edge = await _id(connection, "SELECT id FROM edge WHERE code = %s", code, "edge")
    async with connection.transaction():
        await connection.execute("DELETE FROM edge_code WHERE edge_id = %s", (edge,))
        await connection.execute(
            "UPDATE edge SET credential = NULL, revoked = now(), online = false WHERE id = %s", (edge,)
        )
        await connection.execute(
            "INSERT INTO audit (action, detail) VALUES ('edge_revoked', %s)", (Jsonb({"edge": code, "by": "command"}),)
        )
        await _announce(connection)


async def self_willed_edges(connection: Connection) -> frozenset[str]:
    """The edges that a code has enrolled, or that were revoked: a registry file's secret is not theirs."""
    cursor = await connection.execute("SELECT code FROM edge WHERE enrolled IS NOT NULL OR revoked IS NOT NULL")
    return frozenset(str(row[0]) for row in await cursor.fetchall())


async def put_camera(connection: Connection, camera: Camera, edge: str, zh: str, en: str) -> None:
    """Raises UnknownCodeError for a site or edge that is not there, and msgspec.ValidationError for a camera that no
    file could say, and that no edge could be told. A camera may move to another edge.

    Its version and its edge's are counted by the database. The view's number never goes back: that would have enrolled
    anew what nobody asked for.
    """
    site = await _id(connection, "SELECT id FROM site WHERE code = %s", camera.site, "site")
    new_edge = await _id(connection, "SELECT id FROM edge WHERE code = %s", edge, "edge")
    msgspec.convert(msgspec.to_builtins(camera), Camera)
    await connection.execute(
        "INSERT INTO camera (site_id, edge_id, code, zh, en, url, zones, view, turns, replay, live_url, mode, weight)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (code) DO UPDATE SET site_id = excluded.site_id, edge_id = excluded.edge_id, zh = excluded.zh,"
        " en = excluded.en, url = excluded.url, zones = excluded.zones, view = greatest(camera.view, excluded.view),"
        " turns = excluded.turns, replay = excluded.replay, live_url = excluded.live_url, mode = excluded.mode,"
        " weight = excluded.weight, removed = NULL",
        (
            *(site, new_edge, camera.code, zh, en, camera.url, Jsonb(msgspec.to_builtins(camera.zones))),
            *(camera.integrity.view, camera.integrity.turns, camera.integrity.replay, camera.live_url),
            *(camera.mode, camera.weight),
        ),
    )


async def renew_view(connection: Connection, camera: str) -> None:
    """What the camera shows next is enrolled as its view. Raises UnknownCodeError for one that is not there."""
    cursor = await connection.execute("UPDATE camera SET view = view + 1 WHERE code = %s", (camera,))
    if cursor.rowcount == 0:
        raise UnknownCodeError(f"there is no camera {camera!r}")


async def changed_by_people(connection: Connection) -> frozenset[str]:
    """The cameras that somebody has changed in the console: a registry that is only replanted leaves them alone."""
    cursor = await connection.execute(
        "SELECT code FROM camera WHERE EXISTS (SELECT FROM camera_revision"
        " WHERE camera_id = camera.id AND person_id IS NOT NULL)"
    )
    return frozenset(str(row[0]) for row in await cursor.fetchall())


async def set_mode(connection: Connection, camera: str, mode: Mode, weight: int | None) -> None:
    """How its edge looks at a camera; without a `weight` it keeps its own. Raises UnknownCodeError."""
    cursor = await connection.execute(
        "UPDATE camera SET mode = %s, weight = coalesce(%s::smallint, weight) WHERE code = %s", (mode, weight, camera)
    )
    if cursor.rowcount == 0:
        raise UnknownCodeError(f"there is no camera {camera!r}")


async def put_device(connection: Connection, device: NewDevice) -> None:
    """Raises UnknownCodeError for a site or profile that is not there."""
    site = await _id(connection, "SELECT id FROM site WHERE code = %s", device.site, "site")
    await _must_exist(connection, "SELECT 1 FROM device_profile WHERE code = %s", device.profile, "device profile")
    await connection.execute(
        "INSERT INTO device (site_id, code, profile_code, zh, en, credential, issued)"
        " VALUES (%s, %s, %s, %s, %s, %s, now())"
        " ON CONFLICT (site_id, code) DO UPDATE SET profile_code = excluded.profile_code, zh = excluded.zh,"
        " en = excluded.en, credential = excluded.credential, revoked = NULL, issued ="
        " CASE WHEN device.credential IS DISTINCT FROM excluded.credential THEN now() ELSE device.issued END",
        (site, device.code, device.profile, device.zh, device.en, device.credential),
    )
    await _announce(connection)


async def put_person(connection: Connection, person: NewPerson) -> None:
    """Raises UnknownCodeError for an authority or operator that is not there."""
    operator = None
    if person.operator is not None:
        operator = await _id(connection, "SELECT id FROM operator WHERE uscc = %s", person.operator, "operator")
    if person.authority is not None:
        await _must_exist(connection, "SELECT 1 FROM authority WHERE path = %s::ltree", person.authority, "authority")
    await connection.execute(
        "INSERT INTO person (login, name, role, password, authority, operator_id, lang, configures)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (login) DO UPDATE SET name = excluded.name,"
        " role = excluded.role, password = excluded.password, authority = excluded.authority,"
        " operator_id = excluded.operator_id, lang = excluded.lang, configures = excluded.configures",
        (
            *(person.login, person.name, person.role, person.password, person.authority, operator, person.lang),
            person.configures,
        ),
    )


async def put_channel(
    connection: Connection, url: str, secret: str, *, authority: str | None = None, operator: str | None = None
) -> None:
    """One webhook of an authority or of an operator (unified social credit code), known by its owner and path.

    A changed port of the same receiver changes the channel, it does not add one.
    """
    operator_id = None
    if operator is not None:
        operator_id = await _id(connection, "SELECT id FROM operator WHERE uscc = %s", operator, "operator")
    cursor = await connection.execute(
        "UPDATE channel SET url = %(url)s, secret = %(secret)s WHERE operator_id IS NOT DISTINCT FROM %(operator)s"
        " AND authority IS NOT DISTINCT FROM %(authority)s::ltree"
        " AND regexp_replace(url, '^[a-z]+://[^/]+', '') = regexp_replace(%(url)s, '^[a-z]+://[^/]+', '')",
        {"url": url, "secret": secret, "operator": operator_id, "authority": authority},
    )
    if cursor.rowcount == 0:
        await connection.execute(
            "INSERT INTO channel (operator_id, authority, url, secret) VALUES (%s, %s, %s, %s)",
            (operator_id, authority, url, secret),
        )


async def device_credentials(connection: Connection) -> list[DeviceCredential]:
    """The devices that the broker lets in."""
    async with connection.cursor(row_factory=class_row(DeviceCredential)) as cursor:
        await cursor.execute(
            "SELECT site.code AS site, device.code, credential,"
            " coalesce(jsonb_array_length(profile.body->'mapping'), 0) > 0 AS foreign,"
            " profile.body->>'sparkplug' IS NOT NULL AS sparkplug FROM device JOIN site ON site.id = device.site_id"
            " JOIN device_profile AS profile ON profile.code = device.profile_code"
            " WHERE credential IS NOT NULL ORDER BY 1, 2"
        )
        return await cursor.fetchall()


async def edge_credentials(connection: Connection) -> list[EdgeCredential]:
    """The edges that the broker lets in."""
    async with connection.cursor(row_factory=class_row(EdgeCredential)) as cursor:
        await cursor.execute("SELECT code, credential FROM edge WHERE credential IS NOT NULL ORDER BY code")
        return await cursor.fetchall()


async def password(connection: Connection, login: str) -> str | None:
    """The hash of somebody's password, or None."""
    row = await (await connection.execute("SELECT password FROM person WHERE login = %s", (login,))).fetchone()
    return None if row is None else str(row[0])


async def _bump_edges(connection: Connection, edges: list[int]) -> None:
    await connection.execute("UPDATE edge SET config_version = config_version + 1 WHERE id = ANY(%s)", (edges,))
    await _announce(connection)


async def _bump_site(connection: Connection, site: str) -> None:
    """A site's opening hours are part of its cameras' configuration."""
    await connection.execute(
        "UPDATE edge SET config_version = config_version + 1 WHERE id IN (SELECT edge_id FROM camera"
        " JOIN site ON site.id = camera.site_id WHERE site.code = %s)",
        (site,),
    )
    await _announce(connection)


async def _announce(connection: Connection) -> None:
    await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def _id(connection: Connection, query: LiteralString, code: str, what: str) -> int:
    row = await (await connection.execute(query, (code,))).fetchone()
    if row is None:
        raise UnknownCodeError(f"there is no {what} {code!r}")
    return int(str(row[0]))


async def _must_exist(connection: Connection, query: LiteralString, code: str, what: str) -> None:
    try:
        await _id(connection, query, code, what)
    except errors.SyntaxError:  # ltree refuses the text
        raise UnknownCodeError(f"there is no {what} {code!r}") from None


async def changes(dsn: str) -> AsyncGenerator[None, None]:
    """Yield once listening, after each change of the registry, and after each quiet spell.

    Raises DatabaseUnreachableError or psycopg.OperationalError when the connection is lost; changes meanwhile are
    lost too, so a new listener must read the tables again.
    """
    connection = await connect(dsn, autocommit=True)
    try:
        await connection.execute("LISTEN mingchu_config")
        while True:
            yield
            async for _notice in connection.notifies(timeout=_QUIET_S):
                yield
            await connection.execute("SELECT 1")
    finally:
        await connection.close()
