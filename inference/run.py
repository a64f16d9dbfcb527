"""A run: one subject's visible samples from the first violating one on, and which numbers of a rule they fulfil."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from domain.scene import SubLabel
from domain.wire import Sample, Verdict
from inference import scene_rule
from inference.observation import Observation
from inference.scene_rule import SceneRule

MOST_SHOWN = 40  # samples of an event's table
NOISE = 1  # so many compliant samples in a row do not end a spell


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One sample: an observation and its capture time."""

    at: datetime
    what: Observation

    @property
    def is_bad(self) -> bool:
        return self.what.verdict is Verdict.VIOLATING

    def sample(self) -> Sample:
        x1, y1, x2, y2 = (round(float(value), 4) for value in self.what.box)
        return Sample(self.at, (x1, y1, x2, y2), round(self.what.score, 3), self.what.verdict)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """`bad` are those of `seen` that violate what is asked: at least its first and its last."""

    seen: tuple[Seen, ...]
    bad: tuple[Seen, ...]

    @classmethod
    def of(cls, seen: Iterable[Seen], rule: SceneRule, label: SubLabel) -> "Run | None":
        """The run that ends with the newest sample, by the rule of a sub-label or (NONE) the scene's own.

        What is not visible is left out. What came before the first violating sample says nothing about how long it
        lasts. None unless the newest violates.
        """
        entries = list(seen)
        start = entries[-1].at - rule.horizon
        visible = [each for each in entries if each.at >= start and each.what.verdict is not Verdict.NOT_VISIBLE]
        violates = [each.is_bad and label in (SubLabel.NONE, each.what.label) for each in visible]
        if rule.forgive_s:
            violates = _forgiven(visible, violates, timedelta(seconds=rule.forgive_s))
        if not violates or not violates[-1]:
            return None
        begin = violates.index(True)
        bad = (each for each, violating in zip(visible, violates, strict=True) if violating)
        return cls(tuple(visible[begin:]), tuple(bad))

    @property
    def seconds(self) -> float:
        return (self.seen[-1].at - self.seen[0].at).total_seconds()

    @property
    def way(self) -> float:
        """The greatest distance between two violating samples' centres, in body lengths (the box's longer side)."""
        boxes = np.array([each.what.box for each in self.bad])
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        lengths = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
        distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)
        return float(distances.max() / max(float(np.median(lengths)), 1e-6))

    def fulfils(self, rule: SceneRule) -> bool:
        """All of: time, visible samples, violating ones, their share, and the way that they moved."""
        return (
            self.seconds >= rule.min_s
            and len(self.seen) >= rule.min_samples
            and len(self.bad) >= rule.min_hits
            and len(self.bad) >= rule.share * len(self.seen)
            and (not rule.move or self.way >= rule.move)
        )

    def shown(self) -> tuple[Seen, ...]:
        """Those for the event's table: evenly chosen, the newest among them, within scene_rule.TABLE_S."""
        late = [each for each in self.seen if self.seen[-1].at - each.at <= timedelta(seconds=scene_rule.TABLE_S)]
        step = 1 + (len(late) - 1) // MOST_SHOWN
        return tuple(late[::-step][::-1])


def _forgiven(visible: list[Seen], violates: list[bool], most: timedelta) -> list[bool]:
    """Without the spells that are short enough: a cook takes the mask off to taste."""
    kept = [False] * len(visible)
    for begin, end in _spells(violates):
        if visible[end].at - visible[begin].at > most:
            kept[begin : end + 1] = violates[begin : end + 1]
    return kept


def _spells(violates: list[bool]) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch of violating samples, over gaps of no more than NOISE."""
    marks = [index for index, violating in enumerate(violates) if violating]
    begin = 0
    for place, index in enumerate(marks):
        if place + 1 == len(marks) or marks[place + 1] - index > NOISE + 1:
            yield marks[begin], index
            begin = place + 1
