"""The recorder: the thread that turns what was seen into spooled items, and takes the clips when they are due.

It is the only one that retries a full disk: a job whose record cannot be written now stays first in line.
"""

import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

import av
import cv2
import structlog

from domain.camera import Camera
from domain.scene import Scene
from domain.wire import CameraHealth, ConfigApplied, EdgeLoad, EvidenceItem, EvidenceKind, SceneEnded
from edge import evidence
from edge.decoder import DecodeError
from edge.evidence import Album, Case
from edge.followup import LOST, Desk, FollowUp
from edge.health import Change
from edge.incidents import Incidents
from edge.journal import JournalError
from edge.ring import Ring
from edge.spool import Draft, Priority
from inference.scenes import Cleared, Violation

log = structlog.get_logger(__name__)

MOST_JOBS = 512
_RETRY_S = 1.0
_POLL_S = 0.25

Job = Callable[[], None]


class Recorder:
    """Opens with a desk, runs in a thread of its own; close writes down all that is left, clips as far as they go."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._incidents = Incidents(desk.spool.journal)
        self._jobs: queue.Queue[Job] = queue.Queue(MOST_JOBS)
        self._stop = threading.Event()
        self._told = ""
        self._followup = FollowUp(desk)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        with suppress(queue.Full):  # it is awake then
            self._jobs.put_nowait(lambda: None)
        self._thread.join()

    def scene(self, camera: Camera, ring: Ring, event: Violation | Cleared, model: str) -> None:
        """A scene began or ended on a camera. `model`: SHA-256 of the weights that saw it."""
        if isinstance(event, Violation):
            album = Album(Case(uuid.uuid4().hex, camera, ring, event, model, ring.seen), self._desk.heads)
            self._add(lambda: self._begin(album))
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

    def load(self, item: EdgeLoad) -> None:
        """How the edge keeps up has changed."""
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
        self._do(self._followup.awaited.abandon)
        while not self._stop.is_set() or not self._jobs.empty():
            try:
                job = self._jobs.get(timeout=None if self._followup.is_idle else _POLL_S)
            except queue.Empty:
                pass
            else:
                self._do(job)
            self._follow_up()
            if self._jobs.empty():
                self._attend(self._followup.storyboard)
        self._followup.over = True
        self._follow_up()
        while self._attend(self._followup.storyboard):
            pass

    def _follow_up(self) -> None:
        """What is due, one after the other; what the disk refuses is tried again after the next job."""
        while self._attend(self._followup.step):
            pass

    def _attend(self, step: Callable[[], bool]) -> bool:
        """Take a step; False when there was none to take, or the disk refused it."""
        try:
            return step()
        except (JournalError, OSError) as error:
            self._refused(str(error))
            self._stop.wait(_RETRY_S)
        except Exception:
            self._desk.counters.add("records_failed")
            log.exception("evidence could not be made")
            self._do(self._followup.give_up)
        return False

    def _refused(self, why: str) -> None:
        self._desk.counters.add("storage_refused")
        self._desk.counters.add("records_retried")
        with suppress(JournalError, OSError):
            self._desk.vault.relieve()
        if why != self._told:
            self._told = why
            log.error("cannot record, trying again until it works: is the disk full?", why=why)

    def _do(self, job: Job) -> None:
        """Do a job until it is done."""
        while refusal := self._attempt(job):
            self._refused(refusal)
            if self._stop.wait(_RETRY_S):
                log.error("stopped with a record that could not be written", why=refusal)
                return
        self._told = ""

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

    def _begin(self, album: Album) -> None:
        case = album.case
        known = self._incidents.find(case.camera.code, case.violation)
        if known is not None:
            self._incidents.begin(known, case.camera.code, case.violation)
            return
        pictures = self._pictures(album)
        item = evidence.began(case, pictures or ())
        with self._desk.spool.journal.transaction():
            self._incidents.begin(case.id, case.camera.code, case.violation)
            self._desk.spool.append([Draft(case.priority, item)])
            self._followup.awaited.expect(case, EvidenceKind.CLIP)
            if pictures is None:
                self._followup.awaited.expect(case, EvidenceKind.FRAME)
            elif not pictures:
                self._followup.awaited.miss(case, EvidenceKind.FRAME, LOST)
        self._followup.clip_of(case)
        if pictures is None:
            self._followup.photographs_of(album)
        lag = round(time.time() - case.violation.last.timestamp(), 3)
        log.info("scene began", incident=case.id, camera=item.camera, scene=item.scene, why=item.why, lag_s=lag)

    def _pictures(self, album: Album) -> tuple[EvidenceItem, ...] | None:
        """The kept photographs; empty when there are none, None when the disk refuses them: the event does not wait."""
        try:
            return album.keep(self._desk.vault)
        except (DecodeError, av.error.FFmpegError, cv2.error, ValueError) as error:
            log.warning("no photograph could be made", incident=album.case.id, why=str(error))
            return ()
        except OSError as error:
            self._refused(str(error))
            return None

    def _end(self, camera: Camera, event: Cleared) -> None:
        known = self._incidents.find(camera.code, event)
        if known is not None:
            self._spool_end(known, event.scene, SceneEnded(known, camera.code, event.at, event.why[:200]))

    def _end_orphans(self, camera: str, why: str) -> None:
        for key, scene in self._incidents.orphans(camera):
            self._spool_end(key, scene, SceneEnded(key, camera, datetime.now(UTC), why))

    def _spool_end(self, key: str, scene: Scene, item: SceneEnded) -> None:
        with self._desk.spool.journal.transaction():
            self._desk.spool.append([Draft(Priority.of(scene), item)])
            self._incidents.end(key)
        log.info("scene ended", incident=key, camera=item.camera, why=item.why)
