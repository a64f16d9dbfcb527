"""`mingchu report`: a period's figures of an authority or a site, and whether they come out the same again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.period import Span
from mingchu.errand import with_database

if TYPE_CHECKING:
    from domain.period import Period
    from store.connection import Connection
    from store.report_figures import Scope
    from store.reports import Report


def report(
    span: Annotated[Span, typer.Argument(help="Which period.")] = Span.DAY,
    *,
    holding: Annotated[
        datetime | None, typer.Option("--of", formats=["%Y-%m-%d"], help="A day of it; unset: the newest closed one.")
    ] = None,
    authority: Annotated[str, typer.Option(help="Of an authority's sites (its path).")] = "",
    site: Annotated[str, typer.Option(help="Of one site (its code).")] = "",
    out: Annotated[Path | None, typer.Option(help="Write it to NAME.html, NAME.pdf, NAME.xlsx or NAME.json.")] = None,
    english: Annotated[bool, typer.Option("--en", help="In English.")] = False,
    verify: Annotated[int | None, typer.Option(help="Make that one again from the facts, and compare.")] = None,
) -> None:
    """Make a report of a closed period, keep it, and print or write it; once made, a period's figures stay.

    \b
    Examples:
      mingchu report day --authority yunhai.lincheng
      mingchu report month --of 2026-11-01 --site kitchen-site-1 --out november.xlsx
      mingchu report week --authority yunhai.lincheng --out week.pdf
      mingchu report --verify 17             exit code 1 unless the figures are the same
    """
    if verify is not None:
        _verify(verify)
        return
    if bool(authority) == bool(site):
        raise typer.BadParameter("give either --authority or --site")
    period = _period(span, holding)

    async def work(connection: "Connection") -> "Report":
        from store import reports

        identity = await reports.make(connection, period, await _scope(connection, authority, site))
        found = await reports.one(connection, identity)
        assert found is not None
        return found

    made = with_database(work)
    if out is None:
        print(_json(made).decode())
    else:
        out.write_bytes(_written(made, out.suffix, english=english))
        print(f"report {made.id}: {out}")


def _period(span: Span, holding: datetime | None) -> "Period":
    from domain import period

    now = datetime.now(UTC)
    wanted = period.closed(span, now) if holding is None else period.holding(span, holding.date())
    if wanted.closes > now:
        when = f"{wanted.closes.astimezone(period.ZONE):%Y-%m-%d %H:%M}"
        raise typer.BadParameter(f"that {span} is closed at {when}: ask then")
    return wanted


async def _scope(connection: "Connection", authority: str, site: str) -> "Scope":
    from store import reports

    of = reports.of_authority(connection, authority) if authority else reports.of_code(connection, site)
    found = await of
    if found is None:
        raise typer.BadParameter(f"there is no authority {authority}" if authority else f"there is no site {site}")
    return found


def _written(made: "Report", suffix: str, *, english: bool) -> bytes:
    from api import report_file, report_page
    from api.language import Language
    from domain.enclosure import Attached

    spoken = Language.EN if english else Language.ZH
    match suffix:
        case ".pdf" | ".xlsx":
            return report_file.enclosed(made, spoken, Attached(suffix[1:])).body
        case ".html":
            return report_page.standalone(made, spoken).encode()
        case ".json":
            return _json(made)
        case _:
            raise typer.BadParameter("--out ends in .html, .pdf, .xlsx or .json")


def _json(made: "Report") -> bytes:
    from msgspec import json

    return json.format(json.encode(made.figures), indent=2)


def _verify(identity: int) -> None:
    from domain.report import digest

    async def work(connection: "Connection") -> tuple[str, str] | None:
        from store import reports

        kept = await reports.one(connection, identity)
        return None if kept is None else (kept.sha256, digest(await reports.again(connection, kept)))

    found = with_database(work)
    if found is None:
        raise typer.BadParameter(f"there is no report {identity}")
    before, after = found
    print(f"{'the same' if before == after else 'DIFFERS'}: stored {before}, made again {after}")
    if before != after:
        raise typer.Exit(1)
