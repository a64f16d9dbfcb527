"""What an enrolled machine keeps: which edge it is, its secret, and where its platform is."""

import msgspec

from edge.enrolment import Kept
from mingchu.datadir import DataDirectory, DataDirectoryError, write_private

_FILE = "enrolment.json"


def keep(data: DataDirectory, kept: Kept) -> None:
    """Keep it, whole or not at all, for this user's eyes only."""
    write_private(data.edge / _FILE, msgspec.json.encode(kept).decode())


def load(data: DataDirectory) -> Kept | None:
    """What was kept, or None; raises DataDirectoryError where it cannot be read."""
    file = data.edge / _FILE
    try:
        return msgspec.json.decode(file.read_bytes(), type=Kept)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise DataDirectoryError(f"{file} cannot be read: enrol this edge again (`mingchu edge enroll`)") from error
