"""One subject's samples over time: when they become a violation, and when that is over. Pure, no clock of its own."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from domain.scene import Scene
from domain.wire import Sample, Verdict
from inference import scene_rule
from inference.observation import Observation
from inference.scene_rule import SceneRule

MOST_SAMPLES = 40  # in an event's table


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


@dataclass(frozen=True, slots=True)
class Cleared:
    """A violation of before is over and may be raised anew."""

    scene: Scene
    zone: str
    track: int
    at: datetime
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    at: datetime
    what: Observation


class Incident:
    """The state of one (scene, zone, subject): quiet → candidate → violation → cleared, and again."""

    def __init__(self, scene: Scene, zone: str, subject: int, rule: SceneRule) -> None:
        self.scene, self.zone, self.subject, self.rule = scene, zone, subject, rule
        self.raised = False
        self._seen: deque[_Seen] = deque()
        self._last_bad: datetime | None = None

    def add(self, at: datetime, what: Observation, is_open: bool) -> Violation | None:
        """Take one sample; returns the violation at the sample that completes it."""
        if what.resets:
            self._seen.clear()
        self._seen.append(_Seen(at, what))
        self._forget(at, is_open)
        if what.verdict is Verdict.VIOLATING:
            self._last_bad = at
        if self.raised or what.verdict is not Verdict.VIOLATING:
            return None
        return self._judge(at, is_open)

    def settle(self, at: datetime) -> Cleared | None:
        """Say when a raised violation has been over for `clear_s`, seen compliant or not seen at all."""
        if not self.raised or self._last_bad is None or at - self._last_bad < timedelta(seconds=self.rule.clear_s):
            return None
        self.raised = False
        seen = [entry.what for entry in self._seen if entry.at > self._last_bad]
        self._seen.clear()
        state = f"compliant ({seen[-1].why})" if seen else "not seen"
        return Cleared(self.scene, self.zone, self.subject, at, f"{state} for {self.rule.clear_s:.0f} s")

    def is_candidate(self, at: datetime) -> bool:
        """A violating sample lately, and not yet raised: more samples are wanted."""
        return not self.raised and self._last_bad is not None and at - self._last_bad <= timedelta(seconds=4)

    def is_over(self, at: datetime) -> bool:
        """Nothing is left to remember."""
        return not self.raised and (not self._seen or at - self._seen[-1].at > timedelta(seconds=30))

    def _forget(self, at: datetime, is_open: bool) -> None:
        start = at - max(self.rule.horizon(is_open), timedelta(seconds=scene_rule.TABLE_S))
        while self._seen and self._seen[0].at < start:
            self._seen.popleft()

    def _judge(self, at: datetime, is_open: bool) -> Violation | None:
        start = at - self.rule.horizon(is_open)
        visible = [entry for entry in self._seen if entry.at >= start and entry.what.verdict is not Verdict.NOT_VISIBLE]
        run = _from_first_bad(visible)
        bad = [entry for entry in run if entry.what.verdict is Verdict.VIOLATING]
        if len(run) < self.rule.needed(is_open) or run[-1].at - run[0].at < self.rule.span(is_open):
            return None
        if len(bad) < self.rule.share * len(run) or len(bad) < self.rule.needed(is_open) * self.rule.share:
            return None
        if self.rule.move and _way(bad) < self.rule.move:
            return None
        self.raised = True
        return self._violation(run, bad, is_open)

    def _violation(self, run: list[_Seen], bad: list[_Seen], is_open: bool) -> Violation:
        shown = [entry for entry in run if run[-1].at - entry.at <= timedelta(seconds=scene_rule.TABLE_S)]
        shown = shown[:: 1 + len(shown) // MOST_SAMPLES]
        best = max((entry for entry in bad if entry.at >= shown[0].at), key=lambda entry: entry.what.score)
        seconds = (run[-1].at - run[0].at).total_seconds()
        hours = "opening hours" if is_open else "closed hours"
        why = f"{len(bad)} of {len(run)} samples over {seconds:.1f} s, {bad[-1].what.why}, zone {self.zone}, {hours}"
        if self.rule.move:
            why += f", moved {_way(bad):.1f} body lengths"
        return Violation(
            self.scene,
            self.zone,
            self.subject,
            run[0].at,
            shown[0].at,
            best.at,
            run[-1].at,
            why,
            tuple(_sample(entry) for entry in shown),
            scene_rule.VERSION,
        )


def _from_first_bad(visible: list[_Seen]) -> list[_Seen]:
    """What came before the first violating sample says nothing about how long it lasts."""
    for index, entry in enumerate(visible):
        if entry.what.verdict is Verdict.VIOLATING:
            return visible[index:]
    return []


def _way(bad: list[_Seen]) -> float:
    """The greatest distance between two samples' centres, in body lengths (the box's longer side)."""
    boxes = np.array([entry.what.box for entry in bad])
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    return float(distances.max() / max(float(np.median(lengths)), 1e-6))


def _sample(entry: _Seen) -> Sample:
    x1, y1, x2, y2 = (round(float(value), 4) for value in entry.what.box)
    return Sample(entry.at, (x1, y1, x2, y2), round(entry.what.score, 3), entry.what.verdict)
