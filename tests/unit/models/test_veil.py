"""Veils: under one, its class is not taught as background; everything else is."""

import numpy as np

from models import veil
from models.boxes import Box

ANCHORS = np.array([(4, 4), (12, 4), (4, 12), (12, 12)], dtype=np.float32)


def test_a_veil_hides_its_class_where_it_lies_in_its_picture() -> None:
    rows = np.array([(1, 0, 0, 0, 8, 8), (1, 2, 0, 0, 16, 16)], dtype=np.float32)
    taught = veil.shown(ANCHORS, rows, images=2, classes=3)
    assert taught.shape == (2, 4, 3)
    assert taught[0].min() == 1
    assert taught[1, :, 0].tolist() == [0, 1, 1, 1]
    assert taught[1, :, 1].min() == 1
    assert taught[1, :, 2].max() == 0


def test_without_veils_everything_is_taught() -> None:
    assert veil.shown(ANCHORS, np.empty((0, 6), dtype=np.float32), 1, 2).min() == 1


def test_veils_have_names_after_the_classes() -> None:
    assert veil.label_names(("person", "rat")) == ("person", "rat", "~person", "~rat")
    box = Box("rat", 0.5, 0.5, 0.2, 0.2)
    assert veil.over(box).label == "~rat"
    assert [(b.label, b.corners) for b in veil.whole(["rat"])] == [("~rat", (0.0, 0.0, 1.0, 1.0))]
    assert [veil.is_veil(b) for b in (box, veil.over(box))] == [False, True]
