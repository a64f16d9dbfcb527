"""Reports as they were made: kept, listed, and made again to be compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.period import Period, Span
from domain.report import Figures, Thing, digest
from store.connection import Connection
from store.report_figures import Scope, figures


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in a list."""

    id: int
    span: Span
    begin_at: datetime
    end_at: datetime
    made: datetime
    zh: str
    en: str
    raised: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "span", Span(self.span))


@dataclass(frozen=True, slots=True)
class Report:
    """One report with its figures."""

    id: int
    made: datetime
    sha256: str
    authority: str | None
    site: int | None
    figures: Figures


async def of_authority(connection: Connection, path: str) -> Scope | None:
    """An authority's sites, or None where there is no such authority."""
    cursor = await connection.execute("SELECT zh, en FROM authority WHERE path = %s::ltree", (path,))
    row = await cursor.fetchone()
    return None if row is None else Scope(Thing(path, str(row[0]), str(row[1])), authority=path)


async def of_site(connection: Connection, site: int) -> Scope | None:
    """One site, or None where there is none, or none that the person may see."""
    cursor = await connection.execute("SELECT code, zh, en FROM site WHERE id = %s", (site,))
    row = await cursor.fetchone()
    return None if row is None else Scope(Thing(str(row[0]), str(row[1]), str(row[2])), site=site)


async def of_code(connection: Connection, code: str) -> Scope | None:
    """The site of that code, as `of_site` has it."""
    cursor = await connection.execute("SELECT id FROM site WHERE code = %s", (code,))
    row = await cursor.fetchone()
    return None if row is None else await of_site(connection, int(str(row[0])))


async def missing(connection: Connection, period: Period) -> list[str]:
    """The authorities that somebody works for and that have no report of a period yet."""
    cursor = await connection.execute(
        "SELECT DISTINCT person.authority::text FROM person WHERE authority IS NOT NULL AND enabled AND NOT EXISTS ("
        " SELECT FROM report WHERE span = %s AND begin_at = %s AND report.authority = person.authority) ORDER BY 1",
        (period.span, period.begin),
    )
    return [str(row[0]) for row in await cursor.fetchall()]


async def make(connection: Connection, period: Period, scope: Scope) -> int:
    """Make a closed period's report and keep it, unless it is there; returns its id."""
    made = await figures(connection, period, scope)
    cursor = await connection.execute(
        "INSERT INTO report (span, begin_at, end_at, closed, authority, site_id, body, sha256)"
        " VALUES (%s, %s, %s, %s, %s::ltree, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        (
            *(period.span, period.begin, period.end, period.closes, scope.authority, scope.site),
            *(Jsonb(msgspec.to_builtins(made)), digest(made)),
        ),
    )
    row = await cursor.fetchone()
    if row is None:
        cursor = await connection.execute(
            "SELECT id FROM report WHERE span = %s AND begin_at = %s AND authority IS NOT DISTINCT FROM %s::ltree"
            " AND site_id IS NOT DISTINCT FROM %s::bigint",
            (period.span, period.begin, scope.authority, scope.site),
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


_ROWS: LiteralString = (
    "SELECT id, span, begin_at, end_at, made, body #>> '{scope,zh}' AS zh, body #>> '{scope,en}' AS en,"
    " (SELECT coalesce(sum((each ->> 'raised')::int), 0)::int FROM jsonb_array_elements(body -> 'classes') AS each)"
    " AS raised FROM report WHERE (span = %(span)s::text OR %(span)s::text IS NULL)"
)


async def page(connection: Connection, span: Span | None, limit: int) -> list[ReportRow]:
    """The newest reports that the person may see, those of authorities before those of sites."""
    async with connection.cursor(row_factory=class_row(ReportRow)) as cursor:
        await cursor.execute(
            _ROWS + " ORDER BY end_at DESC, site_id NULLS FIRST, authority, id DESC LIMIT %(limit)s",
            {"span": span, "limit": limit},
        )
        return await cursor.fetchall()


async def walk(connection: Connection, span: Span | None, limit: int, before: tuple[datetime, int]) -> list[ReportRow]:
    """The same by end and id, those before `before`."""
    async with connection.cursor(row_factory=class_row(ReportRow)) as cursor:
        await cursor.execute(
            _ROWS + " AND (end_at, id) < (%(end)s, %(id)s) ORDER BY end_at DESC, id DESC LIMIT %(limit)s",
            {"span": span, "limit": limit, "end": before[0], "id": before[1]},
        )
        return await cursor.fetchall()


async def one(connection: Connection, identity: int) -> Report | None:
    """One report, or None where there is none or it is another tenant's."""
    cursor = await connection.execute(
        "SELECT id, made, sha256, authority::text, site_id, body FROM report WHERE id = %s", (identity,)
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    found, made, sha256, authority, site, body = row
    assert isinstance(made, datetime)
    return Report(
        int(str(found)),
        made,
        str(sha256),
        None if authority is None else str(authority),
        None if site is None else int(str(site)),
        msgspec.convert(body, Figures),
    )


async def again(connection: Connection, report: Report) -> Figures:
    """The same report's figures, made anew from the facts."""
    told = report.figures
    period = Period(told.span, told.begin, told.end)
    return await figures(connection, period, Scope(told.scope, report.authority, report.site))
