"""The rule table: versions of each rule, of which the highest is active."""

from collections.abc import Iterable

import msgspec
from psycopg.types.json import Jsonb

from domain.rule import Rule
from store.connection import Connection


async def install(connection: Connection, rules: Iterable[Rule]) -> int:
    """Add the versions that are not there yet and return how many; a version once installed never changes.

    Of each code the highest version becomes the active one. Needs the owner's rights.
    """
    added = 0
    async with connection.transaction():
        for rule in rules:
            added += await _add(connection, rule)
        await connection.execute("SELECT pg_notify('mingchu_config', '')")
    return added


async def _add(connection: Connection, rule: Rule) -> int:
    await connection.execute(
        "UPDATE rule SET active = false WHERE code = %s AND active AND version < %s", (rule.code, rule.version)
    )
    cursor = await connection.execute(
        "INSERT INTO rule (code, version, body, active) SELECT %(code)s, %(version)s, %(body)s,"
        " NOT EXISTS (SELECT FROM rule WHERE code = %(code)s AND active)"
        " ON CONFLICT (code, version) DO NOTHING",
        {"code": rule.code, "version": rule.version, "body": Jsonb(msgspec.to_builtins(rule))},
    )
    return cursor.rowcount


async def active(connection: Connection) -> tuple[Rule, ...]:
    """The rules in force, by code."""
    cursor = await connection.execute("SELECT body FROM rule WHERE active ORDER BY code")
    return tuple(msgspec.convert(row[0], Rule) for row in await cursor.fetchall())


async def version(connection: Connection, code: str, number: int) -> Rule | None:
    """One version of a rule, active or not."""
    cursor = await connection.execute("SELECT body FROM rule WHERE code = %s AND version = %s", (code, number))
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row[0], Rule)


async def current(connection: Connection, code: str) -> Rule | None:
    """The version of a rule that is in force."""
    cursor = await connection.execute("SELECT body FROM rule WHERE code = %s AND active", (code,))
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row[0], Rule)
