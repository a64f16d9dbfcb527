"""A cold room as four bodies that hold heat (air, wall, goods, evaporator) and what flows between them.

Lumped capacities, explicit steps: heat in J, temperatures in °C, conductances in W/K. The numbers are those of a small
walk-in room of about 30 m³ with 4 t of frozen goods, and of an upright kitchen fridge; orders of magnitude after
ASHRAE Refrigeration, chapters on refrigeration load and on refrigerated facility design.
"""

from dataclasses import dataclass

STEP_S = 5.0  # small against the fastest time constant here


@dataclass(frozen=True, slots=True)
class Room:
    """What it is built of."""

    air: float  # J/K: air, shelves and the wall's inner skin
    wall: float  # J/K: the insulated panels
    goods: float  # J/K
    coil: float  # J/K: evaporator and its frost
    outside_wall: float  # W/K, from outside into the panels
    wall_air: float  # W/K, from the panels to the air
    goods_air: float  # W/K
    door: float  # W/K, through the open door
    coil_air: float  # W/K, fan running
    cooling: float  # W, compressor running
    heater: float  # W, while defrosting


WALK_IN = Room(
    air=500e3, wall=400e3, goods=7.5e6, coil=60e3,
    outside_wall=78.0, wall_air=78.0, goods_air=83.0, door=560.0, coil_air=900.0, cooling=6000.0, heater=5000.0,
)  # fmt: skip
FRIDGE = Room(
    air=12e3, wall=20e3, goods=160e3, coil=4e3,
    outside_wall=3.0, wall_air=3.0, goods_air=4.0, door=30.0, coil_air=40.0, cooling=260.0, heater=150.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doing:
    """What is on during a step."""

    compressor: bool = False
    heater: bool = False
    door: bool = False
    fan: bool = True


@dataclass(slots=True)
class Heat:
    """Temperatures of a room. `entered` is all the heat that came in less what was taken out, in J."""

    room: Room
    outside: float
    air: float
    wall: float
    goods: float
    coil: float
    entered: float = 0.0

    @classmethod
    def settled(cls, room: Room, outside: float, inside: float) -> "Heat":
        """A room that has been at this temperature for days."""
        share = room.outside_wall / (room.outside_wall + room.wall_air)
        return cls(room, outside, inside, inside + share * (outside - inside), inside, inside)

    @property
    def stored(self) -> float:
        """All the heat that is in it, in J above 0 °C."""
        room = self.room
        return room.air * self.air + room.wall * self.wall + room.goods * self.goods + room.coil * self.coil

    def step(self, dt: float, doing: Doing) -> None:
        """Let `dt` seconds (at most STEP_S) pass."""
        room = self.room
        through = room.outside_wall * (self.outside - self.wall)
        inward = room.wall_air * (self.wall - self.air)
        goods = room.goods_air * (self.goods - self.air)
        door = room.door * (self.outside - self.air) if doing.door else 0.0
        coil = (room.coil_air if doing.fan else room.coil_air / 30) * (self.coil - self.air)
        work = (room.heater if doing.heater else 0.0) - (room.cooling if doing.compressor else 0.0)
        self.wall += (through - inward) * dt / room.wall
        self.goods -= goods * dt / room.goods
        self.coil += (work - coil) * dt / room.coil
        self.air += (inward + goods + door + coil) * dt / room.air
        self.entered += (through + door + work) * dt
