"""Traits: what a closer look at a person's own crops says of their clothes, one column each, three-valued and a bit.

The pixel gates of DOMAIN §1 (head ≥ 24 px, face ≥ 20 px and not turned away, torso ≥ 50 % visible) are the crop
classifier's: what fails one is NOT_VISIBLE there, and the scene rules ask no further.
"""

from enum import IntEnum


class Trait(IntEnum):
    """The columns of `Detections.traits`; filled on rows of class "person" (that person's own head and torso)."""

    HAT = 0
    MASK = 1
    CLOTHES = 2
    CIGARETTE = 3


class State(IntEnum):
    """The values of `Detections.traits`.

    CLOTHES: WORN is a kitchen uniform, MISSING other clothes, BARE a bare torso. MASK: MISSING is a visible face
    without a mask. CIGARETTE: WORN is a cigarette at this head, MISSING none.
    """

    NOT_VISIBLE = 0  # too small, turned away, hidden, or not looked at
    WORN = 1
    MISSING = 2
    BARE = 3
