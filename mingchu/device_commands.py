"""`mingchu device …`: add, import, claim, rotate, revoke, list."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from store.connection import Connection

_HELP = """\
Devices: how they come, log in and go.

\b
Examples:
  mingchu device add market-1 scale-2 --profile scale-jjg1204
  mingchu device import scales.csv --report passwords.csv
  mingchu device claim 7K3M-Q9ZT-4V0X-H2RD --site market-1 --code scale-3
  mingchu device rotate market-1 scale-2        a new password; the old one ends its connection
  mingchu device dates quarter-1 lift-a --what maintenance --done 2026-07-01
  mingchu device revoke market-1 scale-2        nobody may speak for it any more
"""

device = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Option(help="Its name; the code without one.")]


@device.command("add")
def add_device(
    site: str,
    code: str,
    *,
    profile: Annotated[str, typer.Option(help="elevator-gbt24476, scale-jjg1204, … (`mingchu profile list`)")],
    zh: Name = "",
    en: Name = "",
    behind: Annotated[
        bool, typer.Option("--behind", help="It speaks through an edge or a gateway, and gets no password.")
    ] = False,
) -> None:
    """Add a device, or give it a new secret; prints how it logs in, once."""
    from domain import code as codes
    from domain import credential
    from store import registry as table

    secret = credential.generate()
    hashed = None if behind else credential.protect(secret)
    entry = table.NewDevice(codes.check(site), codes.check(code), profile, zh or code, en or code, hashed)
    with_database(lambda connection: table.put_device(connection, entry))
    if behind:
        print(f"device {site}/{code} is registered; an edge or a gateway speaks for it")
    else:
        _show(site, code, secret)


@device.command("import")
def import_devices(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns site, code, profile; zh, en, vendor, serial, behind.")
    ],
    report: Annotated[Path, typer.Option(help="Write what became of each line here, with the passwords.")],
) -> None:
    """Register a list of devices; a bad line leaves the others alone. Exit code 1 when a line was refused."""
    from api import intake
    from mingchu.datadir import write_private

    lines = intake.read(file.name, file.read_bytes())

    async def work(connection: "Connection") -> list[intake.Outcome]:
        """All of it with its report, or nothing: a password that no report shows would be lost."""
        async with connection.transaction():
            taken = await intake.take(connection, lines)
            write_private(report, intake.report(taken))
        return taken

    outcomes = with_database(work)
    counts = {
        result: sum(one.result == result for one in outcomes) for result in ("added", "changed", "same", "refused")
    }
    print(", ".join(f"{count} {result}" for result, count in counts.items()) + f"; see {report}")
    for one in outcomes:
        if one.result == "refused":
            print(f"line {one.line}: {one.reason}")
    if counts["refused"]:
        raise typer.Exit(1)


@device.command("claim")
def claim_device(
    label: Annotated[str, typer.Argument(help="The code on the device's label, or what its QR code says.")],
    site: Annotated[str, typer.Option(help="Where it stands.")],
    code: Annotated[str, typer.Option(help="What it is called there.")],
    zh: Name = "",
    en: Name = "",
) -> None:
    """Register the device that a label belongs to; prints how it logs in, once. A label is used once."""
    from domain import claim_code, credential
    from domain import code as codes
    from store import provisioning

    claimed, secret = claim_code.read(label), credential.generate()
    entry = provisioning.ClaimedDevice(
        *(codes.check(site), codes.check(code), zh or code, en or code), credential=credential.protect(secret)
    )
    found = with_database(lambda connection: provisioning.claim(connection, claimed, entry))
    print(f"vendor   {found.vendor}\nprofile  {found.profile}\nserial   {found.serial}")
    _show(site, code, secret)


@device.command("rotate")
def rotate_device(site: str, code: str) -> None:
    """Give a device a new secret; the old one ends its connection within seconds. Prints the new one, once."""
    from domain import credential
    from store import provisioning

    secret = credential.generate()
    hashed = credential.protect(secret)
    with_database(lambda connection: provisioning.rotate(connection, site, code, hashed))
    _show(site, code, secret)


@device.command("revoke")
def revoke_device(site: str, code: str) -> None:
    """Shut a device out: its connection ends within seconds, and neither edge nor gateway may speak for it."""
    from store import provisioning

    with_database(lambda connection: provisioning.revoke(connection, site, code))
    print(f"device {site}/{code} is revoked")


@device.command("dates")
def set_dates(
    site: str,
    code: str,
    *,
    what: Annotated[str, typer.Option(help="maintenance, inspection, verification or calibration")],
    done: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it was done last.")] = None,
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="When it is due next.")] = None,
) -> None:
    """Say when a duty of a device was done and is due; rules about dates look at it."""
    from store import device_dates

    if what not in device_dates.DUTIES:
        raise typer.BadParameter(f"--what is one of {', '.join(device_dates.DUTIES)}")
    if done is None and due is None:
        raise typer.BadParameter("give --done, --due or both")
    entry = device_dates.Duty(what, done.date() if done else None, due.date() if due else None)
    found = with_database(lambda connection: device_dates.put(connection, site, code, entry))
    if not found:
        raise typer.BadParameter(f"there is no device {site}/{code} (`mingchu device list`)")
    print(f"{site}/{code}: {what} is noted")


@device.command("list")
def list_devices() -> None:
    """List the devices and whether they are there."""
    from store import listing

    async def work(connection: "Connection") -> list[listing.DeviceLine]:
        return await listing.devices(connection)

    for row in with_database(work):
        state = "revoked" if row.revoked else "online" if row.online else "offline"
        print(f"{row.site + '/' + row.code:<30} {state:<8} profile {row.profile:<20} {row.zh}")


def _show(site: str, code: str, secret: str) -> None:
    from domain import credential
    from domain.topic import FOREIGN, ROOT

    print(f"user     {credential.device_user(site, code)}\npassword {secret}\ntopic    {ROOT}/{site}/{code}/telemetry")
    print(f"         {FOREIGN}/{site}/{code}/… for a vendor's own messages, where its profile maps them")
