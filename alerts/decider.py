"""The decider: turns waiting signals, passed due times and silence into alerts, each with its consequences at once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TypeVar
from uuid import UUID

import msgspec
import psycopg
import structlog

from alerts import incident
from alerts.audience import Turn, audiences
from alerts.counters import Counters
from alerts.incident import Change, Contact, Decision, Observation, Open, Reason, State, Step, Waiting
from domain.alert import Condition, Status
from domain.rule import Rule, RuleKind
from store import alerts, pending, pushes, rules, signal_queue, silence
from store.alerts import HistoryEntry, NewAlert, OpenAlert, Subject
from store.connection import Connection
from store.pending import PendingRow
from store.signal_queue import QueuedSignal
from store.silence import SilenceRow

log = structlog.get_logger("alerts")

BATCH = 50  # signals in one transaction
POSTPONE_S = 60.0
UNPROVEN_S = 10.0  # until it is asked again whether a silent device has told how its condition went on

Item = TypeVar("Item", QueuedSignal, PendingRow)


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a decision comes from, as far as an alert records it."""

    subject: Subject
    site_id: int
    scene_event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A decision that was written but is not committed yet."""

    reason: Reason
    alert: int | None
    rule: str


class Decider:
    """Works on one connection, the one that holds the engine's lock: when it is lost, so is the right to decide."""

    def __init__(self, connection: Connection, counters: Counters) -> None:
        self._connection = connection
        self._counters = counters
        self._rules: dict[tuple[str, int], Rule] = {}
        self._notes: list[Note] = []

    async def signals(self) -> int:
        """Handle a batch of waiting signals; returns how many."""
        batch = await signal_queue.unhandled(self._connection, BATCH)
        await self._together(batch, self._signal, self._give_up_signal)
        return len(batch)

    async def dues(self) -> int:
        """Handle a batch of waiting conditions whose time has come; returns how many."""
        batch = await pending.overdue(self._connection, BATCH)
        await self._together(batch, self._due, self._give_up_due)
        return len(batch)

    async def silences(self) -> int:
        """Raise and clear what each active silence rule says, a batch of each; returns how many changed.

        A thousand devices fall silent at once behind one dead switch, and a signal must not wait for them all.
        """
        changed = 0
        for rule in await rules.active(self._connection):
            if rule.kind is not RuleKind.SILENCE:
                continue
            batch = await silence.flips(self._connection, rule.code, rule.profiles, rule.for_s, BATCH)
            async with self._noted():
                for row in batch:
                    await self._silence(rule, row)
            changed += len(batch)
        return changed

    async def _together(
        self,
        batch: Sequence[Item],
        handle: Callable[[Item], Awaitable[None]],
        give_up: Callable[[Item, str], Awaitable[None]],
    ) -> None:
        """One transaction for all; when one item cannot be handled, one for each, so that it hurts nobody else."""
        try:
            async with self._noted():
                for item in batch:
                    await handle(item)
        except psycopg.OperationalError:
            raise
        except (psycopg.Error, msgspec.MsgspecError, ValueError):
            for item in batch:
                await self._alone(item, handle, give_up)

    async def _alone(
        self, item: Item, handle: Callable[[Item], Awaitable[None]], give_up: Callable[[Item, str], Awaitable[None]]
    ) -> None:
        try:
            async with self._noted():
                await handle(item)
        except psycopg.OperationalError:
            raise
        except (psycopg.Error, msgspec.MsgspecError, ValueError) as error:
            problem = " ".join(str(error).split()) or type(error).__name__
            self._counters.add(Reason.UNREADABLE)
            await give_up(item, problem)

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        """A transaction whose decisions are counted and logged once it has committed, and not at all when it fails."""
        self._notes = []
        async with self._connection.transaction():
            yield
        for note in self._notes:
            self._counters.add(note.reason)
            write = log.debug if note.alert is None else log.info
            write("alerts.decided", reason=note.reason, rule=note.rule, alert=note.alert)

    async def _give_up_signal(self, signal: QueuedSignal, problem: str) -> None:
        log.error("alerts.signal_dropped", signal=signal.id, rule=signal.rule_code, problem=problem)
        await signal_queue.settle(self._connection, signal.id, f"{Reason.UNREADABLE}: {problem}")

    async def _give_up_due(self, row: PendingRow, problem: str) -> None:
        log.error("alerts.pending_dropped", rule=row.rule_code, device=row.device_id, problem=problem)
        await pending.drop(self._connection, row.subject)

    async def _signal(self, signal: QueuedSignal) -> None:
        rule = await self._rule(signal.rule_code, signal.rule_version)
        if rule is None:
            self._notes.append(Note(Reason.NO_RULE, None, signal.rule_code))
            await signal_queue.settle(self._connection, signal.id, Reason.NO_RULE)
            return
        if await self._others_remain(signal):
            self._notes.append(Note(Reason.OTHERS_REMAIN, None, signal.rule_code))
            await signal_queue.settle(self._connection, signal.id, Reason.OTHERS_REMAIN)
            return
        zone = signal.zone if rule.kind is RuleKind.SCENE else ""
        cause = Cause(
            Subject(signal.rule_code, signal.device_id, signal.camera_id, zone), signal.site_id, signal.scene_event_id
        )
        seen = Observation(signal.value, signal.pulse, signal.time, signal.received, signal.why)
        decision = await self._judge(rule, cause, seen)
        await signal_queue.settle(self._connection, signal.id, decision.reason)

    async def _others_remain(self, signal: QueuedSignal) -> bool:
        """A zone is clear when the last of its scene events has ended."""
        if signal.value or signal.scene_event_id is None:
            return False
        return await signal_queue.others_last(self._connection, signal.scene_event_id)

    async def _due(self, row: PendingRow) -> None:
        rule = await self._rule(row.rule_code, row.rule_version)
        if rule is None:
            await pending.drop(self._connection, row.subject)
            return
        schedule = await alerts.schedule(self._connection, row.site_id)
        if incident.postponed(rule, is_open=schedule.is_open(row.due)):
            await pending.postpone(self._connection, row.subject, POSTPONE_S)
            return
        found = await alerts.find_open(self._connection, row.subject)
        state = _state(row, found)
        if state.waiting is not None and await self._unproven(rule, row, state.waiting):
            await pending.postpone(self._connection, row.subject, UNPROVEN_S)
            return
        decision = incident.judge_due(state)
        await self._write(rule, Cause(row.subject, row.site_id, row.scene_event_id), state, found, decision)

    async def _unproven(self, rule: Rule, row: PendingRow, waiting: Waiting) -> bool:
        if row.device_id is None:
            return False
        contact = Contact(*await pending.contact(self._connection, row.device_id, rule.code))
        return incident.unproven(rule, waiting, contact)

    async def _silence(self, rule: Rule, row: SilenceRow) -> None:
        time = row.last_seen if row.silent else row.now
        cause = Cause(Subject(rule.code, row.device_id, None), row.site_id)
        await self._judge(rule, cause, Observation(row.silent, False, time, row.now, silence_why(row)))

    async def _judge(self, rule: Rule, cause: Cause, seen: Observation) -> Decision:
        waiting = await pending.find(self._connection, cause.subject)
        found = await alerts.find_open(self._connection, cause.subject)
        state = _state(waiting, found)
        decision = incident.judge(rule, state, seen)
        await self._write(rule, cause, state, found, decision)
        return decision

    async def _write(self, rule: Rule, cause: Cause, state: State, found: OpenAlert | None, decision: Decision) -> None:
        alert = await self._write_change(rule, cause, found, decision.change)
        self._notes.append(Note(decision.reason, alert, rule.code))
        if decision.waiting != state.waiting:
            await self._set_waiting(rule, cause, decision.waiting)

    async def _write_change(
        self, rule: Rule, cause: Cause, found: OpenAlert | None, change: Change | None
    ) -> int | None:
        if change is None:
            return None
        alert = await self._raise(rule, cause, change) if found is None else await self._change(found, change)
        await alerts.announce(self._connection, alert)
        return alert

    async def _set_waiting(self, rule: Rule, cause: Cause, waiting: Waiting | None) -> None:
        subject = cause.subject
        if waiting is None:
            await pending.drop(self._connection, subject)
            return
        await pending.put(
            self._connection,
            PendingRow(
                subject.rule_code,
                rule.version,
                cause.site_id,
                subject.device_id,
                subject.camera_id,
                subject.zone,
                cause.scene_event_id,
                waiting.since,
                waiting.due,
                waiting.why,
            ),
        )

    async def _raise(self, rule: Rule, cause: Cause, change: Change) -> int:
        allowed = incident.deadline(rule)
        new = NewAlert(
            cause.subject,
            rule.version,
            cause.site_id,
            cause.scene_event_id,
            rule.severity,
            change.at,
            change.cleared,
            allowed,
            change.why,
        )
        alert = await alerts.add(self._connection, new)
        condition = Condition.ACTIVE if change.cleared is None else Condition.CLEARED
        await alerts.add_history(
            self._connection, HistoryEntry(alert, Step.RAISE, None, Status.OPEN, condition, change.why)
        )
        for audience in audiences(Turn.RAISED, rule.severity):
            await pushes.enqueue(self._connection, alert, cause.site_id, Turn.RAISED, audience)
        return alert

    async def _change(self, found: OpenAlert, change: Change) -> int:
        condition = Condition.ACTIVE if change.cleared is None else Condition.CLEARED
        await alerts.set_condition(self._connection, found.id, change.cleared)
        await alerts.add_history(
            self._connection,
            HistoryEntry(found.id, change.step, found.status, found.status, condition, change.why),
        )
        return found.id

    async def _rule(self, code: str, version: int) -> Rule | None:
        """Versions never change, so that one look each is enough."""
        known = self._rules.get((code, version))
        if known is None:
            known = await rules.version(self._connection, code, version)
            if known is not None:
                self._rules[code, version] = known
        return known


def silence_why(row: SilenceRow) -> str:
    """The named reason of a device that fell silent, or that was heard again."""
    if not row.silent:
        return "heard again"
    return f"nothing heard since {row.last_seen.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _state(waiting: PendingRow | None, found: OpenAlert | None) -> State:
    return State(
        None if waiting is None else Waiting(waiting.since, waiting.due, waiting.why),
        None if found is None else Open(found.condition, found.cleared),
    )
