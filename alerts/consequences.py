"""What decisions bring with them, written together: alerts, their history, pushes, and what waits from now on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from alerts import incident
from alerts.audience import Turn, audiences
from alerts.clockwork import Begun, Clockwork
from alerts.incident import Change, Decision, Observation, Open, State, Step, Waiting
from domain.alert import Condition, Status
from domain.rule import Rule
from store import alerts, pending, pushes
from store.alerts import HistoryEntry, NewAlert, OpenAlert, Subject
from store.connection import Connection
from store.pending import PendingRow
from store.pushes import News


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a decision comes from, as far as an alert records it."""

    subject: Subject
    site_id: int
    scene_event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A rule to be judged on a subject: by what was seen, or (None) because its waiting condition's time has come."""

    rule: Rule
    cause: Cause
    seen: Observation | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with what it was made from."""

    question: Question
    state: State
    found: OpenAlert | None
    decision: Decision


async def judge(connection: Connection, questions: Sequence[Question]) -> list[Answer]:
    """Load the subjects' states, each alert locked, and decide. The subjects differ."""
    subjects = [one.cause.subject for one in questions]
    waiting = await pending.find(connection, subjects)
    found = await alerts.find_open(connection, subjects)
    return [_decide(one, waiting.get(one.cause.subject), found.get(one.cause.subject)) for one in questions]


def _decide(question: Question, waiting: PendingRow | None, found: OpenAlert | None) -> Answer:
    state = State(
        None if waiting is None else Waiting(waiting.since, waiting.due, waiting.why),
        None if found is None else Open(found.condition, found.cleared),
    )
    seen = question.seen
    decision = incident.judge_due(state) if seen is None else incident.judge(question.rule, state, seen)
    return Answer(question, state, found, decision)


async def write(connection: Connection, answers: Sequence[Answer], clockwork: Clockwork) -> dict[Subject, int]:
    """Write what the answers about different subjects say, one statement for all of a kind; returns their alerts."""
    raised = await _raise(connection, answers, clockwork)
    changed = await _change(connection, answers, clockwork)
    await _set_waiting(connection, answers)
    touched = raised | changed
    await alerts.announce(connection, list(touched.values()))
    return touched


async def _raise(connection: Connection, answers: Sequence[Answer], clockwork: Clockwork) -> dict[Subject, int]:
    wanted = [(one.question, one.decision.change) for one in answers if one.decision.change and one.found is None]
    if not wanted:
        return {}
    allowed = await clockwork.allowed(connection, [(one.rule, one.cause.site_id) for one, _ in wanted])
    new = [_new(question, change, span) for (question, change), span in zip(wanted, allowed, strict=True)]
    ids = await alerts.add(connection, new)
    await clockwork.raised(connection, [_begun(ids[one.cause.subject], one, change) for one, change in wanted])
    await alerts.add_history(connection, [_raised(ids[one.subject], one) for one in new])
    await pushes.enqueue(connection, [push for one in new for push in _news(ids[one.subject], one)])
    return ids


def _begun(alert: int, question: Question, change: Change) -> Begun:
    return Begun(alert, question.rule, question.cause.site_id, over=change.cleared is not None)


def _new(question: Question, change: Change, allowed: timedelta) -> NewAlert:
    rule, cause = question.rule, question.cause
    return NewAlert(
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


def _raised(alert: int, new: NewAlert) -> HistoryEntry:
    return HistoryEntry(alert, Step.RAISE, None, Status.OPEN, Condition.of(new.cleared), new.why)


def _news(alert: int, new: NewAlert) -> list[News]:
    return [News(alert, new.site_id, Turn.RAISED, audience) for audience in audiences(Turn.RAISED, new.severity)]


async def _change(connection: Connection, answers: Sequence[Answer], clockwork: Clockwork) -> dict[Subject, int]:
    """Steps of alerts that are open already; nobody is told of them, but clocks may start or end."""
    found = [(one.question, one.found, one.decision.change) for one in answers]
    steps = [(question, alert, change) for question, alert, change in found if alert is not None and change is not None]
    await alerts.set_conditions(
        connection, [alert.id for _, alert, _ in steps], [change.cleared for _, _, change in steps]
    )
    entries = [
        HistoryEntry(alert.id, change.step, alert.status, alert.status, Condition.of(change.cleared), change.why)
        for _, alert, change in steps
    ]
    await alerts.add_history(connection, entries)
    over = [(alert.id, one.rule) for one, alert, change in steps if change.step is Step.CLEAR]
    again = [_begun(alert.id, one, change) for one, alert, change in steps if change.step is not Step.CLEAR]
    await clockwork.cleared(connection, over)
    await clockwork.recurred(connection, again)
    return {question.cause.subject: alert.id for question, alert, _ in steps}


async def _set_waiting(connection: Connection, answers: Sequence[Answer]) -> None:
    moved = [one for one in answers if one.decision.waiting != one.state.waiting]
    over = [one.question.cause.subject for one in moved if one.decision.waiting is None]
    await pending.drop(connection, over)
    begun = [_waiting(one.question, one.decision.waiting) for one in moved if one.decision.waiting is not None]
    await pending.put(connection, begun)


def _waiting(question: Question, waiting: Waiting) -> PendingRow:
    cause, subject = question.cause, question.cause.subject
    return PendingRow(
        subject.rule_code,
        question.rule.version,
        cause.site_id,
        subject.device_id,
        subject.camera_id,
        subject.zone,
        cause.scene_event_id,
        waiting.since,
        waiting.due,
        waiting.why,
    )
