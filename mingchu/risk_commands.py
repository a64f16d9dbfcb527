"""`mingchu risk …`: scores by hand, a city's own weights, and how often patrolled cameras are visited."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from alerts.risk import Proposal
    from domain.risk import Weights
    from store.connection import Connection
    from store.risk import Day, Ranked, Score

_HELP = """\
Risk scores of sites and devices: 0 to 100, from what is measured and how much each measure counts.

\b
Examples:
  mingchu risk compute                    score today as far as it has gone, and tell who is first
  mingchu risk verify 2026-11-25          score a day anew and compare
  mingchu risk weights > city.toml        the weights in force; change them, raise their version, then
  mingchu risk weights city.toml
  mingchu risk patrol --apply             visit cameras of risky sites more often
"""

risk = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@risk.command()
def compute(first: Annotated[int, typer.Option(min=1, help="How many to tell.")] = 20) -> None:
    """Score all sites and devices now; the alerts process does so each hour."""

    async def work(connection: "Connection") -> "tuple[Day, Weights, list[Ranked]]":
        from alerts import risk as job
        from domain.period import ZONE
        from store import risk as table

        weights, now = await _weights(connection), datetime.now(UTC)
        day = await job.score_day(connection, weights, now.astimezone(ZONE).date(), now)
        return day, weights, await table.ranking(connection, day.day, first)

    day, weights, ranking = with_database(work)
    print(f"{day.subjects} sites and devices, weights {day.weights}")
    for one in ranking:
        terms = zip(weights.terms, one.measures, strict=True)
        points = {term.code.value: term.points(measure) for term, measure in terms}
        told = ", ".join(f"{code} {value:.0f}" for code, value in points.items() if value >= 0.5)
        print(f"{one.score:>3} {weights.band(one.score):<7} {one.code:<24} {told}")


@risk.command()
def verify(day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="A day that was scored.")]) -> None:
    """Score a day anew, as of the same moment and with the same weights; exit code 1 where anything differs."""

    async def work(connection: "Connection") -> "list[Score] | None":
        from alerts import risk as job

        return await job.differing(connection, day.date())

    found = with_database(work)
    if found is None:
        raise typer.BadParameter(f"{day.date()} was not scored")
    for one in found[:20]:
        print(f"DIFFERS site {one.site} device {one.device}: stored {one.score}")
    print("the same" if not found else f"{len(found)} scores differ")
    if found:
        raise typer.Exit(1)


@risk.command("weights")
def weights_of(
    file: Annotated[Path | None, typer.Argument(help="Install these; omit to print those in force.")] = None,
) -> None:
    """Print the weights in force, or install a new version of them; a version once installed never changes."""
    from domain.risk import parse

    if file is None:
        print(as_toml(with_database(_weights)), end="")
        return
    try:
        wanted = parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from error

    async def work(connection: "Connection") -> bool:
        from store import risk as table

        known = await table.weights(connection)
        if known is not None and wanted.version <= known.version:
            return False
        return await table.install(connection, wanted)

    if not with_database(work):
        raise typer.BadParameter(f"version {wanted.version} is not newer than the one in force: raise it")
    print(f"version {wanted.version} counts from the next scores on")


def as_toml(weights: "Weights") -> str:
    """As the TOML that domain.risk.parse reads."""
    from msgspec import to_builtins

    told = to_builtins(weights)
    lines = [f"version = {told['version']}", f'source = "{told["source"]}"']
    for table in ("bands", "patrol"):
        lines += ["", f"[{table}]", *(f"{key} = {_value(value)}" for key, value in told[table].items())]
    for term in told["terms"]:
        lines += ["", "[[terms]]", *(f"{key} = {_value(value)}" for key, value in term.items())]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)  # strings, numbers and booleans are written alike in TOML


@risk.command()
def patrol(*, apply: Annotated[bool, typer.Option("--apply", help="Make it so.")] = False) -> None:
    """Which patrolled cameras should be visited more or less often, after their sites' risk of the last days."""

    async def work(connection: "Connection") -> "list[Proposal]":
        from alerts import risk as job

        weights, last = await _weights(connection), job.last_whole_day()
        wanted = await job.proposals(connection, weights, last)
        if apply:
            await job.apply(connection, weights, last)
        return wanted

    for one in with_database(work):
        print(f"{one.camera.code:<24} {one.camera.weight} -> {one.weight}  scores {one.camera.scores}")


async def _weights(connection: "Connection") -> "Weights":
    from store import risk as table

    found = await table.weights(connection)
    if found is None:
        raise typer.BadParameter("no weights are installed: run `mingchu migrate`")
    return found
