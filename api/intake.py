"""A list of devices as a CSV file, for the console and the command line: registered and reported line by line."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields

from domain import code, credential
from domain.topic import ROOT
from store import provisioning
from store.connection import Connection
from store.provisioning import ListedDevice, ProvisioningError, Result
from store.registry import UnknownCodeError

_NEEDED = ("site", "code", "profile")
_KNOWN = (*_NEEDED, "zh", "en", "vendor", "serial", "behind")
MOST_LINES = 100_000


class IntakeError(Exception):
    """A list of devices is a CSV file whose first line names the columns site, code, profile and others."""


class RepeatedLineError(Exception):
    """A device stands on one line of its list only."""

    def __init__(self, line: int) -> None:
        super().__init__(f"the same device is on line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. `behind`: it speaks through an edge or a gateway and gets no credential."""

    number: int
    device: ListedDevice
    behind: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the report. The password is shown here only."""

    line: int
    site: str
    code: str
    result: str
    user: str = ""
    password: str = ""
    topic: str = ""
    reason: str = ""


def read(file: str, written: bytes, most: int = MOST_LINES) -> list[Line]:
    """The lines of a list, UTF-8 or as spreadsheets in China write it (GB 18030); raises IntakeError."""
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = written.decode("gb18030", errors="replace")
    table = csv.DictReader(io.StringIO(text))
    columns = [name.strip() for name in table.fieldnames or ()]
    missing, unknown = [name for name in _NEEDED if name not in columns], sorted(set(columns) - set(_KNOWN))
    if missing or unknown:
        fault = f"lacks the column {missing[0]}" if missing else f"has an unknown column {unknown[0]!r}"
        raise IntakeError(f"{file} {fault}; the columns are {', '.join(_KNOWN)}")
    lines = [_line(table.line_num, row) for row in table]
    if len(lines) > most:
        raise IntakeError(f"{file} has more than {most} lines: split it")
    return lines


def _line(number: int, row: dict[str, str | None]) -> Line:
    got = {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    names = (got.get("zh") or got["code"], got.get("en") or got["code"])
    device = ListedDevice(
        *(got["site"], got["code"], got["profile"], *names), vendor=got.get("vendor", ""), serial=got.get("serial", "")
    )
    return Line(number, device, got.get("behind", "").lower() in ("1", "yes", "true", "是"))


async def take(connection: Connection, lines: list[Line], say: Callable[[Exception], str] = str) -> list[Outcome]:
    """Register each line by itself: a bad one leaves the others alone. A known device keeps its credential.

    `say` puts a refusal into the reader's words.
    """
    outcomes: list[Outcome] = []
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        try:
            _once(line, seen)
            outcomes.append(await _take(connection, line))
        except (code.BadCodeError, RepeatedLineError, UnknownCodeError, ProvisioningError) as error:
            reason = " ".join(say(error).split())
            outcomes.append(Outcome(line.number, line.device.site, line.device.code, "refused", reason=reason))
    return outcomes


def _once(line: Line, seen: dict[tuple[str, str], int]) -> None:
    first = seen.setdefault((line.device.site, line.device.code), line.number)
    if first != line.number:
        raise RepeatedLineError(first)


async def _take(connection: Connection, line: Line) -> Outcome:
    device = line.device
    site, name = code.check(device.site), code.check(device.code)
    known = await provisioning.listed(connection, site, name)
    if known == device:
        return Outcome(line.number, site, name, Result.SAME)
    secret = None if line.behind or known is not None else credential.generate()
    hashed = None if secret is None else credential.protect(secret)
    async with connection.transaction():
        result = await provisioning.list_device(connection, device, hashed)
    if secret is None:
        return Outcome(line.number, site, name, result)
    user = credential.device_user(site, name)
    return Outcome(line.number, site, name, result, user, secret, f"{ROOT}/{site}/{name}")


def report(outcomes: Iterable[Outcome]) -> str:
    """The report as CSV. It holds passwords."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([field.name for field in fields(Outcome)])
    table.writerows(_cells(outcome) for outcome in outcomes)
    return out.getvalue()


def _cells(outcome: Outcome) -> Iterator[str]:
    """What a spreadsheet would take for a formula is shown as text."""
    for value in astuple(outcome):
        text = str(value)
        yield f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
