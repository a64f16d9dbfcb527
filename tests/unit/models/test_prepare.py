"""The written training set: rendered pictures join the training part, shrunk, and never outgrow their share."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models import veil
from models.boxes import Box, read_labels, write_labels
from models.prepare import DataError, add_extra, windows, write_lists

CLASSES = ("person", "rat")


def written_set(root: Path, pictures: int) -> Path:
    """A set of so many training pictures with a rat each, and none for validation."""
    for part in ("train", "val"):
        (root / "images" / part).mkdir(parents=True)
        (root / "labels" / part).mkdir(parents=True)
    for i in range(pictures):
        write_labels(root / "labels" / "train" / f"real-{i}.txt", [Box("rat", 0.5, 0.5, 0.1, 0.1)], CLASSES)
    entries = [f"./images/train/real-{i}.jpg" for i in range(pictures)]
    write_lists(root, {"train": entries, "val": []}, CLASSES)
    return root


def renders(root: Path, pictures: int) -> Path:
    """A plain YOLO folder with its classes in another order."""
    (root / "images").mkdir(parents=True)
    (root / "labels").mkdir()
    (root / "classes.txt").write_text("rat\ncup\nperson\n", encoding="utf-8")
    for i in range(pictures):
        cv2.imwrite(str(root / "images" / f"{i}.jpg"), np.zeros((720, 1280, 3), np.uint8))
        (root / "labels" / f"{i}.txt").write_text("2 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.1 0.1\n", encoding="ascii")
    return root


def test_rendered_pictures_are_at_most_a_quarter_and_their_classes_are_ours(tmp_path: Path) -> None:
    dataset = written_set(tmp_path / "set", 9)
    result = add_extra(dataset, renders(tmp_path / "renders", 5), CLASSES)
    assert result.pictures == {"train": 12, "val": 0}
    assert result.boxes["train"] == {"person": 3, "rat": 9}
    entries = (dataset / "train.txt").read_text(encoding="utf-8").split()
    image = cv2.imread(str(dataset / entries[-1]))
    assert image is not None
    assert image.shape == (384, 448, 3)
    labels = read_labels(dataset / "labels" / "train" / f"{Path(entries[-1]).stem}.txt", CLASSES)
    assert [box.label for box in labels] == ["person"]


def test_joining_again_replaces_the_earlier_renders(tmp_path: Path) -> None:
    dataset = written_set(tmp_path / "set", 9)
    folder = renders(tmp_path / "renders", 2)
    assert add_extra(dataset, folder, CLASSES).pictures == add_extra(dataset, folder, CLASSES).pictures


def test_what_the_renders_do_not_name_is_veiled(tmp_path: Path) -> None:
    dataset, classes = written_set(tmp_path / "set", 9), (*CLASSES, "head")
    add_extra(dataset, renders(tmp_path / "renders", 1), classes)
    labels = next((dataset / "labels" / "train").glob("extra-*.txt"))
    rows = read_labels(labels, veil.label_names(classes))
    assert [box.label for box in rows if veil.is_veil(box)] == ["~head"]


def test_a_window_keeps_what_it_shows_at_the_size_of_the_shipped_input() -> None:
    # 1280 × 720 shrinks to 683 × 384; the windows are 448 wide, at 0 and at 235.
    boxes = [Box("rat", 0.1, 0.5, 0.05, 0.05), Box("person", 0.5, 0.5, 0.2, 0.8)]
    (left, on_left), (right, on_right), _ = windows(np.zeros((720, 1280, 3), np.uint8), boxes)
    assert left.shape == right.shape == (384, 448, 3)
    assert [box.label for box in on_left] == ["rat", "person"]
    assert [box.label for box in on_right] == ["person"]
    rat, person = on_left[0], on_right[0]
    assert [rat.x * 448, rat.w * 448] == pytest.approx([68.3, 34.15])
    assert [person.x * 448, person.h] == pytest.approx([0.5 * 683 - 235, 0.8])


def test_the_close_window_shows_the_smallest_thing_unshrunk() -> None:
    boxes = [Box("rat", 0.5, 0.5, 0.05, 0.05), Box("person", 0.6, 0.5, 0.5, 0.9)]
    close, seen = windows(np.zeros((720, 1280, 3), np.uint8), boxes)[2]
    assert close.shape == (384, 448, 3)
    assert [box.label for box in seen] == ["rat"]
    assert [seen[0].x, seen[0].y, seen[0].w * 448, seen[0].h * 384] == pytest.approx([0.5, 0.5, 64, 36])


def test_a_box_cut_off_by_more_than_half_is_left_out() -> None:
    on_right = windows(np.zeros((720, 1280, 3), np.uint8), [Box("rat", 235 / 683, 0.5, 0.1, 0.1)])[1][1]
    assert [box.w * 448 / 683 for box in on_right] == pytest.approx([0.05])
    assert windows(np.zeros((720, 1280, 3), np.uint8), [Box("rat", 215 / 683, 0.5, 0.1, 0.1)])[1][1] == []


def test_few_renders_may_be_listed_more_than_once(tmp_path: Path) -> None:
    dataset = written_set(tmp_path / "set", 30)
    result = add_extra(dataset, renders(tmp_path / "renders", 2), CLASSES, repeat=3)
    assert result.pictures["train"] == 30 + 10


def test_a_folder_of_another_layout_is_refused_in_one_sentence(tmp_path: Path) -> None:
    dataset = written_set(tmp_path / "set", 1)
    with pytest.raises(DataError, match=r"--extra wants a folder with images/, labels/ and classes\.txt"):
        add_extra(dataset, tmp_path, CLASSES)
