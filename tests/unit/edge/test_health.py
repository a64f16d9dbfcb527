"""Health by timelines: what happens at which second, and which state is named when."""

import numpy as np
import pytest

from domain.wire import Health
from edge.health import HealthMonitor, HealthTimes
from edge.picture import Grey

RANDOM = np.random.default_rng(3)
BLACK: Grey = np.full((135, 240), 16, dtype=np.uint8)
STILL: Grey = RANDOM.integers(60, 160, (135, 240), dtype=np.uint8)


def alive() -> Grey:
    return RANDOM.integers(60, 160, (135, 240), dtype=np.uint8)


class Timeline:
    """A camera of 1 s between keyframes, watched on a clock that the test turns."""

    def __init__(self) -> None:
        self.monitor = HealthMonitor(HealthTimes())
        self.now = 1000.0
        self.told: list[tuple[float, Health]] = []

    def play(self, seconds: int, picture: Grey | None = None, *, live: bool = False, fails: str = "") -> "Timeline":
        for _ in range(seconds):
            if fails:
                self.monitor.failed(self.now, fails, definite=False)
            if live or picture is not None:
                self.monitor.arrived(self.now)
                self.monitor.looked(self.now, alive() if picture is None else picture)
            change = self.monitor.tick(self.now)
            if change is not None:
                self.told.append((self.now - 1000, change.state))
            self.now += 1
        return self

    @property
    def states(self) -> list[Health]:
        return [state for _, state in self.told]


def test_a_good_camera_is_ok_at_its_first_picture_and_nothing_more_is_said() -> None:
    assert Timeline().play(3600, live=True).told == [(0, Health.OK)]


def test_silence_is_stalled_then_offline_and_over_when_pictures_are_back() -> None:
    timeline = Timeline().play(20, live=True).play(100).play(20, live=True)
    (_, (stalled, first), (offline, second), (ok, third)) = timeline.told
    assert (first, second, third) == (Health.STALLED, Health.OFFLINE, Health.OK)
    assert 10 <= stalled - 19 <= 15
    assert 60 <= offline - 19 <= 62
    assert ok - 120 <= 10


@pytest.mark.parametrize(("picture", "state"), [(BLACK, Health.BLACK), (STILL, Health.FROZEN)])
def test_a_bad_picture_is_named_within_fifteen_seconds_and_over_within_ten(picture: Grey, state: Health) -> None:
    timeline = Timeline().play(20, live=True).play(60, picture).play(30, live=True)
    assert timeline.states == [Health.OK, state, Health.OK]
    assert timeline.told[1][0] - 20 <= 15
    assert timeline.told[2][0] - 80 <= 10


def test_one_dark_or_repeated_picture_is_nothing() -> None:
    timeline = Timeline().play(20, live=True)
    for _ in range(30):
        timeline.play(2, BLACK).play(3, live=True).play(2, STILL).play(3, live=True)
    assert timeline.states == [Health.OK]


def test_a_camera_that_flickers_between_good_and_bad_does_not_flood() -> None:
    timeline = Timeline().play(5, live=True).play(10, BLACK)
    for _ in range(20):
        timeline.play(2, live=True).play(2, BLACK)
    assert timeline.states == [Health.OK, Health.BLACK]


def test_a_wrong_password_is_told_at_once_with_its_sentence() -> None:
    monitor = HealthMonitor(HealthTimes())
    monitor.failed(5, "the camera refuses the password", definite=True)
    change = monitor.tick(5)
    assert change is not None
    assert (change.state, change.why) == (Health.OFFLINE, "the camera refuses the password")


def test_when_the_port_was_corrected_and_the_password_is_wrong_the_new_sentence_is_told() -> None:
    monitor = HealthMonitor(HealthTimes())
    sentences = [("nothing listens", False), ("no answer", False), ("wrong password", True), ("wrong password", True)]
    told = []
    for second, (why, definite) in enumerate(sentences):
        monitor.failed(second, why, definite=definite)
        change = monitor.tick(second)
        told.append(change.why if change else "")
    assert told == ["nothing listens", "", "wrong password", ""]


def test_a_camera_that_never_answered_is_offline_at_once_one_that_reboots_is_not() -> None:
    assert Timeline().play(1, fails="nothing listens").states == [Health.OFFLINE]
    assert Timeline().play(20, live=True).play(8, fails="nothing listens").play(9, live=True).states == [Health.OK]


class Patrolled(Timeline):
    """The same camera, visited once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.monitor.visit(self.now, on=True)

    def visit(self, times: int = 1, picture: Grey | None = None, *, fails: str = "", every: int = 60) -> "Patrolled":
        for _ in range(times):
            if fails:
                self.monitor.failed(self.now, fails, definite=False)
            else:
                self.monitor.visited(self.now)
                self.monitor.looked(self.now, alive() if picture is None else picture)
            self.play(every)
        return self


def test_a_visited_camera_is_not_silent_between_two_visits() -> None:
    assert Patrolled().visit(30).states == [Health.OK]


def test_a_visited_camera_is_offline_when_visits_have_failed_over_a_minute() -> None:
    timeline = Patrolled().visit(3).visit(12, fails="nothing listens", every=5)
    assert timeline.states == [Health.OK]
    timeline.visit(1, fails="nothing listens", every=5)
    assert timeline.states == [Health.OK, Health.OFFLINE]
    assert timeline.visit().states == [Health.OK, Health.OFFLINE, Health.OK]


def test_one_failed_visit_among_good_ones_is_nothing() -> None:
    timeline = Patrolled().visit(2)
    for _ in range(10):
        timeline.visit(1, fails="nothing listens").visit(2)
    assert timeline.states == [Health.OK]


@pytest.mark.parametrize(("picture", "state"), [(BLACK, Health.BLACK), (STILL, Health.FROZEN)])
def test_bad_pictures_of_visits_are_named_by_their_number(picture: Grey, state: Health) -> None:
    timeline = Patrolled().visit(3).visit(4, picture)
    assert timeline.states == [Health.OK, state]
    assert timeline.visit(2).states == [Health.OK, state, Health.OK]


def test_a_camera_that_is_watched_for_a_while_keeps_its_state() -> None:
    timeline = Patrolled().visit(3)
    timeline.monitor.visit(timeline.now, on=False)
    timeline.play(60, live=True)
    timeline.monitor.visit(timeline.now, on=True)
    timeline.visit(3)
    assert timeline.states == [Health.OK]


def test_while_it_is_watched_it_may_stall() -> None:
    timeline = Patrolled().visit(3)
    timeline.monitor.visit(timeline.now, on=False)
    assert timeline.play(15).states == [Health.OK, Health.STALLED]


def test_one_failed_visit_is_nothing_even_when_there_never_was_a_picture() -> None:
    timeline = Patrolled().visit(1, fails="does not answer in time", every=5)
    assert timeline.states == []
    assert timeline.visit(13, fails="does not answer in time", every=5).states == [Health.OFFLINE]
