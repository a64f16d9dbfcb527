"""The rescue of people in a lift against its 3, 15 and 30 minutes, for the alert's page and the rescuer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.ladder import RESCUERS, Kind
from domain.rescue import RescueAction
from store import clocks, rescue
from store.clocks import ClockRow
from store.connection import Connection
from store.rescue import Contact, RescueCase, RescueStep

_ACTIONS = {
    Kind.ANSWER: RescueAction.ANSWERED,
    Kind.ARRIVE: RescueAction.ARRIVED,
    Kind.RELEASE: RescueAction.RELEASED,
}
_ROOM = 1.15  # of the axis behind the last limit


@dataclass(frozen=True, slots=True)
class Bar:
    """One duty on the time axis: percent of its width for the limit, and for how long it took or takes.

    `state`: met, late, over (ended by nobody's report), running or missed (running, and past its limit).
    """

    action: RescueAction
    minutes: float
    due: datetime
    state: str
    limit: float
    length: float
    step: RescueStep | None


@dataclass(frozen=True, slots=True)
class Rescue:
    """A rescue in its present round. `missing`: roles in which the lift calls nobody."""

    case: RescueCase
    bars: list[Bar]
    steps: list[RescueStep]
    contacts: list[Contact]
    missing: list[str]

    def done(self, role: str) -> dict[str, RescueStep]:
        """What that role has reported, by action."""
        return {step.action: step for step in self.steps if step.role == role}


async def of_alert(connection: Connection, alert: int) -> Rescue | None:
    """The rescue of an alert, or None where there is none."""
    case = await rescue.case(connection, alert)
    if case is None:
        return None
    steps = await rescue.steps(connection, alert, case.began)
    rows = [row for row in await clocks.of_alert(connection, alert) if row.started == case.began]
    contacts = await rescue.contacts(connection, alert)
    called = {one.role for one in contacts if one.reachable}
    return Rescue(
        case,
        bars(rows, steps, await clocks.now(connection)),
        steps,
        contacts,
        [role for role in RESCUERS if role not in called],
    )


def bars(rows: Sequence[ClockRow], steps: Sequence[RescueStep], now: datetime) -> list[Bar]:
    """The bars of a round's clocks, shortest limit first. Pure."""
    duties = [(row, action) for row in rows for kind, action in _ACTIONS.items() if row.kind == kind]
    if not duties:
        return []
    ends = [_end(row, action, steps, now) for row, action in duties]
    spans = [max(row.due, end) - row.started for (row, _), (end, _) in zip(duties, ends, strict=True)]
    axis = max(spans) * _ROOM
    return [_bar(row, action, end, step, axis) for (row, action), (end, step) in zip(duties, ends, strict=True)]


def _end(
    row: ClockRow, action: RescueAction, steps: Sequence[RescueStep], now: datetime
) -> tuple[datetime, RescueStep | None]:
    """When a duty was done, and by which report: its own, or a later one that implies it; else so far, or when it was
    called off."""
    order = list(RescueAction)
    done = [step for step in steps if order.index(RescueAction(step.action)) >= order.index(action)]
    if done:
        first = min(done, key=lambda step: step.at)
        return first.at, first
    called_off = row.outcome == "cancelled" and row.done is not None
    return (row.done or now) if called_off else now, None


def _bar(row: ClockRow, action: RescueAction, end: datetime, step: RescueStep | None, axis: timedelta) -> Bar:
    return Bar(
        action,
        (row.due - row.started) / timedelta(minutes=1),
        row.due,
        _state(row, end, step),
        _share(row.due - row.started, axis),
        _share(end - row.started, axis),
        step,
    )


def _state(row: ClockRow, end: datetime, step: RescueStep | None) -> str:
    if step is not None:
        return "met" if end <= row.due else "late"
    if row.outcome == "cancelled":
        return "over"
    return "running" if end <= row.due else "missed"


def _share(part: timedelta, whole: timedelta) -> float:
    """Per cent."""
    return round(100 * min(1.0, max(0.0, part / whole)), 2) if whole else 0.0
