"""`mingchu vendor …`: who builds the devices, their labels, and the kit that tells a vendor what conforms."""

from pathlib import Path
from typing import Annotated

import typer

from mingchu.errand import with_database

_HELP = """\
Vendors: who builds the devices, and the kit with which they find out what conforms.

\b
Examples:
  mingchu vendor add acme --zh 顶点电梯 --en "Acme Lifts" --contact support@acme.example
  mingchu vendor labels acme elevator-gbt24476 --serial A1001 --serial A1002 --sheet labels.pdf
"""

vendor = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)


@vendor.command("add")
def add_vendor(
    code: str,
    zh: Annotated[str, typer.Option(help="Chinese name.")] = "",
    en: Annotated[str, typer.Option(help="English name.")] = "",
    contact: Annotated[str, typer.Option(help="Whom to ask.")] = "",
) -> None:
    """Add a vendor, or change what is known of one."""
    from domain import code as codes
    from store import provisioning

    name = codes.check(code)
    with_database(lambda connection: provisioning.put_vendor(connection, name, zh or code, en or code, contact))
    print(f"vendor {code} is registered")


@vendor.command("list")
def list_vendors() -> None:
    """List the vendors."""
    from store import provisioning

    for row in with_database(provisioning.vendors):
        print(f"{row.code:<16} profiles {row.profiles:<4} devices {row.devices:<6} {row.zh}  {row.contact}")


@vendor.command("labels")
def make_labels(
    code: Annotated[str, typer.Argument(help="The vendor.")],
    profile: Annotated[str, typer.Argument(help="The profile of the devices.")],
    sheet: Annotated[Path, typer.Option(help="Write the labels here: .pdf, or .svg for one page.")],
    serial: Annotated[list[str], typer.Option(help="A device's serial number; may be repeated.")],
) -> None:
    """Make a label with a claim code for each device. The codes are on the sheet only: the registry keeps hashes."""
    from mingchu.label import Label, new_code, write
    from store import provisioning
    from store.connection import Connection

    labels = [Label(new_code(), code, profile, one) for one in serial]

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            for label in labels:
                await provisioning.offer_claim(connection, label.code, label.vendor, label.profile, label.serial)
            write(labels, sheet)

    with_database(work)
    print(f"{len(labels)} labels are on {sheet}")
