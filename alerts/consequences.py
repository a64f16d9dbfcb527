"""What decisions bring with them, written together: alerts, their history, pushes, and what waits from now on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from alerts import incident, ledger, proof
from alerts.audience import Turn, audiences
from alerts.clockwork import Begun, Clockwork
from alerts.incident import Change, Decision, Observation, Open, State, Step, Waiting
from domain.alert import Condition, Status
from domain.rule import Rule
from store import alert_sources, alerts, pending, pushes
from store.alert_sources import Source
from store.alerts import HistoryEntry, NewAlert, OpenAlert, Subject
from store.connection import Connection
from store.pending import PendingRow
from store.pushes import News

_INSTANT = timedelta(seconds=1)


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
    lead: Rule | None = None  # the rule that names the incident, where it is another one

    @property
    def incident(self) -> Subject:
        """Whose alert it is: rules of one incident share it."""
        return replace(self.cause.subject, rule_code=self.lead.code) if self.lead else self.cause.subject

    @property
    def bearing(self) -> Rule:
        """The rule as the alert bears it: under the name of the incident, of this rule's own class and deadline."""
        lead = self.lead
        return self.rule if lead is None else structs.replace(self.rule, code=lead.code, version=lead.version)

    @property
    def shares(self) -> bool:
        return self.rule.incident is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with what it was made from."""

    question: Question
    state: State
    found: OpenAlert | None
    decision: Decision


async def judge(connection: Connection, questions: Sequence[Question]) -> list[Answer]:
    """Load the subjects' states, each alert locked, and decide. The incidents differ."""
    waiting = await pending.find(connection, [one.cause.subject for one in questions])
    found = await alerts.find_open(connection, [one.incident for one in questions])
    shared = [found[one.incident].id for one in questions if one.shares and one.incident in found]
    sources = await alert_sources.active(connection, shared)
    answers: list[Answer] = []
    for one in questions:
        row, alert = waiting.get(one.cause.subject), found.get(one.incident)
        excused = await _excused(connection, one, row)
        answers.append(_decide(one, row, alert, sources.get(alert.id, set()) if alert else set(), excused))
    return answers


async def _excused(connection: Connection, question: Question, row: PendingRow | None) -> timedelta:
    """How much of the time that a condition lasted is excused, where it has ended now; of a pulse, of its instant."""
    seen, device = question.seen, question.cause.subject.device_id
    if seen is None or not question.rule.guards:
        return timedelta(0)
    if seen.pulse:
        return await proof.excused(connection, question.rule, device, seen.time - _INSTANT, seen.time)
    if row is None or seen.value:
        return timedelta(0)
    return await proof.excused(connection, question.rule, row.device_id, row.since, seen.time)


def _decide(
    question: Question, waiting: PendingRow | None, found: OpenAlert | None, sources: set[str], excused: timedelta
) -> Answer:
    rule = question.rule.code
    state = State(
        None if waiting is None else Waiting(waiting.since, waiting.due, waiting.why),
        None
        if found is None
        else Open(
            found.condition,
            found.cleared,
            ours=not question.shares or rule in sources,
            others=bool(sources - {rule}),
        ),
        excused,
    )
    seen = question.seen
    decision = incident.judge_due(state) if seen is None else incident.judge(question.rule, state, seen)
    return Answer(question, state, found, decision)


async def write(connection: Connection, answers: Sequence[Answer], clockwork: Clockwork) -> dict[Subject, int]:
    """Write what the answers about different incidents say, one statement for all of a kind; returns their alerts."""
    raised = await _raise(connection, answers, clockwork)
    changed = await _change(connection, answers, clockwork)
    await _set_waiting(connection, answers)
    touched = raised | changed
    await _set_sources(connection, answers, touched)
    await ledger.write(connection, {touched[one.question.incident]: over for one in answers if (over := _over(one))})
    await alerts.announce(connection, list(touched.values()))
    return touched


async def _raise(connection: Connection, answers: Sequence[Answer], clockwork: Clockwork) -> dict[Subject, int]:
    wanted = [(one.question, one.decision.change) for one in answers if one.decision.change and one.found is None]
    if not wanted:
        return {}
    allowed = await clockwork.allowed(connection, [(one.bearing, one.cause.site_id) for one, _ in wanted])
    new = [_new(question, change, span) for (question, change), span in zip(wanted, allowed, strict=True)]
    ids = await alerts.add(connection, new)
    await clockwork.raised(connection, [_begun(ids[one.incident], one, change) for one, change in wanted])
    await alerts.add_history(connection, [_raised(ids[one.subject], one) for one in new])
    await pushes.enqueue(connection, [push for one in new for push in _news(ids[one.subject], one)])
    proved = [(ids[one.incident], one.cause.subject.device_id, one.rule, change) for one, change in wanted]
    await proof.keep(connection, proved)
    return ids


def _begun(alert: int, question: Question, change: Change) -> Begun:
    return Begun(alert, question.bearing, question.cause.site_id, over=change.cleared is not None)


def _new(question: Question, change: Change, allowed: timedelta) -> NewAlert:
    rule, cause = question.rule, question.cause
    return NewAlert(
        question.incident,
        question.bearing.version,
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
    over = [(alert.id, one.bearing) for one, alert, change in steps if change.step is Step.CLEAR]
    again = [_begun(alert.id, one, change) for one, alert, change in steps if change.step is not Step.CLEAR]
    await clockwork.cleared(connection, over)
    await clockwork.recurred(connection, again)
    await _aggravate(
        connection, clockwork, [(one, alert) for one, alert, _ in steps if one.rule.severity < alert.severity]
    )
    return {question.incident: alert.id for question, alert, _ in steps}


async def _aggravate(
    connection: Connection, clockwork: Clockwork, graver: Sequence[tuple[Question, OpenAlert]]
) -> None:
    """A graver rule has joined: the alert is of its class from now on, climbs its ladders, and its people are told."""
    if not graver:
        return
    allowed = await clockwork.allowed(connection, [(one.bearing, one.cause.site_id) for one, _ in graver])
    await alerts.aggravate(
        connection,
        [alert.id for _, alert in graver],
        [one.rule.severity for one, _ in graver],
        allowed,
    )
    begun = [
        Begun(alert.id, one.bearing, one.cause.site_id, over=False, former=alert.severity) for one, alert in graver
    ]
    await clockwork.raised(connection, begun)
    news = [
        News(alert.id, one.cause.site_id, Turn.RAISED, audience)
        for one, alert in graver
        for audience in audiences(Turn.RAISED, one.rule.severity)
    ]
    await pushes.enqueue(connection, news)


def _over(answer: Answer) -> tuple[Rule, datetime] | None:
    """The rule that names a device's alert, and since when its condition is over, where it is."""
    change, one = answer.decision.change, answer.question
    if change is None or change.cleared is None or one.cause.subject.device_id is None:
        return None
    return one.lead or one.rule, change.cleared


async def _set_sources(connection: Connection, answers: Sequence[Answer], touched: Mapping[Subject, int]) -> None:
    """Remember which rules keep a shared alert active."""
    found = [_source(one, touched.get(one.question.incident)) for one in answers if one.question.shares]
    await alert_sources.put(connection, [one for one in found if one is not None])


def _source(answer: Answer, touched: int | None) -> Source | None:
    rule, seen, change = answer.question.rule, answer.question.seen, answer.decision.change
    if answer.decision.reason is incident.Reason.OTHERS_REMAIN and seen is not None and answer.found is not None:
        return Source(answer.found.id, rule.code, rule.version, seen.time, seen.time, seen.why)
    repeated = change is not None and change.step is Step.REPEAT
    if touched is None or change is None or (repeated and answer.state.open is not None and answer.state.open.ours):
        return None
    over = change.at if repeated else change.cleared
    return Source(touched, rule.code, rule.version, change.at, over, change.why)


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
