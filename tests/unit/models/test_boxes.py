"""Label files, the class map of every source and the letterboxes."""

from pathlib import Path

import numpy as np
import pytest

from models.boxes import Box, map_classes, read_labels, write_labels
from models.evaluate import letterbox as detector_letterbox
from models.manifest import MANIFEST, ManifestError, Source, load_manifest
from models.prepare import Picture, complete
from models.teacher import SIZE, decode, letterbox, suppress

CLASSES = (
    "person", "phone", "cigarette", "rat", "cat", "dog", "bin", "bin_overflow", "flame", "smoke", "with_mask",
    "without_mask",
)  # fmt: skip


def test_the_manifest_keeps_the_order_of_the_outputs_and_names_every_licence() -> None:
    manifest = load_manifest()
    assert manifest.classes == CLASSES
    assert all(source.licence and source.origin and source.commit for source in manifest.sources)
    learned = {name for source in manifest.sources for name in (*source.classes.values(), *source.teacher)} - {""}
    assert learned == set(CLASSES)


def test_a_manifest_that_names_an_unknown_class_is_refused(tmp_path: Path) -> None:
    text = MANIFEST.read_text(encoding="utf-8")
    wrong = tmp_path / "manifest.toml"
    wrong.write_text(text.replace('rat = "rat"', 'rat = "mouse"'), encoding="utf-8")
    with pytest.raises(ManifestError, match="rodent names unknown classes: mouse"):
        load_manifest(wrong)


def test_labels_survive_writing_and_reading(tmp_path: Path) -> None:
    boxes = [Box("rat", 0.5, 0.25, 0.2, 0.1), Box("person", 0.4, 0.5, 0.3, 0.9)]
    write_labels(tmp_path / "a.txt", boxes, CLASSES)
    assert read_labels(tmp_path / "a.txt", CLASSES) == [
        Box(b.label, *(pytest.approx(v) for v in (b.x, b.y, b.w, b.h)))  # type: ignore[arg-type]
        for b in boxes
    ]
    with pytest.raises(ValueError, match="no such class: owl"):
        write_labels(tmp_path / "b.txt", [Box("owl", 0.5, 0.5, 0.1, 0.1)], CLASSES)


def test_a_polygon_becomes_its_box_and_a_box_is_clipped_to_the_picture(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 0.1 0.2 0.5 0.2 0.3 0.6\n0 0.95 0.5 0.2 0.5\n", encoding="ascii")
    polygon, clipped = read_labels(tmp_path / "a.txt", ["x"])
    assert polygon.corners == pytest.approx((0.1, 0.2, 0.5, 0.6))
    assert clipped.corners == pytest.approx((0.85, 0.25, 1.0, 0.75))


def test_a_class_mapped_to_nothing_is_left_out() -> None:
    boxes = [Box("garbage", 0.5, 0.5, 0.1, 0.1), Box("bin", 0.2, 0.2, 0.1, 0.1), Box("new", 0.2, 0.2, 0.1, 0.1)]
    assert [b.label for b in map_classes(boxes, {"garbage": "", "bin": "bin"})] == ["bin"]


class FakeTeacher:
    """Answers with the boxes it was made with."""

    def __init__(self, *boxes: Box) -> None:
        self.boxes = boxes

    def label(self, image: object, classes: object, score: float) -> list[Box]:
        return list(self.boxes)


def source(name: str) -> Source:
    return next(s for s in load_manifest().sources if s.name == name)


def test_the_teacher_adds_what_the_source_does_not_state_and_never_repeats_it() -> None:
    stated = Box("phone", 0.5, 0.5, 0.2, 0.2)
    teacher = FakeTeacher(Box("phone", 0.51, 0.5, 0.2, 0.2), Box("person", 0.5, 0.5, 0.8, 0.9))
    picture = Picture(Path("a.jpg"), "", (stated,))
    found = complete(picture, np.zeros((9, 9, 3), np.uint8), source("phone"), teacher, 0.5)  # type: ignore[arg-type]
    assert found == [stated, Box("person", 0.5, 0.5, 0.8, 0.9)]


def test_a_cat_picture_in_which_the_teacher_sees_no_cat_is_not_used() -> None:
    picture = Picture(Path("a.jpg"), "cats", ())
    image = np.zeros((9, 9, 3), np.uint8)
    person = FakeTeacher(Box("person", 0.5, 0.5, 0.8, 0.9))
    assert complete(picture, image, source("pets"), person, 0.5) is None  # type: ignore[arg-type]
    cat = FakeTeacher(Box("cat", 0.5, 0.5, 0.8, 0.9))
    assert complete(picture, image, source("pets"), cat, 0.5) == [Box("cat", 0.5, 0.5, 0.8, 0.9)]  # type: ignore[arg-type]


def test_the_teachers_letterbox_lies_top_left_and_keeps_the_proportions() -> None:
    blob, scale = letterbox(np.full((200, 400, 3), 255, np.uint8))
    assert blob.shape == (1, 3, SIZE, SIZE)
    assert scale == pytest.approx(1.04)
    assert blob[0, :, :208].min() == 255
    assert (blob[0, :, 208:] == 114).all()


def test_the_teachers_rows_are_decoded_per_stride() -> None:
    raw = np.zeros((52 * 52 + 26 * 26 + 13 * 13, 85), dtype=np.float32)
    raw[52 + 2, :4] = 0.5, 0.25, np.log(2), 0
    rows = decode(raw)
    assert rows[54, :4] == pytest.approx([(2 + 0.5) * 8, (1 + 0.25) * 8, 16, 8])
    assert rows[-1, :4] == pytest.approx([12 * 32, 12 * 32, 32, 32])


def test_suppression_keeps_the_surest_of_two_that_overlap() -> None:
    boxes = np.array([[0, 0, 1, 1], [0, 0, 1, 0.95], [2, 2, 3, 3]], dtype=np.float32)
    assert suppress(boxes, np.array([0.5, 0.9, 0.7], dtype=np.float32), 0.5) == [1, 2]


def test_the_detectors_letterbox_is_centred_rgb_between_zero_and_one() -> None:
    blue = np.zeros((100, 400, 3), np.uint8)
    blue[:, :, 0] = 255
    blob, scale, left, top = detector_letterbox(blue, 320, 576)
    assert scale == pytest.approx(1.44)
    assert (left, top) == (0, 88)
    assert blob[0, :, 160, 288].tolist() == [0.0, 0.0, 1.0]
    assert blob[0, :, 10, 10].tolist() == pytest.approx([114 / 255] * 3)
