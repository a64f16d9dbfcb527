"""What a vendor sees of its own devices, by views that hold its filter; and the reports that it hands in (ADR 45)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.rows import class_row

from store.connection import Connection
from store.dead_letters import Letter

_LAST = datetime(9999, 12, 31, tzinfo=UTC)
_NO_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SuppliedDevice:
    """One device. `site` is a code; `letters`: how many of its messages were refused within the last day."""

    id: int
    site: str
    code: str
    zh: str
    en: str
    profile: str
    version: int
    serial: str
    online: bool
    last_seen: datetime | None
    admitted: bool
    issued: datetime | None
    revoked: datetime | None
    letters: int


@dataclass(frozen=True, slots=True)
class Turn:
    """When a device came or went."""

    at: datetime
    online: bool


@dataclass(frozen=True, slots=True)
class KitReport:
    """A report of the vendor kit as its signature vouches for it. `page` is its page, `key` the signer's."""

    sha256: str
    profile: str
    version: int
    device: str
    conforms: bool
    failed: int
    made: datetime
    key: str
    page: bytes


@dataclass(frozen=True, slots=True)
class KitReportRow:
    """One that was handed in."""

    id: int
    profile: str
    version: int
    device: str
    conforms: bool
    failed: int
    made: datetime
    key: str
    at: datetime


async def devices(
    connection: Connection, after: int, limit: int, search: str = "", device: int | None = None
) -> list[SuppliedDevice]:
    """The vendor's devices by id, from after `after` on; those whose codes or serials contain `search`."""
    async with connection.cursor(row_factory=class_row(SuppliedDevice)) as cursor:
        await cursor.execute(
            "SELECT own.*, (SELECT count(*) FROM vendor_letter WHERE device_id = own.id"
            "  AND last > now() - interval '1 day')::int AS letters FROM vendor_device AS own"
            " WHERE id > %(after)s AND (%(device)s::bigint IS NULL OR id = %(device)s)"
            " AND position(lower(%(search)s) IN lower(concat_ws(' ', site, code, serial))) > 0"
            " ORDER BY id LIMIT %(limit)s",
            {"after": after, "device": device, "search": search, "limit": limit},
        )
        return await cursor.fetchall()


async def device(connection: Connection, identity: int) -> SuppliedDevice | None:
    """One of the vendor's devices, or None."""
    found = await devices(connection, 0, 1, device=identity)
    return found[0] if found else None


async def turns(connection: Connection, device: int, limit: int = 20, before: datetime = _LAST) -> list[Turn]:
    """When one of the vendor's devices came and went, the newest first, before `before`."""
    async with connection.cursor(row_factory=class_row(Turn)) as cursor:
        await cursor.execute(
            "SELECT at, online FROM vendor_presence WHERE device_id = %s AND at < %s ORDER BY at DESC LIMIT %s",
            (device, before, limit),
        )
        return await cursor.fetchall()


async def letters(
    connection: Connection, limit: int, device: int | None = None, before: int | None = None
) -> list[Letter]:
    """Refused messages of the vendor's devices, or of one, the newest first, with lower ids than `before`."""
    async with connection.cursor(row_factory=class_row(Letter)) as cursor:
        await cursor.execute(
            "SELECT id, uuid_send(key) AS key, topic, payload, reason, partial, seen, received, last, replay, kept"
            " FROM vendor_letter WHERE (%(device)s::bigint IS NULL OR device_id = %(device)s)"
            " AND id < coalesce(%(before)s::bigint, 9223372036854775807) ORDER BY id DESC LIMIT %(limit)s",
            {"device": device, "before": before, "limit": limit},
        )
        return await cursor.fetchall()


async def enter(connection: Connection, device: int) -> bool:
    """Work within the scope of the device's station from now on, in this transaction; False: it is not the vendor's."""
    row = await (
        await connection.execute(
            "SELECT set_config('mingchu.authority', station, true) FROM vendor_station(%s) AS station"
            " WHERE station IS NOT NULL",
            (device,),
        )
    ).fetchone()
    return row is not None


async def rotate(connection: Connection, device: int, hashed: str) -> bool:
    """Another credential, as its hash; False where there is no such device with one, or it was put out."""
    row = await (await connection.execute("SELECT vendor_rotate(%s, %s)", (device, hashed))).fetchone()
    return row is not None and bool(row[0])


async def hand_in(connection: Connection, report: KitReport) -> bool:
    """Keep a report of the scope's vendor; False where it was handed in before."""
    cursor = await connection.execute(
        "INSERT INTO conformance_report (vendor_code, sha256, profile, version, device, conforms, failed, made, key,"
        " page, person_id) VALUES (scope_vendor(), %s, %s, %s, %s, %s, %s, %s, %s, %s, scope_person())"
        " ON CONFLICT (vendor_code, sha256) DO NOTHING",
        (
            *(report.sha256, report.profile, report.version, report.device, report.conforms, report.failed),
            *(report.made, report.key, report.page),
        ),
    )
    return cursor.rowcount == 1


async def reports(connection: Connection, vendor: str, limit: int = 100, before: int = _NO_END) -> list[KitReportRow]:
    """A vendor's reports, the newest first, of lower ids than `before`."""
    async with connection.cursor(row_factory=class_row(KitReportRow)) as cursor:
        await cursor.execute(
            "SELECT id, profile, version, device, conforms, failed, made, key, at FROM conformance_report"
            " WHERE vendor_code = %s AND id < %s ORDER BY id DESC LIMIT %s",
            (vendor, before, limit),
        )
        return await cursor.fetchall()


async def report_page(connection: Connection, report: int, vendor: str | None = None) -> bytes | None:
    """The page of a report that the scope may see, or None; also where it is not that vendor's."""
    cursor = await connection.execute(
        "SELECT page FROM conformance_report WHERE id = %s AND vendor_code = coalesce(%s, vendor_code)",
        (report, vendor),
    )
    row = await cursor.fetchone()
    return bytes(row[0]) if row is not None and isinstance(row[0], bytes) else None
