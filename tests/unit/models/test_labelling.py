"""Training labels: stated boxes stand, teachers add what they are sure of, veils lie over what nobody labelled."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.boxes import Box
from models.labelling import BinLabels, Surety, Teachers, complete, head_of
from models.manifest import Source, load_manifest

BLANK = np.zeros((9, 9, 3), np.uint8)
SURETY = {name: Surety(0.5, 0.25) for name in ("person", "phone", "cat", "dog", "face")}
PERSON = Box("person", 0.5, 0.5, 0.8, 0.9)


class Fake:
    """Answers with the boxes it was made with, of the wanted classes."""

    def __init__(self, *found: tuple[Box, float]) -> None:
        self.found = found

    def label_scored(self, image: object, classes: list[str], score: float) -> list[tuple[Box, float]]:
        return [(box, s) for box, s in self.found if box.label in classes and s >= score]

    def label(self, image: object, score: float) -> list[tuple[Box, float]]:
        return [(box, s) for box, s in self.found if s >= score]


def teachers(things: Fake, faces: Fake | None = None) -> Teachers:
    return Teachers(things, faces or Fake(), SURETY)  # type: ignore[arg-type]


def source(name: str, **changes: object) -> Source:
    found = next(s for s in load_manifest().sources if s.name == name)
    return replace(found, **{"faces": False, "heads": False, "unlabelled": (), **changes})  # type: ignore[arg-type]


def test_the_teacher_adds_what_the_source_does_not_state_and_never_repeats_it() -> None:
    stated = Box("phone", 0.5, 0.5, 0.2, 0.2)
    teacher = Fake((Box("phone", 0.51, 0.5, 0.2, 0.2), 0.9), (PERSON, 0.9))
    assert complete([stated], BLANK, source("mask"), teachers(teacher)) == [stated, PERSON]


def test_a_doubtful_box_becomes_a_veil_and_a_weak_one_nothing() -> None:
    weak = Box("person", 0.1, 0.1, 0.1, 0.1)
    found = complete([], BLANK, source("mask"), teachers(Fake((PERSON, 0.3), (weak, 0.2))))
    assert found == [Box("~person", 0.5, 0.5, 0.8, 0.9)]


def test_a_doubtful_face_veils_both_kinds_and_a_stated_one_of_either_kind_stands() -> None:
    face = Box("with_mask", 0.5, 0.5, 0.2, 0.2)
    watched = source("smoking", faces=True)
    doubtful = complete([], BLANK, watched, teachers(Fake(), Fake((face, 0.4))))
    assert [box.label for box in doubtful] == ["~with_mask", "~without_mask"]
    stated = Box("without_mask", 0.5, 0.5, 0.2, 0.2)
    assert complete([stated], BLANK, watched, teachers(Fake(), Fake((face, 0.9)))) == [stated]


def test_a_face_has_a_head_around_it_and_the_rest_is_veiled() -> None:
    face = Box("without_mask", 0.5, 0.5, 0.2, 0.2)
    found = complete([face], BLANK, source("mask", heads=True, unlabelled=("head",)), teachers(Fake()))
    assert [box.label for box in found] == ["without_mask", "head", "~head"]
    left, top, right, bottom = found[1].corners
    assert (left, top, right, bottom) == pytest.approx((0.36, 0.31, 0.64, 0.61))


def test_a_head_is_cut_at_the_pictures_edge() -> None:
    assert head_of(Box("with_mask", 0.1, 0.1, 0.2, 0.2)).corners[:2] == (0.0, 0.0)


@pytest.fixture
def bins(tmp_path: Path) -> BinLabels:
    file = tmp_path / "bins.csv"
    rows = ("a.jpg,open,0.1,0.1,0.3,0.5", "a.jpg,lidded,0.5,0.1,0.7,0.5", "a.jpg,unclear,0.7,0.5,0.9,0.9")
    file.write_text("image,label,x0,y0,x1,y1\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return BinLabels(file)


def test_open_bins_are_named_and_unjudged_ones_veiled(bins: BinLabels) -> None:
    stated = [Box("bin", 0.2, 0.3, 0.2, 0.4), Box("bin", 0.6, 0.3, 0.2, 0.4), Box("bin", 0.8, 0.7, 0.2, 0.4)]
    labels = [box.label for box in bins.told("a.jpg", [*stated, Box("bin_overflow", 0.2, 0.3, 0.2, 0.4)])]
    assert labels == ["bin_open", "bin", "bin", "~bin_open", "bin_overflow"]
    assert [box.label for box in bins.told("b.jpg", stated[:1])] == ["bin", "~bin_open"]
