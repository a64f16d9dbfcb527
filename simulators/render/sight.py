"""What the camera sees of a cast: labelled boxes and people's traits, hidden and too small ones left out."""

from dataclasses import dataclass, replace
from math import pi
from typing import Literal, Protocol

import numpy as np

from simulators.render.camera import Box, Camera
from simulators.render.cast import Cast
from simulators.render.crew import Figure
from simulators.render.fire import outline, standing_sprite
from simulators.render.head import mesh_of
from simulators.render.mesh import Points
from simulators.render.thing import Finish, Label, Part
from simulators.render.traits import Traits, Worn
from simulators.render.truth import Labels

SIZE = (960, 540)
SMALLEST: dict[Label, int] = {
    "phone": 14, "rat": 20, "person": 24, "head": 10, "cigarette": 6, "flame": 14, "bin": 20, "bin_open": 20,
    "bin_overflow": 20, "smoke": 30, "cat": 20, "dog": 20, "with_mask": 10, "without_mask": 10,
}  # fmt: skip
THINNEST = 4  # pixels
TURNED = pi / 3  # a face further aside shows neither mask nor mouth
HALF = 0.5  # of a head or face must be seen to judge it
SOME = 0.35  # of a trunk
MARK = Finish("plain", (1.0, 1.0, 1.0))


class Eye(Protocol):
    """Tells the box of what is seen of a thing, or of marks that stand in for its points."""

    def visible(self, name: str, marks: tuple[Part, ...] | None = None) -> Box | None: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """The boxes of a picture and the traits of its people."""

    labels: Labels
    people: tuple[Traits, ...]


def seen(eye: Eye, acted: Cast, camera: Camera) -> Seen:
    """All that is true of a cast in the picture of a camera."""
    found: list[tuple[Label, Box]] = []
    boxes: dict[str, Box] = {}
    for name, label, marks in _labelled(acted, camera):
        box = kept(label, eye.visible(name, marks))
        if box is not None:
            boxes[name] = box
            found.append((label, box))
    people = []
    for figure in acted.figures:
        look = _Look(eye, figure, camera)
        found += look.labels()
        if figure.name in boxes:
            people.append(look.traits(boxes[figure.name], figure.cigarette in boxes))
    return Seen(tuple(found), tuple(people))


def kept(label: Label, box: Box | None) -> Box | None:
    """The box if it is large enough in a picture of `SIZE`; a cigarette's thin one is widened to `THINNEST`."""
    if box is None:
        return None
    wide, high = (box.x2 - box.x1) * SIZE[0], (box.y2 - box.y1) * SIZE[1]
    if max(wide, high) < SMALLEST[label]:
        return None
    if label == "cigarette":
        return _widened(box, max(THINNEST - wide, 0) / SIZE[0] / 2, max(THINNEST - high, 0) / SIZE[1] / 2)
    return box if min(wide, high) >= THINNEST else None


def share(box: Box | None, points: Points, camera: Camera) -> float:
    """Which part of the area that points would cover unhidden and uncut a box covers."""
    spot = camera.project(points)
    spot = spot[spot[:, 2] > 0]
    if box is None or len(spot) == 0:
        return 0.0
    wide, high = np.ptp(spot[:, :2], axis=0)
    return float(box.area / max(wide * high, 1e-12))


class _Look:
    """One person as the camera sees it."""

    def __init__(self, eye: Eye, figure: Figure, camera: Camera) -> None:
        self.figure, self.camera = figure, camera
        self.aside = figure.head.aside(camera.eye)
        self.skull = self._visible(eye, figure.head.skull)
        self.head = kept("head", self.skull)
        face = self._visible(eye, figure.head.face) if self.aside < TURNED else None
        clear = share(face, figure.head.face, camera) >= HALF
        self.masked: Label = "with_mask" if figure.wear.mask else "without_mask"
        self.face = kept(self.masked, face) if clear else None
        self.trunk = share(self._visible(eye, figure.trunk), figure.trunk, camera)

    def labels(self) -> list[tuple[Label, Box]]:
        named: tuple[tuple[Label, Box | None], ...] = (("head", self.head), (self.masked, self.face))
        return [(label, box) for label, box in named if box is not None]

    def traits(self, person: Box, smokes: bool) -> Traits:
        wear = self.figure.wear
        hat = _worn(wear.hat != "none") if self._crown() else "not_visible"
        mask = _worn(wear.mask) if self.face is not None else "not_visible"
        return Traits(person, self.head, hat, mask, self._clothes(), self._cigarette(smokes))

    def _visible(self, eye: Eye, points: Points) -> Box | None:
        return eye.visible(self.figure.name, (Part(mesh_of(points), MARK),))

    def _crown(self) -> bool:
        """Whether enough of the head is seen, its top included."""
        if self.head is None or share(self.head, self.figure.head.skull, self.camera) < HALF:
            return False
        top = float(self.camera.project(self.figure.head.skull)[:, 1].min())
        return self.head.y1 - top < 0.2 * (self.head.y2 - self.head.y1)

    def _clothes(self) -> Literal["uniform", "other", "bare", "not_visible"]:
        """An apron over plain clothes makes work wear, and shows from the front only."""
        wear = self.figure.wear
        way = np.subtract(self.camera.eye[:2], self.figure.trunk[:, :2].mean(0))
        facing = float(np.sin(self.figure.turn) * way[0] - np.cos(self.figure.turn) * way[1]) > 0
        apron_only = wear.clothes != replace(wear, apron=None).clothes
        if self.trunk < SOME or (apron_only and not facing):
            return "not_visible"
        return wear.clothes

    def _cigarette(self, smokes: bool) -> Literal["yes", "no", "not_visible"]:
        if smokes:
            return "yes"
        hidden = self.figure.cigarette is not None or self.face is None
        return "not_visible" if hidden else "no"


def _worn(is_worn: bool) -> Worn:
    return "worn" if is_worn else "missing"


def _labelled(acted: Cast, camera: Camera) -> list[tuple[str, Label, tuple[Part, ...] | None]]:
    """(name, label, marks) of all that may get a box; a flame is smaller than its plane."""
    found: list[tuple[str, Label, tuple[Part, ...] | None]]
    found = [(t.name, t.label, None) for t in acted.things if t.label is not None]
    for fire in acted.fires:
        if fire.label is not None:
            marks = (Part(outline(fire, camera), standing_sprite(fire, camera).parts[0].finish),)
            found.append((fire.name, fire.label, marks))
    return found


def _widened(box: Box, x: float, y: float) -> Box:
    return Box(max(box.x1 - x, 0.0), max(box.y1 - y, 0.0), min(box.x2 + x, 1.0), min(box.y2 + y, 1.0))
