"""A cold store's antechamber: insulated panels, a big sliding door, racks, lamps (no Blender needed)."""

from dataclasses import replace

import numpy as np

from simulators.render import furniture as make
from simulators.render.camera import Camera
from simulators.render.light import Lamp
from simulators.render.mesh import Mesh, box, joined, sheet
from simulators.render.room import HEIGHT, Room
from simulators.render.thing import Finish, Part, Thing

WIDE, DEEP = 4.6, 4.8  # metres
PANEL = 1.0  # a panel's width
SKIN = Finish("plain", (0.74, 0.76, 0.78), rough=0.35)  # coated steel
SEAM = Finish("plain", (0.4, 0.42, 0.44), rough=0.5)
RUBBER = Finish("plain", (0.02, 0.02, 0.022), rough=0.8)
WARNING = Finish("plain", (0.75, 0.5, 0.02), rough=0.5)


def cold_room(seed: int) -> Room:
    """The antechamber of a seed, its camera under the ceiling across from the sliding door."""
    rng = np.random.default_rng([seed, 41])
    things = [_shell(), _door().moved((2.3, DEEP - 0.12, 0.0)), _evaporator().moved((0.2, DEEP - 0.5, 2.15))]
    things += [make.shelf(rng, 1.2, 1.8).moved((0.55, 3.2 - 1.3 * i, 0.0), np.pi / 2) for i in range(2)]
    things.append(Thing("goods", tuple(make.goods(rng, 1.1, 0.6, 0.14, 0.6))).moved((3.4, 2.2, 0.0)))
    things.append(_pallet().moved((3.35, 2.15, 0.0)))
    lamps = tuple(Lamp("AREA", (x, y, HEIGHT - 0.05), (x, y, 0.0), 55.0, (0.9, 0.96, 1.0), 1.2, 0.2)
                  for x in (1.3, 3.3) for y in (1.4, 3.6))  # fmt: skip
    return Room(
        WIDE, DEEP, "day", Camera((3.1, 0.7, 2.35), (2.15, 3.3, 1.15), 1.0), lamps, ((0.93, 0.97, 1.0), 0.35),
        tuple(replace(t, name=f"{t.name}-{i}") for i, t in enumerate(things)), (), (), (), (),
    )  # fmt: skip


def _shell() -> Thing:
    """Panel walls with seams, a grey resin floor with a yellow line before the door."""
    w, d, h = WIDE, DEEP, HEIGHT
    walls = [
        sheet([(0, d, 0), (w, d, 0), (w, d, h), (0, d, h)]), sheet([(0, 0, 0), (0, d, 0), (0, d, h), (0, 0, h)]),
        sheet([(w, d, 0), (w, 0, 0), (w, 0, h), (w, d, h)]),
    ]  # fmt: skip
    floor = Part(sheet([(0, 0, 0), (w, 0, 0), (w, d, 0), (0, d, 0)]), Finish("plain", (0.3, 0.32, 0.33), rough=0.35))
    roof = Part(sheet([(0, 0, h), (0, d, h), (w, d, h), (w, 0, h)]), SKIN)
    line = Part(box((2.0, d - 1.0, 0.0), (w, d - 0.92, 0.004)), WARNING)
    return Thing("shell", (floor, roof, line, Part(joined(*walls), SKIN), Part(_seams(), SEAM)))


def _seams() -> Mesh:
    """The joints between panels, and the coving along the floor."""
    across = [box((x - 0.006, DEEP - 0.006, 0), (x + 0.006, DEEP, HEIGHT)) for x in np.arange(PANEL, WIDE, PANEL)]
    along = [box((x0, y - 0.006, 0), (x0 + 0.006, y + 0.006, HEIGHT)) for y in np.arange(PANEL, DEEP, PANEL)
             for x0 in (0.0, WIDE - 0.006)]  # fmt: skip
    foot = box((0, DEEP - 0.05, 0), (WIDE, DEEP, 0.1))
    return joined(*across, *along, foot)


def _door() -> Thing:
    """An insulated sliding door on its rail, 1.6 m wide, with a grip, a frame heater's rubber and a kick plate."""
    leaf = box((0, 0, 0.03), (1.6, 0.1, 2.2))
    frame = joined(box((-0.06, 0.08, 0), (0.0, 0.12, 2.26)), box((1.6, 0.08, 0), (1.66, 0.12, 2.26)))
    rail = box((-0.3, -0.04, 2.28), (2.3, 0.08, 2.38))
    hangers = joined(*(box((x, -0.05, 2.15), (x + 0.1, -0.01, 2.33)) for x in (0.2, 1.3)))
    grip = joined(box((0.16, -0.07, 0.85), (0.2, -0.03, 1.25)), box((0.16, -0.04, 0.87), (0.2, 0.0, 0.9)))
    plate = box((0.02, -0.006, 0.05), (1.58, 0.0, 0.5))
    finish = Finish("plain", (0.62, 0.68, 0.74), rough=0.3)
    return Thing(
        "door",
        (Part(leaf, finish), Part(frame, RUBBER), Part(joined(rail, hangers), make.DULL), Part(grip, RUBBER),
         Part(plate, make.STEEL)),
    )  # fmt: skip


def _evaporator() -> Thing:
    """A unit cooler under the ceiling with two fans."""
    case = box((0, 0, 0), (1.5, 0.45, 0.5))
    fans = joined(*(box((x, -0.012, 0.07), (x + 0.36, 0.0, 0.43)) for x in (0.2, 0.94)))
    return Thing("evaporator", (Part(case, SKIN), Part(fans, RUBBER)))


def _pallet() -> Thing:
    boards = [box((0, y, 0.1), (1.15, y + 0.1, 0.135)) for y in np.arange(0.0, 0.75, 0.16)]
    feet = [box((x, 0, 0), (x + 0.08, 0.74, 0.1)) for x in (0.0, 0.53, 1.07)]
    return Thing("pallet", (Part(joined(*boards, *feet), Finish("plain", (0.35, 0.25, 0.14), rough=0.8)),))
