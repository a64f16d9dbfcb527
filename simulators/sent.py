"""The sender's ledger: every message that the broker acknowledged, as one JSON line (PROMISES, Method)."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec


class Acknowledged(msgspec.Struct, frozen=True):
    """One line: a message that the broker acknowledged."""

    topic: str
    payload: str
    published: datetime

    @property
    def body(self) -> bytes:
        return base64.b64decode(self.payload)


def lines(path: Path) -> Iterator[Acknowledged]:
    """All whole lines of a ledger that may be being written to; none while it is not there."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                yield msgspec.json.decode(line, type=Acknowledged)
            except msgspec.DecodeError:  # the last one, or one that a power cut tore
                continue


class SentLedger:
    """Append-only. A line is written when the acknowledgement came, hence only for what must not be lost.

    A message has one line however often it was sent. What a broken link adds is counted apart: repeats are no further
    messages, and garbage was said by nobody.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.repeats = 0
        self.garbage = 0
        self._file: TextIO | None = None

    def open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a", encoding="utf-8", buffering=1)

    def add(self, topic: str, payload: bytes, published: datetime) -> None:
        """Note one acknowledged message."""
        if self._file is None:
            raise RuntimeError("the ledger is not open")
        line = {
            "topic": topic,
            "payload": base64.b64encode(payload).decode(),
            "published": published.isoformat(),
            "acked": datetime.now(UTC).isoformat(),
        }
        self._file.write(json.dumps(line) + "\n")
        self.count += 1

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
