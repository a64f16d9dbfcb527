"""Reads mosquitto's log: what a broker knows of a publisher, and tells no subscriber."""

import re
from dataclasses import dataclass

from mingchu.conformance.fact import Connected, Fact, Left, Published, TurnedAway, Will

_CONNECTED = re.compile(r"New client connected from .* as (?P<user>\S+) \(p(?P<v>\d+), c(?P<clean>\d), k(?P<keep>\d+)")
_WILL = re.compile(r"Will message specified \(\d+ bytes\) \(r(?P<retain>\d), q(?P<qos>\d)\)\.")
_PUBLISH = re.compile(
    r"(?P<how>Received|Denied) PUBLISH from (?P<user>\S+) "
    r"\(d(?P<dup>\d), q(?P<qos>\d), r(?P<retain>\d), m\d+, '(?P<topic>.*)', \.\.\. \(\d+ bytes\)\)"
)
_LEFT = re.compile(
    r"Client (?P<user>\S+) (?P<how>disconnected\.|closed its connection|has exceeded timeout|disconnected)"
)
_TURNED_AWAY = re.compile(r"Client \S+ disconnected, not authorised")
# Protocol levels as mosquitto prints them: 1 is MQTT 3.1, 2 is 3.1.1.
_VERSIONS = {"1": 3, "2": 4, "5": 5}


@dataclass(slots=True)
class BrokerLog:
    """Line after line to facts about one user. A will's topic stands on a line of its own."""

    user: str
    will: tuple[int, bool] | None = None  # qos and retain, while its topic is awaited
    connecting: bool = False  # the connection that was just let in is the user's

    def read(self, line: str, at: float) -> Fact | None:
        """The fact that a line tells, if any."""
        if self.will is not None and line.startswith("\t"):
            (qos, retain), self.will = self.will, None
            return Will(at, line.strip(), qos, retain)
        if found := _PUBLISH.search(line):
            return self._published(found, at)
        if found := _CONNECTED.search(line):
            self.connecting = found["user"] == self.user
            version = _VERSIONS.get(found["v"], 0)
            return Connected(at, version, found["clean"] == "1", int(found["keep"])) if self.connecting else None
        if found := _WILL.search(line):
            self.will = (int(found["qos"]), found["retain"] == "1") if self.connecting else None
            return None
        return self._ended(line, at)

    def _published(self, found: re.Match[str], at: float) -> Published | None:
        if found["user"] != self.user:
            return None
        qos, retain, repeat = int(found["qos"]), found["retain"] == "1", found["dup"] == "1"
        return Published(at, found["topic"], qos, retain, repeat, denied=found["how"] == "Denied")

    def _ended(self, line: str, at: float) -> Fact | None:
        if _TURNED_AWAY.search(line):
            return TurnedAway(at)
        found = _LEFT.search(line)
        return Left(at, found["how"] == "disconnected.") if found and found["user"] == self.user else None
