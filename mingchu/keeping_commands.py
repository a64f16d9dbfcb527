"""`mingchu evidence retention`, `holds` and `expire`: how long evidence is kept, what is held, what is due."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.severity import Severity
from mingchu.errand import settings_of, with_database

if TYPE_CHECKING:
    from store.connection import Connection
    from store.holds import HoldRow


def retention(
    severity: Annotated[int | None, typer.Argument(min=1, max=4, help="1, 2, 3, or 4 (notices, no alert).")] = None,
    days: Annotated[int | None, typer.Argument(min=1, help="Keep its evidence for so many days.")] = None,
) -> None:
    """How long evidence is kept, from its alert's last step; unfinished alerts and legal holds keep theirs.

    \b
    Examples:
      mingchu evidence retention
      mingchu evidence retention 2 365
    """
    from store import evidence_keeping as table

    if (severity is None) != (days is None):
        raise typer.BadParameter("give a class and a number of days, or neither")

    async def work(connection: "Connection") -> "Mapping[Severity, int]":
        if severity is not None and days is not None:
            await table.keep(connection, Severity(severity), days)
        return await table.days(connection)

    for each, number in with_database(work).items():
        print(f"class {each.name:<7} {number} days")


def holds() -> None:
    """Print the legal holds that are in force."""
    from store import holds as table

    def told(row: "HoldRow") -> str:
        until = "until lifted" if row.until is None else f"until {row.until:%Y-%m-%d}"
        what = f"alert {row.alert_id}" if row.alert_id else f"site {row.site_code}"
        return f"hold {row.id}: {what} by {row.person} since {row.placed:%Y-%m-%d} {until}: {row.why}"

    for row in with_database(lambda connection: table.page(connection, 1000)):
        if row.in_force(datetime.now(UTC)):
            print(told(row))


def expire() -> None:
    """Delete evidence whose time is over, now; the alerts process does so once a day."""
    from alerts import expiry

    folder = settings_of().evidence

    async def work(connection: "Connection") -> int:
        return await expiry.expire(connection, folder, datetime.now(UTC))

    print(f"{with_database(work)} files deleted")
