"""The soak's journal: JSON Lines on disk, from which alone its report is made, and by which it goes on after a stop."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from mingchu.bench.process import BenchError


class Begun(msgspec.Struct, frozen=True, tag="begun", tag_field="line"):
    """The first line: what is being done. Instants are seconds since 1970, in every line.

    `data`: the house's data directory; `passing`: it goes with the end of the soak.
    """

    at: float
    seconds: float
    period_s: float
    data: str
    passing: bool


class Life(msgspec.Struct, frozen=True, tag="life", tag_field="line"):
    """The house was started, for the first time or after an interruption."""

    at: float


class Held(msgspec.Struct, frozen=True):
    """What one process and those below it hold, in bytes; `cpu_s` since they began.

    `own`: anonymous pages, those in swap too: not those of files, nor of memory that processes share.
    """

    pid: int
    restarts: int
    rss: int
    uss: int
    own: int
    descriptors: int
    threads: int
    cpu_s: float


class Sample(msgspec.Struct, frozen=True, tag="sample", tag_field="line"):
    """One look. `waiting`: how many of a kind wait; `spool`: bytes of the edge's file; `waits`: seconds each.

    `refused`: pages of the console that did not come, in this life.
    """

    at: float
    processes: Mapping[str, Held]
    waiting: Mapping[str, int]
    spool: int
    messages: int
    waits: tuple[float, ...]
    refused: int
    load: float  # of the machine, the mean of a minute


class Counted(msgspec.Struct, frozen=True, tag="counted", tag_field="line"):
    """The ledger, at the end of a life: messages that the broker acknowledged, that are stored; repeated readings."""

    at: float
    sent: int
    stored: int
    repeated: int


Line: TypeAlias = Begun | Life | Sample | Counted


class Journal:
    """One soak's file; raises BenchError where it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, begun: Begun) -> None:
        """A new file; raises BenchError where there is one."""
        try:
            with self.path.open("xb") as file:
                file.write(msgspec.json.encode(begun) + b"\n")
        except FileExistsError as error:
            raise BenchError(f"{self.path} is there: go on with --resume {self.path}, or name another file") from error
        except OSError as error:
            raise BenchError(f"{self.path} cannot be written: {error.strerror}") from error

    def add(self, line: Line) -> None:
        """Written whole, after what an interruption may have left of a line."""
        with self.path.open("ab+") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 1))
            torn = b"" if file.read(1) in (b"", b"\n") else b"\n"
            file.write(torn + msgspec.json.encode(line) + b"\n")

    def begun(self) -> Begun:
        """What is being done."""
        first = next(iter(self.lines()), None)
        if not isinstance(first, Begun):
            raise BenchError(f"{self.path} is no journal of a soak")
        return first

    def lines(self) -> Iterator[Line]:
        """All of it; a line that an interruption tore is left out."""
        try:
            whole = self.path.read_bytes().splitlines()
        except OSError as error:
            raise BenchError(f"{self.path} cannot be read: {error.strerror}") from error
        for line in whole:
            try:
                yield msgspec.json.decode(line, type=Line)
            except msgspec.DecodeError:
                continue


def lives(lines: Iterable[Line]) -> list[list[Sample]]:
    """The samples of each life of the house."""
    found = list[list[Sample]]()
    for line in lines:
        if isinstance(line, Life):
            found.append([])
        elif isinstance(line, Sample) and found:
            found[-1].append(line)
    return [life for life in found if life]


def soaked(samples: Sequence[Sequence[Sample]]) -> float:
    """Seconds between the first and the last sample of each life, together."""
    return sum(life[-1].at - life[0].at for life in samples)
