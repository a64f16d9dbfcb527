"""The gate lets through what moved, also small and in the dark, and holds back noise and light."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.gate import ChangeGate, changed
from edge.picture import Grey

RANDOM = np.random.default_rng(7)


def kitchen(level: int, noise: float) -> NDArray[np.float64]:
    """A 1080p picture of stripes around a grey level, with sensor noise."""
    stripes = level * (1 + 0.5 * np.sin(np.arange(1920) / 40))
    return np.tile(stripes, (1080, 1)) + RANDOM.normal(0, noise, (1080, 1920)).astype(np.float32)


def thumb(picture: NDArray[np.float64]) -> Grey:
    sharp = np.clip(picture, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(sharp, (240, 135), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def with_rat(picture: NDArray[np.float64], contrast: int) -> NDArray[np.float64]:
    """A thing of 60 x 30 pixels, as a rat is five metres away."""
    spotted = picture.copy()
    spotted[700:730, 900:960] += contrast
    return spotted


@pytest.mark.parametrize(("level", "noise"), [(110, 3), (40, 12)])
def test_noise_alone_changes_nothing(level: int, noise: float) -> None:
    assert not changed(thumb(kitchen(level, noise)), thumb(kitchen(level, noise)))


@pytest.mark.parametrize(("level", "noise", "contrast"), [(110, 3, 25), (40, 12, 20)])
def test_a_small_mover_is_seen_by_day_and_in_a_grainy_night(level: int, noise: float, contrast: int) -> None:
    assert changed(thumb(kitchen(level, noise)), thumb(with_rat(kitchen(level, noise), contrast)))


def test_a_little_more_light_on_everything_changes_nothing() -> None:
    assert not changed(thumb(kitchen(100, 2)), thumb(kitchen(100, 2) + 12))


def test_another_size_is_a_change() -> None:
    assert changed(np.zeros((135, 240), np.uint8), np.zeros((180, 240), np.uint8))


def test_an_unchanged_picture_is_looked_at_every_ten_seconds_all_the_same() -> None:
    gate, still = ChangeGate(10), thumb(kitchen(100, 0))
    assert [at for at in range(0, 31, 2) if gate.wants(still, at)] == [0, 10, 20, 30]


def test_looks_grow_rare_while_they_show_nothing_new() -> None:
    gate, still = ChangeGate(10, 35), thumb(kitchen(100, 0))
    assert [at for at in range(0, 141, 2) if gate.wants(still, at)] == [0, 10, 30, 66, 102, 138]


@pytest.mark.parametrize("what", ["something moves", "a candidate", "another look"])
def test_looks_come_often_again_once_there_is_something_new(what: str) -> None:
    gate, still = ChangeGate(10, 40), thumb(kitchen(100, 0))
    for at in range(0, 70, 2):
        gate.wants(still, at)
    if what == "something moves":
        still = thumb(with_rat(kitchen(100, 0), 40))
    assert gate.wants(still, 70, forced=what == "a candidate")
    if what == "another look":
        gate.stir()
    assert next(at for at in range(72, 200, 2) if gate.wants(still, at)) == 80


def test_a_slow_change_adds_up_against_the_last_picture_that_was_looked_at() -> None:
    gate, empty = ChangeGate(1000), kitchen(100, 0)
    assert gate.wants(thumb(empty), 0)
    wanted = [step for step in range(1, 20) if gate.wants(thumb(with_rat(empty, 2 * step)), step)]
    assert wanted
    assert wanted[0] > 1


def test_a_candidate_is_never_held_back_and_a_clock_set_back_does_not_blind() -> None:
    gate, still = ChangeGate(10), thumb(kitchen(100, 0))
    assert gate.wants(still, 100)
    assert gate.wants(still, 101, forced=True)
    assert gate.wants(still, 50)


def with_clock(picture: NDArray[np.float64], second: int) -> NDArray[np.float64]:
    """A burnt-in time of day of 32 px digits, as cameras write it."""
    image = np.clip(picture, 0, 255).astype(np.uint8)
    text = f"2026-07-01 22:{second // 60:02}:{second % 60:02}"
    cv2.putText(image, text, (40, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 255, 4)
    return image.astype(np.float64)


def test_a_burnt_in_clock_is_soon_no_reason_to_look_but_a_rat_still_is() -> None:
    gate, still = ChangeGate(10), kitchen(60, 3)
    looks = [at for at in range(0, 240, 2) if gate.wants(thumb(with_clock(still, at)), at)]
    late = [at for at in looks if at >= 120]
    assert len(late) <= 24  # of 60; the forced ones, and where more than the seconds changed
    quiet = next(at for at in range(240, 300, 2) if not gate.wants(thumb(with_clock(still, at)), at))
    assert gate.wants(thumb(with_clock(with_rat(still, 30), quiet + 2)), quiet + 2)


def test_a_large_place_that_is_always_busy_is_never_left_out() -> None:
    gate, still = ChangeGate(10), kitchen(60, 3)
    for at in range(0, 100, 2):
        busy = still.copy()
        busy[300:700, 400 + at : 700 + at] = 200 - at
        assert gate.wants(thumb(busy), at)
