"""One subject's samples over time: when they become a violation, and when that is over. Pure, no clock of its own."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.scene import Scene, SubLabel
from domain.wire import Sample, Verdict
from inference import scene_rule
from inference.observation import Observation
from inference.run import Run, Seen
from inference.scene_rule import SceneRule

MOST_KEPT = 600  # samples over a rule's memory; what comes closer is not kept
FRESH = timedelta(seconds=4)  # so long a violating sample makes a candidate
GONE = timedelta(seconds=30)  # a subject that was not seen for so long is forgotten


@dataclass(frozen=True, slots=True)
class Violation:
    """All gates passed. first ≤ best ≤ last lie within scene_rule.TABLE_S; `since` is when it began."""

    scene: Scene
    zone: str
    track: int
    since: datetime
    first: datetime
    best: datetime
    last: datetime
    why: str
    samples: tuple[Sample, ...]
    rule_version: int
    label: SubLabel = SubLabel.NONE


@dataclass(frozen=True, slots=True)
class Cleared:
    """A violation of before is over and may be raised anew."""

    scene: Scene
    zone: str
    track: int
    at: datetime
    why: str


class Incident:
    """The state of one (scene, zone, subject): quiet → candidate → violation → cleared, and again."""

    def __init__(self, scene: Scene, zone: str, subject: int, rule: SceneRule) -> None:
        self.scene, self.zone, self.subject, self.rule = scene, zone, subject, rule
        self.raised = False
        self._memory = rule.memory
        self._seen: deque[Seen] = deque()
        self._entered: datetime | None = None
        self._latest: datetime | None = None
        self._last_bad: datetime | None = None
        self._suspected: datetime | None = None  # like `_last_bad`, in the grace time too

    def add(self, at: datetime, what: Observation, is_open: bool) -> Violation | None:
        """Take one sample; returns the violation at the sample that completes it."""
        self._entered, self._latest = self._entered or at, at
        if what.verdict is Verdict.VIOLATING:
            self._suspected = at
        if at - self._entered < timedelta(seconds=self.rule.grace_s):
            return None
        entry = Seen(at, what)
        if entry.is_bad:
            self._last_bad = at
        if not self._keep(entry) or not entry.is_bad or self.raised:
            return None
        return self._judge(is_open)

    def settle(self, at: datetime) -> Cleared | None:
        """Say when a raised violation has been over for `clear_s`: seen compliant, or not there at all.

        A subject that is there and not visible is as it was.
        """
        if not self.raised or self._last_bad is None or at - self._last_bad < self._clear:
            return None
        since = [entry.what for entry in self._seen if entry.at > self._last_bad]
        compliant = [what for what in since if what.verdict is Verdict.COMPLIANT]
        if since and not compliant and not self._is_gone(at):
            return None
        self.raised = False
        self._seen.clear()
        state = f"compliant ({compliant[-1].why})" if compliant else "not seen"
        return Cleared(self.scene, self.zone, self.subject, at, f"{state} for {self.rule.clear_s:.0f} s")

    def is_candidate(self, at: datetime) -> bool:
        """A violating sample lately, and not yet raised: more samples are wanted."""
        return not self.raised and self._last_bad is not None and at - self._last_bad <= FRESH

    def is_suspect(self, at: datetime) -> bool:
        """As `is_candidate`, and in its grace time already: somebody must watch whether it becomes one."""
        return not self.raised and self._suspected is not None and at - self._suspected <= FRESH

    def is_over(self, at: datetime) -> bool:
        """Nothing is left to remember."""
        return not self.raised and (self._latest is None or at - self._latest > GONE)

    @property
    def _clear(self) -> timedelta:
        return timedelta(seconds=self.rule.clear_s)

    def _is_gone(self, at: datetime) -> bool:
        return self._latest is None or at - self._latest >= self._clear

    def _keep(self, entry: Seen) -> bool:
        """Remember the sample, unless it comes too close after the one before, and forget what is too old."""
        if entry.what.resets:
            self._seen.clear()
        if self._seen and entry.at - self._seen[-1].at < self._memory / MOST_KEPT:
            return False
        self._seen.append(entry)
        while self._seen[0].at < entry.at - self._memory:
            self._seen.popleft()
        return True

    def _judge(self, is_open: bool) -> Violation | None:
        """By the sharper rule of the newest sample's sub-label, where there is one, then by the scene's own."""
        newest = self._seen[-1].what.label
        for label in (newest, SubLabel.NONE) if newest in self.rule.variants else (SubLabel.NONE,):
            rule = self.rule.of(label)
            run = Run.of(self._seen, rule, label)
            if run is not None and run.fulfils(rule):
                self.raised = True
                return self._violation(run, is_open)
        return None

    def _telling(self, run: Run) -> Observation:
        """What speaks for the run: the newest violating sample, rather not of a sub-label whose rule it has not met."""
        labels = self.rule.variants
        return next((seen.what for seen in reversed(run.bad) if seen.what.label not in labels), run.bad[-1].what)

    def _violation(self, run: Run, is_open: bool) -> Violation:
        telling, shown, bad = self._telling(run), run.shown(), set(run.bad)
        best = max((entry for entry in shown if entry in bad), key=lambda entry: entry.what.score)
        counts = f"{len(run.bad)} of {len(run.seen)} samples over {run.seconds:.1f} s"
        why = f"{counts}, {telling.why}, zone {self.zone}, {'opening' if is_open else 'closed'} hours"
        if self.rule.move:
            why += f", moved {run.way:.1f} body lengths"
        return Violation(
            *(self.scene, self.zone, self.subject, run.seen[0].at, shown[0].at, best.at, run.seen[-1].at, why),
            *(tuple(entry.sample() for entry in shown), scene_rule.VERSION, telling.label),
        )
