"""The follow-up of spooled events: takes the clips when they are due, and keeps photographs that the disk refused."""

import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field

import structlog

from domain.wire import EvidenceItem, EvidenceKind
from edge import evidence
from edge.awaited import Awaited
from edge.clip import ClipError
from edge.counters import Counters
from edge.evidence import LONG_AFTER_S, Album, Case
from edge.redaction import FindHeads
from edge.ring import Stretch
from edge.spool import Spool
from edge.vault import Vault

log = structlog.get_logger(__name__)

PATIENCE_S = 15.0  # a clip that cannot be made, or whose end is missing, is waited for so long after it was due
AGAIN_S = 1.0
MOST_BOARDS = 64  # storyboards that wait, each with its keyframes
MOST_ALBUMS = 32  # photographs held in memory while the disk refuses them; some 0.5 MB each
CUT_SHORT = "cut short: the edge was stopped"
SET_BACK = "cut short: the clock was set back"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the recorder writes to. `heads` finds what is hidden in evidence."""

    spool: Spool
    vault: Vault
    heads: FindHeads
    counters: Counters


@dataclass(slots=True, eq=False)
class _Clip:
    """Times are monotonic seconds: the day's time may be set while the clip is waited for."""

    case: Case
    until: float  # what has not come by then will not
    next_try: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Board:
    case: Case
    of: EvidenceItem
    frames: Stretch


@dataclass(slots=True)
class FollowUp:
    """Used by the recorder's thread. What raises OSError or JournalError left everything as it was."""

    desk: Desk
    over: bool = False  # the agent stops: clips are taken as far as they go
    awaited: Awaited = field(init=False)
    _clips: list[_Clip] = field(default_factory=list)
    _albums: list[Album] = field(default_factory=list)
    _boards: deque[_Board] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.awaited = Awaited(self.desk.spool)

    def clip_of(self, case: Case) -> None:
        """The event is spooled: its clip is due when its after-roll has been recorded."""
        ahead = min(max(0.0, case.clip_range[1] - time.time()), LONG_AFTER_S)
        self._clips.append(_Clip(case, time.monotonic() + ahead + PATIENCE_S))

    def photographs_of(self, album: Album) -> None:
        """The event is spooled, its photographs are not kept yet."""
        self._albums.append(album)
        for old in self._albums[:-MOST_ALBUMS]:
            self.awaited.miss(old.case, EvidenceKind.FRAME, "the edge's disk was full")
        self._albums = self._albums[-MOST_ALBUMS:]

    @property
    def is_idle(self) -> bool:
        """Nothing is due now or later."""
        return not (self._clips or self._albums or self._boards)

    def step(self) -> bool:
        """Do one thing that is due; False when there is none. Raises OSError or JournalError."""
        now = time.monotonic()
        if self._albums:
            self._keep(self._albums[0])
            return True
        for one in self._clips:
            if self._is_due(one, now):
                self._take(one, now)
                return True
        return False

    def storyboard(self) -> bool:
        """Make one; False when none waits. To find heads in many pictures takes half a second: all else goes first."""
        if not self._boards:
            return False
        board = self._boards[0]
        items = evidence.stills(board.case, self.desk.vault, self.desk.heads, board.of, board.frames)
        if items:
            self.awaited.add(board.case, EvidenceKind.STORYBOARD, list(items))
        else:
            self.awaited.miss(board.case, EvidenceKind.STORYBOARD, "no keyframe of that time can be decoded")
        self._boards.popleft()
        return True

    def give_up(self) -> None:
        """The step in hand cannot be done for a reason that will not pass: say so instead."""
        if self._albums:
            self.awaited.miss(self._albums[0].case, EvidenceKind.FRAME, "the edge failed on its photographs")
            self._albums.pop(0)
            return
        now = time.monotonic()
        due = [one for one in self._clips if self._is_due(one, now)]
        for one in due:
            self.awaited.miss(one.case, EvidenceKind.CLIP, "the edge failed on the clip")
            self._clips.remove(one)
        if self._boards and not due:
            self.awaited.miss(self._boards[0].case, EvidenceKind.STORYBOARD, "the edge failed on its photographs")
            self._boards.popleft()

    def _is_due(self, one: _Clip, now: float) -> bool:
        return self.over or (now >= one.next_try and (now >= one.until or _is_whole(one.case)))

    def _plan(self, board: _Board) -> None:
        if len(self._boards) >= MOST_BOARDS:
            self.desk.counters.add("storyboards_dropped")
            self.awaited.miss(board.case, EvidenceKind.STORYBOARD, "too many scenes began at once")
            return
        self._boards.append(board)

    def _keep(self, album: Album) -> None:
        items = album.keep(self.desk.vault)
        if items:
            self.awaited.add(album.case, EvidenceKind.FRAME, list(items))
        else:
            self.awaited.miss(album.case, EvidenceKind.FRAME, LOST)
        self._albums.remove(album)

    def _take(self, one: _Clip, now: float) -> None:
        try:
            self._add(one.case, CUT_SHORT if self.over and now < one.until else "")
        except ClipError as error:
            if not self.over and now < one.until:
                one.next_try = now + AGAIN_S
                return
            self.desk.counters.add("clips_failed")
            log.warning("no clip could be made", incident=one.case.id, camera=one.case.camera.code, why=str(error))
            self.awaited.miss(one.case, EvidenceKind.CLIP, str(error))
        self._clips.remove(one)

    def _add(self, case: Case, remark: str) -> None:
        if _is_whole(case):
            remark = SET_BACK if case.is_broken_off else ""
        with ExitStack() as stack:
            cuts = evidence.cut(case, self.desk.vault, stack)
            with self.desk.spool.journal.transaction():
                items = evidence.adopt(case, self.desk.vault, cuts, remark)
                self.awaited.add(case, EvidenceKind.CLIP, items)
                self.awaited.expect(case, EvidenceKind.STORYBOARD)
        self._plan(_Board(case, items[0], evidence.keyframes(case)))
        for item in items:
            self.desk.counters.add("clips_complete" if item.complete else "clips_incomplete")


LOST = "no picture of the best sample was left in the ring"


def _is_whole(case: Case) -> bool:
    """The ring holds the whole range, or all of it that will ever come."""
    span = case.ring.span()
    return case.is_broken_off or (span is not None and span[1] >= case.clip_range[1])
