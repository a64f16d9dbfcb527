"""The rule table: every version of each rule stays; one of each code is current, and in force unless it is off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg import errors
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.rule import Rule
from store.connection import Connection

_LOCK = 0x72756C6573  # "rules"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. `body`: JSON text of a domain.rule.Rule. `shipped`: of the product's file; `person` None: nobody's
    that the reader may see, the file's or the command line's.
    """

    code: str
    version: int
    body: str
    current: bool
    enabled: bool
    shipped: int | None
    at: datetime
    person: str | None
    why: str
    made_on: int | None
    restores: int | None
    offered: int | None  # a later version of the product's file, that people's own is in the place of


_VERSIONS: LiteralString = """
    SELECT code, version, body::text AS body, current, rule.enabled, shipped, at, person.name AS person, why, made_on,
        restores, (SELECT max(other.version) FROM rule AS other WHERE other.code = rule.code
            AND other.shipped IS NOT NULL AND other.version > rule.version) AS offered
    FROM rule LEFT JOIN person ON person.id = person_id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A version that somebody wants to be the next one, made from version `made_on` (0: there is none yet)."""

    rule: Rule
    made_on: int
    enabled: bool
    why: str
    restores: int | None = None


async def install(connection: Connection, rules: Iterable[Rule]) -> int:
    """Add the file's versions that are not there yet and return how many; a version once installed never changes.

    The newest of the file's becomes the current one, but never in the place of what people have made: there it is
    added to the history only (ADR 30). Needs the owner's rights.
    """
    added = 0
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        for rule in rules:
            added += await _ship(connection, rule)
    return added


async def _ship(connection: Connection, rule: Rule) -> int:
    known = await connection.execute(
        "SELECT FROM rule WHERE code = %s AND shipped = %s LIMIT 1", (rule.code, rule.version)
    )
    if await known.fetchone() is not None:
        return 0
    await connection.execute(
        "UPDATE rule SET current = false WHERE code = %s AND current AND shipped < %s", (rule.code, rule.version)
    )
    # Its own number where that is free; where people have taken it, the next one.
    await connection.execute(
        "INSERT INTO rule (code, version, body, shipped, current) SELECT %(code)s, number,"
        " jsonb_set(%(body)s, '{version}', to_jsonb(number)), %(version)s,"
        " NOT EXISTS (SELECT FROM rule WHERE code = %(code)s AND current)"
        " FROM (SELECT CASE WHEN bool_or(version = %(version)s) THEN max(version) + 1 ELSE %(version)s END AS number"
        "  FROM rule WHERE code = %(code)s) AS free",
        {"code": rule.code, "version": rule.version, "body": Jsonb(msgspec.to_builtins(rule))},
    )
    return 1


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


async def in_place(connection: Connection) -> list[VersionRow]:
    """The current version of every rule, on or off, by code."""
    async with connection.cursor(row_factory=class_row(VersionRow)) as cursor:
        await cursor.execute(_VERSIONS + " WHERE current ORDER BY code")
        return await cursor.fetchall()


async def history(connection: Connection, code: str) -> list[VersionRow]:
    """All versions of a rule, the newest first."""
    async with connection.cursor(row_factory=class_row(VersionRow)) as cursor:
        await cursor.execute(_VERSIONS + " WHERE code = %s ORDER BY version DESC LIMIT 1000", (code,))
        return await cursor.fetchall()


async def governs(connection: Connection) -> bool:
    """Whether the person of this transaction may change rules."""
    row = await (await connection.execute("SELECT governs_rules()")).fetchone()
    return row is not None and bool(row[0])


async def save(connection: Connection, change: Change) -> int | None:
    """Make it the current version and return its number; None where the current one is not `made_on` any more."""
    code = change.rule.code
    try:
        async with connection.transaction():
            return await _save(connection, code, change)
    except errors.UniqueViolation:  # somebody was faster by a hair
        return None


async def _save(connection: Connection, code: str, change: Change) -> int | None:
    retired = await connection.execute(
        "UPDATE rule SET current = false WHERE code = %s AND current AND version = %s", (code, change.made_on)
    )
    if retired.rowcount != bool(change.made_on):
        return None
    cursor = await connection.execute(
        "INSERT INTO rule (code, version, body, enabled, why, made_on, restores) SELECT %(code)s, number,"
        " jsonb_set(%(body)s, '{version}', to_jsonb(number)), %(enabled)s, %(why)s,"
        " nullif(%(made_on)s, 0), %(restores)s"
        " FROM (SELECT coalesce(max(version), 0) + 1 AS number FROM rule WHERE code = %(code)s) AS free"
        " RETURNING version",
        {
            **{"code": code, "body": Jsonb(msgspec.to_builtins(change.rule)), "enabled": change.enabled},
            **{"why": change.why, "made_on": change.made_on, "restores": change.restores},
        },
    )
    row = await cursor.fetchone()
    return None if row is None else int(str(row[0]))


@dataclass(frozen=True, slots=True)
class VocabularyRow:
    """The names that rules may use of one device profile."""

    code: str
    base: str | None
    metrics: Sequence[str]
    events: Sequence[str]


async def vocabulary(connection: Connection) -> list[VocabularyRow]:
    """What rules may name, profile by profile."""
    async with connection.cursor(row_factory=class_row(VocabularyRow)) as cursor:
        await cursor.execute(
            "SELECT code, body->>'base' AS base,"
            " ARRAY(SELECT name FROM metric WHERE profile_code = code ORDER BY id) AS metrics,"
            " ARRAY(SELECT event->>'code' FROM jsonb_array_elements(coalesce(body->'events', '[]')) AS event) AS events"
            " FROM device_profile ORDER BY code"
        )
        return await cursor.fetchall()


async def profile(connection: Connection, code: str) -> str | None:
    """A device profile as JSON text."""
    cursor = await connection.execute("SELECT body::text FROM device_profile WHERE code = %s", (code,))
    row = await cursor.fetchone()
    return None if row is None else str(row[0])
