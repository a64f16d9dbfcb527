"""Rules about figures: looked at again and again; what flips becomes a signal, as where readings land (ADR 29)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from domain import derived, finding, predicate
from domain.predicate import Predicate
from domain.rule import Rule
from store import figures, signals
from store.connection import Connection
from store.figures import Asked, Figures
from store.signals import Signal, StateRow


async def look(connection: Connection, rule: Rule) -> int:
    """Look at one rule's figures and write what has flipped since the last look; returns how many devices flipped."""
    assert rule.look is not None
    asked = predicate.parse(rule.predicate)
    names = {one.metric if (one := derived.read(name)) else name for name in asked.metrics}
    found = await figures.look(connection, Asked(rule.look, rule.profiles, names, rule.codes, rule.window_s))
    now = datetime.now(UTC)
    flips = flipped(rule, asked, found, await figures.held(connection, rule.code), now)
    if flips:
        async with connection.transaction():
            await signals.write_states(connection, [StateRow(one.rule, _device(one), one.value, now) for one in flips])
            await signals.insert(connection, flips)
    return len(flips)


def flipped(rule: Rule, asked: Predicate, found: Figures, held: set[int], now: datetime) -> list[Signal]:
    """The devices whose truth is known and differs from what is held. What is not known stays as it is."""
    nothing = np.full(len(found.device), np.nan)
    values = {name: found.values.get(name, nothing) for name in asked.metrics}
    truth = asked.evaluate(values)
    flips: list[Signal] = []
    for place, device in enumerate(found.device):
        yes = bool(truth.yes[place])
        if (yes or truth.no[place]) and yes != (device in held):
            why = finding.written(asked, {name: float(column[place]) for name, column in values.items()})
            flips.append(Signal(rule.code, rule.version, yes, now, why, device=device))
    return flips


def due(rules: Sequence[Rule], looked: dict[str, float], now: float) -> list[Rule]:
    """The rules to look at by now (seconds); `looked` is when each was looked at last, and is brought up to date."""
    ready = [rule for rule in rules if rule.look is not None and now - looked.get(rule.code, -1e9) >= rule.every_s]
    looked.update({rule.code: now for rule in ready})
    return ready


def _device(signal: Signal) -> int:
    assert signal.device is not None
    return signal.device
