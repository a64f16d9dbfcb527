"""Changed copies of a clip: how they look, that they keep time with the original, and that they are made once."""

from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from simulators.clip import ClipError, load_clip
from simulators.library import head
from simulators.look import LOOKS
from simulators.wardrobe import Wardrobe
from tests.clips import encode


def picture() -> VideoFrame:
    """A dark half, a bright half with a fine grid."""
    image = np.full((120, 160, 3), 40, np.uint8)
    image[:, 80:] = 200
    image[::4, 80:] = 20
    return VideoFrame.from_ndarray(image, format="rgb24")


def luma(frame: VideoFrame) -> NDArray[np.float64]:
    return frame.to_ndarray(format="gray").astype(np.float64)


def edges(frame: VideoFrame) -> float:
    return float(np.abs(np.diff(luma(frame), axis=0)).mean())


def test_each_look_is_what_its_name_says() -> None:
    plain = picture()
    black, covered, moved, blurred, small = (
        LOOKS[name](plain) for name in ("black", "covered", "moved", "blurred", "resolution")
    )
    assert luma(black).max() <= 1
    assert luma(covered).mean() < 60
    assert luma(covered).std() < 8 < luma(plain).std()
    assert edges(blurred) < edges(plain) / 5
    assert abs(luma(blurred).mean() - luma(plain).mean()) < 6
    assert (small.width, small.height) == (80, 60)
    shift = int(160 * 0.34)
    assert np.abs(luma(moved)[:80, : 160 - shift] - luma(plain)[19:99, shift:]).mean() < 4


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clips") / "bar.mp4", pictures=30, bframes=2, shade=120)


@pytest.mark.parametrize("look", LOOKS)
def test_a_copy_keeps_time_with_its_original(original: Path, tmp_path: Path, look: str) -> None:
    wardrobe, clip = Wardrobe(tmp_path / "looks"), load_clip(original)
    copy = wardrobe.dress(wardrobe.hang(clip, original), look)
    assert copy.duration_s == clip.duration_s
    assert [round(unit.send_s, 3) for unit in copy.units] == [round(unit.send_s, 3) for unit in clip.units]
    assert [unit.keyframe for unit in copy.units] == [unit.keyframe for unit in clip.units]
    assert copy.codec is clip.codec


def test_a_copy_is_cut_as_its_original_was(original: Path, tmp_path: Path) -> None:
    wardrobe = Wardrobe(tmp_path)
    clip = wardrobe.hang(head(load_clip(original), 0.5), original)
    assert len(wardrobe.look("black")(clip).units) == len(clip.units) == 20


def test_copies_are_encoded_once_and_again_for_another_file(tmp_path: Path) -> None:
    file, kept = encode(tmp_path / "a.mp4"), tmp_path / "looks"
    for _ in range(2):
        wardrobe = Wardrobe(kept)
        first = wardrobe.dress(wardrobe.hang(load_clip(file), file), "black")
    (made,) = kept.iterdir()
    stamp = made.stat().st_mtime_ns
    assert wardrobe.dress(next(iter([*wardrobe._origins])), "black") is first
    assert made.stat().st_mtime_ns == stamp
    encode(file, pictures=12)
    other = Wardrobe(kept)
    assert len(other.dress(other.hang(load_clip(file), file), "black").units) == 12
    assert len(list(kept.iterdir())) == 2


def test_a_file_that_cannot_be_encoded_gets_a_sentence_and_leaves_no_copy(original: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    wardrobe = Wardrobe(tmp_path / "looks")
    with pytest.raises(ClipError, match=r"broken\.mp4"):
        wardrobe.dress(wardrobe.hang(load_clip(original), broken), "black")
    assert list((tmp_path / "looks").glob("*.mp4")) == []


def test_hevc_stays_hevc(tmp_path: Path) -> None:
    file = encode(tmp_path / "h.mp4", codec="libx265")
    wardrobe, clip = Wardrobe(tmp_path), load_clip(file)
    copy = wardrobe.dress(wardrobe.hang(clip, file), "resolution")
    assert (copy.codec, copy.width, len(copy.units)) == (clip.codec, 80, len(clip.units))
    assert sum(unit.keyframe for unit in copy.units) == sum(unit.keyframe for unit in clip.units)
