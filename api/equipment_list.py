"""A list of equipment as a CSV file: each line by itself, as an order or as the reason why it is none."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from api import language
from api.alert_model import Names
from api.equipment_model import EquipmentOrder
from api.language import Language
from domain.equipment import Kind

NEEDED = ("site", "code", "kind", "zh")
COLUMNS = (*NEEDED, "en", "registration", "use_unit", "maintainer", "hotline", "next_inspection", "device")
MOST_LINES = 2000
MAX_BYTES = 2 * 1024 * 1024
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class ListError(ValueError):
    """The file is no list of equipment; `reason` is a key of the texts' section `equipment`, `value` fills it."""

    def __init__(self, reason: str, value: object = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


@dataclass(frozen=True, slots=True)
class ListLine:
    """A line by its number in the file (the header is 1): an order, or why there is none."""

    number: int
    site: str
    code: str
    order: EquipmentOrder | None
    reason: Names | None = None


def wording(reason: str, value: object = "") -> Names:
    """Why a line is refused, in both languages."""
    key = f"equipment.{reason}"
    return Names(
        zh=language.text(Language.ZH, key, value=value),
        en=language.text(Language.EN, key, value=value),
    )


def read(data: bytes) -> list[ListLine]:
    """The lines of a file in UTF-8, or as spreadsheets in China write it (GB 18030); raises ListError."""
    if len(data) > MAX_BYTES:
        raise ListError("list_long", MOST_LINES)
    table = csv.DictReader(io.StringIO(_text(data), newline=""))
    try:
        columns = [(name or "").strip() for name in table.fieldnames or ()]
        missing = [name for name in NEEDED if name not in columns]
        unknown = [name for name in columns if name not in COLUMNS]
        if missing or unknown:
            raise ListError("list_column" if missing else "list_unknown", (missing or unknown)[0][:40])
        table.fieldnames = columns
        return list(_lines(table))
    except csv.Error as error:
        raise ListError("list_csv", table.line_num) from error


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _lines(table: "csv.DictReader[str]") -> Iterator[ListLine]:
    seen: dict[tuple[str, str], int] = {}
    for count, row in enumerate(table):
        if count >= MOST_LINES:
            raise ListError("list_long", MOST_LINES)
        line = _line(table.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS})
        first = seen.setdefault((line.site, line.code), line.number)
        yield (
            line
            if first == line.number
            else ListLine(line.number, line.site, line.code, None, wording("line_twice", first))
        )


def _line(number: int, got: dict[str, str]) -> ListLine:
    site, code = got["site"][:60], got["code"][:60]
    try:
        order = EquipmentOrder.model_validate({
            **got,
            "kind": _kind(got["kind"]),
            "next_inspection": _day(got["next_inspection"]),
            "device": got["device"] or None,
        })  # fmt: skip
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        return ListLine(number, site, code, None, wording("line_field", field))
    return ListLine(number, site, code, order)


def _kind(text: str) -> str:
    """A kind by its code or its Chinese name."""
    return next((kind.value for kind in Kind if text == language.text(Language.ZH, f"equipment_kind.{kind}")), text)


def _day(text: str) -> str | None:
    """A date as spreadsheets write it, in ISO form; what is none is left to be refused."""
    found = _DAY.fullmatch(text)
    return f"{int(found[1]):04}-{int(found[2]):02}-{int(found[3]):02}" if found else text or None
