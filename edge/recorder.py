"""The recorder: the thread that turns what was seen into spooled items, and takes the clips when they are due.

It is the only one that retries a full disk: a job whose record cannot be written now stays first in line.
"""

import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from domain.camera import Camera
from domain.wire import CameraHealth, ConfigApplied, EvidenceAdded, EvidenceItem, SceneEnded
from edge import evidence
from edge.clip import ClipError
from edge.counters import Counters
from edge.evidence import Case
from edge.health import Change
from edge.incidents import Incidents
from edge.journal import Journal, JournalError
from edge.redaction import FindHeads
from edge.ring import Ring, Stretch
from edge.spool import Draft, Priority, Spool
from edge.vault import Vault
from inference.scenes import Cleared, Violation

log = structlog.get_logger(__name__)

MOST_JOBS = 512
MOST_STILLS = 64  # storyboards that wait, each with its keyframes
LATE_S = 5.0  # a camera that fell silent: its clip is taken so long after it was due
_RETRY_S = 1.0
_POLL_S = 0.25

Job = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the recorder writes to. `model`: SHA-256 of the weights; `heads` finds what is hidden in evidence."""

    journal: Journal
    spool: Spool
    vault: Vault
    model: str
    heads: FindHeads
    counters: Counters


class Recorder:
    """Opens with a desk, runs in a thread of its own; close writes down all that is left, clips as far as they go."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._incidents = Incidents(desk.journal)
        self._jobs: queue.Queue[Job] = queue.Queue(MOST_JOBS)
        self._stills: deque[Job] = deque()
        self._clips: list[Case] = []  # their after-roll is still being recorded
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def scene(self, camera: Camera, ring: Ring, event: Violation | Cleared) -> None:
        """A scene began or ended on a camera."""
        if isinstance(event, Violation):
            case = Case(uuid.uuid4().hex, camera, ring, event)
            self._add(lambda: self._begin(case))
        else:
            self._add(lambda: self._end(camera, event))

    def health(self, camera: str, change: Change) -> None:
        """A camera's state changed."""
        item = CameraHealth(camera, datetime.now(UTC), change.state, change.why[:200])
        self._add(lambda: self._desk.spool.append([Draft(Priority.HEALTH, item)]))

    def applied(self, version: int, refused: Mapping[str, str]) -> None:
        """A configuration is followed, but for the cameras that are refused."""
        item = ConfigApplied(version, datetime.now(UTC), {camera: why[:200] for camera, why in refused.items()})
        self._add(lambda: self._desk.spool.append([Draft(Priority.HEALTH, item)]))

    def orphaned(self, camera: str, why: str) -> None:
        """Nothing took up the camera's incidents of before: they end."""
        self._add(lambda: self._end_orphans(camera, why))

    def rezoned(self, camera: str) -> None:
        """The camera is judged anew, or no more."""
        self._add(lambda: self._incidents.inherit(camera))

    def _add(self, job: Job) -> None:
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            self._desk.counters.add("records_dropped")

    def _run(self) -> None:
        while not self._stop.is_set() or not self._jobs.empty():
            job = self._next()
            if job is not None:
                self._do(job)
            self._take_due_clips()
        for case in self._clips:
            self._do(lambda case=case: self._add_clip(case, "cut short: the edge was stopped"))  # type: ignore[misc]
        while self._stills:
            self._do(self._stills.popleft())

    def _next(self) -> Job | None:
        """What was seen, or else what can wait, or None after a while."""
        try:
            return self._jobs.get(block=not self._stills, timeout=_POLL_S)
        except queue.Empty:
            return self._stills.popleft() if self._stills else None

    def _do(self, job: Job) -> None:
        """Do a job until it is done."""
        told = False
        while refusal := self._attempt(job):
            if not told:
                log.error("cannot record, trying again until it works: is the disk full?", why=refusal)
                told = True
            self._desk.counters.add("records_retried")
            if self._stop.wait(_RETRY_S):
                log.error("stopped with a record that could not be written", why=refusal)
                return

    def _attempt(self, job: Job) -> str:
        """Empty when there is no more to do; else why the disk refused. What is wrong in itself is not tried again."""
        try:
            job()
        except (JournalError, OSError) as error:
            return str(error)
        except Exception:
            self._desk.counters.add("records_failed")
            log.exception("a record could not be made")
        return ""

    def _begin(self, case: Case) -> None:
        known = self._incidents.find(case.camera.code, case.violation)
        if known is not None:
            self._incidents.begin(known, case.camera.code, case.violation)
            return
        pictures = evidence.pictures(case, self._desk.vault, self._desk.heads)
        item = evidence.began(case, self._desk.model, pictures)
        with self._desk.journal.transaction():
            self._incidents.begin(case.id, case.camera.code, case.violation)
            self._desk.spool.append([Draft(case.priority, item)])
        self._clips.append(case)
        lag = round(time.time() - case.violation.last.timestamp(), 3)
        log.info("scene began", incident=case.id, camera=item.camera, scene=item.scene, why=item.why, lag_s=lag)

    def _end(self, camera: Camera, event: Cleared) -> None:
        known = self._incidents.find(camera.code, event)
        if known is not None:
            self._spool_end(known, SceneEnded(known, camera.code, event.at, event.why[:200]))

    def _end_orphans(self, camera: str, why: str) -> None:
        for key in self._incidents.orphans(camera):
            self._spool_end(key, SceneEnded(key, camera, datetime.now(UTC), why))

    def _spool_end(self, key: str, item: SceneEnded) -> None:
        with self._desk.journal.transaction():
            self._desk.spool.append([Draft(Priority.SCENE, item)])
            self._incidents.end(key)
        log.info("scene ended", incident=key, camera=item.camera, why=item.why)

    def _take_due_clips(self) -> None:
        due = [case for case in self._clips if _is_due(case, time.time())]
        self._clips = [case for case in self._clips if case not in due]
        for case in due:
            self._do(lambda case=case: self._add_clip(case))  # type: ignore[misc]

    def _add_clip(self, case: Case, remark: str = "") -> None:
        try:
            item = evidence.video(case, self._desk.vault, remark)
        except ClipError as error:
            self._desk.counters.add("clips_failed")
            log.warning("no clip could be made", incident=case.id, camera=case.camera.code, why=str(error))
            return
        self._desk.counters.add("clips_complete" if item.complete else "clips_incomplete")
        added = EvidenceAdded(case.id, case.camera.code, item)
        self._desk.spool.append([Draft(case.priority, added)])
        self._plan_stills(case, item)

    def _plan_stills(self, case: Case, of: EvidenceItem) -> None:
        """To find heads in many pictures takes half a second: what begins or is due goes first."""
        if len(self._stills) >= MOST_STILLS:
            self._desk.counters.add("storyboards_dropped")
            return
        frames = evidence.keyframes(case)
        self._stills.append(lambda: self._add_stills(case, of, frames))

    def _add_stills(self, case: Case, of: EvidenceItem, frames: Stretch) -> None:
        items = evidence.stills(case, self._desk.vault, self._desk.heads, of, frames)
        added = (EvidenceAdded(case.id, case.camera.code, item) for item in items)
        self._desk.spool.append([Draft(case.priority, item) for item in added])


def _is_due(case: Case, now: float) -> bool:
    """The ring holds the whole range, or will not any more."""
    _, end = case.clip_range
    span = case.ring.span()
    return (span is not None and span[1] >= end) or now >= end + LATE_S
