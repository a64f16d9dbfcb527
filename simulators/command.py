"""What may be said to the cameras while they run, one line each: `kitchen-1 black for 20`, `server restart for 5`."""

import re
from dataclasses import dataclass

from simulators import fault
from simulators.scenario_file import TIME_OF_DAY

GRAMMAR = (
    f"[at HH:MM[:SS]] CAMERA {'|'.join(fault.NAMES)} [for SECONDS], CAMERA clear, CAMERA play CLIP [TIMES], "
    "CAMERA stop, server restart [for SECONDS]"
)
SERVER = "server"


class BadCommandError(ValueError):
    """A command is of the grammar that the message ends with."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}; say {GRAMMAR}")


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `verb`: a fault's name, clear, play or stop; of the server only restart."""

    camera: str
    verb: str
    clip: str = ""
    times: int = 1
    for_s: float | None = None
    at: str | None = None  # a time of day


def parse(line: str) -> Command:
    """Read a command. Raises BadCommandError."""
    words = line.split()
    at = None
    if words[:1] == ["at"]:
        if len(words) < 2 or not re.match(TIME_OF_DAY, words[1]):
            raise BadCommandError(f"{' '.join(words[:2])!r} is no time of day")
        at, words = words[1], words[2:]
    if len(words) < 2:
        raise BadCommandError(f"{line.strip()!r} is no command")
    return _sentence(words[0], words[1], words[2:], at)


def _sentence(camera: str, verb: str, rest: list[str], at: str | None) -> Command:
    match verb, rest:
        case ("play", [clip]):
            return Command(camera, verb, clip, at=at)
        case ("play", [clip, times]) if times.isdecimal() and int(times):
            return Command(camera, verb, clip, int(times), at=at)
        case ("clear" | "stop", []) if camera != SERVER:
            return Command(camera, verb, at=at)
        case (name, []) if _known(camera, name):
            return Command(camera, verb, at=at)
        case (name, ["for", seconds]) if _known(camera, name):
            return Command(camera, verb, for_s=_seconds(seconds), at=at)
    raise BadCommandError(f"{' '.join([camera, verb, *rest])!r} is no command")


def _known(camera: str, name: str) -> bool:
    return name == "restart" if camera == SERVER else name in fault.NAMES


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise BadCommandError(f"{text!r} is no number of seconds")
    return float(text)
