"""A passenger elevator: calls, trips with believable speeds and doors, GB/T 24476-like status, scripted faults."""

import random
from dataclasses import dataclass
from enum import StrEnum

FLOOR_M = 3.0
SPEED = 1.75  # m/s, rated
ACCELERATION = 1.0  # m/s²
DOOR_S = 2.5  # to open or to close
DWELL_S = 4.0


class Fault(StrEnum):
    """What a script may do to it."""

    ENTRAPMENT = "entrapment"  # stops between floors with people inside, doors closed
    DOOR_BLOCKED = "door-blocked"  # the door stays open


@dataclass(slots=True)
class Elevator:
    """State of one car. `step` moves time on; `status` is what the monitoring terminal would send."""

    rng: random.Random
    floors: int = 12
    position: float = 0.0  # m above floor 1
    speed: float = 0.0
    target: int = 0
    door: float = 1.0  # 0 closed … 1 open
    passengers: int = 0
    dwell: float = DWELL_S
    trips: int = 0
    running_s: float = 0.0
    fault: Fault | None = None

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        if self.fault is Fault.ENTRAPMENT and self._is_between_floors():
            self.passengers, self.speed = max(1, self.passengers), 0.0
        elif self.fault is Fault.DOOR_BLOCKED and self.door >= 1.0:
            self.dwell = DWELL_S
        elif self.dwell > 0:
            self._stand(dt)
        elif abs(self.position - self.target * FLOOR_M) > 0.01:
            self._travel(dt)
        else:
            self._arrive()

    def begin(self, fault: str) -> None:
        """Start a Fault by name; an entrapment happens at the next place between floors, with somebody in the car."""
        self.fault = Fault(fault)
        if self.fault is Fault.ENTRAPMENT:
            self.passengers = max(1, self.passengers)
            self.dwell, self.door = 0.0, 0.0
            floor = round(self.position / FLOOR_M)
            self.target = self.floors - 1 if floor < self.floors // 2 else 0

    def end(self) -> None:
        """The fault is mended; a trapped car goes on to its floor."""
        self.fault = None

    def status(self) -> dict[str, float | bool]:
        """Metrics of the profile elevator-gbt24476."""
        moving = self.speed != 0.0
        return {
            "service_mode": 1,
            "car_status": int(moving),
            "car_direction": 0 if not moving else 1 if self.speed > 0 else 2,
            "door_zone": not self._is_between_floors(),
            "car_floor": round(self.position / FLOOR_M) + 1,
            "door_closed": self.door <= 0.0,
            "passenger_present": self.passengers > 0,
            "total_running_time": round(self.running_s / 3600, 4),
            "run_count": self.trips,
            "speed": round(abs(self.speed), 2),
        }

    def _is_between_floors(self) -> bool:
        offset = self.position % FLOOR_M
        return 0.2 < offset < FLOOR_M - 0.2

    def _stand(self, dt: float) -> None:
        """Door opens, people get out and in, door closes."""
        self.dwell -= dt
        opening = self.dwell > DOOR_S
        self.door = min(1.0, self.door + dt / DOOR_S) if opening else max(0.0, self.door - dt / DOOR_S)
        if self.dwell <= 0:
            self.door = 0.0
            self._depart()

    def _depart(self) -> None:
        here = round(self.position / FLOOR_M)
        self.target = self.rng.choice([floor for floor in range(self.floors) if floor != here])
        self.trips += 1

    def _travel(self, dt: float) -> None:
        way = self.target * FLOOR_M - self.position
        braking = self.speed**2 / (2 * ACCELERATION)
        rate = abs(self.speed) + (-ACCELERATION if abs(way) <= braking + 0.05 else ACCELERATION) * dt
        size = min(max(rate, 0.1), SPEED)
        step = min(abs(way), size * dt)
        self.speed = size if way > 0 else -size
        self.position += step if way > 0 else -step
        self.running_s += dt

    def _arrive(self) -> None:
        self.speed = 0.0
        self.position = self.target * FLOOR_M
        self.dwell = DWELL_S + 2 * DOOR_S
        self.passengers = self.rng.choices((0, 1, 2, 3), (3, 4, 2, 1))[0]
