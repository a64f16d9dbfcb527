"""Awaited evidence: what a spooled event still lacks; after a restart the journal knows what will never come."""

from datetime import UTC, datetime

from domain.wire import EvidenceAdded as Added
from domain.wire import EvidenceItem, EvidenceKind, EvidenceMissing
from edge.evidence import Case
from edge.spool import Draft, Priority, Spool

RESTARTED = "the edge was restarted before it was made"


class Awaited:
    """Kept in the journal. Each entry ends in evidence that was added, or in a word that it is missing."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._journal = spool, spool.journal

    def expect(self, case: Case, part: EvidenceKind) -> None:
        """The event is about to be spooled without this. Raises JournalError."""
        with self._journal.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO awaited (event, part, camera, priority) VALUES (?, ?, ?, ?)",
                (case.id, str(part), case.camera.code, int(case.priority)),
            )

    def add(self, case: Case, part: EvidenceKind, items: list[EvidenceItem]) -> None:
        """Here it is. Raises JournalError."""
        with self._journal.transaction():
            self._spool.append([Draft(case.priority, Added(case.id, case.camera.code, item)) for item in items])
            self._settle(case.id, part)

    def miss(self, case: Case, part: EvidenceKind, why: str) -> None:
        """It will not come. Raises JournalError."""
        self._miss(case.id, case.camera.code, part, case.priority, why)

    def holds(self, case: Case, part: EvidenceKind) -> bool:
        """Whether it is still awaited. Raises JournalError."""
        query = "SELECT 1 FROM awaited WHERE event = ? AND part = ?"
        return bool(self._journal.rows(query, case.id, str(part)))

    def abandon(self) -> None:
        """At a start: the ring that held the rest is gone with the process before. Raises JournalError."""
        for event, part, camera, priority in self._journal.rows("SELECT event, part, camera, priority FROM awaited"):
            self._miss(
                event, camera, EvidenceKind(part), Priority(priority), "the edge was restarted before it was made"
            )

    def _miss(self, event: str, camera: str, part: EvidenceKind, priority: Priority, why: str) -> None:
        with self._journal.transaction():
            missing = EvidenceMissing(event, camera, part, datetime.now(UTC), why[:200])
            self._spool.append([Draft(priority, missing)])
            self._settle(event, part)

    def _settle(self, event: str, part: EvidenceKind) -> None:
        with self._journal.transaction() as connection:
            connection.execute("DELETE FROM awaited WHERE event = ? AND part = ?", (event, str(part)))
