"""People: who logs in, their sessions, the scope that the database enforces for them, and the audit log."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from domain import permission
from domain.alert import OUTSIDERS, Role
from domain.permission import Permission, Permissions
from store.connection import Connection

Pool = AsyncConnectionPool[Connection]

WAIT_S = 4.0  # for a free connection; longer means that the database is gone or swamped


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in; exactly one is set of `authority` (an ltree path), `operator_id`, and, of outsiders,
    `vendor` (a code) and `firm` (a rescuer's id).
    """

    id: int
    login: str
    name: str
    role: Role
    authority: str | None
    operator_id: int | None
    lang: str
    configures: bool = False  # may change cameras and edges of the authority
    own: Collection[str] | None = None  # the permissions of a role of the authority's own; None: the built-in role's
    token: int | None = None  # which API token speaks for the person
    scopes: Collection[str] | None = None  # and what it is for
    vendor: str | None = None
    firm: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))

    @property
    def permissions(self) -> Permissions:
        """All that the person may, by role; through a token no more than the token is for."""
        mine = permission.held(self.role, self.own, configures=self.configures)
        return mine if self.scopes is None else mine & permission.known(self.scopes) | permission.floor(self.role)

    def may(self, what: Permission) -> bool:
        """Whether the person may do that, to what the scope shows."""
        return what in self.permissions

    @property
    def outside(self) -> bool:
        """A vendor's or a maintenance firm's: has no scope, only pages of his own."""
        return self.role in OUTSIDERS

    @property
    def may_configure(self) -> bool:
        """What the scope of an authority's person is widened by; never an operator's."""
        return self.may(Permission.CAMERA_CONFIGURE) and self.authority is not None

    @property
    def may_provision(self) -> bool:
        """Lets devices of the authority in and out, and sees what it has of vendors and profiles."""
        return self.may(Permission.DEVICE_PROVISION) and self.may_configure

    @property
    def may_act(self) -> bool:
        """Moves alerts, as the role's side may."""
        return self.may(Permission.ALERT_HANDLE if self.role is Role.OPERATOR else Permission.ALERT_REVIEW)


@dataclass(frozen=True, slots=True)
class Account:
    """A person's login with the argon2id hash of the password."""

    person: Person
    password: str


@dataclass(frozen=True, slots=True)
class _PersonRow:
    id: int
    login: str
    name: str
    role: Role
    authority: str | None
    operator_id: int | None
    lang: str
    configures: bool
    own: Collection[str] | None
    vendor: str | None
    firm: int | None
    password: str

    def person(self) -> Person:
        known = (self.id, self.login, self.name, self.role, self.authority, self.operator_id, self.lang)
        return Person(*known, configures=self.configures, own=self.own, vendor=self.vendor, firm=self.firm)


@asynccontextmanager
async def scoped(pool: Pool, person: Person) -> AsyncIterator[Connection]:
    """One transaction that sees and writes only what `person` may: row-level security reads these settings."""
    async with pool.connection(timeout=WAIT_S) as connection:
        await connection.execute(
            "SELECT set_config('mingchu.authority', %s, true), set_config('mingchu.operator', %s, true),"
            " set_config('mingchu.configures', %s, true), set_config('mingchu.person', %s, true),"
            " set_config('mingchu.provisions', %s, true), set_config('mingchu.manages', %s, true),"
            " set_config('mingchu.audits', %s, true), set_config('mingchu.faces', %s, true),"
            " set_config('mingchu.vendor', %s, true), set_config('mingchu.firm', %s, true),"
            " set_config('statement_timeout', '15s', true)",
            (
                person.authority or "",
                "" if person.operator_id is None else str(person.operator_id),
                _switch(person.may_configure),
                str(person.id),
                _switch(person.may_provision),
                _switch(person.may(Permission.PEOPLE_MANAGE)),
                _switch(person.may(Permission.AUDIT_READ)),
                _switch(person.may(Permission.EVIDENCE_UNBLURRED)),
                person.vendor or "",
                "" if person.firm is None else str(person.firm),
            ),
        )
        yield connection


def _switch(yes: bool) -> str:
    return "on" if yes else ""


@asynccontextmanager
async def unscoped(pool: Pool) -> AsyncIterator[Connection]:
    """One transaction of nobody: the database shows no tenant's rows, only the few look-ups before a login."""
    async with pool.connection(timeout=WAIT_S) as connection:
        yield connection


@asynccontextmanager
async def glance(pool: Pool) -> AsyncIterator[Connection]:
    """One statement of nobody, without the two journeys of a transaction: who asks is looked up for every request."""
    async with pool.connection(timeout=WAIT_S) as connection:
        await connection.set_autocommit(True)
        try:
            yield connection
        finally:
            if not connection.closed:
                await connection.set_autocommit(False)


async def by_login(connection: Connection, login: str) -> Account | None:
    """The enabled account of that login, or None."""
    async with connection.cursor(row_factory=class_row(_PersonRow)) as cursor:
        await cursor.execute(
            "SELECT id, login, name, role, authority::text, operator_id, lang, configures,"
            " role_permissions(role_id) AS own, vendor_code AS vendor, firm_id AS firm, password"
            " FROM person_by_login(%s)",
            (login,),
        )
        row = await cursor.fetchone()
    return None if row is None else Account(row.person(), row.password)


async def by_session(connection: Connection, token_sha256: bytes) -> Person | None:
    """Whose unexpired session that token's hash names, or None."""
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            "SELECT id, login, name, role, authority::text, operator_id, lang, configures,"
            " role_permissions(role_id) AS own, vendor_code AS vendor, firm_id AS firm FROM person_by_session(%s)",
            (token_sha256,),
        )
        return await cursor.fetchone()


async def by_token(connection: Connection, token_sha256: bytes) -> Person | None:
    """For whom that token's hash speaks, and for what; None where it is unknown, expired, revoked or its person out."""
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            "SELECT person.id, login, name, role, authority::text, operator_id, lang, configures,"
            " role_permissions(role_id) AS own, vendor_code AS vendor, firm_id AS firm, known.token, known.scopes"
            " FROM token_person(%s) AS known, LATERAL person_by_id(known.person_id) AS person",
            (token_sha256,),
        )
        return await cursor.fetchone()


async def by_subject(connection: Connection, subject: str, login: str) -> Person | None:
    """Who an identity provider's subject is: who is bound to it, else the account of that login, bound from now on."""
    async with connection.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            "SELECT id, login, name, role, authority::text, operator_id, lang, configures,"
            " role_permissions(role_id) AS own, vendor_code AS vendor, firm_id AS firm FROM person_by_subject(%s, %s)",
            (subject, login),
        )
        return await cursor.fetchone()


async def ended(connection: Connection, tokens: Collection[bytes]) -> list[bytes]:
    """Those of the sessions that name nobody any more."""
    cursor = await connection.execute(
        "SELECT token FROM unnest(%s::bytea[]) AS token WHERE NOT EXISTS (SELECT FROM person_by_session(token))"
        " AND NOT EXISTS (SELECT FROM token_person(token) AS known, LATERAL person_by_id(known.person_id))",
        (list(tokens),),
    )
    return [bytes(row[0]) for row in await cursor.fetchall() if isinstance(row[0], bytes)]


async def open_session(
    connection: Connection,
    token_sha256: bytes,
    person: Person,
    expires: datetime,
    *,
    address: str = "",
    agent: str = "",
) -> None:
    """Remember a new session, and from where it was opened; what has expired meanwhile goes."""
    await connection.execute("DELETE FROM session WHERE expires < now()")
    await connection.execute(
        "INSERT INTO session (token_sha256, person_id, expires, address, agent) VALUES (%s, %s, %s, %s, %s)",
        (token_sha256, person.id, expires, address, agent),
    )


async def close_session(connection: Connection, token_sha256: bytes) -> None:
    """Forget a session: its token is worthless from now on."""
    await connection.execute("DELETE FROM session WHERE token_sha256 = %s", (token_sha256,))


async def has_everything(connection: Connection) -> bool:
    """Whether the scope is an admin's over all authorities: who has it changes what is everybody's."""
    row = await (await connection.execute("SELECT scope_is_whole()")).fetchone()
    return row is not None and bool(row[0])


async def audit(connection: Connection, person: Person | None, action: str, detail: Mapping[str, object]) -> None:
    """Append to the hash-chained audit log (PROMISES S11); what a token did names the token."""
    said = dict(detail) if person is None or person.token is None else {**detail, "token": person.token}
    await connection.execute(
        "INSERT INTO audit (person_id, action, detail) VALUES (%s, %s, %s)",
        (None if person is None else person.id, action, Jsonb(said)),
    )


async def edge_credential(connection: Connection, edge: str) -> str | None:
    """The stored credential of an edge, or None when it is unknown or revoked."""
    cursor = await connection.execute("SELECT edge_credential(%s)", (edge,))
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else str(row[0])


async def ping(connection: Connection) -> None:
    """The database answers; raises psycopg.OperationalError when it does not."""
    await connection.execute("SELECT 1")
