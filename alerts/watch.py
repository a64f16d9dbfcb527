"""Rules about figures: looked at again and again; what flips becomes a signal, as where readings land (ADR 29)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from domain import derived, finding, predicate
from domain.rule import Rule
from store import figures, sights, signals
from store.connection import Connection
from store.figures import Asked, Figures
from store.sights import Sight
from store.signals import Signal, StateRow


async def look(connection: Connection, rule: Rule) -> int:
    """Look at one rule's figures and write what has flipped since the last look; returns how many devices flipped."""
    assert rule.look is not None
    asked = predicate.parse(rule.predicate)
    names = {one.metric if (one := derived.read(name)) else name for name in asked.metrics}
    found = await figures.look(connection, Asked(rule.look, rule.profiles, names, rule.codes, rule.window_s))
    held = await figures.held(connection, rule.code)
    seen = await sights.going_on(connection, rule.scene, rule.zones, rule.profiles) if rule.scene else {}
    now = datetime.now(UTC)
    flips = flipped(rule, found, held, now, seen)
    if flips:
        async with connection.transaction():
            await signals.write_states(connection, [StateRow(one.rule, _device(one), one.value, now) for one in flips])
            await signals.insert(connection, flips)
    return len(flips)


def flipped(rule: Rule, found: Figures, held: set[int], now: datetime, seen: Mapping[int, Sight]) -> list[Signal]:
    """The devices whose truth is known and differs from what is held. What is not known stays as it is.

    `seen`: by device, the rule's scene that goes on at its site. With its end what is held is over, whatever the device
    says, and if it says nothing.
    """
    asked = predicate.parse(rule.predicate)
    found = found if rule.scene is None else found.beside(held)
    nothing = np.full(len(found.device), np.nan)
    values = {name: found.values.get(name, nothing) for name in asked.metrics}
    truth = asked.evaluate(values)
    flips: list[Signal] = []
    for place, device in enumerate(found.device):
        sight = seen.get(device)
        yes = _holds(rule, bool(truth.yes[place]), bool(truth.no[place]), sight)
        if yes is not None and yes != (device in held):
            said = finding.written(asked, {name: float(column[place]) for name, column in values.items()})
            event = sight.event if sight and yes else None  # its pictures are the alert's evidence
            why = _why(rule, said, sight)
            flips.append(Signal(rule.code, rule.version, yes, now, why, device=device, scene_event=event))
    return flips


def _holds(rule: Rule, yes: bool, no: bool, sight: Sight | None) -> bool | None:
    """The predicate and, where the rule names one, its scene: both hold, one does not, or (None) nobody knows."""
    if no or (rule.scene and sight is None):
        return False
    return True if yes and (sight is None or sight.sure) else None


def _why(rule: Rule, said: str, sight: Sight | None) -> str:
    if rule.scene is None:
        return said
    scene = f"{rule.scene} at camera {sight.camera}" if sight else f"{rule.scene} is over"
    return f"{scene}: {said}" if said else scene


def due(rules: Sequence[Rule], looked: dict[str, float], now: float) -> list[Rule]:
    """The rules to look at by now (seconds); `looked` is when each was looked at last, and is brought up to date."""
    ready = [rule for rule in rules if rule.look is not None and now - looked.get(rule.code, -1e9) >= rule.every_s]
    looked.update({rule.code: now for rule in ready})
    return ready


def _device(signal: Signal) -> int:
    assert signal.device is not None
    return signal.device
