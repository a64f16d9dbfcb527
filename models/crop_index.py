"""The cache of crops: small pictures in one folder, and index.csv, which says what is known of each."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from inference import crop
from inference.detections import Image
from inference.traits import State, Trait

INDEX = "index.csv"
UNKNOWN = -1
SIZE = 128
"""Pixels of a crop's side as the network takes it."""

GROUPS: dict[Trait, tuple[State, ...]] = {
    Trait.HAT: (State.NOT_VISIBLE, State.WORN, State.MISSING),
    Trait.MASK: (State.NOT_VISIBLE, State.WORN, State.MISSING),
    Trait.CLOTHES: (State.NOT_VISIBLE, State.WORN, State.MISSING, State.BARE),
    Trait.CIGARETTE: (State.NOT_VISIBLE, State.WORN, State.MISSING),
}
"""The states of each trait, in the order of the network's outputs; a state's place in its group is its value."""

COLUMNS = ("file", "kind", "source", "picture", "side", "weight", "x0", "y0", "x1", "y1")

Kind = Literal["head", "person"]
Corners = tuple[float, float, float, float]
States = tuple[int, ...]


@dataclass(frozen=True)
class Crop:
    """One cached crop with some of its surroundings.

    corners: the crop itself in the cached picture, relative; states: a State or UNKNOWN in each column of Trait;
    weight: how often it is shown in training, 1 = as often as others of its states.
    """

    file: str
    kind: str
    source: str
    picture: str
    held_out: bool
    weight: float
    corners: Corners
    states: States


def states_of(known: dict[Trait, State]) -> States:
    """A State or UNKNOWN in each column of Trait."""
    return tuple(int(known[trait]) if trait in known else UNKNOWN for trait in Trait)


def write_index(folder: Path, crops: Iterable[Crop]) -> None:
    """Write index.csv of a folder."""
    with (folder / INDEX).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([*COLUMNS, *(trait.name.lower() for trait in Trait)])
        for each in crops:
            side = "val" if each.held_out else "train"
            corners = (f"{value:.5f}" for value in each.corners)
            names = ("" if value == UNKNOWN else State(value).name.lower() for value in each.states)
            rows.writerow([each.file, each.kind, each.source, each.picture, side, each.weight, *corners, *names])


def read_index(folder: Path) -> list[Crop]:
    """Read index.csv of a folder."""
    with (folder / INDEX).open(encoding="utf-8", newline="") as file:
        return [_crop(row) for row in csv.DictReader(file)]


def _crop(row: dict[str, str]) -> Crop:
    x0, y0, x1, y1 = (float(row[name]) for name in ("x0", "y0", "x1", "y1"))
    names = (row[trait.name.lower()] for trait in Trait)
    states = tuple(State[name.upper()].value if name else UNKNOWN for name in names)
    is_held_out, weight = row["side"] == "val", float(row["weight"])
    return Crop(row["file"], row["kind"], row["source"], row["picture"], is_held_out, weight, (x0, y0, x1, y1), states)


def read_picture(path: Path) -> Image:
    """A picture file as RGB; raises ValueError where OpenCV cannot read it."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path} is no picture that OpenCV can read")
    return np.ascontiguousarray(image[:, :, ::-1], dtype=np.uint8)


def squares(folder: Path, crops: Sequence[Crop]) -> list[Image]:
    """The crops as the reader would cut them: RGB squares of SIZE pixels."""
    return [
        crop.cut(read_picture(folder / each.file), np.array(each.corners, dtype=np.float32), SIZE) for each in crops
    ]
