"""People as those see them who manage them, within the scope; and what belongs to one's own account: sessions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from domain.alert import Role
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account. `role_id` None: the built-in role; `governed`: within what the scope may manage."""

    id: int
    login: str
    name: str
    role: Role
    configures: bool
    role_id: int | None
    role_zh: str | None
    role_en: str | None
    own: Collection[str] | None
    authority: str | None
    operator_id: int | None
    vendor: str | None
    firm: int | None
    place_zh: str
    place_en: str
    lang: str
    enabled: bool
    linked: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody to let in; exactly one is set of `authority`, `operator_id`, `vendor` (a code) and `firm` (an id)."""

    login: str
    name: str
    role: Role
    role_id: int | None
    password: str  # argon2id
    authority: str | None
    operator_id: int | None
    vendor: str | None
    firm: int | None
    lang: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One open session; `own`: the one that asks."""

    id: int
    created: datetime
    expires: datetime
    address: str
    agent: str
    own: bool


@dataclass(frozen=True, slots=True)
class EmployerRow:
    """An operator whose people the scope may manage."""

    id: int
    uscc: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """A vendor whose people the scope may manage."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class StationRow:
    """An authority of the scope's tree."""

    path: str
    zh: str
    en: str


async def listed(
    connection: Connection, text: str, after: str, limit: int, person: int | None = None
) -> list[AccountRow]:
    """The accounts that the scope governs, by login, from after `after` on; `text` is part of a login or name."""
    async with connection.cursor(row_factory=class_row(AccountRow)) as cursor:
        await cursor.execute(
            "SELECT person.id, login, person.name, role, configures, role_id, own_role.zh AS role_zh,"
            " own_role.en AS role_en, role_permissions(role_id) AS own, person.authority::text, person.operator_id,"
            " person.vendor_code AS vendor, person.firm_id AS firm,"
            " coalesce(authority.zh, operator.zh, vendor.zh, rescuer.zh, '') AS place_zh,"
            " coalesce(authority.en, operator.en, vendor.en, rescuer.en, '') AS place_en,"
            " lang, enabled, subject IS NOT NULL AS linked FROM person LEFT JOIN role AS own_role"
            " ON own_role.id = role_id LEFT JOIN authority ON authority.path = person.authority"
            " LEFT JOIN operator ON operator.id = person.operator_id LEFT JOIN vendor ON vendor.code = vendor_code"
            " LEFT JOIN rescuer ON rescuer.id = firm_id"
            " WHERE governed(person.authority, person.operator_id, vendor_code, firm_id)"
            " AND (%(person)s::bigint IS NULL OR person.id = %(person)s) AND login > %(after)s"
            " AND NOT starts_with(login, 'channel ')"  # channels that have acted by a link: nobody's account
            " AND (strpos(lower(login), lower(%(text)s)) > 0 OR strpos(lower(person.name), lower(%(text)s)) > 0)"
            " ORDER BY login LIMIT %(limit)s",
            {"person": person, "after": after, "text": text, "limit": limit},
        )
        return await cursor.fetchall()


async def one(connection: Connection, person: int) -> AccountRow | None:
    """One account that the scope governs, or None."""
    found = await listed(connection, "", "", 1, person)
    return found[0] if found else None


async def add(connection: Connection, wanted: NewAccount) -> int:
    """Let somebody in; raises psycopg's UniqueViolation (the login is taken), InsufficientPrivilege (out of scope)."""
    cursor = await connection.execute(
        "INSERT INTO person (login, name, role, role_id, password, authority, operator_id, vendor_code, firm_id, lang)"
        " VALUES (%s, %s, %s, %s, %s, %s::ltree, %s, %s, %s, %s) RETURNING id",
        (
            *(wanted.login, wanted.name, wanted.role, wanted.role_id, wanted.password),
            *(wanted.authority, wanted.operator_id, wanted.vendor, wanted.firm, wanted.lang),
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def change(connection: Connection, person: int, *, name: str, role: Role, role_id: int | None, lang: str) -> None:
    """Another name, role or language."""
    await connection.execute(
        "UPDATE person SET name = %s, role = %s, role_id = %s, lang = %s WHERE id = %s",
        (name, role, role_id, lang, person),
    )


async def set_enabled(connection: Connection, person: int, *, enabled: bool) -> None:
    """Let the person in again, or out: then the sessions end at once."""
    await connection.execute("UPDATE person SET enabled = %s WHERE id = %s", (enabled, person))
    if not enabled:
        await end_sessions(connection, person)


async def set_password(connection: Connection, person: int, hashed: str) -> None:
    """Another password, as its argon2id hash."""
    await connection.execute("UPDATE person SET password = %s WHERE id = %s", (hashed, person))


async def set_own_password(connection: Connection, hashed: str) -> None:
    """Another password for the person whose scope it is."""
    await connection.execute("SELECT change_own_password(%s)", (hashed,))


async def sessions(connection: Connection, person: int, asking: bytes) -> Sequence[SessionRow]:
    """The person's open sessions, the newest first; `asking` is the hash of the one that asks."""
    async with connection.cursor(row_factory=class_row(SessionRow)) as cursor:
        await cursor.execute(
            "SELECT id, created, expires, address, agent, token_sha256 = %s AS own FROM session"
            " WHERE person_id = %s AND expires > now() ORDER BY id DESC",
            (asking, person),
        )
        return await cursor.fetchall()


async def end_session(connection: Connection, person: int, session: int) -> bool:
    """End one of the person's sessions; False where there is none."""
    cursor = await connection.execute("DELETE FROM session WHERE id = %s AND person_id = %s", (session, person))
    return cursor.rowcount == 1


async def end_sessions(connection: Connection, person: int, but: bytes = b"") -> int:
    """End all of the person's sessions, but the one of that hash; returns how many."""
    cursor = await connection.execute("DELETE FROM session WHERE person_id = %s AND token_sha256 <> %s", (person, but))
    return cursor.rowcount


async def employers(connection: Connection) -> list[EmployerRow]:
    """The operators whose people the scope may manage, by name."""
    async with connection.cursor(row_factory=class_row(EmployerRow)) as cursor:
        await cursor.execute("SELECT id, uscc, zh, en FROM operator WHERE governed(NULL, id) ORDER BY zh LIMIT 500")
        return await cursor.fetchall()


async def suppliers(connection: Connection) -> list[SupplierRow]:
    """The vendors whose people the scope may manage, by name."""
    async with connection.cursor(row_factory=class_row(SupplierRow)) as cursor:
        await cursor.execute(
            "SELECT code, zh, en FROM vendor WHERE governed(NULL, NULL, code, NULL) ORDER BY zh LIMIT 500"
        )
        return await cursor.fetchall()


async def stations(connection: Connection) -> list[StationRow]:
    """The authorities of the scope's tree, from its root on."""
    async with connection.cursor(row_factory=class_row(StationRow)) as cursor:
        await cursor.execute(
            "SELECT path::text, zh, en FROM authority WHERE path <@ scope_authority() ORDER BY path LIMIT 500"
        )
        return await cursor.fetchall()
