"""The round: each camera once in its period, evenly, and whatever the broken ones do."""

import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.round import AILING, MOST_RETRY_S, RETRY_S, Round

PERIOD = 60.0


@dataclass
class Street:
    """Visits in simulated time: `lasts` seconds each; cameras in `broken` fail."""

    round: Round
    lasts: float = 1.0
    broken: frozenset[str] = frozenset()
    fail_lasts: float = 5.0
    now: float = 0.0
    begun: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    most_failing: int = 0
    _under_way: list[tuple[float, str]] = field(default_factory=list)

    def run(self, until: float) -> None:
        while self.now < until:
            while (code := self.round.take(self.now)) is not None:
                self.begun[code].append(self.now)
                heapq.heappush(self._under_way, (self.now + self._lasting(code), code))
            known = [code for _, code in self._under_way if code in self.broken and len(self.begun[code]) > 1]
            self.most_failing = max(self.most_failing, len(known))
            wait = self.round.wait(self.now)
            turns = [self._under_way[0][0]] if self._under_way else []
            turns += [] if wait is None or self.round.under_way >= self.round.slots else [self.now + wait]
            self.now = max(self.now + 1e-6, min([*turns, until]))
            while self._under_way and self._under_way[0][0] <= self.now:
                _, code = heapq.heappop(self._under_way)
                self.round.done(code, self.now, failed=code in self.broken)

    def _lasting(self, code: str) -> float:
        return self.fail_lasts if code in self.broken else self.lasts


def street(cameras: int, slots: int, weights: dict[int, int] | None = None, **more: float | frozenset[str]) -> Street:
    round_ = Round(PERIOD, slots)
    for number in range(cameras):
        round_.add(f"cam-{number}", (weights or {}).get(number, 1), urgent=number % 10 == 0, now=0.0)
    return Street(round_, **more)  # type: ignore[arg-type]


@given(cameras=st.integers(1, 120), weights=st.dictionaries(st.integers(0, 119), st.integers(1, 12), max_size=8))
@settings(max_examples=40, deadline=None)
def test_each_camera_has_its_visits_in_each_period(cameras: int, weights: dict[int, int]) -> None:
    walk = street(cameras, 16, weights)
    walk.run(4 * PERIOD)
    assert walk.round.missed == 0
    for number in range(cameras):
        visits = Counter(int(at // PERIOD) for at in walk.begun[f"cam-{number}"])
        assert all(abs(visits[period] - weights.get(number, 1)) <= 1 for period in (1, 2, 3))
        assert visits[1] + visits[2] + visits[3] >= 3 * weights.get(number, 1) - 1


@given(st.integers(20, 600))
@settings(max_examples=20, deadline=None)
def test_visits_come_evenly(cameras: int) -> None:
    walk = street(cameras, cameras, lasts=0.1)
    walk.run(2 * PERIOD)
    tenths = Counter(int(at // (PERIOD / 10)) for visits in walk.begun.values() for at in visits if at >= PERIOD)
    assert max(tenths.values()) <= cameras / 10 + 3


@given(broken=st.integers(1, 60), slots=st.integers(12, 40))
@settings(max_examples=30, deadline=None)
def test_broken_cameras_do_not_hold_up_the_others(broken: int, slots: int) -> None:
    dead = frozenset(f"cam-{number}" for number in range(broken))
    walk = street(120, slots, broken=dead, fail_lasts=10.0)
    walk.run(5 * PERIOD)
    assert walk.most_failing <= max(1, slots // AILING)
    for number in range(broken, 120):
        assert len(walk.begun[f"cam-{number}"]) >= 4
    late = [at for code in set(walk.begun) - dead for at in walk.begun[code] if at > 3 * PERIOD]
    assert len(late) >= (120 - broken) * 2 - 5


def test_when_a_dead_switch_is_back_all_cameras_behind_it_are_seen_within_a_period() -> None:
    dead = frozenset(f"cam-{number}" for number in range(500))
    walk = street(500, 32, lasts=2.5, broken=dead, fail_lasts=5.0)
    walk.run(3 * PERIOD)
    assert walk.most_failing <= 32 // AILING
    walk.broken, back = frozenset(), walk.now
    walk.run(back + PERIOD + walk.fail_lasts)
    assert all(visits[-1] >= back for visits in walk.begun.values())


def test_a_failed_visit_is_tried_again_soon_and_then_four_times_a_period_even_when_periods_grow() -> None:
    walk = street(1, 4, broken=frozenset({"cam-0"}), fail_lasts=0.0)
    walk.run(2 * PERIOD)
    walk.round.stretch(4.0, 4.0, walk.now)
    walk.run(10 * PERIOD)
    gaps = [after - before for before, after in pairwise(walk.begun["cam-0"])]
    assert gaps[0] <= RETRY_S + 0.01
    assert max(gaps) <= MOST_RETRY_S + 0.01
    assert gaps[-1] >= MOST_RETRY_S - 0.01
    assert walk.round.missed == 0


def test_too_few_places_miss_periods_and_are_late() -> None:
    walk = street(120, 1, lasts=1.0)
    walk.run(6 * PERIOD)
    assert walk.round.missed > 60
    assert walk.round.lag(walk.now) > 0.5


def test_longer_periods_heal_that_but_not_for_urgent_cameras() -> None:
    walk = street(120, 1, lasts=1.0)
    walk.round.stretch(3.0, 1.0, 0.0)
    walk.run(12 * PERIOD)
    assert walk.round.missed == 0
    assert len(walk.begun["cam-0"]) in (11, 12, 13)
    assert len(walk.begun["cam-1"]) in (3, 4, 5)
    walk.round.stretch(1.0, 1.0, walk.now)
    assert walk.round.interval("cam-1") == PERIOD


def test_the_earliest_deadline_goes_first() -> None:
    round_ = Round(PERIOD, 1)
    round_.add("calm", 1, urgent=False, now=0.0)
    round_.add("risky", 6, urgent=False, now=0.0)
    assert round_.take(PERIOD) == "risky"


def test_a_camera_that_pauses_or_leaves_is_not_visited() -> None:
    walk = street(3, 4)
    walk.round.pause("cam-1")
    walk.round.remove("cam-2")
    walk.run(2 * PERIOD)
    assert set(walk.begun) == {"cam-0"}
    walk.round.resume("cam-1", walk.now)
    walk.run(3 * PERIOD + 1)
    assert set(walk.begun) == {"cam-0", "cam-1"}


def test_one_that_leaves_during_its_visit_is_forgotten() -> None:
    round_ = Round(PERIOD, 1)
    round_.add("cam", 1, urgent=False, now=0.0)
    assert round_.take(PERIOD) == "cam"
    round_.remove("cam")
    round_.done("cam", PERIOD + 1, failed=False)
    assert (len(round_), round_.under_way, round_.take(3 * PERIOD), round_.wait(0.0)) == (0, 0, None, None)


def test_one_that_is_wanted_again_comes_sooner() -> None:
    round_ = Round(PERIOD, 1)
    round_.add("cam", 1, urgent=False, now=0.0)
    assert round_.take(PERIOD) == "cam"
    round_.done("cam", PERIOD, failed=False, again_s=2.0)
    assert round_.take(PERIOD + 2.0) == "cam"
