"""`mingchu rules …`: check, install, list, table."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mingchu.errand import with_database

_HELP = """\
Rules: what raises an alert, with their examples.

\b
Examples:
  mingchu rules check                                  the shipped rules against their examples; no database is needed
  mingchu rules check mine.toml --vectors tried.toml   your own
  mingchu rules install mine.toml                      ingest and the alert engine take them within seconds
  mingchu rules list
  mingchu rules table > docs/RULES.md
"""

rules = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@rules.command("check")
def check_rules(
    file: Annotated[Path | None, typer.Argument(help="Rules in TOML; without, those that ship.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="Their examples in TOML.")] = None,
) -> None:
    """Read rules and play their examples. Exit code 1 when one does not come out."""
    from alerts import rulebook
    from domain import rule
    from ingest import library
    from mingchu import rule_trial

    read = rulebook.default() if file is None else rule.parse(file.read_text(encoding="utf-8"))
    if file is not None and vectors is None:
        print(f"{len(read)} rules are well-formed; --vectors plays examples")
        return
    tried = rule_trial.vectors(None if vectors is None else vectors.read_text(encoding="utf-8"))
    faults = list(rule_trial.faults(read, tried, {one.code: one for one in library.profiles()}))
    print(f"{len(read)} rules, {len(tried)} examples, {len(faults)} faults")
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)
    if faults:
        raise typer.Exit(1)


@rules.command("install")
def install_rules(file: Path) -> None:
    """Put rules to use. A changed rule needs a higher version: one that is installed never changes."""
    from domain import rule
    from store import rules as table

    read = rule.parse(file.read_text(encoding="utf-8"))
    added = with_database(lambda connection: table.install(connection, read))
    print(f"{added} of {len(read)} rules are new")


@rules.command("list")
def list_rules() -> None:
    """List the rules in force."""
    from store import rules as table

    for one in with_database(table.active):
        print(f"{one.code:<32} version {one.version:<3} {one.kind:<12} class {int(one.severity)}  {one.zh}")


@rules.command("table")
def show_table() -> None:
    """Print the table of the shipped rules: what is asked for, what answers it, by which source, tried by what."""
    from alerts import rulebook
    from mingchu import rule_table, rule_trial

    print(rule_table.render(rulebook.default(), rule_table.requirements(), rule_trial.vectors()), end="")
