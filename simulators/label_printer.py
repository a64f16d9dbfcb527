"""The scale with printer for food samples: of each dish 125 g or more, labelled, kept for 48 h.

Amount and time after the Code of Practice for Food Safety in Catering Services (SAMR 2018) [verify].
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simulators.body import Body, Setting, Status
from simulators.utterance import Event, Record

LEAST_G = 125.0
KEPT_H = 48.0
DISHES = (
    "红烧肉",
    "清蒸鱼",
    "番茄炒蛋",
    "麻婆豆腐",
    "清炒上海青",
    "土豆烧牛肉",
    "白切鸡",
    "紫菜蛋汤",
    "米饭",
    "凉拌黄瓜",
)
ROLL = 500  # labels on a roll of paper


@dataclass(frozen=True, slots=True)
class Sample:
    """A box in the sample fridge. `taken`: the printer's own time, s."""

    dish: str
    taken: float


class LabelPrinter(Body):
    """Meal after meal samples are weighed, labelled and put away, and thrown away when their time is over."""

    kind = "label_printer"
    SETTINGS: ClassVar[Mapping[str, Setting]] = {
        "dishes": Setting(6, 1, 10, "dishes of a meal"),
        "gap_s": Setting(30, 1, 3600, "mean time between two samples of a meal"),
        "meal_every_s": Setting(6 * 3600, 60, 86_400, "time from meal to meal"),
    }

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        super().__init__(dice, settings)
        self.now, self.meal_at, self.next_at = 0.0, 0.0, 0.0
        self.todo: deque[str] = deque()
        self.kept: deque[Sample] = deque()
        self.labels = 0

    def pass_time(self, dt: float) -> None:
        """From one thing to the next."""
        until = self.now + dt
        while (at := self._next()) <= until:
            self.now = max(self.now, at)
            self._act()
        self.now = until

    def status(self) -> Status:
        """Metrics of the profile kitchen-label-printer."""
        return {
            "labels": self.labels,
            "samples": len(self.kept),
            "oldest": round((self.now - self.kept[0].taken) / 3600, 2) if self.kept else 0.0,
            "paper": 0.0 if self.has("paper-out") else round(100 - 100 * (self.labels % ROLL) / ROLL, 1),
        }

    def began(self, fault: str) -> None:
        """Where a meal is over, one more dish comes."""
        if fault == "discarded-early" and self.kept:
            self.say(Event("discarded_early", text=self.kept.popleft().dish))
        elif fault != "paper-out" and not self.todo:
            self.todo.append(self.dice.choice(DISHES))
            self.next_at = self.now + self._gap()

    def ended(self, fault: str) -> None:
        """With new paper what waited is labelled."""
        self.next_at = max(self.next_at, self.now)

    def _next(self) -> float:
        sample = self.next_at if self.todo and not self.has("paper-out") else float("inf")
        discard = self.kept[0].taken + KEPT_H * 3600 if self.kept else float("inf")
        return min(sample, discard, self.meal_at)

    def _act(self) -> None:
        if self.kept and self.now >= self.kept[0].taken + KEPT_H * 3600:
            self.say(Event("discarded", text=self.kept.popleft().dish))
        elif self.now >= self.meal_at:
            self.meal_at += self.settings["meal_every_s"]
            self.todo.extend(self.dice.sample(DISHES, int(self.settings["dishes"])))
            self.next_at = max(self.next_at, self.now)
        else:
            self.next_at = self.now + self._gap()
            self._take(self.todo.popleft())

    def _take(self, dish: str) -> None:
        if self.has("sample-missing"):
            self.say(Event("sample_missing", text=dish))
            return
        weight = self.faults.get("underweight", LEAST_G + self.dice.expovariate(1 / 20))
        self.labels += 1
        self.kept.append(Sample(dish, self.now))
        self.say(Record({"sample_weight": round(weight, 1), "retention": KEPT_H, "label": self.labels}))
        self.say(Event("label_printed", text=dish))
        if weight < LEAST_G:
            self.say(Event("underweight", text=dish))

    def _gap(self) -> float:
        return min(4 * self.settings["gap_s"], self.dice.expovariate(1 / self.settings["gap_s"]))
