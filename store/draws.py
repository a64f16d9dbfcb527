"""Random draws: their candidates, and what was drawn; append-only, each in the audit log by its digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain import draw as domain
from domain.draw import Candidate, Draw
from store import people, risk
from store.connection import Connection
from store.people import Person

AUDITED = "sites_drawn"
NO_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One draw in a list. `person` None: the command line."""

    id: int
    at: datetime
    zh: str
    en: str
    person: str | None
    sites: int
    inspectors: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One draw as it was recorded, its digest, and whether the audit log names the same."""

    id: int
    at: datetime
    zh: str
    en: str
    person: str | None
    draw: Draw
    sha256: str
    audited: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A site's or an inspector's code, id and names."""

    code: str
    id: int
    zh: str
    en: str


async def perform(
    connection: Connection, person: Person | None, authority: str, seed: str, *, sites: int, inspectors: int
) -> int:
    """Draw of the authority's sites and regulators, and record it; returns its id. Raises domain.draw.BadDrawError."""
    day = await risk.whole_day(connection)
    places = await _sites(connection, authority, day)
    regulators = await _inspectors(connection, authority)
    domain.check(seed, sites, inspectors, (len(places), len(regulators)))
    made = Draw(
        authority, seed, None if day is None else day.day, None if day is None else day.weights, places, regulators,
        domain.drawn(seed, "site", places, sites), domain.drawn(seed, "inspector", regulators, inspectors),
    )  # fmt: skip
    return await _record(connection, person, made)


async def _sites(connection: Connection, authority: str, day: risk.Day | None) -> tuple[Candidate, ...]:
    cursor = await connection.execute(
        "SELECT code, coalesce(score, 0) FROM site LEFT JOIN risk_score ON site_id = site.id AND device_id = 0"
        ' AND day = %s WHERE authority <@ %s::ltree ORDER BY code COLLATE "C"',
        (None if day is None else day.day, authority),
    )
    return tuple(Candidate(str(code), domain.lots(int(str(score)))) for code, score in await cursor.fetchall())


async def _inspectors(connection: Connection, authority: str) -> tuple[Candidate, ...]:
    cursor = await connection.execute(
        "SELECT login FROM person WHERE role = 'regulator' AND enabled AND authority <@ %s::ltree"
        ' ORDER BY login COLLATE "C"',
        (authority,),
    )
    return tuple(Candidate(str(row[0])) for row in await cursor.fetchall())


async def _record(connection: Connection, person: Person | None, made: Draw) -> int:
    async with connection.transaction():
        cursor = await connection.execute(
            "INSERT INTO draw (authority, person_id, body, sha256) VALUES (%s::ltree, %s, %s, %s) RETURNING id, at",
            (
                *(made.authority, None if person is None else person.id),
                *(Jsonb(msgspec.to_builtins(made)), domain.digest(made)),
            ),
        )
        row = await cursor.fetchone()
        assert row is not None
        identity = int(str(row[0]))
        await connection.execute(
            "INSERT INTO draw_site SELECT %s, id, %s FROM site WHERE code = ANY(%s)",
            (identity, row[1], list(made.drawn_sites)),
        )
        detail = {"draw": identity, "seed": made.seed, "sha256": domain.digest(made), "weights": made.weights}
        await people.audit(connection, person, AUDITED, detail)
    return identity


async def page(connection: Connection, limit: int, before: int = NO_END) -> list[DrawRow]:
    """The newest draws that the person may see, of lower ids than `before`."""
    async with connection.cursor(row_factory=class_row(DrawRow)) as cursor:
        await cursor.execute(
            "SELECT draw.id, draw.at, authority.zh, authority.en, person.name AS person,"
            " jsonb_array_length(body -> 'drawn_sites') AS sites,"
            " jsonb_array_length(body -> 'drawn_inspectors') AS inspectors FROM draw"
            " JOIN authority ON authority.path = draw.authority LEFT JOIN person ON person.id = person_id"
            " WHERE draw.id < %s ORDER BY draw.id DESC LIMIT %s",
            (before, limit),
        )
        return await cursor.fetchall()


async def one(connection: Connection, identity: int) -> Kept | None:
    """One draw, or None where there is none or it is another tenant's."""
    cursor = await connection.execute(
        "SELECT draw.id, draw.at, authority.zh, authority.en, person.name, body, draw.sha256, EXISTS (SELECT FROM audit"
        "  WHERE action = %s AND audit.at >= draw.at AND detail ->> 'draw' = draw.id::text"
        "  AND detail ->> 'sha256' = draw.sha256)"
        " FROM draw JOIN authority ON authority.path = draw.authority LEFT JOIN person ON person.id = person_id"
        " WHERE draw.id = %s",
        (AUDITED, identity),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    number, at, zh, en, person, body, sha256, audited = row
    assert isinstance(at, datetime)
    name = None if person is None else str(person)
    draw = msgspec.convert(body, Draw)
    return Kept(int(str(number)), at, str(zh), str(en), name, draw, str(sha256), bool(audited))


async def misweighted(connection: Connection, kept: Kept) -> list[str]:
    """Candidates whose lots are not what their score gave; of days forgotten, or scored again, nothing is known."""
    draw = kept.draw
    cursor = await connection.execute(
        "SELECT code FROM unnest(%s::text[], %s::int[]) AS told (code, lots) JOIN site USING (code)"
        " JOIN risk_score ON site_id = site.id AND device_id = 0 AND day = %s"
        " WHERE lots <> 1 + score AND EXISTS (SELECT FROM risk_day WHERE risk_day.day = risk_score.day"
        "  AND weights = %s AND risk_day.at <= %s) ORDER BY code",
        ([one.code for one in draw.sites], [one.lots for one in draw.sites], draw.day, draw.weights, kept.at),
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def site_names(connection: Connection, codes: Sequence[str]) -> dict[str, Name]:
    """The sites of those codes, as far as the person may see them."""
    async with connection.cursor(row_factory=class_row(Name)) as cursor:
        await cursor.execute("SELECT code, id, zh, en FROM site WHERE code = ANY(%s)", (list(codes),))
        return {one.code: one for one in await cursor.fetchall()}


async def inspector_names(connection: Connection, logins: Sequence[str]) -> dict[str, Name]:
    """The people of those logins."""
    async with connection.cursor(row_factory=class_row(Name)) as cursor:
        await cursor.execute(
            "SELECT login AS code, id, name AS zh, name AS en FROM person WHERE login = ANY(%s)", (list(logins),)
        )
        return {one.code: one for one in await cursor.fetchall()}
