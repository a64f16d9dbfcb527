"""Vendors, and how their devices come to the registry: listed, claimed, given new secrets, revoked.

Secrets and claim codes are kept as hashes only. Every change of a credential announces `mingchu_config` with its
commit: the broker's users follow within seconds. Needs the owner's rights.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from psycopg import errors
from psycopg.rows import class_row

from store.connection import Connection
from store.registry import UnknownCodeError


class ProvisioningError(Exception):
    """A device is registered once, and a claim code is used once."""


class Result(StrEnum):
    """What became of one line of a list."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class VendorLine:
    """One vendor in a list."""

    code: str
    zh: str
    en: str
    contact: str
    profiles: int
    devices: int


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A device as a list names it. `vendor` and `serial` may be empty."""

    site: str
    code: str
    profile: str
    zh: str
    en: str
    vendor: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedDevice:
    """What whoever installs a device says of it. `credential` is the hash."""

    site: str
    code: str
    zh: str
    en: str
    credential: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What a claim code stands for."""

    vendor: str
    profile: str
    serial: str
    claimed: datetime | None


async def put_vendor(connection: Connection, code: str, zh: str, en: str, contact: str) -> None:
    await connection.execute(
        "INSERT INTO vendor (code, zh, en, contact) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (code) DO UPDATE SET zh = excluded.zh, en = excluded.en, contact = excluded.contact",
        (code, zh, en, contact),
    )


async def vendors(connection: Connection) -> list[VendorLine]:
    async with connection.cursor(row_factory=class_row(VendorLine)) as cursor:
        await cursor.execute(
            "SELECT code, zh, en, contact,"
            " (SELECT count(*) FROM device_profile WHERE device_profile.vendor_code = vendor.code) AS profiles,"
            " (SELECT count(*) FROM device WHERE device.vendor_code = vendor.code) AS devices"
            " FROM vendor ORDER BY code"
        )
        return await cursor.fetchall()


async def list_device(connection: Connection, device: ListedDevice, credential: str | None) -> Result:
    """Add a device with that credential, or change what its list says of it; a known one keeps its credential.

    Raises UnknownCodeError or ProvisioningError.
    """
    try:
        cursor = await connection.execute(
            "INSERT INTO device (site_id, code, profile_code, zh, en, vendor_code, serial, credential, issued)"
            " SELECT site.id, %(code)s, profile.code, %(zh)s, %(en)s, nullif(%(vendor)s, ''), %(serial)s,"
            "  %(credential)s, CASE WHEN %(credential)s::text IS NULL THEN NULL ELSE now() END"
            " FROM site, device_profile AS profile WHERE site.code = %(site)s AND profile.code = %(profile)s"
            " ON CONFLICT (site_id, code) DO UPDATE SET profile_code = excluded.profile_code, zh = excluded.zh,"
            "  en = excluded.en, vendor_code = excluded.vendor_code, serial = excluded.serial"
            " RETURNING xmax = 0",
            {
                **{name: getattr(device, name) for name in ("site", "code", "profile", "zh", "en", "vendor", "serial")},
                "credential": credential,
            },
        )
    except errors.ForeignKeyViolation:
        raise UnknownCodeError(f"there is no vendor {device.vendor!r}") from None
    except errors.UniqueViolation:
        raise ProvisioningError(f"vendor {device.vendor} has another device with the serial {device.serial}") from None
    row = await cursor.fetchone()
    if row is None:
        raise await _missing(connection, device)
    await connection.execute("SELECT pg_notify('mingchu_config', '')")
    return Result.ADDED if row[0] else Result.CHANGED


async def listed(connection: Connection, site: str, code: str) -> ListedDevice | None:
    """The device as the registry knows it."""
    async with connection.cursor(row_factory=class_row(ListedDevice)) as cursor:
        await cursor.execute(
            "SELECT site.code AS site, device.code, profile_code AS profile, device.zh, device.en,"
            " coalesce(vendor_code, '') AS vendor, serial FROM device JOIN site ON site.id = device.site_id"
            " WHERE site.code = %s AND device.code = %s",
            (site, code),
        )
        return await cursor.fetchone()


async def _missing(connection: Connection, device: ListedDevice) -> UnknownCodeError:
    site = await (await connection.execute("SELECT FROM site WHERE code = %s", (device.site,))).fetchone()
    what = f"site {device.site!r}" if site is None else f"device profile {device.profile!r}"
    return UnknownCodeError(f"there is no {what}")


async def rotate(connection: Connection, site: str, code: str, credential: str) -> None:
    """A new secret takes the place of the old one. Raises UnknownCodeError; ProvisioningError for a revoked device."""
    cursor = await connection.execute(
        "UPDATE device SET credential = %s, issued = now() FROM site WHERE site.id = device.site_id"
        " AND site.code = %s AND device.code = %s AND revoked IS NULL",
        (credential, site, code),
    )
    if cursor.rowcount == 0:
        if await listed(connection, site, code) is None:
            raise UnknownCodeError(f"there is no device {site}/{code}")
        raise ProvisioningError(f"device {site}/{code} is revoked: add it anew with `mingchu device add`")
    await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def revoke(connection: Connection, site: str, code: str) -> None:
    """Nobody may speak for the device any more, itself, an edge or a gateway. Raises UnknownCodeError."""
    cursor = await connection.execute(
        "UPDATE device SET credential = NULL, revoked = coalesce(revoked, now()), online = false FROM site"
        " WHERE site.id = device.site_id AND site.code = %s AND device.code = %s",
        (site, code),
    )
    if cursor.rowcount == 0:
        raise UnknownCodeError(f"there is no device {site}/{code}")
    await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def offer_claim(connection: Connection, code: str, vendor: str, profile: str, serial: str) -> None:
    """A device of this vendor waits for whoever installs it. Raises UnknownCodeError or ProvisioningError."""
    try:
        await connection.execute(
            "INSERT INTO claim (code_sha256, vendor_code, profile_code, serial) VALUES (%s, %s, %s, %s)",
            (_hash(code), vendor, profile, serial),
        )
    except errors.ForeignKeyViolation:
        raise UnknownCodeError(f"there is no vendor {vendor!r}, or no device profile {profile!r}") from None
    except errors.UniqueViolation:
        raise ProvisioningError(f"vendor {vendor} has a label for the serial {serial} already") from None


async def claim(connection: Connection, code: str, device: ClaimedDevice) -> ClaimRow:
    """Register the device that a label stands for; the label is used up. Raises UnknownCodeError, ProvisioningError."""
    site, name = device.site, device.code
    async with connection.transaction(), connection.cursor(row_factory=class_row(ClaimRow)) as cursor:
        await cursor.execute(
            "SELECT vendor_code AS vendor, profile_code AS profile, serial, claimed FROM claim"
            " WHERE code_sha256 = %s FOR UPDATE",
            (_hash(code),),
        )
        found = await cursor.fetchone()
        if found is None:
            raise UnknownCodeError("no label has this claim code: check the characters")
        if found.claimed is not None:
            raise ProvisioningError(f"this label was used at {found.claimed:%Y-%m-%d %H:%M} UTC")
        if await listed(connection, site, name) is not None:
            raise ProvisioningError(f"there is a device {site}/{name} already: choose another code")
        entry = ListedDevice(site, name, found.profile, device.zh, device.en, found.vendor, found.serial)
        await list_device(connection, entry, device.credential)
        await connection.execute(
            "UPDATE claim SET claimed = now(), device_id = (SELECT device.id FROM device"
            " JOIN site ON site.id = device.site_id WHERE site.code = %s AND device.code = %s) WHERE code_sha256 = %s",
            (site, name, _hash(code)),
        )
        return found


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
