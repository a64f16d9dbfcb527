"""An idle camera's packets gather before they are read; whoever waits for them gets each at once."""

from collections.abc import Iterator
from typing import cast

import pytest

from edge.camera import CAUGHT_UP_S, CameraWatch, WatchPorts
from edge.counters import Counters
from edge.health import HealthMonitor, HealthTimes
from edge.picture import Picture
from edge.ring import EncodedPacket, Ring, StreamFormat, Stretch
from edge.source import Source, SourceOptions
from tests.unit.edge.film import film

NOW, LATE, UNKNOWN = CAUGHT_UP_S / 2, CAUGHT_UP_S * 10, float("inf")


class Viewer:
    """Follows a camera, and does nothing with it."""

    def begin(self, stretch: Stretch) -> None:
        pass

    def put(self, form: StreamFormat, packet: EncodedPacket) -> None:
        pass


class Stream:
    """Stands for a connection: packets, each so long after its capture."""

    def __init__(self, *lags: float) -> None:
        self.format, self._packets = film(len(lags))
        self._lags = lags
        self.lag = UNKNOWN

    def packets(self, _: object) -> Iterator[EncodedPacket]:
        for packet, lag in zip(self._packets, self._lags, strict=True):
            self.lag = lag
            yield packet


class Watch:
    """One camera's watch, and how often it rested."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wanted_fps: float = 0.0) -> None:
        self.ring, self.pictures, self.rests = Ring(60, 10**8), list[Picture](), 0
        health, counters = HealthMonitor(HealthTimes()), Counters()
        ports = WatchPorts(self.pictures.append, lambda: wanted_fps, health, self.ring, counters)
        self._watch = CameraWatch("cam", "rtsp://h/x", SourceOptions(), ports)
        monkeypatch.setattr("edge.camera.time.sleep", self._rest)

    def read(self, *lags: float) -> int:
        """Read a stream to its end; how often the thread rested."""
        self._watch._read(cast(Source, Stream(*lags)))
        return self.rests

    def _rest(self, _: float) -> None:
        self.rests += 1


def test_an_idle_camera_rests_when_it_has_caught_up_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch)
    assert watch.read(NOW, LATE, LATE, LATE, NOW, LATE) == 2
    assert len(watch.ring.group()) == 6
    assert len(watch.pictures) == 1


def test_packets_that_do_not_say_when_they_were_taken_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Watch(monkeypatch).read(UNKNOWN, UNKNOWN, UNKNOWN) == 0


def test_a_candidate_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Watch(monkeypatch, wanted_fps=5).read(NOW, NOW, NOW) == 0


def test_a_viewer_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, viewer = Watch(monkeypatch), Viewer()
    watch.ring.follow(viewer)
    assert watch.read(NOW, NOW, NOW) == 0
    watch.ring.leave(viewer)
    assert watch.read(NOW, NOW, NOW) == 3
