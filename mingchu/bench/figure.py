"""A benchmark's figures and the machine that they were measured on, as JSON and as a table."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import msgspec
from rich.console import Console
from rich.table import Column, Table

LIBRARIES = ("av", "numpy", "onnxruntime", "paho-mqtt", "psycopg")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `limit`: the bare limit in the same unit and run; `bar`: what it must reach.

    `sense` says which side of the bar is good; `note` how it was taken, where that is not plain.
    """

    value: float
    unit: str
    limit: float | None = None
    bar: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in units of the bare limit."""
        return None if not self.limit else self.value / self.limit

    @property
    def holds(self) -> bool | None:
        """Whether it reaches the bar; None where there is none."""
        if self.bar is None:
            return None
        return self.value <= self.bar if self.sense == "at most" else self.value >= self.bar

    def report(self) -> dict[str, Any]:
        return {
            "value": round(self.value, 4),
            "unit": self.unit,
            "limit": None if self.limit is None else round(self.limit, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "bar": self.bar,
            "holds": self.holds,
            **({"note": self.note} if self.note else {}),
        }


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def publish(figures: Mapping[str, Figure], file: Path | None) -> bool:
    """Print the table, write the JSON; returns whether every bar holds."""
    whole = (Column(name, no_wrap=True) for name in ("figure", "value"))
    table = Table(*whole, "unit", "bare limit", "ratio", "bar", "holds")
    for name, figure in figures.items():
        told = figure.report()
        cells = (told["value"], told["unit"], told["limit"], told["ratio"], told["bar"], told["holds"])
        table.add_row(name, *("" if cell is None else str(cell) for cell in cells))
    console = Console()
    console.print(table)
    for name, figure in figures.items():
        if figure.note:
            console.print(f"{name}: {figure.note}", highlight=False)
    if file is not None:
        body = {"figures": {name: figure.report() for name, figure in figures.items()}, "machine": machine()}
        file.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2))
    return all(figure.holds is not False for figure in figures.values())
