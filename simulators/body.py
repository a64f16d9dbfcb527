"""What all simulated devices have in common: dice, settings, faults that begin and end, and words to say."""

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.wire import EventPhase
from simulators import device_fault
from simulators.utterance import Event, Utterance

Status = dict[str, float | bool]


class BadSettingError(ValueError):
    """A device's setting is one of those that its kind has, within its range."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a scenario may set, with its default and its range, both ends included."""

    default: float
    low: float
    high: float
    what: str


class Body(ABC):
    """A device as a thing in the world. The same seed, settings, faults and steps give the same life."""

    kind: ClassVar[str]
    SETTINGS: ClassVar[Mapping[str, Setting]] = {}

    def __init__(self, dice: random.Random, settings: Mapping[str, float] | None = None) -> None:
        self.dice = dice
        self.settings = settings_of(type(self), settings or {})
        self.faults: dict[str, float] = {}  # the active ones, each with its amount
        self._words: list[Utterance] = []
        self._reported: dict[str, list[str]] = {}  # events begun by each active fault

    @abstractmethod
    def status(self) -> Status:
        """The metrics of its profile, as its sensors show them."""

    @abstractmethod
    def pass_time(self, dt: float) -> None:
        """Let `dt` seconds of physics pass."""

    def step(self, dt: float) -> list[Utterance]:
        """Let `dt` seconds pass; returns what it had to say in them, and in what was done to it before."""
        self.pass_time(dt)
        words, self._words = self._words, []
        return words

    def begin(self, fault: str, by: float | None = None) -> None:
        """Start a fault by name, `by` its amount; raises UnknownFaultError or BadAmountError."""
        known = device_fault.find(self.kind, fault)
        self.faults[fault] = known.amount(by)
        if known.event and known.at_once:
            self.report(fault, known.event) if known.lasts else self.say(Event(known.event, text=known.text))
        self.began(fault)

    def end(self, fault: str) -> None:
        """The fault is mended, and the events that it began end."""
        if self.faults.pop(fault, None) is None:
            return
        for event in self._reported.pop(fault, ()):
            self.say(Event(event, EventPhase.END))
        self.ended(fault)

    def began(self, fault: str) -> None:  # noqa: B027 - few faults do anything at once
        """What a fault does to the device at once; nothing unless its kind says more."""

    def ended(self, fault: str) -> None:  # noqa: B027
        """What mending does to the device; nothing unless its kind says more."""

    def has(self, fault: str) -> bool:
        """Whether the fault is on."""
        return fault in self.faults

    def say(self, word: Utterance) -> None:
        self._words.append(word)

    def report(self, fault: str, event: str) -> None:
        """An event begins because of the fault, once; it ends when the fault does."""
        begun = self._reported.setdefault(fault, [])
        if event not in begun:
            begun.append(event)
            self.say(Event(event, EventPhase.BEGIN))


def settings_of(kind: type[Body], given: Mapping[str, float]) -> dict[str, float]:
    """All settings of a kind of device, the given ones checked; raises BadSettingError."""
    for name, value in given.items():
        setting = kind.SETTINGS.get(name)
        if setting is None:
            known = ", ".join(sorted(kind.SETTINGS)) or "none"
            raise BadSettingError(f"no setting {name!r} of a device of kind {kind.kind}; it has {known}")
        if not setting.low <= value <= setting.high:
            raise BadSettingError(f"setting {name!r} is {value}, but lies from {setting.low} to {setting.high}")
    return {name: given.get(name, setting.default) for name, setting in kind.SETTINGS.items()}
