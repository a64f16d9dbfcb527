"""`mingchu rules …`: which rules are in force, whether a file of rules is sound, and what it would have raised."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from alerts.preview import Progress
    from domain.replay import Replayed, Spell
    from domain.rule import Rule
    from store.connection import Connection
    from store.rules import VersionRow

_HELP = """\
Rules: which are in force, whether a file of them is sound, and what they would have raised.

\b
Examples:
  mingchu rules list
  mingchu rules show cold-frozen-warm > rule.toml
  mingchu rules check rule.toml
  mingchu rules check                                  the shipped rules against their examples; needs no database
  mingchu rules check mine.toml --vectors tried.toml   your own against yours
  mingchu rules table > docs/RULES.md
  mingchu rules preview rule.toml --days 30
"""

rules = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)

_TIME = "%Y-%m-%d %H:%M"
RuleFile = Annotated[Path, typer.Argument(metavar="FILE", help="TOML with one [[rules]] or more.", exists=True)]


@rules.command("list")
def list_rules() -> None:
    """List the current version of every rule."""
    import msgspec

    from domain.rule import Rule
    from store import rules as table

    for row in with_database(table.in_place):
        found = msgspec.json.decode(row.body, type=Rule)
        state = "" if row.enabled else "off"
        by = f"shipped {row.shipped}" if row.shipped else (row.person or "people")
        print(
            f"{row.code:32} {row.version:>4}  {found.kind:<12} {found.severity.name:<7} {state:<4} {by:<16} {found.en}"
        )


@rules.command("show")
def show_rule(
    code: str, version: Annotated[int | None, typer.Option(help="Another than the current one.")] = None
) -> None:
    """Print a rule as TOML."""
    import msgspec

    from domain import rule_text
    from domain.rule import Rule
    from store import rules as table

    def wanted(row: "VersionRow") -> bool:
        return row.current if version is None else row.version == version

    rows = with_database(lambda connection: table.history(connection, code))
    found = next((row for row in rows if wanted(row)), None)
    if found is None:
        raise typer.BadParameter(f"there is no rule {code}{f' in version {version}' if version else ''}")
    print(rule_text.write(msgspec.json.decode(found.body, type=Rule)), end="")


@rules.command("check")
def check_rules(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="TOML; without, the rules that ship.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="Their examples in TOML.")] = None,
) -> None:
    """Say whether a file of rules is sound, or name its first fault and the place; play examples of what they raise."""
    from alerts import rulebook
    from ingest import library
    from mingchu import rule_trial

    read = rulebook.default() if file is None else _read(file)
    if file is not None and vectors is None:
        print(f"{file}: {len(read)} rules, all sound; --vectors plays examples")
        return
    tried = rule_trial.vectors(None if vectors is None else vectors.read_text(encoding="utf-8"))
    faults = list(rule_trial.faults(read, tried, {one.code: one for one in library.profiles()}))
    print(f"{len(read)} rules, {len(tried)} examples, {len(faults)} faults")
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)
    if faults:
        raise typer.Exit(1)


@rules.command("install")
def install_rules(file: RuleFile) -> None:
    """Offer a file of rules as if it had shipped: what people changed stays, and is offered the new version."""
    from store import rules as table

    read = _read(file)
    added = with_database(lambda connection: table.install(connection, read))
    print(f"{added} of {len(read)} versions are new")


@rules.command("table")
def show_table() -> None:
    """Print the table of the shipped rules: what is asked for, what answers it, by which source, tried by what."""
    from alerts import rulebook
    from mingchu import rule_table, rule_trial

    print(rule_table.render(rulebook.default(), rule_table.requirements(), rule_trial.vectors()), end="")


@rules.command("preview")
def preview_rules(
    file: RuleFile,
    days: Annotated[float, typer.Option(min=0.01, max=90, help="How far back: readings are kept 90 days.")] = 30.0,
    authority: Annotated[str | None, typer.Option(help="Only at or below this path, as in gz.yx.")] = None,
) -> None:
    """Replay rules over what is stored: the alerts that they would have raised, beside those that were.

    \b
    Example:
      mingchu rules show cold-frozen-warm | sed 's/> -15/> -17/' > rule.toml
      mingchu rules preview rule.toml --days 7
    """
    for rule in _read(file):
        _preview(rule, timedelta(days=days), authority)


def _read(file: Path) -> "tuple[Rule, ...]":
    from domain import rule, rule_text

    text = file.read_text(encoding="utf-8")
    try:
        return rule.parse(text)
    except rule.BadRuleError as error:
        where = rule_text.sentence(rule_text.locate(text, str(error))) if text.count("[[rules]]") == 1 else str(error)
        raise typer.BadParameter(f"{file}: {where}") from None


def _preview(rule: "Rule", back: timedelta, authority: str | None) -> None:
    from domain import replay

    print(f"{rule.code}: {rule.en}")
    reason = replay.cannot(rule)
    if reason is not None:
        print(f"  cannot be replayed: {reason}")
        return
    found = with_database(lambda connection: _replayed(connection, rule, back, authority))
    for spell in found.spells:
        print(f"  {_line(spell)}")
    more = found.new + found.gone + found.same - len(found.spells)
    print(f"  {found.new} new, {found.same} the same, {found.gone} gone{f' ({more} not listed)' if more else ''}")
    limit = f", stopped at its limit of {found.limit}" if found.limit else ""
    print(f"  looked at {found.looked} of {found.subjects} subjects, {found.rows} rows{limit}")


def _line(spell: "Spell") -> str:
    end = "still so" if spell.end is None else f"{spell.end:{_TIME}}"
    peak = "" if spell.peak is None else f"  peak {spell.peak:g}"
    alert = "" if spell.alert is None else f"  alert {spell.alert}"
    where = f"{spell.place.site_en}, {spell.place.en}{f', {spell.place.zone}' if spell.place.zone else ''}"
    return f"{spell.verdict:<4}  {spell.begin:{_TIME}} – {end:<16}  {where}{peak}{alert}  {spell.why}"


async def _replayed(connection: "Connection", rule: "Rule", back: timedelta, authority: str | None) -> "Replayed":
    from alerts import preview
    from alerts.preview import Pace
    from ingest import replay
    from store.replay import Span

    async def tell(progress: "Progress") -> bool:
        if sys.stderr.isatty():
            print(f"  {progress.done}/{progress.total}, {progress.rows} rows", end="\r", file=sys.stderr)
        return True

    now = datetime.now(UTC)
    span = Span(now - back, now, authority)
    return await preview.run(connection, replay.portions, (rule, span), tell, Pace(rest=0.0))
