"""Capture clock: maps a stream's presentation times to wall-clock capture times by when packets arrive.

A camera's own clock (RTCP's NTP time) is not trusted: too many stand in 1970. Packets come late, never early, so the
least lag seen is the best estimate; it may grow slowly, since the two clocks drift.
"""

CREEP = 0.001  # s per s that the estimate may grow: ten times the drift of a bad crystal
JUMP_S = 5.0  # beyond this the stream's time line, or this machine's clock, was set anew
STEP_S = 0.001


class CaptureClock:
    """One connection's clock. Times in seconds, Unix time for arrivals and captures."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._shown = float("-inf")  # greatest presentation time so far
        self._floor = float("-inf")  # what follows a packet without a time is shown after it
        self._arrived = 0.0
        self.last = float("-inf")  # greatest capture time so far

    def capture(self, pts: float | None, arrival: float) -> float:
        """The capture time of a packet: rising with `pts` unless the clock was set back, and not after its arrival (but
        for a millisecond for each packet of a burst).

        A packet without a presentation time (FFmpeg's first over RTSP) is taken as captured at its arrival.
        """
        at = arrival if pts is None else self._map(pts, arrival)
        if max(self.last, self._floor) - at > JUMP_S:
            self.last = self._floor = float("-inf")
        if pts is None:
            self._floor = at + STEP_S
        elif pts >= self._shown:
            at = max(at, self._floor, self.last + STEP_S)
        else:  # a B-frame: shown before one that came earlier
            at = max(at, self._floor)
        self._shown = self._shown if pts is None else max(self._shown, pts)
        self.last = max(self.last, at)
        return at

    def _map(self, pts: float, arrival: float) -> float:
        lag = arrival - pts
        if self._offset is None or abs(lag - self._offset) > JUMP_S:
            self._offset = lag
            self._shown = float("-inf")
        crept = self._offset + CREEP * max(0.0, arrival - self._arrived)
        self._offset = min(crept, lag)
        self._arrived = arrival
        return pts + self._offset
