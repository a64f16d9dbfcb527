"""Open incidents: which scene event is still going on, so that its end names the right one, even after a restart."""

from domain.scene import Scene
from edge.journal import Journal
from inference.scenes import Cleared, Violation


class Incidents:
    """Kept in the journal. After a restart tracks are numbered anew: an incident of before is adopted by its place."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._inherited = {str(key) for (key,) in journal.rows("SELECT id FROM incident")}

    def find(self, camera: str, event: Violation | Cleared) -> str | None:
        """The id of the open incident that this event belongs to."""
        rows = self._journal.rows(
            "SELECT id, track FROM incident WHERE camera = ? AND scene = ? AND zone = ?",
            camera,
            str(event.scene),
            event.zone,
        )
        ids = {track: str(key) for key, track in rows}
        if event.track in ids:
            return ids[event.track]
        return next((key for key in ids.values() if key in self._inherited), None)

    def begin(self, key: str, camera: str, event: Violation) -> None:
        """Remember a new incident, or the new track of an inherited one. Raises JournalError."""
        with self._journal.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?, ?)",
                (key, camera, str(event.scene), event.zone, event.track),
            )
        self._inherited.discard(key)

    def end(self, key: str) -> None:
        """Forget it. Raises JournalError."""
        with self._journal.transaction() as connection:
            connection.execute("DELETE FROM incident WHERE id = ?", (key,))
        self._inherited.discard(key)

    def inherit(self, camera: str) -> None:
        """The camera's scenes are judged anew (its zones changed): what is open may be adopted."""
        self._inherited |= {
            str(key) for (key,) in self._journal.rows("SELECT id FROM incident WHERE camera = ?", camera)
        }

    def orphans(self, camera: str) -> list[tuple[str, Scene]]:
        """Ids and scenes of the camera's incidents of before that nothing has adopted."""
        rows = self._journal.rows("SELECT id, scene FROM incident WHERE camera = ?", camera)
        return [(key, Scene(scene)) for key, scene in rows if key in self._inherited]
