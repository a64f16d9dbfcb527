"""A passenger elevator: calls, trips with believable speeds and doors, GB/T 24476-like status, faults."""

import math
import random
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from domain.wire import EventPhase
from simulators.body import Body, Setting, Status
from simulators.utterance import Event

FLOOR_M = 3.0
SPEED = 1.75  # m/s, rated
ACCELERATION = 1.0  # m/s²
RUNAWAY, GOVERNOR = 1.3, 1.15  # × rated: how fast it would get, where the governor trips (GB/T 7588.1 [verify])
BRAKE = 4.0  # m/s², the safety brake; a progressive safety gear acts at about 0.2 … 1 g (GB/T 7588.1 [verify])
DOOR_S = 2.5  # to open or to close
DWELL_S = 4.0
ZONE_M = 0.2  # the unlocking zone above and below a floor (GB/T 7588.1: at most ±0.2 m [verify])
TICK_S = 0.05
CREEP = 0.3  # m/s, of a car that moves by itself
UCM_STOP_M = 0.8  # so far it goes before its brake holds; the standard allows at most 1.2 m [verify]
LIMITER_S = 20.0  # after so long the motor run-time limiter acts; at most 45 s by GB/T 7588.1 [verify]
SHUT_S = 5.0  # a door that has not begun to open after so long is a fault
ATTEMPTS = 3  # of closing the door, before it is a fault
STALL_S, STALL_EVERY_S = 5.0, 30.0  # of repeated faults: how long each, how far apart


class Phase(StrEnum):
    """What the car is about."""

    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    WAITING = "waiting"  # door closed, nobody calls
    RIDING = "riding"
    DRIFTING = "drifting"  # moves with its door open: never without the fault


class Elevator(Body):
    """State of one car. `step` moves time on; `status` is what the monitoring terminal would send."""

    kind = "elevator"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "floors": Setting(12, 2, 120, "how many floors it serves"),
        "call_every_s": Setting(2, 0.1, 86_400, "mean time until somebody calls a car that stands empty"),
    }

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        self.floors = int(self.settings["floors"])
        self.phase = Phase.OPEN
        self.position = 0.0  # m above floor 1
        self.speed = 0.0  # m/s, upwards positive
        self.door = 1.0  # 0 closed … 1 open
        self.target = 0
        self.passengers = 0
        self.wait = DWELL_S  # s, until the phase ends by itself
        self.trips, self.running_s = 0, 0.0
        self.motor_s = 0.0  # how long the motor has turned without the car moving
        self.attempts = 0  # of closing the door
        self.stalls, self.stall_wait = 0, 0.0  # repeated faults: how many there were, until the next

    def pass_time(self, dt: float) -> None:
        """In steps small against doors and ramps."""
        steps = max(1, math.ceil(dt / TICK_S - 1e-9))
        for _ in range(steps):
            self._tick(dt / steps)

    def status(self) -> Status:
        """Metrics of the profile elevator-gbt24476."""
        runs = self.speed != 0.0 or self.motor_s > 0.0
        return {
            "service_mode": self._mode(),
            "car_status": int(runs),
            "car_direction": 0 if self.speed == 0.0 else 1 if self.speed > 0 else 2,
            "door_zone": not self.is_between_floors,
            "car_floor": 0 if self.has("position-lost") else round(self.position / FLOOR_M) + 1,
            "door_closed": self.door <= 0.0,
            "passenger_present": self.passengers > 0,
            "total_running_time": round(self.running_s / 3600, 4),
            "run_count": self.trips,
            "speed": round(abs(self.speed), 2),
        }

    @property
    def is_between_floors(self) -> bool:
        """Outside the unlocking zone of every floor."""
        return ZONE_M < self.position % FLOOR_M < FLOOR_M - ZONE_M

    @property
    def _stops_between_floors(self) -> bool:
        """Whether the brake, were it to fall in now, would hold the car well outside every unlocking zone."""
        stop = self.position + math.copysign(self.speed**2 / (2 * BRAKE), self.speed)
        return ZONE_M + 0.1 < stop % FLOOR_M < FLOOR_M - ZONE_M - 0.1

    def began(self, fault: str) -> None:
        """Somebody is inside where the fault needs one, and the car comes to where the fault can show."""
        if fault in _NEEDS_SOMEBODY:
            self.passengers = max(1, self.passengers)
        if fault in _NEEDS_AN_OPEN_DOOR:
            self._hold_door()
        elif fault in _NEEDS_A_RIDE or fault == "inspection":
            self._let_go()
        elif fault == "repeated-faults":
            self.stalls, self.stall_wait = 0, 0.0

    def ended(self, fault: str) -> None:
        """Mended: what stood goes on, what had drifted levels again with its door closed."""
        self.motor_s, self.attempts = 0.0, 0
        if self.phase is Phase.DRIFTING:
            self.speed, self.phase = 0.0, Phase.CLOSING
        if fault in ("power-loss", "inspection"):
            self.say(Event("automatic"))
        if fault == "repeated-faults" and self._is_stalled:
            self.say(Event("cannot-restart", EventPhase.END))

    def _mode(self) -> int:
        """GB/T 24476: 1 normal, 2 inspection, 5 emergency power."""
        return 5 if self.has("power-loss") else 2 if self.has("inspection") else 1

    def _hold_door(self) -> None:
        if self.phase in (Phase.CLOSING, Phase.WAITING):
            self.phase = Phase.OPENING

    def _let_go(self) -> None:
        if self.phase in (Phase.OPENING, Phase.OPEN):
            self.phase = Phase.CLOSING
        elif self.phase is Phase.WAITING:
            self._depart()

    def _tick(self, dt: float) -> None:
        if self._is_braked(dt):
            self._brake(dt)
            return
        match self.phase:
            case Phase.OPENING:
                self._open(dt)
            case Phase.OPEN:
                self._stand(dt)
            case Phase.CLOSING:
                self._close(dt)
            case Phase.WAITING:
                self._wait(dt)
            case Phase.RIDING:
                self._ride(dt)
            case Phase.DRIFTING:
                self._drift(dt)

    def _is_braked(self, dt: float) -> bool:
        """Whether a fault holds the car where it is; says so where the terminal would."""
        if self.has("power-loss") or self._stalls(dt):
            return True
        if self.phase is not Phase.RIDING:
            return self.phase is not Phase.CLOSING and self.has("inspection")
        return self._tripped() or self.has("inspection")

    def _tripped(self) -> bool:
        """The faults that stop a riding car; each reports itself once it did."""
        for fault, event in (("entrapment", "trapped-between"), ("stopped-off-floor", "off-floor")):
            if self.has(fault) and self._stops_between_floors:
                self.report(fault, event)
        if self.has("safety-circuit") and abs(self.speed) > SPEED / 4:
            self.report("safety-circuit", "safety-circuit")
        if self.has("overspeed") and abs(self.speed) > SPEED * GOVERNOR:
            self.report("overspeed", "overspeed")
        if self.motor_s > LIMITER_S:
            self.report("motor-limiter", "motor-limiter")
        return bool(self._reported.keys() & _STOPPING)

    def _stalls(self, dt: float) -> bool:
        """A failure that mends itself, so many times, with a pause after each."""
        if not self.has("repeated-faults"):
            return False
        before, self.stall_wait = self.stall_wait, self.stall_wait - dt
        if before <= 0 and self.stalls < self.faults["repeated-faults"]:
            self.stalls, self.stall_wait = self.stalls + 1, STALL_EVERY_S
            self.say(Event("cannot-restart", EventPhase.BEGIN))
        elif before > STALL_EVERY_S - STALL_S >= self.stall_wait:
            self.say(Event("cannot-restart", EventPhase.END))
        return self._is_stalled

    @property
    def _is_stalled(self) -> bool:
        return self.stall_wait > STALL_EVERY_S - STALL_S

    def _brake(self, dt: float) -> None:
        """To a standstill; what is not held by a rope fault rolls a little further."""
        slower = max(0.0, abs(self.speed) - BRAKE * dt)
        self.speed = math.copysign(slower, self.speed) if slower else 0.0
        self._move(dt)
        self.motor_s = 0.0

    def _open(self, dt: float) -> None:
        if self.has("door-open-fault"):
            self.wait -= dt
            if self.wait < -SHUT_S:
                self.report("door-open-fault", "door-open")
                self.report("door-open-fault", "trapped-level")
            return
        self.door = min(1.0, self.door + dt / DOOR_S)
        if self.door >= 1.0:
            self.phase, self.wait = Phase.OPEN, DWELL_S

    def _stand(self, dt: float) -> None:
        """People have got out and in; the door waits for more."""
        if self.has("unintended-movement"):
            self.phase = Phase.DRIFTING
            return
        self.wait = DWELL_S if self.has("door-blocked") else self.wait - dt
        if self.wait <= 0:
            self.phase = Phase.CLOSING

    def _close(self, dt: float) -> None:
        self.door = max(0.0, self.door - dt / DOOR_S)
        if self.has("door-close-fault") and self.door < 0.4:
            self._try_again()
        elif self.door <= 0.0:
            self._shut()

    def _try_again(self) -> None:
        self.phase, self.attempts = Phase.OPENING, self.attempts + 1
        if self.attempts >= ATTEMPTS:
            self.report("door-close-fault", "door-close")

    def _shut(self) -> None:
        self.attempts = 0
        if self.passengers > 0 or self.is_between_floors or self.faults.keys() & _NEEDS_A_RIDE:
            self._depart()
        else:
            self.phase, self.wait = Phase.WAITING, self.dice.expovariate(1 / self.settings["call_every_s"])

    def _wait(self, dt: float) -> None:
        self.wait -= dt
        if self.wait <= 0:
            self._depart()

    def _depart(self) -> None:
        """To a floor that somebody chose; from between floors to the next one."""
        here = round(self.position / FLOOR_M)
        if abs(self.position - here * FLOOR_M) > 0.01:
            self.target = here
        elif self.faults.keys() & _NEEDS_A_RIDE:  # a long one
            self.target = self.floors - 1 if here < self.floors // 2 else 0
        else:
            self.target = self.dice.choice([floor for floor in range(self.floors) if floor != here])
        self.phase, self.trips = Phase.RIDING, self.trips + 1

    def _ride(self, dt: float) -> None:
        """As fast as the ramp up, the rated speed and the way that is left for braking allow."""
        if self.has("motor-limiter"):
            self._slip(dt)
            return
        way = self.target * FLOOR_M - self.position
        top = SPEED * (RUNAWAY if self.has("overspeed") else 1.0)
        pace = min(top, abs(self.speed) + ACCELERATION * dt, math.sqrt(2 * ACCELERATION * abs(way)))
        step = max(pace, 0.05) * dt
        if step >= abs(way):
            self._arrive()
            return
        self.speed = math.copysign(max(pace, 0.05), way)
        self._move(dt)

    def _slip(self, dt: float) -> None:
        """The car comes to a stand, the motor turns on."""
        if self.speed:
            self._brake(dt)
        else:
            self.motor_s += dt

    def _move(self, dt: float) -> None:
        """Never past the buffers at both ends of the shaft."""
        self.position = min(max(self.position + self.speed * dt, -0.1), (self.floors - 1) * FLOOR_M + 0.1)
        self.running_s += dt if self.speed else 0.0

    def _arrive(self) -> None:
        self.position, self.speed = self.target * FLOOR_M, 0.0
        self.phase, self.wait = Phase.OPENING, 0.0
        if not self.faults.keys() & _NEEDS_SOMEBODY:
            self.passengers = self.dice.choices((0, 1, 2, 3), (3, 4, 2, 1))[0]

    def _drift(self, dt: float) -> None:
        """Away from the floor with an open door, until the second brake holds."""
        off = self.position - round(self.position / FLOOR_M) * FLOOR_M
        if abs(off) >= UCM_STOP_M:
            self._brake(dt)
            return
        if abs(off) > ZONE_M:
            self.report("unintended-movement", "unintended-movement")
        up = self.position < (self.floors - 1) * FLOOR_M - 1.0
        self.speed = math.copysign(min(CREEP, abs(self.speed) + ACCELERATION * dt), 1 if up else -1)
        self._move(dt)


_STOPPING = {"entrapment", "stopped-off-floor", "safety-circuit", "overspeed", "motor-limiter"}
_NEEDS_SOMEBODY = {"entrapment", "door-open-fault", "alarm-button"}
_NEEDS_AN_OPEN_DOOR = {"door-blocked", "door-close-fault", "unintended-movement"}
_NEEDS_A_RIDE = _STOPPING | {"door-open-fault"}
