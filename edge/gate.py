"""Change gate: decides by a thumbnail whether a picture can show anything that the last analysed one did not.

It compares with the last *analysed* picture, so that a slow change adds up until it counts. Its grain (8 x 8 pixels of
1080p) is finer than the detector's, so what it does not notice the detector could not have told from the background;
its threshold follows the noise, so that a dark, grainy night neither blinds it nor keeps it awake.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.picture import Grey

FORCED_S, CALM_S = 10.0, 30.0  # between two looks at what does not change: at first, and at the longest
LEAST = 6.0  # grey levels of 255: below lies what encoders change by themselves
SIGMAS = 5.0
CLUSTER = 3  # changed pixels within 3 x 3: a mover is a blob, noise is dust
_MAD_TO_SIGMA = 1.4826
_GREYS = 256

# A camera's burnt-in clock changes at every look. A spot that always does is left out of the comparison, as long as it
# is no larger than a line of digits: what happens inside it alone waits for the next forced look.
BUSY = 0.4  # share of looks
LARGEST_CLOCK = 0.005  # share of the picture
_MEMORY = 0.05  # weight of one look
_REACH = np.ones((5, 5), np.uint8)  # the digits' other strokes lie around those seen to change

Marks = NDArray[np.float32]  # 1 where a pixel changed
Counts = NDArray[np.int64]  # of pixels, by value


class ChangeGate:
    """One camera's. Times in seconds of any one clock."""

    def __init__(self, forced_s: float, calm_s: float = 0.0) -> None:
        """`forced_s`: an unchanged picture is analysed so often all the same; while that shows nothing new, twice as
        rarely each time, down to once in `calm_s`.
        """
        self._forced_s, self._calm_s = forced_s, max(forced_s, calm_s)
        self._pause_s = forced_s
        self._seen: Grey | None = None
        self._at = 0.0
        self._clock = _Clock()

    def wants(self, thumb: Grey, at: float, *, forced: bool = False) -> bool:
        """Whether this picture must be analysed; if so it is what later ones are compared with.

        `forced`: there is a candidate, which wants its samples.
        """
        spot = self._clock.learn(thumb)
        stirs = forced or self._seen is None or changed(self._seen, thumb, spot)
        due = stirs or not 0 <= at - self._at < self._pause_s
        if due:
            self._pause_s = self._forced_s if stirs else min(self._pause_s * 2, self._calm_s)
            self._seen, self._at = thumb, at
        return due

    def renew(self) -> None:
        """The next picture must be analysed, whatever it shows."""
        self._seen = None

    def stir(self) -> None:
        """A look showed something else than the one before: the next is due as soon as after a change."""
        self._pause_s = self._forced_s


def changed(before: Grey, after: Grey, spot: NDArray[np.bool_] | None = None) -> bool:
    """True when something moved, appeared or vanished outside `spot`; not when the light as a whole grew a little."""
    if before.shape != after.shape:
        return True
    marked = _marks(before, after)
    if spot is not None:
        marked[spot] = 0
    if not marked.any():
        return False
    clusters = cv2.boxFilter(marked, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return bool(clusters.max() >= CLUSTER)


def _marks(before: Grey, after: Grey) -> Marks:
    difference = cv2.subtract(after, before, dtype=cv2.CV_16S)
    counts = np.bincount(difference.ravel() + _GREYS, minlength=2 * _GREYS + 1)
    light = _median(counts) - _GREYS
    sigma = _MAD_TO_SIGMA * _median(_folded(counts, light + _GREYS))
    away = cv2.absdiff(difference, np.full_like(difference, light))
    marks: Marks = (away > max(LEAST, SIGMAS * sigma)).astype(np.float32)
    return marks


def _median(counts: Counts) -> int:
    """The (lower) median of whole numbers, from how often each occurs: a tenth of the time of sorting the pixels."""
    rising = np.cumsum(counts)
    return int(np.searchsorted(rising, (rising[-1] + 1) // 2))


def _folded(counts: Counts, middle: int) -> Counts:
    """How often each distance from `middle` occurs."""
    distances = np.abs(np.arange(len(counts)) - middle)
    return np.bincount(distances, weights=counts).astype(np.int64)


class _Clock:
    """Learns where the picture changes at nearly every look."""

    def __init__(self) -> None:
        self._before: Grey | None = None
        self._share: Marks | None = None

    def learn(self, thumb: Grey) -> NDArray[np.bool_] | None:
        """The spot to leave out; None when there is none, or it is larger than a clock could be."""
        before, self._before = self._before, thumb
        if before is None or before.shape != thumb.shape or self._share is None:
            self._share = np.zeros(thumb.shape, dtype=np.float32)
            return None
        cv2.accumulateWeighted(_marks(before, thumb), self._share, _MEMORY)
        busy = self._share > BUSY
        if not busy.any():
            return None
        spot = cv2.dilate(busy.astype(np.uint8), _REACH).astype(np.bool_)
        return spot if spot.mean() <= LARGEST_CLOCK else None
