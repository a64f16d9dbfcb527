"""`mingchu evidence key`, `verify` and `export`: signed exports of alerts, and whether one is what was signed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mingchu.errand import settings_of, with_database

if TYPE_CHECKING:
    from domain.export import Exported
    from mingchu.settings import Settings
    from store.connection import Connection
    from store.people import Person


def key() -> None:
    """Print the public key that exports are checked with; its fingerprint goes to stderr."""
    from mingchu import signing

    known = signing.kept(settings_of().data).public_key()
    print(signing.pem(known), end="")
    print(f"fingerprint {signing.name(known)}", file=sys.stderr)


def verify(
    file: Path,
    key_file: Annotated[
        Path | None, typer.Option("--key", help="The platform's public key (PEM); unset: this machine's own.")
    ] = None,
) -> None:
    """Check an export: signature, every file, the history's chain. Needs no database; exit code 1 unless all is well.

    \b
    Example:
      mingchu evidence verify mingchu-alert-17.zip --key platform.pem
    """
    from mingchu import evidence_check, signing

    known = signing.kept_public(settings_of().data) if key_file is None else signing.public(key_file)
    verdict = evidence_check.verify(file, known)
    evidence_check.tell(verdict, print)
    sys.exit(0 if verdict.intact else 1)


def export(
    alerts: Annotated[list[int], typer.Argument(help="The alerts' numbers.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    purpose: Annotated[str, typer.Option(help="Why originals are needed; unset: faces are hidden.")] = "",
) -> None:
    """Write one signed zip per alert. It is in the audit log, with the account that ran it and the purpose.

    \b
    Examples:
      mingchu evidence export 17
      mingchu evidence export 17 18 --out case-4711 --purpose "case 4711 of the district court"
    """
    settings = settings_of()
    out.mkdir(parents=True, exist_ok=True)
    said = " ".join(purpose.split())

    async def work(connection: "Connection") -> None:
        for alert in alerts:
            print(await _write(connection, settings, alert, out, said))

    with_database(work)


async def _write(connection: "Connection", settings: "Settings", alert: int, out: Path, purpose: str) -> Path:
    from api import export as packing
    from api.config import TIMEZONE
    from api.vault import Vault
    from mingchu import signing
    from store import people, queue

    keeper, vault, key = _keeper(), Vault(settings.evidence), signing.kept(settings.data)
    async with connection.transaction():
        if await queue.one(connection, alert) is None:
            raise typer.BadParameter(f"there is no alert {alert}")
        detail = {"alert": alert, "account": keeper.login, "pictures": _pictures(purpose), "purpose": purpose}
        await people.audit(connection, None, "evidence_exported", detail)
        dossier = await packing.gather(connection, vault, keeper, alert, _exported(keeper, purpose))
    assert dossier is not None
    package = packing.pack(dossier, vault, key, TIMEZONE)
    target = out / f"mingchu-alert-{alert}.zip"
    with target.open("wb") as file:
        file.writelines(packing.stream(package, key))
    return target


def _keeper() -> "Person":
    """Whoever sits at the machine: no person of the console, and of no scope but the database owner's."""
    import getpass

    from domain.alert import Role
    from store.people import Person

    return Person(0, getpass.getuser(), "", Role.ADMIN, None, None, "zh")


def _exported(keeper: "Person", purpose: str) -> "Exported":
    from datetime import UTC, datetime

    from domain.export import Exported
    from mingchu.release import version

    return Exported(
        at=datetime.now(UTC), by="command line", login=keeper.login, role=keeper.role.value, release=version(),
        pictures="original" if purpose else "redacted", purpose="other" if purpose else "", words=purpose,
    )  # fmt: skip


def _pictures(purpose: str) -> str:
    return "original" if purpose else "redacted"
