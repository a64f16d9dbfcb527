"""How places stand: open alerts by class, deadlines, cameras and devices; added up along the regulators' tree."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter


@dataclass(frozen=True, slots=True)
class Standing:
    """Counts of one site, or of many together.

    `met` of `told` alerts that were due in the last 30 days had their step taken in time (false alarms aside): class I
    acknowledged, the others rectified.
    """

    sites: int = 0
    class_1: int = 0
    class_2: int = 0
    class_3: int = 0
    class_4: int = 0
    overdue: int = 0
    met: int = 0
    told: int = 0
    cameras: int = 0
    cameras_ok: int = 0
    devices: int = 0
    devices_online: int = 0

    @property
    def classes(self) -> tuple[int, int, int, int]:
        """Open alerts of each class, the gravest first."""
        return self.class_1, self.class_2, self.class_3, self.class_4

    @property
    def worst(self) -> int | None:
        """The gravest class of which an alert is open."""
        return next((place for place, n in enumerate(self.classes, 1) if n), None)

    @property
    def on_time(self) -> float | None:
        """The share of steps taken in time, 0 to 1; None where none was due."""
        return self.met / self.told if self.told else None


_counts = attrgetter(*(field.name for field in fields(Standing)))


def total(standings: Iterable[Standing]) -> Standing:
    """All of them together."""
    return Standing(*map(sum, zip(*map(_counts, standings), strict=True)))


def rolled_up(sites: Iterable[tuple[str, Standing]]) -> dict[str, Standing]:
    """By authority path: the sum over all sites at or below it."""
    of_authority: dict[str, list[int]] = {}
    for path, standing in sites:
        _add(of_authority, path, _counts(standing))
    sums: dict[str, list[int]] = {}
    for path, counts in of_authority.items():
        labels = path.split(".")
        for depth in range(1, len(labels) + 1):
            _add(sums, ".".join(labels[:depth]), counts)
    return {path: Standing(*counts) for path, counts in sums.items()}


def _add(sums: dict[str, list[int]], path: str, counts: Iterable[int]) -> None:
    known = sums.get(path)
    sums[path] = list(counts) if known is None else [a + b for a, b in zip(known, counts, strict=True)]
