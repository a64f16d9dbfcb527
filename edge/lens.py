"""The lens: tells from pictures that a camera is covered, blurred, or looks elsewhere than where it was enrolled.

Judged on the thumbnails that the watch path makes anyway; about half a millisecond for each. A covered lens in the
dark cannot be told from the dark, and what was already so when the view was enrolled counts as the view (ADR 13).
"""

from dataclasses import dataclass

import numpy as np

from domain.camera import Integrity
from domain.wire import Health
from edge.baseline import BaselineShelf, Enrolment
from edge.picture import Grey
from edge.view import Map, View, agreement, sharpness

# Measured on the bundled clips and on what simulators.look makes of them, by day, in the dark and under infrared; in
# brackets what good pictures had at the worst, then what bad ones had at the best.
DARK_MEAN = 30.0  # grey levels: below, it is night, or black
FLAT = 0.25  # of the baseline's contrast (0.18 in dense steam; 0.08 covered)
COVERED = 0.5  # agreement (1.0 in dense steam; 0.31 covered)
BLUNT = 0.34  # of the usual detail (0.38 when a shadow fell on half of it; 0.32 out of focus)
ELSEWHERE = 0.3  # agreement (0.45 with a person before half of the view; 0.21 shifted by a twelfth)
STEADY = 0.7  # agreement of a picture with the one before: who stands before the lens moves, another view does not
_LEARN = 0.02  # weight of one good picture in the usual detail
_LEAST_USUAL = 0.6  # of the baseline's detail: a lens that greases over slowly is named as well


@dataclass(frozen=True, slots=True)
class Flaw:
    """What one picture shows to be wrong. `why` is a sentence."""

    state: Health
    why: str


@dataclass(slots=True)
class _Known:
    """The enrolled view, and the detail that it usually has."""

    base: View
    usual: Map


class Lens:
    """One camera's; used by one thread. Times in seconds of one clock."""

    def __init__(self, camera: str, options: Integrity, shelf: BaselineShelf) -> None:
        self._camera, self._options, self._shelf = camera, options, shelf
        self._enrolment = Enrolment()
        self._before: View | None = None
        kept = shelf.load(camera, options.view)
        self._known = None if kept is None else _known(kept)

    def look(self, now: float, thumb: Grey) -> Flaw | None:
        """What is wrong with this picture, judged alone; the caller waits until it lasts."""
        view = View.of(thumb)
        before, self._before = self._before, view
        if self._known is None:
            self._enrol(now, thumb, view)
            return None
        flaw = self._judge(self._known, view, before)
        if flaw is None and view.contrast >= FLAT * self._known.base.contrast:
            self._learn(self._known, view)
        return flaw

    def _enrol(self, now: float, thumb: Grey, view: View) -> None:
        enrolled = self._enrolment.offer(now, thumb, view)
        if enrolled is not None:
            self._known = _known(enrolled)
            self._shelf.save(self._camera, self._options.view, enrolled)

    def _judge(self, known: _Known, view: View, before: View | None) -> Flaw | None:
        alike = agreement(view, known.base)
        contrast = view.contrast / max(known.base.contrast, 1.0)
        if contrast < FLAT:
            return _covered(contrast, alike) if view.mean >= DARK_MEAN and alike < COVERED else None
        sharp = sharpness(view, known.usual, known.base.contrast, known.base.structured)
        if sharp < BLUNT:
            return Flaw(Health.BLURRED, f"the picture is blurred: {sharp:.0%} of the usual detail")
        if alike < ELSEWHERE and view.telling and not self._options.turns and _steady(view, before):
            return Flaw(Health.MOVED, f"the view is another one: {alike:.0%} of its outlines are where they were")
        return None

    def _learn(self, known: _Known, view: View) -> None:
        light = max(view.contrast / max(known.base.contrast, 1.0), 0.1)
        known.usual += np.float32(_LEARN) * (view.detail / np.float32(min(light, 1.0)) - known.usual)
        np.maximum(known.usual, np.float32(_LEAST_USUAL) * known.base.detail, out=known.usual)


def _steady(view: View, before: View | None) -> bool:
    return before is not None and agreement(view, before) >= STEADY


def _covered(contrast: float, alike: float) -> Flaw:
    return Flaw(
        Health.OCCLUDED,
        f"the lens is covered: {contrast:.0%} of the usual contrast, {alike:.0%} of the outlines are visible",
    )


def _known(thumb: Grey) -> _Known:
    view = View.of(thumb)
    return _Known(view, view.detail.copy())
