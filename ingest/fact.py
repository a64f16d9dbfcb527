"""Rules about what is said only once: device events, sales, camera health, scenes. Pure decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import numpy as np

from domain import finding
from domain.profile import SALE, DeviceProfile
from domain.rule import Rule
from domain.wire import CameraHealth, DeviceEvent, EdgeState, EventPhase, Health, Storage
from ingest.profile_table import Judged
from store.device_events import TransactionRow
from store.edge_storage import StorageRow
from store.signals import Signal

SALE_FIELDS = tuple(field.name for field in SALE)

_VERBS = {EventPhase.BEGIN: "began", EventPhase.END: "ended", EventPhase.PULSE: "happened"}


@dataclass(frozen=True, slots=True)
class Said:
    """The newest begin or end of one event code."""

    active: bool
    time: datetime


@dataclass(slots=True)
class EventStory:
    """The event codes of one device, told in order of time; it starts from what is stored."""

    device: int
    profile: DeviceProfile
    newest: dict[str, Said]

    def tell(self, event: DeviceEvent, time: datetime, rules: Iterable[Rule]) -> list[Signal]:
        """The signals of the next event.

        Shared workers land a device's messages out of order. An end that is older than the newest of its code changes
        nothing; a begin whose end has landed before it was a short event, and is told as one that is over.
        """
        concerned = [rule for rule in rules if event.code in rule.codes]
        if event.phase is EventPhase.PULSE:
            return [self._signal(rule, event, time, value=True) for rule in concerned]
        known = self.newest.get(event.code)
        if known is not None and time < known.time:
            over = event.phase is EventPhase.BEGIN and not known.active
            told = msgspec.structs.replace(event, phase=EventPhase.PULSE)
            return [self._signal(rule, told, time, value=True) for rule in concerned if over and not self._holds(rule)]
        before = [self._holds(rule) for rule in concerned]
        self.newest[event.code] = Said(event.phase is EventPhase.BEGIN, time)
        steps = zip(concerned, before, strict=True)
        return [self._signal(rule, event, time, value=not old) for rule, old in steps if old != self._holds(rule)]

    def _holds(self, rule: Rule) -> bool:
        return any(said.active for code, said in self.newest.items() if code in rule.codes)

    def _signal(self, rule: Rule, event: DeviceEvent, time: datetime, *, value: bool) -> Signal:
        named = self.profile.event(event.code)
        text = ", ".join(part for part in (named.en if named is not None else "", event.text) if part)
        why = f"event {event.code}{f' ({text})' if text else ''} {_VERBS[event.phase]}"
        pulse = event.phase is EventPhase.PULSE
        return Signal(rule.code, rule.version, value, time, why, device=self.device, pulse=pulse)


def sales(judged: Iterable[Judged], rows: Sequence[TransactionRow]) -> list[Signal]:
    """A pulse for each sale on which a transaction rule's predicate holds."""
    columns = {name: np.array([getattr(row.said, name) for row in rows], dtype=np.float64) for name in SALE_FIELDS}
    signals: list[Signal] = []
    for one in judged:
        for place in np.flatnonzero(one.predicate.evaluate(columns).yes).tolist():
            row = rows[place]
            values = {name: float(column[place]) for name, column in columns.items()}
            why = f"sale {row.said.tx_id}: {finding.written(one.predicate, values)}"
            rule = one.rule
            signals.append(Signal(rule.code, rule.version, True, row.time, why, device=row.device, pulse=True))
    return signals


@dataclass(slots=True)
class HealthStory:
    """The health of one camera, told in order of time; `at` None: it was never reported."""

    camera: int
    state: str
    at: datetime | None

    def tell(self, said: CameraHealth, time: datetime, rules: Iterable[Rule]) -> list[Signal]:
        """The signals of the next report; one that is older than the newest changes nothing."""
        if self.at is not None and time < self.at:
            return []
        before = None if self.at is None else self.state
        self.state, self.at = said.state, time
        flipped = [rule for rule in rules if (before in rule.codes) != (said.state in rule.codes)]
        return [self._signal(rule, said, time) for rule in flipped]

    def _signal(self, rule: Rule, said: CameraHealth, time: datetime) -> Signal:
        why = said.why if said.state is Health.OK else f"{said.state}: {said.why}"
        return Signal(rule.code, rule.version, said.state in rule.codes, time, why, camera=self.camera)


@dataclass(slots=True)
class StorageStory:
    """The disk of one edge, told in order of time. An alert is a site's: it stands with the edge's first camera."""

    known: StorageRow

    def tell(self, said: EdgeState, time: datetime, rules: Iterable[Rule]) -> list[Signal]:
        """The signals of the next word; one that is older than the newest changes nothing."""
        before = self.known
        if said.storage is None or before.camera is None or (before.at is not None and time < before.at):
            return []
        state = str(said.storage)
        self.known = replace(before, state=state, at=time)
        flipped = [rule for rule in rules if (before.state in rule.codes) != (state in rule.codes)]
        why = said.why if said.storage is Storage.OK else f"edge {before.code}: {said.why}"
        return [
            Signal(rule.code, rule.version, state in rule.codes, time, why, camera=before.camera) for rule in flipped
        ]
