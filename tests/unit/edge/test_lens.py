"""The lens on the bundled clips: each fault is named in time and is soon over, and nothing good is ever called bad."""

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.camera import Integrity
from domain.wire import Health
from edge.baseline import BaselineShelf
from edge.health import HealthMonitor, HealthTimes
from edge.lens import Lens
from edge.picture import Grey
from edge.replay import ReplayWatch
from tests.unit.edge.footage import CLIPS, EVERY_S, keyframes

NAMED_S, OVER_S = 15.0, 10.0  # PROMISES R9
LOOKS = {"covered": Health.OCCLUDED, "blurred": Health.BLURRED, "moved": Health.MOVED}
PLAIN = Integrity()
Light = Callable[[Grey], Grey]


class Watched:
    """A camera whose keyframes come every two seconds, on a clock that the test turns; ticks come twice a second."""

    def __init__(self, folder: Path, options: Integrity = PLAIN) -> None:
        replay = ReplayWatch() if options.replay else None
        self.monitor = HealthMonitor(HealthTimes(), Lens("cam", options, BaselineShelf(folder)), replay)
        self.random = np.random.default_rng(1)
        self.now = 0.0
        self.told: list[tuple[float, Health]] = []
        self.whys: list[str] = []

    def see(self, pictures: Iterable[Grey], light: Light = lambda thumb: thumb) -> "Watched":
        for picture in pictures:
            self.monitor.arrived(self.now)
            self.monitor.looked(self.now, grainy(light(picture), self.random))
            for half in range(4):
                self._tick(self.now + half / 2)
            self.now += EVERY_S
        return self

    def _tick(self, now: float) -> None:
        change = self.monitor.tick(now)
        if change is not None:
            self.told.append((now, change.state))
            self.whys.append(change.why)

    @property
    def states(self) -> list[Health]:
        return [state for _, state in self.told]


def grainy(thumb: Grey, random: np.random.Generator) -> Grey:
    """A live sensor's noise: without it a clip's second round would be a recording."""
    return clipped(thumb + random.normal(0, 0.5, thumb.shape))


def clipped(values: NDArray[np.floating]) -> Grey:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def rounds(pictures: Sequence[Grey], count: int) -> Iterable[Grey]:
    return islice(cycle(pictures), count)


@pytest.mark.parametrize("clip", CLIPS)
def test_every_clip_in_a_loop_is_good_from_end_to_end(clip: str, tmp_path: Path) -> None:
    watched = Watched(tmp_path).see(rounds(keyframes(clip), 90))
    assert watched.states == [Health.OK]


def test_an_hour_of_a_quiet_night_is_good_also_for_who_looks_for_recordings(tmp_path: Path) -> None:
    watched = Watched(tmp_path, Integrity(replay=True)).see(rounds(keyframes("rat-night")[:4], 1800))
    assert watched.states == [Health.OK]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("clip", CLIPS)
def test_each_look_is_named_in_time_once_and_over_in_time(clip: str, look: str, tmp_path: Path) -> None:
    good = keyframes(clip)
    watched = Watched(tmp_path).see(rounds(good, 6))
    onset = watched.now
    watched.see(rounds(keyframes(clip, look), 20))
    end = watched.now
    watched.see(rounds(good, 10))
    assert watched.states == [Health.OK, LOOKS[look], Health.OK]
    assert watched.told[1][0] - onset <= NAMED_S
    assert watched.told[2][0] - end <= OVER_S
    assert "%" in watched.whys[1]


def dim(gain: float) -> Light:
    return lambda thumb: clipped(16 + (thumb.astype(np.float32) - 16) * gain)


def infrared(thumb: Grey) -> Grey:
    """A lamp beside the lens: bright in the middle, dark at the edges."""
    rows, columns = np.mgrid[0 : thumb.shape[0], 0 : thumb.shape[1]]
    away = (columns / thumb.shape[1] - 0.5) ** 2 + (rows / thumb.shape[0] - 0.5) ** 2
    return clipped(20 + (thumb.astype(np.float32) - 16) * (1.08 * np.exp(-5 * away) + 0.14))


def open_door(thumb: Grey) -> Grey:
    picture = thumb.copy()
    picture[27:, 80:160] = 200
    return picture


def steam(thumb: Grey) -> Grey:
    return clipped(thumb * 0.2 + 160)


def half_in_shadow(thumb: Grey) -> Grey:
    shade = np.ones(thumb.shape, np.float32)
    shade[:, 120:] = 0.4
    return clipped(thumb * cv2.GaussianBlur(shade, (0, 0), 10))


def trembling(thumb: Grey) -> Grey:
    return np.roll(thumb, (1, 1), (0, 1))


def negative(thumb: Grey) -> Grey:
    return np.subtract(255, thumb, dtype=np.uint8)


@pytest.mark.parametrize("light", [dim(0.3), infrared, open_door, steam, half_in_shadow, trembling, negative])
@pytest.mark.parametrize("clip", CLIPS)
def test_light_doors_steam_and_trembling_are_no_fault(clip: str, light: Light, tmp_path: Path) -> None:
    good = keyframes(clip)
    watched = Watched(tmp_path).see(rounds(good, 10)).see(rounds(good, 10), light).see(rounds(good, 10))
    assert watched.states == [Health.OK]


@pytest.mark.parametrize("clip", CLIPS)
def test_dusk_that_falls_slowly_until_it_is_dark_is_no_fault(clip: str, tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    for number, picture in enumerate(rounds(keyframes(clip), 60)):
        watched.see([picture], dim(1.0 - 0.9 * min(number / 40, 1.0)))
    assert set(watched.states) <= {Health.OK, Health.BLACK}


@settings(max_examples=25, deadline=None)
@given(
    clip=st.sampled_from(CLIPS),
    gain=st.floats(0.2, 1.4),
    offset=st.floats(0, 40),
    noise=st.floats(0, 3),
    left=st.integers(0, 160),
)
def test_somebody_who_walks_through_any_light_is_no_fault(
    clip: str, gain: float, offset: float, noise: float, left: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = np.random.default_rng(left)

    def walk(thumb: Grey) -> Grey:
        picture = dim(gain)(thumb) + offset + random.normal(0, noise, thumb.shape)
        picture[30:, left : left + 60] = 60
        return clipped(picture)

    good = keyframes(clip)
    watched = Watched(tmp_path_factory.mktemp("views")).see(rounds(good, 6)).see(rounds(good, 12), walk)
    assert watched.states == [Health.OK]


def test_who_stands_before_the_lens_and_stirs_does_not_move_the_camera(tmp_path: Path) -> None:
    good = keyframes("walkby")
    watched = Watched(tmp_path).see(rounds(good, 6))
    for number, picture in enumerate(rounds(good, 20)):
        coat = np.random.default_rng(number // 2).integers(40, 120, (9, 12)).astype(np.uint8)
        near = picture.copy()
        near[:, 20:220] = cv2.resize(coat, (200, 135), interpolation=cv2.INTER_LINEAR)
        watched.see([near])
    assert Health.MOVED not in watched.states


def test_the_view_outlives_a_restart_and_another_number_enrols_it_anew(tmp_path: Path) -> None:
    Watched(tmp_path).see(rounds(keyframes("phone"), 6))
    turned = keyframes("phone", "moved")
    assert Watched(tmp_path).see(rounds(turned, 10)).states[-1] is Health.MOVED
    assert Watched(tmp_path, Integrity(view=2)).see(rounds(turned, 20)).states == [Health.OK]
    assert [path.name for path in tmp_path.iterdir()] == ["cam.2.png"]


def test_a_camera_that_is_meant_to_turn_is_never_moved(tmp_path: Path) -> None:
    watched = Watched(tmp_path, Integrity(turns=True)).see(rounds(keyframes("phone"), 6))
    assert watched.see(rounds(keyframes("phone", "moved"), 20)).states == [Health.OK]


@pytest.mark.parametrize("stored", [b"", b"no picture"])
def test_a_damaged_baseline_is_enrolled_anew(stored: bytes, tmp_path: Path) -> None:
    (tmp_path / "cam.1.png").write_bytes(stored)
    assert BaselineShelf(tmp_path).load("cam", 1) is None
    Watched(tmp_path).see(rounds(keyframes("quiet"), 4))
    assert BaselineShelf(tmp_path).load("cam", 1) is not None


def test_a_covered_lens_and_a_dark_room_are_not_enrolled(tmp_path: Path) -> None:
    Watched(tmp_path).see(rounds(keyframes("quiet", "covered"), 20)).see(rounds(keyframes("quiet"), 20), dim(0.1))
    assert not list(tmp_path.iterdir())


def test_a_baseline_that_cannot_be_kept_serves_until_the_restart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    watched = Watched(tmp_path / "file" / "views").see(rounds(keyframes("quiet"), 6))
    assert watched.see(rounds(keyframes("quiet", "moved"), 8)).states == [Health.OK, Health.MOVED]


def test_a_resolution_change_is_no_fault(tmp_path: Path) -> None:
    watched = Watched(tmp_path).see(rounds(keyframes("flame-unattended"), 30))
    watched.see(rounds(keyframes("flame-unattended", "resolution"), 30))
    assert watched.states == [Health.OK]
