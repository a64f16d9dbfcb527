"""`mingchu vendor …`: who builds the devices, their labels, and the kit that tells a vendor what conforms."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import with_database

if TYPE_CHECKING:
    from domain.profile import DeviceProfile
    from mingchu.conformance.report import Report

_HELP = """\
Vendors: who builds the devices, and the kit with which they find out what conforms.

\b
Examples:
  mingchu vendor add acme --zh 顶点电梯 --en "Acme Lifts" --contact support@acme.example
  mingchu vendor labels acme elevator-gbt24476 --serial A1001 --serial A1002 --sheet labels.pdf
  mingchu vendor check --profile elevator-gbt24476 --device lift-1 --host 0.0.0.0 --report lift-1.html
  mingchu vendor verify lift-1.html
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
    console: Annotated[
        str | None, typer.Option(help="The console that the QR codes open; MINGCHU_CONSOLE_URL without.")
    ] = None,
) -> None:
    """Make a label with a claim code for each device. The codes are on the sheet only: the registry keeps hashes."""
    from domain import claim_code
    from mingchu.errand import settings_of
    from mingchu.label import Label, write
    from store import provisioning
    from store.connection import Connection

    opens = ((settings_of().console_url or "") if console is None else console).rstrip("/")
    labels = [Label(claim_code.generate(), code, profile, one, opens) for one in serial]

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            for label in labels:
                await provisioning.offer_claim(connection, label.code, label.vendor, label.profile, label.serial)
            write(labels, sheet)

    with_database(work)
    print(f"{len(labels)} labels are on {sheet}")


@vendor.command("check")
def check_device(
    *,
    profile: Annotated[str, typer.Option(help="A shipped profile's code, or a profile's .toml file.")],
    device: Annotated[str, typer.Option(help="What the device calls itself in its topics.")],
    site: Annotated[str, typer.Option(help="The site in its topics; a Sparkplug group.")] = "site-1",
    host: Annotated[str, typer.Option(help="Where to listen: 0.0.0.0 for a device on the network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65_535)] = 0,
    password: Annotated[str, typer.Option(help="The device's; else a new one.", envvar="MINGCHU_DEVICE_PASSWORD")] = "",
    tls: Annotated[bool, typer.Option("--tls", help="Over TLS, from the authority of `mingchu broker ca`.")] = False,
    seconds: Annotated[float, typer.Option(help="How long to look before anything is broken.", min=1)] = 120.0,
    outage: Annotated[float, typer.Option(help="How long the broker is away; 0 breaks nothing.", min=0)] = 20.0,
    after: Annotated[float, typer.Option(help="How long to look afterwards.", min=1)] = 40.0,
    report: Annotated[
        list[Path] | None, typer.Option(help="Write the signed report: .json or .html; may be repeated.")
    ] = None,
) -> None:
    """Be a device's broker for some minutes, and say line by line what conforms. Exit code 1 when it does not."""
    import asyncio

    from domain import code as codes
    from domain import credential
    from mingchu.conformance import report as reports
    from mingchu.conformance.case import open_case
    from mingchu.conformance.kit import Kit, KitConfig
    from mingchu.errand import settings_of
    from mingchu.release import version

    data, known = settings_of().data, _profile(profile)
    data.make()
    place = (codes.check(site), codes.check(device))
    mine = data.authority.identity([] if host in ("0.0.0.0", "::") else [host]) if tls else None  # noqa: S104
    config = KitConfig(
        *(known, *place, password or credential.generate(), host, port),
        quiet_s=seconds,
        outage_s=outage,
        after_s=after,
        identity=None if mine is None else (mine.certificate, mine.key),
    )
    facts, ended = asyncio.run(Kit(config, lambda text: print(text, flush=True)).run())
    found = reports.make(open_case(known, place, facts, ended), version())
    reports.write(reports.sign(found, reports.key_of(data.secret("vendor-kit"))), report or ())
    _print(found)
    raise typer.Exit(0 if found.conforms else 1)


@vendor.command("verify")
def verify_report(
    file: Path, key: Annotated[str, typer.Option(help="The signer's public key; this machine's own without.")] = ""
) -> None:
    """Check a report's signature, and that its page shows what was signed. Exit code 1 for another signer's."""
    from mingchu.conformance import report as reports
    from mingchu.errand import settings_of

    found = reports.verify(file.read_bytes())
    kept = settings_of().data.kept_secret("vendor-kit")
    wanted = key or (reports.public(reports.key_of(kept)) if kept else "")
    _print(found.report)
    if found.key != wanted:
        print(f"the signature holds, but is of another key: {found.key}")
        raise typer.Exit(1)
    print(f"the signature holds: {found.key}")


@vendor.command("key")
def show_key() -> None:
    """Print the public key with which this machine signs reports."""
    from mingchu.conformance import report as reports
    from mingchu.errand import settings_of

    data = settings_of().data
    data.make()
    print(reports.public(reports.key_of(data.secret("vendor-kit"))))


def _profile(name: str) -> "DeviceProfile":
    """One that ships, or a file's."""
    from domain.profile import BadProfileError
    from ingest import library

    shipped = library.profiles()
    if name.endswith(".toml"):
        return library.resolve([Path(name).read_text(encoding="utf-8")], shipped)[0]
    found = next((one for one in shipped if one.code == name), None)
    if found is None:
        raise BadProfileError(f"no profile {name!r} ships: name one of `mingchu profile list`, or a .toml file")
    return found


def _print(report: "Report") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"pass": "green", "warn": "yellow", "fail": "bold red", "unseen": "dim"}
    table = Table("", "Check", "What was seen", show_lines=False)
    for one in report.findings:
        words = "\n".join([one.detail, *(f"· {sample}" for sample in one.samples)])
        table.add_row(Text(one.verdict, style=styles[one.verdict]), f"{one.zh} {one.en}", Text(words))
    console = Console()
    console.print(table)
    console.print("Not to be seen from outside: " + "; ".join(report.limits), style="dim")
    verdict = "conforms" if report.conforms else "does not conform"
    console.print(f"{report.site}/{report.device} {verdict} to {report.profile} version {report.profile_version}")


@vendor.command("asyncapi")
def show_document(
    profile: Annotated[
        list[str] | None, typer.Option(help="A shipped profile's code or a .toml file; all that ship without.")
    ] = None,
) -> None:
    """Print an AsyncAPI 3.0 document of what devices send, made from their profiles."""
    import msgspec

    from ingest import library
    from mingchu.conformance.asyncapi import document
    from mingchu.release import version

    chosen = [_profile(name) for name in profile] if profile else library.profiles()
    print(msgspec.json.format(msgspec.json.encode(document(chosen, version())), indent=2).decode())


@vendor.command("samples")
def write_samples(directory: Annotated[Path, typer.Argument(help="Where to write them.")]) -> None:
    """Write sample clients: a device in Python, and one in plain mosquitto_pub commands."""
    from importlib.resources import files

    directory.mkdir(parents=True, exist_ok=True)
    for sample in files("mingchu").joinpath("samples").iterdir():
        if sample.is_file():
            place = directory / sample.name
            place.write_bytes(sample.read_bytes())
            place.chmod(0o755)
            print(place)
