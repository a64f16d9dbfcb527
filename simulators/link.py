"""The way from a terminal to its broker, and what goes wrong on it: loss, repeats, overtaking, lateness, nonsense."""

import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from simulators.terminal import Message

RETRY_S = 2.0  # a lost message is tried again after so long
REPEAT_S = 3.0  # a repeat follows within so much


class Kind(StrEnum):
    """What a parcel is to whoever counts."""

    MESSAGE = "message"
    REPEAT = "repeat"  # the same bytes once more: one message all the same
    GARBAGE = "garbage"  # nothing that a device said


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way."""

    message: Message
    kind: Kind = Kind.MESSAGE


@dataclass(order=True, slots=True)
class _Held:
    due: float
    order: int
    parcel: Parcel = field(compare=False)


class Link:
    """Holds what is under way. Nothing that a device said is ever dropped here: it comes late, or twice, or both."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.faults: dict[str, float] = {}
        self.lost = 0  # attempts that failed
        self._held: list[_Held] = []
        self._order = 0

    @property
    def waiting(self) -> int:
        """How many parcels are under way."""
        return len(self._held)

    def carry(self, now: float, messages: Iterable[Message]) -> list[Parcel]:
        """Take what the terminal said and give what arrives at the broker by `now`, in the order of arrival."""
        for message in messages:
            self._take(now, message)
        return [] if "outage" in self.faults else self._deliver(now)

    def _take(self, now: float, message: Message) -> None:
        due = now + self.faults.get("late", 0.0)
        self._hold(due + self._straggle(), Parcel(message))
        if self._befalls("duplicates"):
            self._hold(due + self._straggle() + self.dice.uniform(0.1, REPEAT_S), Parcel(message, Kind.REPEAT))
        if self._befalls("garbage"):
            self._hold(due, Parcel(garble(message, self.dice), Kind.GARBAGE))

    def _straggle(self) -> float:
        """Half of the messages stay behind for a while, so that later ones overtake them."""
        longest = self.faults.get("reordering")
        return 0.0 if longest is None or self.dice.random() < 0.5 else self.dice.uniform(0.0, longest)

    def _deliver(self, now: float) -> list[Parcel]:
        arrived: list[Parcel] = []
        while self._held and self._held[0].due <= now:
            held = heapq.heappop(self._held)
            if self._befalls("loss"):
                self.lost += 1
                self._hold(max(held.due, now) + RETRY_S, held.parcel)
            else:
                arrived.append(held.parcel)
        return arrived

    def _befalls(self, fault: str) -> bool:
        """Whether a fault that hits one in so many hits this one; no dice are thrown without it."""
        share = self.faults.get(fault)
        return share is not None and self.dice.random() < share

    def _hold(self, due: float, parcel: Parcel) -> None:
        self._order += 1
        heapq.heappush(self._held, _Held(due, self._order, parcel))


def garble(message: Message, dice: random.Random) -> Message:
    """Something on the message's topic that is no message of its channel, in one of the ways of the field."""
    payload = message.payload
    ways = (
        payload[: dice.randrange(1, len(payload))],  # cut off
        bytes(dice.randrange(128, 256) for _ in range(32)),  # another protocol
        payload.replace(b'{"ts":"', b'{"ts":"x', 1),  # a date that is none
        b'{"ts":0}',
        b"[]",
        b"",
    )
    return Message(message.topic, dice.choice(ways))
