"""The soak's report: from its journal alone, of the whole or of what there is so far."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError
from mingchu.bench.slope import Series, Slope, steepness
from mingchu.bench.soak_journal import Counted, Held, Journal, Line, Sample, lives, soaked

MEMORY, FLAT, WAIT_S = 5.0, 1.0, 1.0  # MB/h, 1/h, s (PROMISES R15)
WARM_S, WARM_SHARE = 900.0, 0.25  # what is left out of each life: caches fill, pools open
# Its processes fill the buffers that they share, and keep tables' files open, up to what is configured; what must not
# grow is what they hold of their own, and how many they are.
SHARED = {"postgres"}
HOUR, MB = 3600.0, 1e6


def report(journal: Journal) -> dict[str, Figure]:
    """The figures; raises BenchError where there are too few samples yet."""
    lines = list(journal.lines())
    sampled = lives(lines)
    warmed = [_warmed(life) for life in sampled]
    if not any(len(life) > 1 for life in warmed):
        raise BenchError(f"{journal.path} has too few samples yet")
    figures = {"soaked": Figure(soaked(sampled) / HOUR, "h")}
    for name in sorted({name for life in warmed for sample in life for name in sample.processes}):
        figures |= _process(name, _lives_of(name, warmed))
    figures |= _waits([wait for life in warmed for sample in life for wait in sample.waits])
    figures["restarts"] = Figure(sum(map(_restarts, sampled)), "restarts", bar=0.0)
    figures["pages_refused"] = Figure(sum(life[-1].refused for life in sampled), "pages", bar=0.0)
    return figures | _waiting(warmed) | _ledger(lines)


def _warmed(life: Sequence[Sample]) -> list[Sample]:
    begin = life[0].at + min(WARM_S, WARM_SHARE * (life[-1].at - life[0].at))
    return [sample for sample in life if sample.at >= begin]


_Seen = tuple[float, Held]


def _lives_of(name: str, warmed: Sequence[Sequence[Sample]]) -> list[list[_Seen]]:
    """What one process held, each of its own lives apart."""
    found: dict[tuple[int, int], list[_Seen]] = defaultdict(list)
    for number, life in enumerate(warmed):
        for sample in life:
            if (held := sample.processes.get(name)) is not None:
                found[number, held.pid].append((sample.at, held))
    return list(found.values())


def _process(name: str, seen: Sequence[Sequence[_Seen]]) -> dict[str, Figure]:
    last = seen[-1][-1][1]
    told = {
        "memory": (_slope(seen, lambda held: held.own / MB), "MB/h", MEMORY, f"{last.own / MB:.0f} MB"),
        "rss": (
            _slope(seen, lambda held: held.rss / MB), "MB/h", None if name in SHARED else MEMORY,
            f"{last.rss / MB:.0f} MB",
        ),
        "descriptors": (
            _slope(seen, lambda held: held.descriptors), "1/h", None if name in SHARED else FLAT,
            f"{last.descriptors} open",
        ),
        "threads": (_slope(seen, lambda held: held.threads), "1/h", FLAT, f"{last.threads}"),
    }  # fmt: skip
    figures = {
        f"{name}_{what}": Figure(
            slope.value, unit, bar=bar, note=f"95 %: {slope.low:.2f} to {slope.high:.2f} {unit}; {now} at the end"
        )
        for what, (slope, unit, bar, now) in told.items()
        if slope is not None
    }
    return figures | {f"{name}_cpu": Figure(_cpu(seen), "% of one core")}


def _slope(seen: Sequence[Sequence[_Seen]], value: Callable[[Held], float]) -> Slope | None:
    return steepness(
        [
            Series(np.array([at for at, _ in life]) / HOUR, np.array([value(held) for _, held in life], dtype=float))
            for life in seen
        ]
    )


def _cpu(seen: Sequence[Sequence[_Seen]]) -> float:
    """Processes below one that ended in between are not counted: it is a little less than it was."""
    spent = sum(max(0.0, life[-1][1].cpu_s - life[0][1].cpu_s) for life in seen)
    passed = sum(life[-1][0] - life[0][0] for life in seen)
    return spent / passed * 100 if passed else 0.0


def _waits(waits: Sequence[float]) -> dict[str, Figure]:
    if not waits:
        return {}
    return {
        "ingest_p50": Figure(float(np.quantile(waits, 0.5)), "s to be queryable"),
        "ingest_p99": Figure(float(np.quantile(waits, 0.99)), "s to be queryable", bar=WAIT_S),
        "ingest_max": Figure(max(waits), "s to be queryable"),
    }


def _restarts(life: Sequence[Sample]) -> int:
    most: dict[str, int] = defaultdict(int)
    for sample in life:
        for name, held in sample.processes.items():
            most[name] = max(most[name], held.restarts)
    return sum(most.values())


def _waiting(warmed: Sequence[Sequence[Sample]]) -> dict[str, Figure]:
    """The most that waited of each kind, and the edge's spool."""
    samples = [sample for life in warmed for sample in life]
    most: dict[str, int] = defaultdict(int)
    for sample in samples:
        for name, count in sample.waiting.items():
            most[name] = max(most[name], count)
    spool = Figure(max(sample.spool for sample in samples) / MB, "MB at most")
    return {f"waiting_{name}": Figure(count, "at most") for name, count in sorted(most.items())} | {"spool": spool}


def _ledger(lines: Sequence[Line]) -> dict[str, Figure]:
    """Of the last count: it is of all lives."""
    counted = [line for line in lines if isinstance(line, Counted)]
    if not counted:
        return {}
    last = counted[-1]
    return {
        "sent": Figure(last.sent, "messages"),
        "lost": Figure(last.sent - last.stored, "messages", bar=0.0),
        "duplicated": Figure(last.repeated, "readings", bar=0.0),
    }
