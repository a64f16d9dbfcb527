"""Vendors, and how their devices come to the registry: listed, claimed, given new secrets, revoked.

Secrets and claim codes are kept as hashes only. Every change of a credential announces `mingchu_config` with its
commit: the broker's users follow within seconds. For the owner; in an admin's scope for that authority's devices.
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
    """A device is registered once, and a claim code is used once. `why` is the named reason, `values` what it is of."""

    def __init__(self, sentence: str, why: "Why", **values: str) -> None:
        super().__init__(sentence)
        self.why, self.values = why, values


class Why(StrEnum):
    """Why a device does not come in as it should."""

    SERIAL_TAKEN = "serial_taken"
    CODE_TAKEN = "code_taken"
    LABEL_TAKEN = "label_taken"
    LABEL_USED = "label_used"
    REVOKED = "revoked"


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
class Standing:
    """How a device is let in. `issued`: when its credential was; `admitted`: it has one."""

    site: str
    code: str
    profile: str
    vendor: str
    serial: str
    admitted: bool
    issued: datetime | None
    revoked: datetime | None


@dataclass(frozen=True, slots=True)
class LabelLine:
    """How many of a vendor's labels for a profile were made, and how many of them used."""

    profile: str
    made: int
    used: int


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


async def vendor(connection: Connection, code: str) -> VendorLine | None:
    """One vendor, or None."""
    return next((row for row in await vendors(connection) if row.code == code), None)


async def labels(connection: Connection, vendor: str) -> list[LabelLine]:
    """A vendor's labels by profile."""
    async with connection.cursor(row_factory=class_row(LabelLine)) as cursor:
        await cursor.execute(
            "SELECT profile_code AS profile, count(*)::int AS made, count(claimed)::int AS used FROM claim"
            " WHERE vendor_code = %s GROUP BY profile_code ORDER BY profile_code",
            (vendor,),
        )
        return await cursor.fetchall()


async def standing(connection: Connection, device: int) -> Standing | None:
    """How that device is let in, or None where there is none in the scope."""
    async with connection.cursor(row_factory=class_row(Standing)) as cursor:
        await cursor.execute(
            "SELECT site.code AS site, device.code, profile_code AS profile, coalesce(vendor_code, '') AS vendor,"
            " serial, admitted, issued, revoked FROM device JOIN site ON site.id = device.site_id WHERE device.id = %s",
            (device,),
        )
        return await cursor.fetchone()


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
        raise UnknownCodeError(f"there is no vendor {device.vendor!r}", "vendor", device.vendor) from None
    except errors.UniqueViolation:
        sentence = f"vendor {device.vendor} has another device with the serial {device.serial}"
        raise ProvisioningError(sentence, Why.SERIAL_TAKEN, serial=device.serial) from None
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
    if site is None:
        return UnknownCodeError(f"there is no site {device.site!r}", "site", device.site)
    return UnknownCodeError(f"there is no device profile {device.profile!r}", "profile", device.profile)


async def rotate(connection: Connection, site: str, code: str, credential: str) -> None:
    """A new secret takes the place of the old one. Raises UnknownCodeError; ProvisioningError for a revoked device."""
    cursor = await connection.execute(
        "UPDATE device SET credential = %s, issued = now() FROM site WHERE site.id = device.site_id"
        " AND site.code = %s AND device.code = %s AND revoked IS NULL",
        (credential, site, code),
    )
    if cursor.rowcount == 0:
        if await listed(connection, site, code) is None:
            raise UnknownCodeError(f"there is no device {site}/{code}", "device", code)
        sentence = f"device {site}/{code} is revoked: add it anew with `mingchu device add`"
        raise ProvisioningError(sentence, Why.REVOKED)
    await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def readmit(connection: Connection, site: str, code: str, credential: str) -> None:
    """A new secret, and an end to a revocation. Raises UnknownCodeError."""
    cursor = await connection.execute(
        "UPDATE device SET credential = %s, issued = now(), revoked = NULL FROM site WHERE site.id = device.site_id"
        " AND site.code = %s AND device.code = %s",
        (credential, site, code),
    )
    if cursor.rowcount == 0:
        raise UnknownCodeError(f"there is no device {site}/{code}", "device", code)
    await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def revoke(connection: Connection, site: str, code: str) -> None:
    """Nobody may speak for the device any more, itself, an edge or a gateway. Raises UnknownCodeError."""
    cursor = await connection.execute(
        "UPDATE device SET credential = NULL, revoked = coalesce(revoked, now()), online = false FROM site"
        " WHERE site.id = device.site_id AND site.code = %s AND device.code = %s",
        (site, code),
    )
    if cursor.rowcount == 0:
        raise UnknownCodeError(f"there is no device {site}/{code}", "device", code)
    await connection.execute("SELECT pg_notify('mingchu_config', '')")


async def offer_claim(connection: Connection, code: str, vendor: str, profile: str, serial: str) -> None:
    """A device of this vendor waits for whoever installs it. Raises UnknownCodeError or ProvisioningError."""
    try:
        await connection.execute(
            "INSERT INTO claim (code_sha256, vendor_code, profile_code, serial) VALUES (%s, %s, %s, %s)",
            (_hash(code), vendor, profile, serial),
        )
    except errors.ForeignKeyViolation:
        sentence = f"there is no vendor {vendor!r}, or no device profile {profile!r}"
        raise UnknownCodeError(sentence, "vendor", vendor) from None
    except errors.UniqueViolation:
        sentence = f"vendor {vendor} has a label for the serial {serial} already"
        raise ProvisioningError(sentence, Why.LABEL_TAKEN, serial=serial) from None


async def claim(connection: Connection, code: str, device: ClaimedDevice) -> ClaimRow:
    """Register the device that a label stands for; the label is used up. Raises UnknownCodeError, ProvisioningError."""
    site, name = device.site, device.code
    async with connection.transaction():
        found = await label(connection, code)
        if await listed(connection, site, name) is not None:
            sentence = f"there is a device {site}/{name} already: choose another code"
            raise ProvisioningError(sentence, Why.CODE_TAKEN, code=name)
        entry = ListedDevice(site, name, found.profile, device.zh, device.en, found.vendor, found.serial)
        await list_device(connection, entry, device.credential)
        await connection.execute(
            "UPDATE claim SET claimed = now(), device_id = (SELECT device.id FROM device"
            " JOIN site ON site.id = device.site_id WHERE site.code = %s AND device.code = %s) WHERE code_sha256 = %s",
            (site, name, _hash(code)),
        )
        return found


async def label(connection: Connection, code: str) -> ClaimRow:
    """What a label that was not used yet stands for, locked. Raises UnknownCodeError, ProvisioningError."""
    async with connection.cursor(row_factory=class_row(ClaimRow)) as cursor:
        await cursor.execute(
            "SELECT vendor_code AS vendor, profile_code AS profile, serial, claimed FROM claim"
            " WHERE code_sha256 = %s FOR UPDATE",
            (_hash(code),),
        )
        found = await cursor.fetchone()
    if found is None:
        raise UnknownCodeError("no label has this claim code: check the characters", "label")
    if found.claimed is not None:
        at = f"{found.claimed:%Y-%m-%d %H:%M} UTC"
        raise ProvisioningError(f"this label was used at {at}", Why.LABEL_USED, at=at)
    return found


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
