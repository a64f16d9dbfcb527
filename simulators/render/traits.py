"""What is true of each person of a picture: head box, hat, mask, clothes, cigarette; a CSV file beside the label."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simulators.render.camera import Box
from simulators.render.wear import Clothes

Worn = Literal["worn", "missing", "not_visible"]
HEADER = "person_x0,person_y0,person_x1,person_y1,head_x0,head_y0,head_x1,head_y1,hat,mask,clothes,cigarette"


@dataclass(frozen=True, slots=True)
class Traits:
    """One person; boxes relative, no head box where no head is seen."""

    person: Box
    head: Box | None
    hat: Worn
    mask: Worn
    clothes: Clothes | Literal["not_visible"]
    cigarette: Literal["yes", "no", "not_visible"]


def traits_csv(people: Iterable[Traits]) -> str:
    """The file's text; the fields of a missing head box are empty."""
    rows = [f"{_corners(p.person)},{_corners(p.head)},{p.hat},{p.mask},{p.clothes},{p.cigarette}" for p in people]
    return "\n".join([HEADER, *rows]) + "\n"


def _corners(box: Box | None) -> str:
    return ",,," if box is None else f"{box.x1:.5f},{box.y1:.5f},{box.x2:.5f},{box.y2:.5f}"
