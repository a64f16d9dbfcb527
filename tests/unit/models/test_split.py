"""The split: whole stems, the same every time, never two frames of one scene on both sides."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.split import signature, stems_by_name, stems_by_picture, validation_names


def scene(seed: int, shift: int = 0) -> np.ndarray:
    """A smooth random scene, seen by a camera that moved by some pixels."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    wide = cv2.resize(coarse, (340, 240), interpolation=cv2.INTER_CUBIC)
    return wide[:, shift : shift + 320]


def test_frames_of_one_scene_share_a_stem_and_other_scenes_do_not() -> None:
    pictures = {"a1": scene(1), "b1": scene(2), "a2": scene(1, 4), "a3": scene(1, 8)}
    names = sorted(pictures)
    stems = stems_by_picture(names, np.stack([signature(pictures[n]) for n in names]))
    assert stems == {"a1": "a1", "a2": "a1", "a3": "a1", "b1": "b1"}


def test_a_chain_of_neighbours_is_one_stem() -> None:
    turns = [0.0, 0.5, 1.0, 2.6]
    vectors = np.array([[np.cos(a), np.sin(a)] for a in turns], dtype=np.float32)
    assert stems_by_picture(["p", "q", "r", "s"], vectors) == {"p": "p", "q": "p", "r": "p", "s": "s"}


def test_brightness_alone_does_not_make_another_scene() -> None:
    one = scene(5)
    darker = (one * 0.6).astype(np.uint8)
    assert float(signature(one) @ signature(darker)) > 0.98


def test_a_video_number_in_the_name_is_the_stem() -> None:
    names = ["376-sd_25fps_f01.jpg", "376-sd_25fps_f09.jpg", "446-sd_25fps_f01.jpg", "hall.jpg"]
    assert stems_by_name(names, "^[0-9]+") == dict(zip(names, ["376", "376", "446", "hall.jpg"], strict=True))


@settings(max_examples=50)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=200))
def test_no_stem_is_on_both_sides_and_the_order_of_files_does_not_matter(numbers: list[int]) -> None:
    stems = {f"{i}.jpg": f"stem{n}" for i, n in enumerate(numbers)}
    chosen = validation_names("source", stems, 0.12)
    assert not {stems[n] for n in chosen} & {s for n, s in stems.items() if n not in chosen}
    assert chosen == validation_names("source", dict(reversed(stems.items())), 0.12)


def test_one_long_video_never_decides_the_figures() -> None:
    stems = {f"long{i}": "long" for i in range(60)} | {f"short{i}": f"short{i}" for i in range(40)}
    chosen = validation_names("source", stems, 0.12)
    assert len(chosen) == 12
    assert all(name.startswith("short") for name in chosen)
