"""The kinds of simulated devices by the names that scenarios use."""

import random
from collections.abc import Mapping

from simulators.body import Body
from simulators.cold_store import ColdStore
from simulators.elevator import Elevator
from simulators.fridge import Fridge
from simulators.gas_detector import GasDetector
from simulators.label_printer import LabelPrinter
from simulators.morning_check import MorningCheck
from simulators.receiving_scale import ReceivingScale
from simulators.scale import Scale

_ALL: tuple[type[Body], ...] = (
    Elevator,
    Scale,
    ColdStore,
    MorningCheck,
    LabelPrinter,
    ReceivingScale,
    Fridge,
    GasDetector,
)
KINDS = {kind.kind: kind for kind in _ALL}


class UnknownKindError(ValueError):
    """A device is of one of the kinds that there are."""


def of(kind: str) -> type[Body]:
    """The class of a kind; raises UnknownKindError."""
    if kind not in KINDS:
        raise UnknownKindError(f"no device is of kind {kind!r}; there are {', '.join(KINDS)}")
    return KINDS[kind]


def build(kind: str, seed: int, settings: Mapping[str, float]) -> Body:
    """A device whose dice are seeded, so that a scenario repeats itself."""
    return of(kind)(random.Random(seed), settings)  # noqa: S311 - physics, not secrets
