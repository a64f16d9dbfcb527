"""The spool: what the platform must get, kept until it says that it has committed it (PROMISES R5)."""

import sqlite3
import threading
import time
import uuid
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

import msgspec
import structlog

from domain.scene import KINDS, Scene
from domain.wire import EdgeBody, EdgeItem
from edge.chain import Chain
from edge.journal import Journal

log = structlog.get_logger(__name__)

MOST_BODY = 200_000  # bytes; with its frame an item must fit into a batch (wire.MAX_PAYLOAD)
_OVERHEAD = 64  # bytes that a row costs beside its body


class Priority(IntEnum):
    """What is shed last has the lowest number."""

    CLASS_I = 1
    CLASS_II = 2
    CLASS_III = 3
    HEALTH = 4
    FACT = 5  # a device's event or transaction: said once
    TELEMETRY = 6  # and a device's presence, which has to keep its place among it

    @classmethod
    def of(cls, scene: Scene) -> "Priority":
        """That of a scene's events, their ends and their evidence."""
        return cls(min(KINDS[scene].severity, cls.CLASS_III))


class TooLargeError(ValueError):
    """An item is larger than the platform takes; it would block the spool for ever."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be appended."""

    priority: Priority
    body: EdgeBody


@dataclass(frozen=True, slots=True)
class Portion:
    """The next items to send. `upto`: by priority the greatest number among them, after which to read on."""

    items: tuple[EdgeItem, ...]
    upto: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Load:
    """Items and bytes that wait, and items shed since the spool began."""

    depth: int
    size: int
    shed: int


class Spool:
    """Durable, bounded in bytes, safe for any thread. Sheds the oldest of the least important when full, and counts."""

    def __init__(self, journal: Journal, cap: int) -> None:
        self.journal, self.cap = journal, cap
        self._told, self._untold = float("-inf"), 0
        self.filled = threading.Event()  # something was appended since the reader last cleared it
        fresh = uuid.uuid4().hex
        with journal.transaction() as connection:
            connection.execute("INSERT INTO spool (id) SELECT ? WHERE (SELECT count(*) FROM spool) = 0", (fresh,))
        ((self.id,),) = journal.rows("SELECT id FROM spool")
        self._chain = Chain(journal, self.id)

    @property
    def load(self) -> Load:
        """How full it is. Raises JournalError."""
        (row,) = self.journal.rows("SELECT depth, size, shed FROM spool")
        return Load(*row)

    def append(self, drafts: Iterable[Draft]) -> None:
        """Keep these, on the disk, in one transaction. Raises JournalError (nothing kept) or TooLargeError."""
        with self.journal.transaction() as connection:
            rows = [self._row(draft) for draft in drafts]
            connection.executemany("INSERT INTO item (kind, priority, body, size) VALUES (?, ?, ?, ?)", rows)
            shed = self._shed(connection)
            connection.execute("UPDATE spool SET shed = shed + ?", (shed,))
        if shed:
            self._complain(shed)
        self.filled.set()

    def waiting(self, lane: Sequence[Priority], limit: int, size: int, after: Mapping[int, int]) -> Portion:
        """The next items of a lane, gravest priority first, then the oldest, each priority `after` that number.

        At most `limit` of them and `size` bytes.
        """
        query = "SELECT seq, body, size FROM item WHERE priority = ? AND seq > ? ORDER BY seq LIMIT ?"
        items, upto = list[EdgeItem](), dict[int, int]()
        for priority in lane:
            for seq, body, length in self.journal.rows(query, priority, after.get(priority, 0), limit - len(items)):
                size -= length
                if size < 0:
                    return Portion(tuple(items), upto)
                items.append(EdgeItem(seq, msgspec.Raw(body)))
                upto[priority] = seq
        return Portion(tuple(items), upto)

    def acknowledge(self, seqs: Collection[int]) -> int:
        """The platform has committed these: forget them. Returns how many were still here. Raises JournalError."""
        with self.journal.transaction() as connection:
            return sum(
                connection.execute("DELETE FROM item WHERE seq BETWEEN ? AND ?", span).rowcount for span in spans(seqs)
            )

    def _shed(self, connection: sqlite3.Connection) -> int:
        """Make room: the oldest of the least important go first. Returns how many went."""
        over, shed = self.load.size - self.cap, 0
        for priority in sorted(Priority, reverse=True):
            while over > 0:
                query = "SELECT seq, size FROM item WHERE priority = ? ORDER BY seq LIMIT 100"
                oldest = self.journal.rows(query, priority)
                if not oldest:
                    break
                totals = list(accumulate(size for _, size in oldest))
                gone = min(bisect_left(totals, over) + 1, len(totals))
                connection.executemany("DELETE FROM item WHERE seq = ?", [(seq,) for seq, _ in oldest[:gone]])
                over, shed = over - totals[gone - 1], shed + gone
        return shed

    def _complain(self, shed: int) -> None:
        """At most once a second."""
        self._untold += shed
        if time.monotonic() - self._told >= 1.0:
            log.warning("the spool is full: the oldest, least important items were shed", items=self._untold)
            self._told, self._untold = time.monotonic(), 0

    def _row(self, draft: Draft) -> tuple[str, int, bytes, int]:
        body = self._chain.sealed(draft.body)
        if len(body) > MOST_BODY:
            raise TooLargeError(f"an item of {len(body)} bytes: at most {MOST_BODY} can be sent")
        kind = str(draft.body.__struct_config__.tag)
        return kind, int(draft.priority), body, len(body) + _OVERHEAD


def spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers, each as its first and last."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
