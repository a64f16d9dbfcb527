"""API tokens: kept as hashes, each of a person, for some of what the person may, until a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from domain.permission import Permission
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token; `used` is true to the minute."""

    id: int
    name: str
    scopes: Collection[str]
    created: datetime
    expires: datetime
    used: datetime | None
    revoked: datetime | None


async def of_person(connection: Connection, person: int) -> list[TokenRow]:
    """The person's tokens, those in force first, the newest first."""
    async with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        await cursor.execute(
            "SELECT id, name, scopes, created, expires, used, revoked FROM api_token WHERE person_id = %s"
            " ORDER BY revoked IS NOT NULL OR expires < now(), id DESC LIMIT 100",
            (person,),
        )
        return await cursor.fetchall()


async def add(
    connection: Connection, person: int, sha256: bytes, *, name: str, scopes: Collection[Permission], expires: datetime
) -> TokenRow:
    """Keep a new one."""
    async with connection.cursor(row_factory=class_row(TokenRow)) as cursor:
        await cursor.execute(
            "INSERT INTO api_token (person_id, sha256, name, scopes, expires) VALUES (%s, %s, %s, %s, %s)"
            " RETURNING id, name, scopes, created, expires, used, revoked",
            (person, sha256, name, sorted(scopes), expires),
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def revoke(connection: Connection, person: int, token: int) -> str | None:
    """Let it in no more; returns its name, None where there is none in force."""
    cursor = await connection.execute(
        "UPDATE api_token SET revoked = now() WHERE id = %s AND person_id = %s AND revoked IS NULL RETURNING name",
        (token, person),
    )
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def revoke_all(connection: Connection, person: int) -> int:
    """Let none of the person's tokens in any more; returns how many."""
    cursor = await connection.execute(
        "UPDATE api_token SET revoked = now() WHERE person_id = %s AND revoked IS NULL", (person,)
    )
    return cursor.rowcount
