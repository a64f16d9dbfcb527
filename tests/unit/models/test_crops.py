"""Crops: what the files of labels say of which part of a picture, the cache of them, and the split."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference import crop
from inference.detections import Image
from inference.traits import State, Trait
from models import crop_sources
from models.balance import RENDERED_SHARE, weights
from models.boxes import Box
from models.crop_index import SIZE, UNKNOWN, Crop, Kind, read_index, squares
from models.crop_sources import Known, View, cooks, hidden, renders, smokers, uniforms
from models.crop_teachers import Teachers
from models.crops import cache, excerpt, held_out
from models.variation import varied

HEADS = "image,label,head_x0,head_y0,head_x1,head_y1\n"
FACE = [0.45, 0.4, 0.1, 0.1]
ITS_HEAD = "0.423,0.31,0.577,0.505"


def paint(path: Path, size: tuple[int, int] = (200, 200), seed: int = 0) -> Path:
    """A picture of its own: large soft patches of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(patches, size, interpolation=cv2.INTER_CUBIC))
    return path


class Told:
    """Teachers that find what a test says."""

    def __init__(self, *faces: tuple[Box, float]) -> None:
        self.found, self.asked = list(faces), 0

    def label(self, image: Image, score: float) -> list[tuple[Box, float]]:
        self.asked += 1
        return self.found

    def label_scored(self, image: Image, classes: list[str], score: float) -> list[tuple[Box, float]]:
        return []


def teachers(told: Told, memory: Path) -> Teachers:
    return Teachers(told, told, memory)  # type: ignore[arg-type]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cooks with a labelled head each, one of them with a sure face, and a third one with a face only."""
    root = tmp_path / "professions"
    root.mkdir()
    (root / "hat_labels.csv").write_text(f"{HEADS}chef/a.jpg,hat,{ITS_HEAD}\n")
    faces = [{"image": f"chef/{name}.jpg", "face": FACE, "score": score} for name, score in (("a", 0.95), ("c", 0.97))]
    (root / "chef_faces.json").write_text(json.dumps([*faces, {"image": "chef/b.jpg", "face": FACE, "score": 0.5}]))
    labels = tmp_path / "labels"
    labels.mkdir()
    (labels / "heads.csv").write_text(f"{HEADS}chef/a.jpg,no_hat,{ITS_HEAD}\nchef/b.jpg,no_hat,{ITS_HEAD}\n")
    (labels / "clothes.csv").write_text("image,label,x0,y0,x1,y1\nchef/a.jpg,other,0.4,0.1,0.6,0.9\n")
    monkeypatch.setattr(crop_sources, "LABELS", labels)
    for seed, name in enumerate("abc"):
        paint(root / "chef" / f"{name}.jpg", seed=seed)
    return tmp_path


def test_a_cooks_head_is_what_the_eye_said_first_and_a_sure_face_is_bare(data: Path) -> None:
    views = {view.path.name: view for view in cooks(data)}
    assert views["a.jpg"].states == {Trait.HAT: State.WORN, Trait.CIGARETTE: State.MISSING, Trait.MASK: State.MISSING}
    assert views["b.jpg"].states == {Trait.HAT: State.MISSING, Trait.CIGARETTE: State.MISSING}
    assert views["c.jpg"].states == {Trait.MASK: State.MISSING, Trait.CIGARETTE: State.MISSING}
    assert len(list(cooks(data))) == 3
    assert views["c.jpg"].corners == pytest.approx((0.423, 0.31, 0.577, 0.505))


def test_the_cache_holds_what_the_labels_say(data: Path) -> None:
    views = [*cooks(data), *uniforms(data)]
    out = data / "crops"
    out.mkdir()
    assert cache(views, out, {data / "professions" / "chef" / "a.jpg"}) == cache(views, out, {views[0].path})
    crops = read_index(out)
    assert [(c.kind, c.source, c.held_out, c.states) for c in crops] == [
        ("head", "heads", True, (1, 2, UNKNOWN, 2)),
        ("person", "clothes", True, (UNKNOWN, UNKNOWN, 2, UNKNOWN)),
        ("head", "heads", False, (2, UNKNOWN, UNKNOWN, 2)),
        ("head", "cooks", False, (UNKNOWN, 2, UNKNOWN, 2)),
    ]
    assert [each.shape for each in squares(out, crops)] == [(SIZE, SIZE, 3)] * 4


@pytest.mark.parametrize("box", [(0.3, 0.2, 0.6, 0.8), (0.7, 0.5, 1.2, 1.1), (0.1, 0.1, 0.16, 0.2)])
def test_the_cached_crop_is_the_one_that_the_reader_cuts(box: tuple[float, ...], tmp_path: Path) -> None:
    image = np.ascontiguousarray(cv2.imread(str(paint(tmp_path / "a.jpg", (400, 300)))), dtype=np.uint8)
    corners = np.array(box, dtype=np.float32)
    part, inner = excerpt(image, corners)
    assert max(part.shape) <= 192
    here = crop.cut(part, np.array(inner, dtype=np.float32), SIZE).astype(float)
    there = crop.cut(image, corners, SIZE).astype(float)
    assert np.abs(here - there).mean() < 6


def test_a_view_may_be_shrunk_past_seeing(tmp_path: Path) -> None:
    image = np.ascontiguousarray(cv2.imread(str(paint(tmp_path / "a.jpg", (400, 300)))), dtype=np.uint8)
    part, inner = excerpt(image, np.array((0.25, 0.25, 0.75, 0.75), dtype=np.float32), shrink=8)
    assert round((inner[3] - inner[1]) * part.shape[0]) == 8


@pytest.mark.parametrize(
    ("cigarette", "state"),
    [((0.5, 0.49), State.WORN), ((0.6, 0.5), None), ((0.9, 0.9), State.MISSING)],
)
def test_a_head_smokes_if_its_crop_holds_the_cigarette(
    cigarette: tuple[float, float], state: State | None, tmp_path: Path
) -> None:
    paint(tmp_path / "smoking" / "images" / "a.jpg")
    (tmp_path / "smoking" / "labels").mkdir()
    (tmp_path / "smoking" / "labels" / "a.txt").write_text(f"0 {cigarette[0]} {cigarette[1]} 0.02 0.02\n")
    (tmp_path / "smoking" / "classes.txt").write_text("cigarette\n")
    told = Told((Box("without_mask", 0.5, 0.45, 0.1, 0.1), 0.95))
    (view,) = smokers(tmp_path, teachers(told, tmp_path / "memory.jsonl"))
    assert view.states.get(Trait.CIGARETTE) == state
    assert view.states[Trait.MASK] == State.MISSING
    list(smokers(tmp_path, teachers(told, tmp_path / "memory.jsonl")))
    assert told.asked == 1  # it remembers


def test_rendered_people_are_what_their_table_says(tmp_path: Path) -> None:
    paint(tmp_path / "images" / "r.jpg", (640, 360))
    (tmp_path / "traits").mkdir()
    (tmp_path / "traits" / "r.csv").write_text(
        "person_x0,person_y0,person_x1,person_y1,head_x0,head_y0,head_x1,head_y1,hat,mask,clothes,cigarette\n"
        "0.1,0.1,0.3,0.9,0.17,0.1,0.23,0.2,worn,not_visible,bare,yes\n"
        "0.5,0.1,0.7,0.9,,,,,not_visible,not_visible,uniform,not_visible\n"
        "0.8,0.1,0.85,0.2,0.81,0.1,0.82,0.12,worn,worn,uniform,no\n"
    )
    views = [(view.kind, view.states) for view in renders(tmp_path)]
    assert views == [
        ("person", {Trait.CLOTHES: State.BARE}),
        ("head", {Trait.HAT: State.WORN, Trait.MASK: State.NOT_VISIBLE, Trait.CIGARETTE: State.WORN}),
        ("person", {Trait.CLOTHES: State.WORN}),
    ]


def test_spoilt_views_show_less(tmp_path: Path) -> None:
    heads = [View("heads", tmp_path / f"{n}.jpg", "head", (0, 0, 1, 1), {Trait.HAT: State.WORN}) for n in range(4)]
    spoilt = list(hidden(heads, most=1))
    assert [view.source for view in spoilt] == ["tiny", "cut", "no_torso"]
    tiny, cut, headless = spoilt
    assert tiny.shrink < 10
    assert set(tiny.states.values()) == set(cut.states.values()) == {State.NOT_VISIBLE}
    assert cut.corners == pytest.approx((0, 0.55, 1, 1))
    assert headless.states == {Trait.CLOTHES: State.NOT_VISIBLE}


def test_a_picture_stays_on_the_side_that_the_detector_has_it(tmp_path: Path) -> None:
    paths = [paint(tmp_path / "mask" / "images" / f"{n}.jpg", seed=n) for n in range(40)]
    for part, numbers in (("val", (0, 1, 2)), ("train", range(3, 20))):
        for n in numbers:
            paint(tmp_path / "set" / "images" / part / f"mask-{n}.jpg")
    (tmp_path / "set" / "mask.json").write_text("{}")
    twin = tmp_path / "mask" / "images" / "twin.jpg"
    twin.write_bytes(paths[1].read_bytes())
    chosen = held_out([*paths, twin], tmp_path / "set")
    assert {paths[0], paths[1], paths[2], twin} <= chosen
    assert not chosen & set(paths[3:20])
    assert held_out([*paths, twin], tmp_path / "set") == chosen


def known(states: Known, source: str = "a", kind: Kind = "head", weight: float = 1.0) -> Crop:
    full = tuple(int(states.get(trait, UNKNOWN)) for trait in Trait)
    return Crop("f", kind, source, "p", False, weight, (0.2, 0.2, 0.8, 0.8), full)


def test_rare_states_are_shown_oftener_and_renders_stay_few() -> None:
    common, rare = known({Trait.HAT: State.WORN}), known({Trait.HAT: State.MISSING})
    odds = weights([common] * 9 + [rare])
    assert odds[9] / odds[0] == pytest.approx(3)
    odds = weights([common] * 10 + [known({Trait.HAT: State.WORN}, "renders")] * 90)
    assert sum(odds[10:]) / sum(odds) == pytest.approx(RENDERED_SHARE)


def test_variations_are_squares_of_the_same_crop() -> None:
    image = np.random.default_rng(1).integers(0, 256, (150, 100, 3), np.uint8)
    each = known({Trait.CIGARETTE: State.WORN})
    shown = [varied(image, each, np.random.default_rng(seed)) for seed in range(40)]
    assert {square.shape for square in shown} == {(SIZE, SIZE, 3)}
    assert {square.dtype for square in shown} == {np.dtype(np.uint8)}
    assert not np.array_equal(shown[0], shown[1])
    assert np.array_equal(shown[7], varied(image, each, np.random.default_rng(7)))
