"""A loop is told by exact repeats of pictures that stir; a static scene is none, and chance repeats are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.picture import Grey, digest
from edge.replay import ReplayWatch
from tests.unit.edge.footage import CLIPS, EVERY_S, keyframes

RANDOM = np.random.default_rng(5)


def live(count: int) -> list[Grey]:
    """A still scene with a sensor's noise."""
    return [RANDOM.integers(80, 84, (135, 240), dtype=np.uint8) for _ in range(count)]


def watch(pictures: list[Grey], every_s: float = EVERY_S) -> list[float]:
    """Seconds at which a replay is told."""
    replay = ReplayWatch()
    told = []
    for number, picture in enumerate(pictures):
        if replay.look(number * every_s, digest(picture), picture):
            told.append(number * every_s)
    return told


def test_a_loop_is_told_in_its_second_round_and_over_at_once() -> None:
    loop = live(10)
    told = watch([*live(20), *loop, *loop, *loop, *live(10)])
    assert told[0] == pytest.approx(20 * EVERY_S + 10 * EVERY_S + 3 * EVERY_S)
    assert told[-1] <= (20 + 30) * EVERY_S + 2.5
    assert len(told) == 20 - 3 + 1  # each picture of both repeats but the first three, and the one after the end


def test_why_says_how_many_came_again_after_how_long() -> None:
    loop, replay, whys = live(6), ReplayWatch(), []
    for number, picture in enumerate([*loop, *loop]):
        whys.append(replay.look(number * 2.0, digest(picture), picture))
    assert whys[-1] == "5 pictures came again exactly, 12 s after they were first shown"


@pytest.mark.parametrize("clip", CLIPS)
def test_a_clip_is_no_replay_in_its_first_round_and_is_one_in_its_second(clip: str) -> None:
    pictures = list(keyframes(clip))
    told = watch([*pictures, *pictures])
    assert told
    assert told[0] >= len(pictures) * EVERY_S


@given(st.integers(1, 3), st.integers(2, 60))
def test_a_static_scene_without_noise_is_no_replay(pictures: int, rounds: int) -> None:
    few = [np.full((135, 240), 90 + number, dtype=np.uint8) for number in range(pictures)]
    for picture in few:
        picture[0, 0] = 0
    still = [few[0]] * rounds
    assert watch(still) == []


def test_pictures_that_differ_in_a_few_dots_only_are_not_judged() -> None:
    base = live(1)[0]
    few = []
    for number in range(8):
        picture = base.copy()
        picture[0, : number + 1] = 255
        few.append(picture)
    assert watch(few * 10) == []


def test_single_repeats_far_from_each_other_are_no_loop() -> None:
    old, pictures = live(10), []
    for each in old:
        pictures += [each, *live(6)]
    shuffled = [old[index] for index in (3, 9, 1, 6, 0, 8)]
    assert watch([*pictures, *(each for one in shuffled for each in (one, *live(4)))]) == []
