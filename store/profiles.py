"""Device profiles with their history, and their metrics' ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row

from domain.profile import DeviceProfile
from store.connection import Connection
from store.registry import UnknownCodeError


class SameVersionError(Exception):
    """A profile that says something else needs a higher version than the one that is installed."""

    def __init__(self, code: str, installed: int) -> None:
        super().__init__(f"profile {code} is installed as version {installed}: give the changed file a higher one")
        self.installed = installed


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """One profile in a list."""

    code: str
    version: int
    kind: str
    zh: str
    en: str
    vendor: str
    devices: int


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of a profile."""

    version: int
    installed: datetime


async def install(connection: Connection, profiles: Iterable[DeviceProfile]) -> None:
    """Add new profiles, replace older versions; a metric keeps its id for ever. Needs the owner's rights."""
    async with connection.transaction():
        for profile in profiles:
            await _install(connection, profile)
        await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def _install(connection: Connection, profile: DeviceProfile) -> None:
    body = msgspec.json.encode(profile).decode()
    await connection.execute(
        "INSERT INTO device_profile AS old (code, version, body) VALUES (%s, %s, %s::jsonb)"
        " ON CONFLICT (code) DO UPDATE SET version = excluded.version, body = excluded.body"
        " WHERE excluded.version > old.version",
        (profile.code, profile.version, body),
    )
    await connection.execute(
        "INSERT INTO device_profile_version (code, version, body) VALUES (%s, %s, %s::jsonb) ON CONFLICT DO NOTHING",
        (profile.code, profile.version, body),
    )
    for metric in profile.metrics:
        await connection.execute(
            "INSERT INTO metric (profile_code, name, unit) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (profile.code, metric.name, metric.unit),
        )


async def install_vendors(connection: Connection, profile: DeviceProfile, vendor: str | None) -> bool:
    """Install one profile of a vendor; False: it is there already. Raises SameVersionError or UnknownCodeError."""
    if vendor is not None:
        known = await (await connection.execute("SELECT FROM vendor WHERE code = %s", (vendor,))).fetchone()
        if known is None:
            sentence = f"there is no vendor {vendor!r}: add it with `mingchu vendor add`"
            raise UnknownCodeError(sentence, "vendor", vendor)
    before = await _version(connection, profile.code)
    body = msgspec.json.encode(profile).decode()
    if before is not None and profile.version <= before:
        same = "SELECT FROM device_profile WHERE code = %s AND version = %s AND body = %s::jsonb"
        found = await (await connection.execute(same, (profile.code, profile.version, body))).fetchone()
        if found is None:
            raise SameVersionError(profile.code, before)
    await install(connection, [profile])
    if vendor is not None:
        change = "UPDATE device_profile SET vendor_code = %s WHERE code = %s"
        await connection.execute(change, (vendor, profile.code))
    return before is None or before < profile.version


async def _version(connection: Connection, code: str) -> int | None:
    cursor = await connection.execute("SELECT version FROM device_profile WHERE code = %s", (code,))
    row = await cursor.fetchone()
    return None if row is None else int(str(row[0]))


async def lines(connection: Connection) -> list[ProfileLine]:
    async with connection.cursor(row_factory=class_row(ProfileLine)) as cursor:
        await cursor.execute(
            "SELECT code, version, body->>'kind' AS kind, body->>'zh' AS zh, body->>'en' AS en,"
            " coalesce(vendor_code, '') AS vendor,"
            " (SELECT count(*) FROM device WHERE device.profile_code = device_profile.code) AS devices"
            " FROM device_profile ORDER BY code"
        )
        return await cursor.fetchall()


async def history(connection: Connection, code: str) -> Sequence[VersionLine]:
    """The versions of a profile, the newest first; raises UnknownCodeError."""
    async with connection.cursor(row_factory=class_row(VersionLine)) as cursor:
        await cursor.execute(
            "SELECT version, installed FROM device_profile_version WHERE code = %s ORDER BY version DESC", (code,)
        )
        found = await cursor.fetchall()
    if not found:
        raise UnknownCodeError(f"there is no device profile {code!r}", "profile", code)
    return found


@dataclass(frozen=True, slots=True)
class InstalledVersion:
    """One version whole; `body` is a DeviceProfile's JSON."""

    version: int
    installed: datetime
    body: str


async def versions(connection: Connection, code: str) -> list[InstalledVersion]:
    """The versions of a profile, the newest first; none: there is no such profile."""
    async with connection.cursor(row_factory=class_row(InstalledVersion)) as cursor:
        await cursor.execute(
            # What was there from the start has no time.
            "SELECT version, greatest(installed, timestamptz '1970-01-01 00:00 UTC') AS installed, body::text AS body"
            " FROM device_profile_version WHERE code = %s ORDER BY version DESC",
            (code,),
        )
        return await cursor.fetchall()


async def of_vendor(connection: Connection, code: str) -> str | None:
    """Whose a profile is, or None."""
    cursor = await connection.execute("SELECT vendor_code FROM device_profile WHERE code = %s", (code,))
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else str(row[0])


async def read(connection: Connection) -> list[DeviceProfile]:
    """All that are installed, as they are in use."""
    cursor = await connection.execute("SELECT body::text FROM device_profile ORDER BY code")
    return [msgspec.json.decode(str(row[0]), type=DeviceProfile) for row in await cursor.fetchall()]
