"""A registry file: authorities, operators, sites, edges, cameras, devices, people, channels; put into the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from argon2 import PasswordHasher

from domain import credential
from domain.alert import Role
from domain.camera import Camera, Integrity, Mode, Point, Weight, Zone
from domain.code import Code, check
from domain.coordinates import Coordinates
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED, ALWAYS_OPEN, NEVER, Schedule
from store import registry, rescue
from store.connection import Connection

Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
PLAIN = Integrity()
WHOLE_PICTURE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_SCHEDULES = {"always": ALWAYS_OPEN, "never": ALWAYS_CLOSED}


class BadSeedError(Exception):
    """A registry file is TOML with tables of authorities, operators, sites and what stands there (mingchu/registry)."""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class AuthorityEntry(_Entry, frozen=True):
    """A node of the regulators' tree, by its path."""

    path: str
    zh: str
    en: str


class OperatorEntry(_Entry, frozen=True):
    """A business, by its unified social credit code."""

    uscc: str
    zh: str
    en: str


class SiteEntry(_Entry, frozen=True):
    """`openings`: a schedule, or always, or never. `place`: longitude and latitude, WGS 84."""

    code: Code
    kind: str
    zh: str
    en: str
    authority: str
    operator: str
    address: str = ""
    openings: Literal["always", "never"] | Schedule = "always"
    place: tuple[Longitude, Latitude] | None = None

    def schedule(self) -> Schedule:
        return self.openings if isinstance(self.openings, Schedule) else _SCHEDULES[self.openings]


class EdgeEntry(_Entry, frozen=True):
    """An agent beside its cameras. `sites`: whose devices it relays besides those of its cameras' sites."""

    code: Code
    zh: str
    en: str
    authority: str
    sites: tuple[Code, ...] = ()


class ZoneEntry(_Entry, frozen=True):
    """Like domain.camera.Zone. Without a polygon it is the one of the clip's truth, or the whole picture."""

    code: Code
    zh: str
    en: str
    scenes: tuple[Scene, ...]
    polygon: tuple[Point, ...] | None = None
    restricted: bool = False
    masks: tuple[tuple[Point, ...], ...] = ()
    overrides: dict[Scene, dict[str, float]] = {}
    special: bool = False
    breaks: Schedule = NEVER
    allowed: Schedule = NEVER

    def zone(self, clip: str) -> Zone:
        polygon = self.polygon or polygon_of(clip, self.scenes) or WHOLE_PICTURE
        return Zone(
            *(self.code, self.zh, self.en, polygon, self.scenes, self.restricted, self.masks, self.overrides),
            *(self.special, self.breaks, self.allowed),
        )


class CameraEntry(_Entry, frozen=True):
    """A camera without `url` is one of the simulator's; `clip` is what it shows there."""

    code: Code
    site: Code
    edge: Code
    zh: str
    en: str
    zones: tuple[ZoneEntry, ...] = ()
    url: str = ""
    clip: str = ""
    integrity: Integrity = Integrity()
    live_url: str = ""
    mode: Mode = Mode.WATCH
    weight: Weight = 1


class DeviceEntry(_Entry, frozen=True):
    """An elevator, scale or cold store."""

    site: Code
    code: Code
    profile: Code
    zh: str
    en: str


class PersonEntry(_Entry, frozen=True):
    """Somebody who may log in; of `authority` or of `operator`."""

    login: str
    name: str
    role: Role
    authority: str | None = None
    operator: str | None = None


class ChannelEntry(_Entry, frozen=True):
    """A webhook at `path` of the push receiver; of `authority` or of `operator`."""

    path: str
    authority: str | None = None
    operator: str | None = None


class RescuerEntry(_Entry, frozen=True):
    """Who is called to lifts: a maintainer, a grid station, emergency services; `path` as in a channel."""

    code: Code
    zh: str
    en: str
    path: str
    phone: str = ""


class RescueEntry(_Entry, frozen=True):
    """Whom a lift calls, by the rescuers' codes (DOMAIN §2)."""

    site: Code
    device: Code
    maintainer: Code | None = None
    grid: Code | None = None
    emergency: Code | None = None

    @property
    def roles(self) -> tuple[tuple[str, str], ...]:
        named = (("maintainer", self.maintainer), ("grid", self.grid), ("emergency", self.emergency))
        return tuple((role, code) for role, code in named if code is not None)


class Seed(_Entry, frozen=True):
    """A whole registry file."""

    authority: tuple[AuthorityEntry, ...] = ()
    operator: tuple[OperatorEntry, ...] = ()
    site: tuple[SiteEntry, ...] = ()
    edge: tuple[EdgeEntry, ...] = ()
    camera: tuple[CameraEntry, ...] = ()
    device: tuple[DeviceEntry, ...] = ()
    person: tuple[PersonEntry, ...] = ()
    channel: tuple[ChannelEntry, ...] = ()
    rescuer: tuple[RescuerEntry, ...] = ()
    rescue: tuple[RescueEntry, ...] = ()


class _SceneTruth(msgspec.Struct, frozen=True):
    scene: Scene
    zone: tuple[Point, ...]
    begin_s: float = 0.0
    end_s: float = 0.0


class _NamedZone(msgspec.Struct, frozen=True):
    name: str
    polygon: tuple[Point, ...]


class _ClipTruth(msgspec.Struct, frozen=True):
    """What the file beside a bundled clip says about its scenes and zones."""

    scene: tuple[_SceneTruth, ...] = ()
    zone: tuple[_NamedZone, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """What differs from machine to machine. `secret` keeps a random one by name; the others make addresses."""

    secret: Callable[[str], str]
    camera_url: Callable[[str], str]  # of a camera's code
    channel_url: Callable[[str], str]  # of a channel's path


def shipped(name: str) -> Seed:
    """One of the files below mingchu/registry."""
    return parse(files("mingchu").joinpath("registry", f"{name}.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Seed:
    """Read a registry file; raises BadSeedError with the place and the reason."""
    try:
        return msgspec.toml.decode(text, type=Seed)
    except msgspec.DecodeError as error:
        raise BadSeedError(f"not a registry file: {error}") from error


def whole_picture(
    code: str,
    site: str,
    url: str,
    scenes: Sequence[str],
    *,
    restricted: bool,
    integrity: Integrity = PLAIN,
    live_url: str = "",
) -> Camera:
    """A camera whose whole picture is one zone; raises BadSeedError for an unknown scene or a bad address."""
    if not all(address.startswith(("rtsp://", "rtsps://")) for address in (url, live_url or url)):
        raise BadSeedError("a camera's address begins with rtsp:// or rtsps://")
    unknown = sorted(set(scenes) - set(Scene))
    if unknown:
        raise BadSeedError(f"no such scene: {', '.join(unknown)}; there are {', '.join(Scene)}")
    chosen = tuple(Scene(scene) for scene in scenes)
    zone = Zone("all", "全画面", "Whole picture", WHOLE_PICTURE, chosen, restricted)
    return Camera(check(code), check(site), url, (zone,), integrity=integrity, live_url=live_url)


async def plant(connection: Connection, seed: Seed, places: Places, *, anew: bool = False) -> None:
    """Put all of it, in one transaction; what is there already and the same stays untouched.

    So does what people have made of it since, in the console: cameras that they have changed, edges that a code has
    enrolled or that were revoked. `anew` puts these too.
    """
    async with connection.transaction():
        kept = frozenset[str]() if anew else await registry.changed_by_people(connection)
        aside = frozenset[str]() if anew else await registry.self_willed_edges(connection)
        content = msgspec.structs.replace(
            seed,
            edge=tuple(edge for edge in seed.edge if edge.code not in aside),
            camera=tuple(camera for camera in seed.camera if camera.code not in kept),
        )
        await _put(connection, content, places)


async def _put(connection: Connection, seed: Seed, places: Places) -> None:
    for authority in seed.authority:
        await registry.put_authority(connection, authority.path, authority.zh, authority.en)
    for operator in seed.operator:
        await registry.put_operator(connection, operator.uscc, operator.zh, operator.en)
    for site in seed.site:
        await registry.put_site(connection, _site(site))
    await _edges_and_devices(connection, seed, places.secret)
    for camera in seed.camera:
        await _camera(connection, camera, places)
    for person in seed.person:
        await _person(connection, person, places.secret)
    for channel in seed.channel:
        url, key = places.channel_url(channel.path), places.secret("push")
        await registry.put_channel(connection, url, key, authority=channel.authority, operator=channel.operator)
    await _rescuers(connection, seed, places)


async def _rescuers(connection: Connection, seed: Seed, places: Places) -> None:
    for entry in seed.rescuer:
        known = await rescue.put_rescuer(connection, entry.code, entry.zh, entry.en, entry.phone)
        await rescue.put_channel(connection, known, places.channel_url(entry.path), places.secret("push"))
    for lift in seed.rescue:
        for role, code in lift.roles:
            if not await rescue.serve(connection, lift.site, lift.device, role, code):
                raise BadSeedError(f"rescue of {lift.site}/{lift.device}: there is no such device or rescuer {code!r}")


def _site(entry: SiteEntry) -> registry.NewSite:
    return registry.NewSite(
        *(entry.code, entry.kind, entry.zh, entry.en, entry.address, entry.authority, entry.operator),
        schedule=entry.schedule(),
        coordinates=None if entry.place is None else Coordinates(*entry.place),
    )


async def _edges_and_devices(connection: Connection, seed: Seed, secret: Callable[[str], str]) -> None:
    edges = {edge.code: edge.credential for edge in await registry.edge_credentials(connection)}
    for edge in seed.edge:
        hashed = _hashed(secret(credential.edge_user(edge.code)), edges.get(edge.code))
        await registry.put_edge(connection, registry.NewEdge(edge.code, edge.zh, edge.en, edge.authority, hashed))
        for site in edge.sites:
            await registry.put_edge_site(connection, edge.code, site)
    devices = {(one.site, one.code): one.credential for one in await registry.device_credentials(connection)}
    for device in seed.device:
        user = credential.device_user(device.site, device.code)
        hashed = _hashed(secret(user), devices.get((device.site, device.code)))
        await registry.put_device(
            connection,
            registry.NewDevice(device.site, device.code, device.profile, device.zh, device.en, hashed),
        )


def scenes_of(clip: str) -> tuple[Scene, ...]:
    """What happens in a bundled clip."""
    return tuple(dict.fromkeys(one.scene for one in _truth(clip).scene))


def polygon_of(clip: str, scenes: tuple[Scene, ...]) -> tuple[Point, ...] | None:
    """Where in the bundled clip one of the scenes happens."""
    return next((one.zone for one in _truth(clip).scene if one.scene in scenes), None)


def zone_of(clip: str, name: str) -> tuple[Point, ...] | None:
    """A zone that the bundled clip's truth names."""
    return next((one.polygon for one in _truth(clip).zone if one.name == name), None)


def beginning(clip: str, scene: str) -> float | None:
    """How many seconds after a bundled clip's start a scene first begins in it."""
    return min((one.begin_s for one in _truth(clip).scene if one.scene == scene), default=None)


def ending(clip: str, scene: str) -> float | None:
    """How many seconds after a bundled clip's start a scene is last over in it."""
    return max((one.end_s for one in _truth(clip).scene if one.scene == scene), default=None)


def _truth(clip: str) -> _ClipTruth:
    file = files("simulators").joinpath("footage").joinpath(f"{clip}.toml")
    if not clip or not file.is_file():
        return _ClipTruth()
    return msgspec.toml.decode(file.read_text(encoding="utf-8"), type=_ClipTruth)


def _hashed(secret: str, kept: str | None) -> str:
    """The kept hash while it is the secret's: a new one would differ by its salt only."""
    return kept if kept is not None and credential.verify(secret, kept) else credential.protect(secret)


async def _camera(connection: Connection, entry: CameraEntry, places: Places) -> None:
    zones = tuple(zone.zone(entry.clip) for zone in entry.zones)
    url = entry.url or places.camera_url(entry.code)
    camera = Camera(
        *(entry.code, entry.site, url, zones),
        integrity=entry.integrity,
        live_url=entry.live_url,
        mode=entry.mode,
        weight=entry.weight,
    )
    await registry.put_camera(connection, camera, entry.edge, entry.zh, entry.en)


async def _person(connection: Connection, entry: PersonEntry, secret: Callable[[str], str]) -> None:
    """A person who is there keeps the password that they may have changed."""
    if await registry.password(connection, entry.login) is not None:
        return
    hashed = PasswordHasher().hash(secret(f"person.{entry.login}"))
    person = registry.NewPerson(entry.login, entry.name, entry.role, hashed, entry.authority, entry.operator)
    await registry.put_person(connection, person)
