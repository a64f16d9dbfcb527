"""Change gate: decides by a thumbnail whether a picture can show anything that the last analysed one did not.

It compares with the last *analysed* picture, so that a slow change adds up until it counts. Its grain (8 x 8 pixels of
1080p) is finer than the detector's, so what it does not notice the detector could not have told from the background;
its threshold follows the noise, so that a dark, grainy night neither blinds it nor keeps it awake.
"""

import cv2
import numpy as np

from edge.picture import Grey

LEAST = 6.0  # grey levels of 255: below lies what encoders change by themselves
SIGMAS = 5.0
CLUSTER = 3  # changed pixels within 3 x 3: a mover is a blob, noise is dust
_MAD_TO_SIGMA = 1.4826


class ChangeGate:
    """One camera's. Times in seconds of any one clock."""

    def __init__(self, forced_s: float) -> None:
        """`forced_s`: an unchanged picture is analysed so often all the same."""
        self._forced_s = forced_s
        self._seen: Grey | None = None
        self._at = 0.0

    def wants(self, thumb: Grey, at: float, *, forced: bool = False) -> bool:
        """Whether this picture must be analysed; if so it is what later ones are compared with.

        `forced`: there is a candidate, which wants its samples.
        """
        due = forced or not 0 <= at - self._at < self._forced_s
        wanted = due or self._seen is None or changed(self._seen, thumb)
        if wanted:
            self._seen, self._at = thumb, at
        return wanted


def changed(before: Grey, after: Grey) -> bool:
    """True when something moved, appeared or vanished; not when the light as a whole became a little brighter."""
    if before.shape != after.shape:
        return True
    difference = after.astype(np.float32) - before
    difference -= np.median(difference)
    size = np.abs(difference)
    sigma = _MAD_TO_SIGMA * float(np.median(size))
    marked = (size > max(LEAST, SIGMAS * sigma)).astype(np.float32)
    if not marked.any():
        return False
    clusters = cv2.boxFilter(marked, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return bool(clusters.max() >= CLUSTER)
