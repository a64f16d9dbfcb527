"""The spool: what the platform must get, kept until it says that it has committed it (PROMISES R5)."""

import threading
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum

import msgspec
import structlog

from domain.wire import EdgeBody, EdgeItem
from edge.journal import Journal

log = structlog.get_logger(__name__)

MOST_BODY = 200_000  # bytes; with its frame an item must fit into a batch (wire.MAX_PAYLOAD)
_OVERHEAD = 64  # bytes that a row costs beside its body


class Priority(IntEnum):
    """What is shed last has the lowest number."""

    CLASS_I = 1
    SCENE = 2
    HEALTH = 3
    RELAYED = 4


class TooLargeError(ValueError):
    """An item is larger than the platform takes; it would block the spool for ever."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be appended."""

    priority: Priority
    body: EdgeBody


@dataclass(frozen=True, slots=True)
class Load:
    """Items and bytes that wait, and items shed since the spool began."""

    depth: int
    size: int
    shed: int


class Spool:
    """Durable, bounded in bytes, safe for any thread. Sheds the oldest of the least important when full, and counts."""

    def __init__(self, journal: Journal, cap: int) -> None:
        self._journal, self.cap = journal, cap
        self.filled = threading.Event()  # something was appended since the reader last cleared it
        fresh = uuid.uuid4().hex
        with journal.transaction() as connection:
            connection.execute("INSERT INTO spool (id) SELECT ? WHERE (SELECT count(*) FROM spool) = 0", (fresh,))
        ((self.id,),) = journal.rows("SELECT id FROM spool")

    @property
    def load(self) -> Load:
        """How full it is. Raises JournalError."""
        (row,) = self._journal.rows("SELECT depth, size, shed FROM spool")
        return Load(*row)

    def append(self, drafts: Iterable[Draft]) -> None:
        """Keep these, on the disk, in one transaction. Raises JournalError (nothing kept) or TooLargeError."""
        rows = [_row(draft) for draft in drafts]
        with self._journal.transaction() as connection:
            connection.executemany("INSERT INTO item (kind, priority, body, size) VALUES (?, ?, ?, ?)", rows)
            victims = self._victims()
            connection.executemany("DELETE FROM item WHERE seq = ?", [(seq,) for seq in victims])
            connection.execute("UPDATE spool SET shed = shed + ?", (len(victims),))
        if victims:
            log.warning("the spool is full: the oldest, least important items were shed", items=len(victims))
        self.filled.set()

    def waiting(self, limit: int, size: int, but: Collection[int] = ()) -> list[EdgeItem]:
        """The oldest items of the gravest priority first, at most `limit` of them and `size` bytes, without `but`."""
        query = "SELECT seq, body, size FROM item ORDER BY priority, seq LIMIT ?"
        chosen: list[EdgeItem] = []
        for seq, body, length in self._journal.rows(query, limit + len(but)):
            size -= length if seq not in but else 0
            if size < 0 or len(chosen) == limit:
                break
            if seq not in but:
                chosen.append(EdgeItem(seq, msgspec.Raw(body)))
        return chosen

    def acknowledge(self, seqs: Collection[int]) -> int:
        """The platform has committed these: forget them. Returns how many were still here. Raises JournalError."""
        with self._journal.transaction() as connection:
            return sum(connection.execute("DELETE FROM item WHERE seq = ?", (seq,)).rowcount for seq in seqs)

    def _victims(self) -> list[int]:
        """What must go for the rest to fit: the least important first, and of those the oldest."""
        size, victims = self.load.size, list[int]()
        while size > self.cap:
            found = self._journal.rows(
                "SELECT seq, size FROM item ORDER BY priority DESC, seq LIMIT 100 OFFSET ?", len(victims)
            )
            for seq, length in found:
                if size > self.cap:
                    victims.append(seq)
                    size -= length
        return victims


def _row(draft: Draft) -> tuple[str, int, bytes, int]:
    body = msgspec.json.encode(draft.body)
    if len(body) > MOST_BODY:
        raise TooLargeError(f"an item of {len(body)} bytes: at most {MOST_BODY} can be sent")
    kind = str(draft.body.__struct_config__.tag)
    return kind, int(draft.priority), body, len(body) + _OVERHEAD
