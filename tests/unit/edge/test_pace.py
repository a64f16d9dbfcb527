"""The pace by timelines: which rates are told as slow, and when."""

import numpy as np
import pytest

from domain.wire import Health
from edge.health import HealthMonitor, HealthTimes
from edge.pace import Pace


class Stream:
    """Packets at a rate that the test changes."""

    def __init__(self) -> None:
        self.pace, self.now = Pace(), 100.0
        self.slow: list[float] = []

    def send(self, seconds: float, fps: float) -> "Stream":
        for _ in range(round(seconds * fps)):
            self.pace.arrived(self.now)
            self.now += 1 / fps
            if self.pace.slow() is not None:
                self.slow.append(self.now)
        return self


def test_a_rate_that_collapses_is_told_in_time_and_over_in_time() -> None:
    stream = Stream().send(60, 25)
    assert stream.slow == []
    onset = stream.now
    stream.send(60, 2)
    end = stream.now
    stream.send(30, 25)
    assert 1 <= stream.slow[0] - onset <= 7
    assert stream.slow[-1] - end <= 5


@pytest.mark.parametrize("rates", [(25, 12.5), (25, 15, 25), (2, 0.5), (12, 25, 12)])
def test_usual_changes_and_slow_cameras_are_not_told(rates: tuple[float, ...]) -> None:
    stream = Stream()
    for fps in rates:
        stream.send(120, fps)
    assert stream.slow == []


def test_after_a_pause_the_rate_is_measured_anew() -> None:
    stream = Stream().send(60, 25)
    stream.now += 30
    stream.send(30, 25)
    stream.pace.interrupted()
    stream.now += 3
    assert stream.send(30, 25).slow == []


def test_the_sentence_has_both_figures() -> None:
    stream = Stream().send(60, 25).send(20, 2)
    assert stream.pace.slow() == "2.0 pictures a second arrive, usually 25"


def test_a_camera_that_only_sends_keyframes_is_named_and_recovers_in_time() -> None:
    monitor, random = HealthMonitor(HealthTimes()), np.random.default_rng(2)
    told: list[tuple[float, Health]] = []
    for tenth in range(1500):
        now, starved = tenth / 10, 600 <= tenth < 1100
        keyframe = tenth % 20 == 0
        if keyframe or not starved:
            monitor.arrived(now)
        if keyframe:
            monitor.looked(now, random.integers(60, 160, (135, 240), dtype=np.uint8))
        change = monitor.tick(now)
        if change is not None:
            told.append((now, change.state))
    assert [state for _, state in told] == [Health.OK, Health.LOW_FPS, Health.OK]
    assert told[1][0] - 60 <= 15
    assert told[2][0] - 110 <= 10


def test_a_frozen_camera_that_sends_less_is_frozen_and_nothing_else() -> None:
    monitor, random = HealthMonitor(HealthTimes()), np.random.default_rng(2)
    still = random.integers(60, 160, (135, 240), dtype=np.uint8)
    told = []
    for tenth in range(1500):
        now, frozen = tenth / 10, 600 <= tenth < 1100
        if not frozen or tenth % 4 == 0:
            monitor.arrived(now)
        if tenth % 20 == 0:
            monitor.looked(now, still if frozen else random.integers(60, 160, (135, 240), dtype=np.uint8))
        change = monitor.tick(now)
        told += [change.state] if change is not None else []
    assert told == [Health.OK, Health.FROZEN, Health.OK]
