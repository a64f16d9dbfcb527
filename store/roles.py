"""Roles of an authority's own: named sets of permissions on one of the built-in roles."""

from collections.abc import Collection
from dataclasses import dataclass

from psycopg.rows import class_row

from domain.alert import Role
from domain.permission import Permission
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role. `mine`: the scope's authority, or one below it, has made it."""

    id: int
    authority: str
    zh: str
    en: str
    base: Role
    permissions: Collection[str]
    people: int
    mine: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", Role(self.base))


async def listed(connection: Connection, role: int | None = None) -> list[RoleRow]:
    """The roles that the scope may use: its authority's, those below and those above; or the one of that id."""
    async with connection.cursor(row_factory=class_row(RoleRow)) as cursor:
        await cursor.execute(
            "SELECT id, authority::text, zh, en, base, permissions,"
            " (SELECT count(*) FROM person WHERE role_id = role.id)::int AS people,"
            " coalesce(authority <@ scope_authority(), false) AS mine FROM role"
            " WHERE %(role)s::bigint IS NULL OR id = %(role)s ORDER BY authority, zh",
            {"role": role},
        )
        return await cursor.fetchall()


async def one(connection: Connection, role: int) -> RoleRow | None:
    """One role, or None where there is none or it is not the scope's to use."""
    found = await listed(connection, role)
    return found[0] if found else None


async def add(connection: Connection, zh: str, en: str, base: Role, permissions: Collection[Permission]) -> int:
    """A new role of the scope's own authority; raises psycopg's UniqueViolation for a name that is taken."""
    cursor = await connection.execute(
        "INSERT INTO role (authority, zh, en, base, permissions) VALUES (scope_authority(), %s, %s, %s, %s)"
        " RETURNING id",
        (zh, en, base, sorted(permissions)),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def change(connection: Connection, role: int, zh: str, en: str, permissions: Collection[Permission]) -> None:
    """Other names or permissions: from the next request on, for all who have it."""
    await connection.execute(
        "UPDATE role SET zh = %s, en = %s, permissions = %s WHERE id = %s", (zh, en, sorted(permissions), role)
    )
