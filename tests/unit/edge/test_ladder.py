"""The ladder: what is given up first, and that it neither trembles nor forgets to come down."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.ladder import DOWN_S, STEPS, UP_S, Ladder, Strain

LATE, EASY, BETWEEN = Strain(1, 0.1), Strain(0, 0.1), Strain(0, 1.5)


def climb(ladder: Ladder, begin: float, seconds: float, strain: Strain, *, patrols: bool = True) -> float:
    now = begin
    while now < begin + seconds:
        ladder.judge(now, strain, patrols=patrols)
        now += 5.0
    return now


def test_periods_first_then_frames_and_class_i_last() -> None:
    for before, after in itertools.pairwise(STEPS):
        assert after.periods >= before.periods
        assert after.frames <= before.frames
    assert [step.frames for step in STEPS if step.periods < 4.0] == [1.0] * 4
    assert [step.urgent_periods for step in STEPS[:-1]] == [1.0] * (len(STEPS) - 1)
    assert STEPS[-1].urgent_frames < 1.0


def test_a_moment_of_strain_changes_nothing() -> None:
    ladder = Ladder()
    assert not ladder.judge(0.0, LATE, patrols=True)
    assert not ladder.judge(5.0, EASY, patrols=True)
    assert not ladder.judge(UP_S + 4, LATE, patrols=True)
    assert ladder.number == 0


def test_strain_that_lasts_climbs_to_the_top_and_ease_comes_all_the_way_down() -> None:
    ladder = Ladder()
    now = climb(ladder, 0.0, UP_S * (len(STEPS) + 3), LATE)
    assert ladder.number == len(STEPS) - 1
    now = climb(ladder, now, DOWN_S / 2, EASY)
    assert ladder.number == len(STEPS) - 1
    climb(ladder, now, DOWN_S * (len(STEPS) + 1), EASY)
    assert ladder.number == 0


def test_between_late_and_easy_it_stays() -> None:
    ladder = Ladder()
    now = climb(ladder, 0.0, UP_S * 2 + 1, LATE)
    step = ladder.number
    climb(ladder, now, 600.0, BETWEEN)
    assert ladder.number == step > 0


def test_without_patrols_it_goes_straight_to_fewer_frames_and_back() -> None:
    ladder = Ladder()
    now = climb(ladder, 0.0, UP_S + 1, LATE, patrols=False)
    assert (ladder.step.frames, ladder.step.urgent_frames) == (0.5, 1.0)
    climb(ladder, now, DOWN_S + 6, EASY, patrols=False)
    assert ladder.number == 0


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([LATE, EASY, BETWEEN, Strain(0, 5.0), Strain(0, 0.1, 0.9), Strain(0, 0.1, 0, 0.9)]),
        max_size=200,
    )
)
def test_it_never_takes_two_steps_at_once_nor_leaves_its_ends(strains: list[Strain]) -> None:
    ladder = Ladder()
    for turn, strain in enumerate(strains):
        before = ladder.number
        moved = ladder.judge(turn * 5.0, strain, patrols=True)
        assert abs(ladder.number - before) == int(moved)
        assert 0 <= ladder.number < len(STEPS)
