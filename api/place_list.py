"""A list of sites' places as a CSV file: code, longitude, latitude."""

import csv
import io
from dataclasses import dataclass

from domain import coordinates
from domain.coordinates import BadCoordinatesError, Coordinates

COLUMNS = ("code", "longitude", "latitude")
MOST_LINES = 20_000


class PlaceListError(Exception):
    """A list of places is a CSV file with the columns code, longitude and latitude, at most 20,000 lines long."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `good` is False where it says no place on Earth."""

    number: int
    code: str
    where: Coordinates | None
    good: bool


def read(written: bytes) -> list[Line]:
    """The lines of a list, UTF-8 or as spreadsheets in China write it (GB 18030); raises PlaceListError."""
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = written.decode("gb18030", errors="replace")
    table = csv.DictReader(io.StringIO(text.replace("\0", "")), skipinitialspace=True)
    if not set(COLUMNS) <= {name.strip() for name in table.fieldnames or ()}:
        raise PlaceListError
    lines = [_line(table.line_num, row) for row in table]
    if len(lines) > MOST_LINES:
        raise PlaceListError
    return lines


def _line(number: int, row: dict[str, str | None]) -> Line:
    got = {(name or "").strip(): (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    try:
        return Line(number, got["code"], coordinates.parse(got["longitude"], got["latitude"]), good=True)
    except BadCoordinatesError:
        return Line(number, got["code"], None, good=False)
