"""Which pictures show what of hats, masks, clothes and cigarettes: one function for each source of crops."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inference import crop
from inference.detections import Floats
from inference.traits import State, Trait
from models.boxes import Box, overlap, read_labels
from models.crop_index import Corners, Kind, read_picture
from models.crop_teachers import ANY, Teachers
from models.labelling import LABELS
from models.split import signature, stems_by_picture

Known = dict[Trait, State]

WHOLE: Corners = (0.0, 0.0, 1.0, 1.0)
NOT_VISIBLE, WORN, MISSING, BARE = State.NOT_VISIBLE, State.WORN, State.MISSING, State.BARE
NO_HEAD: Known = {Trait.HAT: NOT_VISIBLE, Trait.MASK: NOT_VISIBLE, Trait.CIGARETTE: NOT_VISIBLE}
TRADES = ("engineer", "farmer", "firefighter", "judge", "mechanic", "pilot", "police")
CLOTHES = {"uniform": WORN, "other": MISSING, "bare": BARE, "not_visible": NOT_VISIBLE}
SMOKES = {"yes": WORN, "no": MISSING, "not_visible": NOT_VISIBLE}
SURE_FACE, LIKELY_FACE, SURE_PERSON = 0.9, 0.6, 0.5
LOWEST_HEAD, LOWEST_FACE, LOWEST_BACK, LOWEST_PERSON = 24, 16, 40, 60
"""Pixels; what is lower says too little to teach."""


@dataclass(frozen=True)
class View:
    """A part of a picture and what it shows; a trait that is not among `states` is unknown there.

    corners: relative; the part itself, or where `is_box` is set, a box of a head or person that it is cut around.
    shrink: cut to so many pixels of height first, 0 = not at all. trust: how often it is shown, 1 = like others.
    """

    source: str
    path: Path
    kind: Kind
    corners: Corners
    states: Known
    is_box: bool = False
    shrink: int = 0
    trust: float = 1.0


def cooks(data: Path) -> Iterator[View]:
    """Heads of cooks: hats by eye; a sure face there has no mask; cooks do not smoke."""
    root = data / "professions"
    labelled = [*_rows(root / "hat_labels.csv"), *_rows(LABELS / "heads.csv")]
    faces = [row for row in json.loads((root / "chef_faces.json").read_text()) if row["score"] >= SURE_FACE]
    left = {n: (row["image"], _region(row["face"])) for n, row in enumerate(faces)}
    known: dict[str, list[Corners]] = {}
    for row in labelled:
        at = _corners(row, "head_")
        if any(_alike(at, other) for other in known.setdefault(row["image"], [])):
            continue
        known[row["image"]].append(at)
        same = [n for n, (image, region) in left.items() if image == row["image"] and _alike(at, region)]
        states: Known = {Trait.HAT: WORN if row["label"] == "hat" else MISSING, Trait.CIGARETTE: MISSING}
        if same:
            states[Trait.MASK] = MISSING
        yield View("heads", root / row["image"], "head", at, states)
        for n in same:
            del left[n]
    for image, region in left.values():
        yield View("cooks", root / image, "head", region, {Trait.MASK: MISSING, Trait.CIGARETTE: MISSING})


def _region(face: Sequence[float]) -> Corners:
    x, y, w, h = face
    return _four(crop.head_region(crop.head_of_face(np.array([[x, y, x + w, y + h]], dtype=np.float32))))


def hairnets(data: Path, teachers: Teachers) -> Iterator[View]:
    """Heads of food workers, small and partly junk, most of them from behind."""
    for folder, state in (("hairnet", WORN), ("bare", MISSING)):
        for path in _pictures(data / "head_crops" / folder):
            states: Known = {Trait.HAT: state}
            if not teachers.faces(path, ANY):
                states[Trait.MASK] = NOT_VISIBLE
            yield View("head_crops", path, "head", WHOLE, states, trust=0.5)


def helmets(data: Path, teachers: Teachers, most: int = 300) -> Iterator[View]:
    """Heads with and without a helmet: they prepare for hats; and those seen from behind show no face.

    Some pictures stand on their head or are too dark for the teacher: where it finds no face at all, it says nothing.
    """
    left = {"head": most, "helmet": most}
    for path, boxes in _boxed(data / "helmet_heads"):
        if not any(left.values()):
            return
        height = read_picture(path).shape[0]
        faces = [face for face, _ in teachers.faces(path, ANY)]
        is_upright = bool(teachers.faces(path, LIKELY_FACE))
        for box in boxes:
            high = box.h * height
            is_back = is_upright and high >= LOWEST_BACK and not any(_holds(box.corners, (f.x, f.y)) for f in faces)
            if high < LOWEST_HEAD or not left[box.label]:
                continue
            left[box.label] -= 1
            states: Known = {Trait.HAT: WORN if box.label == "helmet" else MISSING}
            if is_back:
                states[Trait.MASK] = NOT_VISIBLE
            yield View("helmet_heads", path, "head", box.corners, states, is_box=True, trust=0.6 if is_back else 0.3)


def mask_crops(data: Path) -> Iterator[View]:
    """Pictures of one face each."""
    for folder, state in (("with_mask", WORN), ("without_mask", MISSING)):
        for path in _pictures(data / "mask_crops" / folder):
            yield View("mask_crops", path, "head", WHOLE, {Trait.MASK: state})


def crowds(data: Path) -> Iterator[View]:
    """Heads around the faces of crowds; a mask below the nose is none. Nobody smokes there."""
    for path, boxes in _boxed(data / "mask"):
        height = read_picture(path).shape[0]
        for face in (box for box in boxes if box.h * height >= LOWEST_FACE):
            state = WORN if face.label == "with_mask" else MISSING
            yield View("mask", path, "head", _head(face), {Trait.MASK: state, Trait.CIGARETTE: MISSING}, is_box=True)


def smokers(data: Path, teachers: Teachers) -> Iterator[View]:
    """Heads of film stills: with a cigarette in the crop, or with none anywhere near; those of long films are rarer."""
    stills = list(_boxed(data / "smoking"))
    stems = stems_by_picture([p.name for p, _ in stills], np.stack([signature(read_picture(p)) for p, _ in stills]))
    lengths = Counter(stems.values())
    for path, cigarettes in stills:
        height = read_picture(path).shape[0]
        for face, score in teachers.faces(path, LIKELY_FACE):
            if face.h * height < LOWEST_FACE:
                continue
            region = _grown(_head(face), head=True)
            states: Known = {Trait.MASK: MISSING} if face.label == "without_mask" and score >= SURE_FACE else {}
            if any(_holds(region, (c.x, c.y)) for c in cigarettes):
                states[Trait.CIGARETTE] = WORN
            elif not any(_meet(_spread(region, 0.3), c.corners) for c in cigarettes):
                states[Trait.CIGARETTE] = MISSING
            yield View("smoking", path, "head", region, states, trust=lengths[stems[path.name]] ** -0.5)


def uniforms(data: Path) -> Iterator[View]:
    """Cooks and waiters in a kitchen's uniform or not, by eye."""
    for row in _rows(LABELS / "clothes.csv"):
        states: Known = {Trait.CLOTHES: CLOTHES[row["label"]]}
        yield View("clothes", data / "professions" / row["image"], "person", _corners(row), states, is_box=True)


def trades(data: Path, teachers: Teachers, most: int = 60) -> Iterator[View]:
    """People of trades whose clothes are no kitchen's."""
    for trade in TRADES:
        for path in _pictures(data / "professions" / trade)[:most]:
            height = read_picture(path).shape[0]
            for person, _ in teachers.persons(path, SURE_PERSON):
                if person.h * height >= LOWEST_PERSON:
                    states: Known = {Trait.CLOTHES: MISSING}
                    yield View("trades", path, "person", person.corners, states, is_box=True)


def torsos(data: Path, teachers: Teachers) -> Iterator[View]:
    """Bare chests, and the persons whose chests they are."""
    states: Known = {Trait.CLOTHES: BARE}
    for path, chests in _boxed(data / "bare_torso"):
        people = [person for person, _ in teachers.persons(path, SURE_PERSON)]
        for chest in chests:
            yield View("bare_torso", path, "person", _spread(chest.corners, 0.1), states)
        for person in people:
            if any(_share(chest.corners, person.corners) >= 0.8 for chest in chests):
                yield View("bare_torso", path, "person", person.corners, states, is_box=True)


def backgrounds(data: Path, teachers: Teachers) -> Iterator[View]:
    """Places without a person in them."""
    folders = (("interiors", "", 215), ("trash", "images", 120), ("rodent", "images", 60), ("fire", "images", 40))
    pets = (("pets", "cats", 30), ("pets", "dogs", 30))
    for source, folder, most in (*folders, *pets, ("professions", "chef", 160)):
        for path in _pictures(data / source / folder)[:most]:
            yield from _empty(source, path, teachers)


def _empty(source: str, path: Path, teachers: Teachers) -> Iterator[View]:
    """At most two parts of a picture, the same every time, that touch no person and no face."""
    image = read_picture(path)
    taken = [box.corners for box, _ in (*teachers.persons(path, ANY), *teachers.faces(path, ANY))]
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(path.name.encode()).digest()[:8]))
    aspect = image.shape[1] / image.shape[0]
    plans: list[tuple[Kind, float, Known]] = [("head", 1.2, NO_HEAD), ("person", 1.5, {Trait.CLOTHES: NOT_VISIBLE})]
    for kind, slender, states in plans:
        for _ in range(8):
            high = float(random.uniform(0.15, 0.5))
            wide = high / slender / aspect
            left, top = (float(random.uniform(0, 1 - side)) for side in (wide, high))
            part = (left, top, left + wide, top + high)
            if not any(_meet(part, other) for other in taken):
                yield View(f"empty_{source}", path, kind, part, states)
                break


def renders(folder: Path, most: int = 1500) -> Iterator[View]:
    """People of rendered pictures, as their traits say."""
    for path in _pictures(folder / "images")[:most]:
        table = folder / "traits" / f"{path.stem}.csv"
        if not table.exists():
            continue
        height = read_picture(path).shape[0]
        for row in _rows(table):
            person = _corners(row, "person_")
            if (person[3] - person[1]) * height >= LOWEST_PERSON:
                states: Known = {Trait.CLOTHES: CLOTHES[row["clothes"]]}
                yield View("renders", path, "person", person, states, is_box=True)
            if row["head_x0"] and (float(row["head_y1"]) - float(row["head_y0"])) * height >= LOWEST_HEAD:
                states = {Trait.HAT: State[row["hat"].upper()], Trait.MASK: State[row["mask"].upper()]}
                states[Trait.CIGARETTE] = SMOKES[row["cigarette"]]
                yield View("renders", path, "head", _corners(row, "head_"), states, is_box=True)


def hidden(views: Sequence[View], most: int = 160) -> Iterator[View]:
    """Some of the views spoilt: too small to say anything; heads without their upper half; heads taken for persons."""
    heads = [view for view in _shuffled(views, "hidden") if view.kind == "head" and view.source in {"heads", "mask"}]
    people = [view for view in _shuffled(views, "hidden") if view.source in {"clothes", "trades", "bare_torso"}]
    for number, view in enumerate(heads[:most]):
        yield replace(view, source="tiny", states=NO_HEAD, shrink=5 + number % 5)
    for number, view in enumerate(people[:most]):
        yield replace(view, source="tiny", states={Trait.CLOTHES: NOT_VISIBLE}, shrink=6 + number % 7)
    for view in heads[most : 2 * most]:
        left, top, right, bottom = _grown(view.corners, head=view.is_box)
        part = (left, top + 0.55 * (bottom - top), right, bottom)
        states: Known = {**view.states, Trait.HAT: NOT_VISIBLE}
        yield replace(view, source="cut", corners=part, states=states, is_box=False)
    for view in heads[2 * most : 3 * most]:
        yield replace(view, source="no_torso", kind="person", states={Trait.CLOTHES: NOT_VISIBLE})


def every(data: Path, teachers: Teachers, rendered: Path | None) -> dict[str, Callable[[], Iterator[View]]]:
    """The sources by what they are called while they are gathered; `hidden` comes last, from what they gave."""
    sources: dict[str, Callable[[], Iterator[View]]] = {
        "heads of cooks": lambda: cooks(data),
        "hairnets": lambda: hairnets(data, teachers),
        "helmets": lambda: helmets(data, teachers),
        "faces": lambda: mask_crops(data),
        "crowds": lambda: crowds(data),
        "smokers": lambda: smokers(data, teachers),
        "clothes": lambda: uniforms(data),
        "trades": lambda: trades(data, teachers),
        "bare torsos": lambda: torsos(data, teachers),
        "backgrounds": lambda: backgrounds(data, teachers),
    }
    return sources | ({"renders": lambda: renders(rendered)} if rendered else {})


def _shuffled(views: Sequence[View], salt: str) -> list[View]:
    return sorted(views, key=lambda v: hashlib.sha256(f"{salt}{v.path}{v.corners}".encode()).digest())


def _pictures(folder: Path) -> list[Path]:
    """The folder's pictures in an order fixed by their names' hash."""
    return sorted(folder.glob("*.jpg"), key=lambda path: hashlib.sha256(path.name.encode()).digest())


def _boxed(root: Path) -> Iterator[tuple[Path, list[Box]]]:
    names = (root / "classes.txt").read_text(encoding="utf-8").split()
    for path in _pictures(root / "images"):
        yield path, read_labels(root / "labels" / f"{path.stem}.txt", names)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _corners(row: dict[str, str], prefix: str = "") -> Corners:
    x0, y0, x1, y1 = (float(row[prefix + name]) for name in ("x0", "y0", "x1", "y1"))
    return x0, y0, x1, y1


def _four(boxes: Floats) -> Corners:
    x0, y0, x1, y1 = (float(value) for value in boxes[0])
    return x0, y0, x1, y1


def _head(face: Box) -> Corners:
    return _four(crop.head_of_face(np.array([face.corners], dtype=np.float32)))


def _grown(at: Corners, *, head: bool) -> Corners:
    return _four(crop.head_region(np.array([at], dtype=np.float32))) if head else at


def _spread(at: Corners, by: float) -> Corners:
    x, y = by * (at[2] - at[0]), by * (at[3] - at[1])
    return at[0] - x, at[1] - y, at[2] + x, at[3] + y


def _holds(at: Corners, point: tuple[float, float]) -> bool:
    return at[0] <= point[0] <= at[2] and at[1] <= point[1] <= at[3]


def _meet(one: Corners, other: Corners) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _share(part: Corners, whole: Corners) -> float:
    """Which share of a part lies in the whole."""
    wide = min(part[2], whole[2]) - max(part[0], whole[0])
    high = min(part[3], whole[3]) - max(part[1], whole[1])
    return max(0.0, wide) * max(0.0, high) / ((part[2] - part[0]) * (part[3] - part[1]))


def _alike(one: Corners, other: Corners) -> bool:
    boxes = np.array([one, other], dtype=np.float64)
    return float(overlap(boxes[:1], boxes[1:])[0, 0]) > 0.5
