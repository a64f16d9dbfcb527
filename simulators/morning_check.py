"""The morning check at a kitchen's door: each person's temperature, certificate and hands, before work."""

import math
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulators.body import Body, Setting, Status
from simulators.utterance import Event, Record

DAY_S = 86_400.0
FEVER = 37.3  # °C from which a person may not work; usual in Chinese kitchens, a site may set another
CERTIFICATE_D = 365  # a health certificate is valid for a year (Food Safety Law implementing rules [verify])


@dataclass(slots=True)
class Person:
    """One of the staff."""

    badge: int
    usual_temp: float
    certificate_days: int


class MorningCheck(Body):
    """A terminal beside the door. A day begins with its physics' time 0 and every 24 h; all come, one after another."""

    kind = "morning_check"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "staff": Setting(12, 1, 1000, "how many people work there"),
        "gap_s": Setting(20, 1, 3600, "mean time between two of them"),
    }

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        people = range(1, int(self.settings["staff"]) + 1)
        self.staff = [Person(badge, dice.gauss(36.4, 0.15), dice.randrange(20, CERTIFICATE_D)) for badge in people]
        self.left_of_day = DAY_S
        self.wait = 0.0
        self.checked, self.refused, self.unchecked = 0, 0, 0
        self.queue = deque(self.staff)

    def pass_time(self, dt: float) -> None:
        """Days pass whole; within a day people come by themselves."""
        while dt > 0:
            part = min(dt, self.left_of_day)
            dt, self.left_of_day, self.wait = dt - part, self.left_of_day - part, self.wait - part
            self._let_in()
            if self.left_of_day <= 0:
                self._begin_day()

    def status(self) -> Status:
        """The day so far, in metrics of the profile kitchen-morning-check."""
        return {
            "staff": len(self.staff),
            "checked": self.checked,
            "refused": self.refused,
            "unchecked": self.unchecked,
        }

    def began(self, fault: str) -> None:
        """Where all have been checked, somebody comes late."""
        if not self.queue:
            self.queue.append(self.dice.choice(self.staff))
            self.wait = self._gap()

    def _begin_day(self) -> None:
        self.left_of_day, self.wait = DAY_S, 0.0
        self.checked, self.refused, self.unchecked = 0, 0, 0
        for person in self.staff:
            renewed = person.certificate_days <= 7
            person.certificate_days = CERTIFICATE_D if renewed else person.certificate_days - 1
        self.queue = deque(self.staff)

    def _let_in(self) -> None:
        while self.queue and self.wait <= 0:
            self.wait += self._gap()
            person = self.queue.popleft()
            if self.has("unchecked"):
                self.unchecked += 1
                self.say(Event("unchecked", text=f"{person.badge}"))
            else:
                self._check(person)

    def _check(self, person: Person) -> None:
        temperature = round(self.faults.get("fever", person.usual_temp) + self.dice.gauss(0, 0.1), 1)
        days = person.certificate_days if not self.has("certificate-expired") else -5
        reasons = [
            word
            for word, is_so in (
                ("fever", temperature > FEVER),
                ("certificate_expired", days < 0),
                ("hand_wound", self.has("hand-wound")),
            )
            if is_so
        ]
        self.checked += 1
        self.refused += bool(reasons)
        self.say(Record(_values(person, temperature, days, reasons)))
        for reason in reasons:
            self.say(Event(reason, text=f"{person.badge}"))

    def _gap(self) -> float:
        return min(4 * self.settings["gap_s"], -math.log(1 - self.dice.random()) * self.settings["gap_s"])


def _values(person: Person, temperature: float, days: int, reasons: list[str]) -> Status:
    return {
        "person": person.badge,
        "body_temp": temperature,
        "certificate_days": days,
        "hand_ok": "hand_wound" not in reasons,
        "passed": not reasons,
    }
