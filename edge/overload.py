"""Overload: measures whether the edge keeps up, stands on the ladder's step, and reports it (ADR 16)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import structlog

from domain.wire import EdgeLoad
from edge.counters import Counters
from edge.ladder import Ladder, Strain
from edge.patrol import Patrol
from edge.recorder import Recorder

log = structlog.get_logger(__name__)

JUDGE_S = 5.0
REPORT_S = 300.0  # what changed besides the step is reported so often


@dataclass(frozen=True, slots=True)
class Standing:
    """How many cameras are on patrol, and how many of those are watched just now."""

    patrolled: int
    promoted: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """How many pictures were looked at, and how many dropped for newer ones, since the edge began."""

    looked: int = 0
    dropped: int = 0

    @classmethod
    def of(cls, counters: Counters) -> Self:
        """As they are now."""
        counts = counters.snapshot()
        looked = counts.get("frames_analysed", 0) + counts.get("frames_skipped", 0)
        return cls(looked, counts.get("frames_dropped", 0))

    def dropped_since(self, before: Self) -> float:
        """The share of those that came since then which were dropped; 0 when none came."""
        looked, dropped = self.looked - before.looked, self.dropped - before.dropped
        return dropped / (looked + dropped) if dropped else 0.0


class Overload:
    """`frames` may be called from any thread; the rest is the agent's main thread's."""

    def __init__(self, patrol: Patrol, recorder: Recorder, counters: Counters) -> None:
        self._patrol, self._recorder, self._counters = patrol, recorder, counters
        self._ladder = Ladder()
        self._missed = 0
        self._pictures = Pictures()
        self._judged = float("-inf")
        self._said: EdgeLoad | None = None
        self._said_at = float("-inf")

    def frames(self, *, urgent: bool) -> float:
        """The share of the looks that a candidate wants which it gets."""
        step = self._ladder.step
        return step.urgent_frames if urgent else step.frames

    def tick(self, now: float, standing: Standing) -> None:
        """Judge every few seconds; report a changed step at once."""
        if now - self._judged < JUDGE_S:
            return
        self._judged = now
        missed, pictures = self._patrol.missed, Pictures.of(self._counters)
        age_s, dropped = self._counters.ages.p95(JUDGE_S), pictures.dropped_since(self._pictures)
        strain = Strain(missed - self._missed, age_s, self._patrol.lag, dropped)
        self._missed, self._pictures = missed, pictures
        if self._ladder.judge(now, strain, patrols=standing.patrolled > 0):
            self._stand(strain)
        self._report(now, standing)

    def _stand(self, strain: Strain) -> None:
        step = self._ladder.step
        self._patrol.stretch(step.periods, step.urgent_periods)
        self._counters.add("ladder_steps")
        age = round(strain.age_s, 2)
        log.warning(
            "the ladder's step has changed",
            step=self._ladder.number,
            periods=step.periods,
            frames=step.frames,
            missed=strain.missed,
            frame_age_s=age,
            lag=round(strain.lag, 2),
            dropped=round(strain.dropped, 2),
        )

    def _report(self, now: float, standing: Standing) -> None:
        number, step = self._ladder.number, self._ladder.step
        load = EdgeLoad(
            *(datetime.now(UTC), number, step.periods, step.frames),
            *(standing.patrolled, standing.promoted, self._missed, self._counters.snapshot()),
        )
        moved = self._said is None or self._said.step != number or self._said.patrolled != standing.patrolled
        if moved or (now - self._said_at >= REPORT_S and _differs(load, self._said)):
            self._said, self._said_at = load, now
            self._recorder.load(load)


def _differs(load: EdgeLoad, said: EdgeLoad | None) -> bool:
    return said is None or (load.promoted, load.missed, load.counters) != (
        said.promoted,
        said.missed,
        said.counters,
    )
