"""The state of the edge's disk: has room, sheds what is least important, or cannot be written (PROMISES R5, R13)."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.wire import Storage

LOOK_S = 2.0
CALM_S = 60.0  # so long nothing was shed: one alert for a time of shedding, not one for each item
_PROBE = 256 * 1024  # bytes that must fit before the disk counts as writable again


@dataclass(frozen=True, slots=True)
class Signs:
    """Totals since the start: writes that the disk refused, and what was shed before the platform had it."""

    refused: int
    shed_items: int
    shed_evidence: int

    @property
    def shed(self) -> int:
        return self.shed_items + self.shed_evidence


@dataclass(frozen=True, slots=True)
class Told:
    """A state and its named reason."""

    state: Storage
    why: str


ROOMY = Told(Storage.OK, "there is room on the edge's disk")


class StorageWatch:
    """Judges by what happened since its last look. `probe` raises OSError while the disk takes nothing."""

    def __init__(self, probe: Callable[[], None], signs: Signs) -> None:
        self._probe, self._signs = probe, signs
        self._shed_at = float("-inf")
        self.told = ROOMY

    def look(self, signs: Signs, now: float) -> Told | None:
        """The state when it has changed, else None. `now`: monotonic seconds."""
        refused, shed = signs.refused > self._signs.refused, signs.shed > self._signs.shed
        if shed:
            self._shed_at = now
        state = self._state(refused=refused, now=now)
        before, self._signs = self._signs, signs
        if state is self.told.state:
            return None
        self.told = Told(state, _why(state, signs, before))
        return self.told

    def _state(self, *, refused: bool, now: float) -> Storage:
        if refused or self.told.state is Storage.FULL:
            try:
                self._probe()
            except OSError:
                return Storage.FULL
        return Storage.SHEDDING if now - self._shed_at < CALM_S else Storage.OK


def _why(state: Storage, signs: Signs, before: Signs) -> str:
    if state is Storage.FULL:
        return "the edge's disk takes nothing more: free some space on it"
    if state is Storage.OK:
        return ROOMY.why
    if signs.shed_items > before.shed_items:
        return "the edge's spool is full: it sheds the oldest of what is least important"
    return "the edge's evidence folder is full: it sheds the oldest of what is least important"


def probe(folder: Path) -> None:
    """Write a little file, flush it and remove it. Raises OSError."""
    file = folder / "probe.part"
    try:
        with file.open("wb") as handle:
            handle.write(bytes(_PROBE))
            handle.flush()
            os.fsync(handle.fileno())
    finally:
        file.unlink(missing_ok=True)
