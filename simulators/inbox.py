"""What the push receiver got: each push once, with how often it came; the newest in memory, all in a journal."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """One push as it came first; `received_at` are the times (ISO 8601, UTC) of it and its repeats, the last few."""

    channel: str
    key: str
    received_at: tuple[str, ...]
    deliveries: int
    conflict: bool  # a repeat had another body, which its key says it must not
    body: Mapping[str, object]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery, a line of the journal."""

    channel: str
    key: str
    received_at: str
    body: Mapping[str, object]


class Counts(msgspec.Struct, kw_only=True):
    """Deliveries by what became of them. `pushes` are distinct ones; a repeat is no new push."""

    deliveries: int = 0
    pushes: int = 0
    duplicates: int = 0
    conflicts: int = 0
    faulted: int = 0
    refused: int = 0
    forgotten: int = 0


Outcome = Literal["new", "duplicate"]
TIMES_KEPT = 20


class Inbox:
    """Bounded; a push is known by its channel and key, and for as long as it is kept."""

    def __init__(self, keep: int, journal: Path | None = None) -> None:
        """A journal of an earlier run is read again, so that its pushes are still known."""
        self.counts = Counts()
        self._keep = keep
        self._pushes: OrderedDict[tuple[str, str], Push] = OrderedDict()
        self._journal = None
        if journal is not None:
            self._read(journal)
            self._journal = journal.open("ab", buffering=0)

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()

    def pushes(self) -> list[Push]:
        """All that are kept, oldest first."""
        return list(self._pushes.values())

    def take(self, entry: Entry) -> Outcome:
        """Remember a delivery; it is in the journal before this returns."""
        if self._journal is not None:
            self._journal.write(msgspec.json.encode(entry) + b"\n")
        return self._count(entry)

    def _count(self, entry: Entry) -> Outcome:
        self.counts.deliveries += 1
        known = self._pushes.get((entry.channel, entry.key)) if entry.key else None
        if known is None:
            self._add(entry)
            return "new"
        self.counts.duplicates += 1
        differs = known.body != entry.body
        self.counts.conflicts += differs
        self._pushes[entry.channel, entry.key] = msgspec.structs.replace(
            known,
            received_at=(*known.received_at, entry.received_at)[-TIMES_KEPT:],
            deliveries=known.deliveries + 1,
            conflict=known.conflict or differs,
        )
        return "duplicate"

    def _add(self, entry: Entry) -> None:
        self.counts.pushes += 1
        key = entry.key or f"(none) {self.counts.pushes}"
        self._pushes[entry.channel, key] = Push(
            channel=entry.channel,
            key=entry.key,
            received_at=(entry.received_at,),
            deliveries=1,
            conflict=False,
            body=entry.body,
        )
        if len(self._pushes) > self._keep:
            self._pushes.popitem(last=False)
            self.counts.forgotten += 1

    def _read(self, journal: Path) -> None:
        if not journal.exists():
            journal.parent.mkdir(parents=True, exist_ok=True)
            return
        data = journal.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):  # the last run ended amid a line
            with journal.open("r+b") as file:
                file.truncate(whole)
        for line in data[:whole].splitlines():
            self._count(msgspec.json.decode(line, type=Entry))


def signature(secret: str, body: bytes) -> str:
    """The `X-Mingchu-Signature` of a push: HMAC-SHA256 over the body, in hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
