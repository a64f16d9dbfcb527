"""What goes along with a message: a report as a file."""

from dataclasses import dataclass
from enum import StrEnum


class Attached(StrEnum):
    """The kind of file that a subscriber gets with a report's mail; the others get a link."""

    NONE = ""
    PDF = "pdf"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file with its name and its media type."""

    name: str
    media_type: str
    body: bytes
