"""Overload: old frames take the ladder's steps, the patrol slows down, and the platform hears of it."""

from domain.wire import EdgeLoad
from edge.ages import Ages
from edge.counters import Counters
from edge.ladder import DOWN_S, UP_S
from edge.overload import JUDGE_S, REPORT_S, Overload, Standing
from edge.patrol import Patrol


class Book:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.loads: list[EdgeLoad] = []

    def load(self, item: EdgeLoad) -> None:
        self.loads.append(item)


class Station:
    """An edge on a clock that the test turns."""

    def __init__(self, patrolled: int = 500) -> None:
        self.now, self.counters, self.book = 0.0, Counters(), Book()
        self.counters.ages = Ages(lambda: self.now)
        self.patrol = Patrol(60.0, 4, self.counters)
        self.overload = Overload(self.patrol, self.book, self.counters)  # type: ignore[arg-type]
        self.standing = Standing(patrolled, 0)

    def run(self, seconds: float, age: float, *, dropped: int = 0) -> None:
        """Ten looks between two judgements, and so many pictures that were dropped."""
        until = self.now + seconds
        while self.now < until:
            self.counters.add("frames_analysed", 10)
            self.counters.add("frames_dropped", dropped)
            self.counters.ages.add(age)
            self.overload.tick(self.now, self.standing)
            self.now += JUDGE_S


def test_at_the_start_it_says_that_all_is_well_and_then_nothing() -> None:
    station = Station()
    station.run(60, age=0.2)
    assert [(load.step, load.periods, load.patrolled) for load in station.book.loads] == [(0, 1.0, 500)]


def test_old_frames_stretch_the_periods_and_ease_shortens_them_again() -> None:
    station = Station()
    station.run(2 * UP_S + 2 * JUDGE_S, age=5.0)
    assert [load.periods for load in station.book.loads] == [1.0, 1.5, 2.0]
    assert station.counters.snapshot()["ladder_steps"] == 2
    assert station.overload.frames(urgent=False) == 1.0
    station.run(2 * DOWN_S + 2 * JUDGE_S, age=0.2)
    assert [load.periods for load in station.book.loads] == [1.0, 1.5, 2.0, 1.5, 1.0]


def test_pictures_that_are_dropped_are_strain_though_those_looked_at_are_new() -> None:
    station = Station(patrolled=0)
    station.run(UP_S + 2 * JUDGE_S, age=0.9, dropped=9)  # fewer than are looked at
    assert station.overload.frames(urgent=False) == 1.0
    station.run(UP_S + 2 * JUDGE_S, age=0.9, dropped=30)
    assert station.overload.frames(urgent=False) == 0.5
    station.run(DOWN_S + 2 * JUDGE_S, age=0.2, dropped=3)  # not easy yet
    assert station.overload.frames(urgent=False) == 0.5
    station.run(DOWN_S + 2 * JUDGE_S, age=0.2)
    assert station.overload.frames(urgent=False) == 1.0


def test_without_a_patrol_candidates_get_fewer_looks_and_urgent_ones_not() -> None:
    station = Station(patrolled=0)
    station.run(UP_S + 2 * JUDGE_S, age=5.0)
    assert (station.overload.frames(urgent=False), station.overload.frames(urgent=True)) == (0.5, 1.0)
    assert [load.frames for load in station.book.loads] == [1.0, 0.5]


def test_what_changed_besides_is_said_from_time_to_time() -> None:
    station = Station()
    station.run(JUDGE_S, age=0.2)
    station.standing = Standing(500, 3)
    station.run(REPORT_S - JUDGE_S, age=0.2)
    assert len(station.book.loads) == 1
    station.run(2 * JUDGE_S, age=0.2)
    assert [load.promoted for load in station.book.loads] == [0, 3]
