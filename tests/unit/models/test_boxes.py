"""Label files, the class map of every source, and the teacher's letterbox and rows."""

from pathlib import Path

import numpy as np
import pytest

from models.boxes import Box, map_classes, read_labels, write_labels
from models.manifest import MANIFEST, ManifestError, load_manifest
from models.teacher import SIZE, decode, letterbox, suppress

CLASSES = (
    "person", "head", "phone", "cigarette", "rat", "cat", "dog", "bin", "bin_open", "bin_overflow", "flame", "smoke",
    "with_mask", "without_mask",
)  # fmt: skip


def test_the_manifest_keeps_the_order_of_the_outputs_and_names_every_licence() -> None:
    manifest = load_manifest()
    assert manifest.classes == CLASSES
    assert all(source.licence and source.origin and source.commit for source in manifest.sources)
    learned = {name for source in manifest.sources for name in (*source.classes.values(), *source.teacher)}
    # open bins are named by labels/bins.csv
    assert {name for name in learned if name and not name.startswith("~")} == set(CLASSES) - {"bin_open"}


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
