"""What the public's pages read and write: nobody is logged in, and the database's own functions show what they may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class PublicEquipment:
    """All that the public sees of a piece of equipment."""

    zh: str
    en: str
    kind: str
    registration: str
    maintainer: str
    hotline: str
    last_inspection: date | None
    next_inspection: date | None
    failed: bool
    today: date


@dataclass(frozen=True, slots=True)
class PublicSite:
    """All that the public sees of a site. `live`: its operator and its authority agreed."""

    zh: str
    en: str
    address: str
    published: bool
    grade: str
    live: bool


@dataclass(frozen=True, slots=True)
class PublicCamera:
    """A published camera by its number. `camera_id`, `code` and `edge` are for us alone."""

    place: int
    camera_id: int
    code: str
    zh: str
    en: str
    edge: str
    well: bool
    asked: datetime | None
    passed: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A redacted picture, and when it was captured."""

    jpeg: bytes
    passed: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A camera that this process is to look at now."""

    camera_id: int
    code: str
    edge: str


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """What somebody wrote, of one piece of equipment or of one site; `photos`: addresses and sizes."""

    equipment: str | None
    site: str | None
    topic: str
    words: str
    phone: str
    photos: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A complaint as its author sees it, with one of its answers, if there is one."""

    zh: str
    en: str
    at: datetime
    topic: str
    answered: datetime | None
    answer: str | None
    closes: bool | None


async def equipment(connection: Connection, token: str, now: datetime) -> PublicEquipment | None:
    """The equipment of a code, or None."""
    async with connection.cursor(row_factory=class_row(PublicEquipment)) as cursor:
        await cursor.execute("SELECT * FROM public_equipment(%s, %s)", (token, now))
        return await cursor.fetchone()


async def site(connection: Connection, token: str) -> PublicSite | None:
    """The site of an address, published or not, or None."""
    async with connection.cursor(row_factory=class_row(PublicSite)) as cursor:
        await cursor.execute("SELECT * FROM public_site(%s)", (token,))
        return await cursor.fetchone()


async def cameras(connection: Connection, token: str) -> list[PublicCamera]:
    """A published site's published cameras."""
    async with connection.cursor(row_factory=class_row(PublicCamera)) as cursor:
        await cursor.execute("SELECT * FROM public_cameras(%s) ORDER BY place", (token,))
        return await cursor.fetchall()


async def picture(connection: Connection, token: str, place: int) -> Picture | None:
    """The newest picture of a published camera, or None."""
    async with connection.cursor(row_factory=class_row(Picture)) as cursor:
        await cursor.execute("SELECT * FROM public_picture(%s, %s)", (token, place))
        return await cursor.fetchone()


async def claim(connection: Connection, token: str, every: timedelta) -> list[Claimed]:
    """Which published cameras nobody has looked at for so long; they are the caller's now."""
    async with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        await cursor.execute("SELECT * FROM public_claim(%s, %s)", (token, every))
        return await cursor.fetchall()


async def looked(connection: Connection, camera: int, taken: datetime | None, jpeg: bytes | None, why: str) -> None:
    """What a look brought: a picture captured at `taken`, or the reason for none."""
    await connection.execute("SELECT public_looked(%s, %s, %s, %s)", (camera, taken, jpeg, why))


async def complain(connection: Connection, said: NewComplaint, most: int) -> str | None:
    """The receipt; None where there is no such subject, '' where it has had its `most` of a day."""
    cursor = await connection.execute(
        "SELECT public_complain(%s, %s, %s, %s, %s, %s::text[], %s::bigint[], %s)",
        (
            *(said.equipment, said.site, said.topic, said.words, said.phone),
            *([sha256 for sha256, _ in said.photos], [size for _, size in said.photos], most),
        ),
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else str(row[0])


async def receipt(connection: Connection, token: str) -> list[ReceiptRow]:
    """A complaint and its answers, or nothing."""
    async with connection.cursor(row_factory=class_row(ReceiptRow)) as cursor:
        await cursor.execute("SELECT * FROM public_receipt(%s)", (token,))
        return await cursor.fetchall()
