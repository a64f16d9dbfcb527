"""The decider: turns waiting signals, passed due times and silence into alerts, each with its consequences at once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
import psycopg
import structlog

from alerts import consequences, hearing, incident, proof, watch
from alerts.clockwork import Clockwork
from alerts.consequences import Answer, Cause, Question
from alerts.counters import Counters
from alerts.incident import Contact, Observation, Reason, Waiting
from alerts.outage_watch import SITES, OutageWatch
from domain.ladder import Kind
from domain.rule import Hours, Rule, RuleKind
from store import alerts, clocks, pending, rules, signal_queue, silence
from store.alerts import Subject
from store.clocks import Ripe
from store.connection import Connection
from store.pending import PendingRow
from store.signal_queue import QueuedSignal
from store.silence import SilenceRow

log = structlog.get_logger("alerts")

BATCH = 200  # signals in one transaction
POSTPONE_S = 60.0
UNPROVEN_S = 10.0  # until it is asked again whether a silent device has told how its condition went on

Named = TypeVar("Named", Reason, Kind)
Item = TypeVar("Item", QueuedSignal, PendingRow, Ripe)


@dataclass(frozen=True, slots=True)
class Note:
    """A decision that was written but is not committed yet."""

    reason: Reason | Kind
    alert: int | None
    rule: str


class Decider:
    """Works on one connection, the one that holds the engine's lock: when it is lost, so is the right to decide."""

    def __init__(self, connection: Connection, counters: Counters) -> None:
        self._connection = connection
        self._counters = counters
        self._rules: dict[tuple[str, int], Rule] = {}
        self._notes: list[Note] = []
        self._clockwork = Clockwork()
        self._outages = OutageWatch(connection)

    async def signals(self) -> int:
        """Handle a batch of waiting signals; returns how many."""
        batch = await signal_queue.unhandled(self._connection, BATCH)
        await self._together(batch, self._signals, self._give_up_signal)
        return len(batch)

    async def dues(self) -> int:
        """Handle a batch of waiting conditions whose time has come; returns how many."""
        batch = await pending.overdue(self._connection, BATCH)
        await self._together(batch, self._dues, self._give_up_due)
        return len(batch)

    async def clocks(self) -> int:
        """Fire a batch of clocks that have run out; returns how many."""
        batch = await clocks.ripe(self._connection, BATCH)
        if batch:
            await self._clockwork.look(self._connection)
            await self._together(batch, self._fire, self._give_up_clock)
        return len(batch)

    async def silences(self) -> int:
        """Raise and clear what outages and each active silence rule say, a batch of each; returns how many changed.

        A thousand devices fall silent at once behind one dead switch, and a signal must not wait for them all.
        """
        await hearing.look_for_room(self._connection)
        if not await hearing.listen(self._connection):
            return 0
        began, active = await alerts.clock(self._connection), await rules.active(self._connection)
        self._outages.begin(active)
        sites = await self._outages.suspects()
        changed = sum([await self._gather(sites[at : at + SITES]) for at in range(0, len(sites), SITES)])
        for rule in active:
            if rule.kind is RuleKind.SILENCE:
                changed += await self._silences_of(rule)
        self._outages.end(began)
        return changed

    async def _silences_of(self, rule: Rule) -> int:
        looked: set[int] = set()
        while True:
            held = self._outages.held_devices
            batch = await silence.flips(self._connection, rule.code, rule.profiles, rule.for_s, limit=BATCH, held=held)
            fresh = {row.site_id for row in batch if row.silent} - looked
            looked |= fresh
            joined = await self._gather(sorted(fresh))
            single = [row for row in batch if not (row.silent and self._outages.holds(row.device_id))]
            async with self._noted():
                await self._settle([_silence(rule, row) for row in single])
            if joined or single or len(batch) < BATCH:
                return joined + len(single)

    async def _gather(self, sites: Sequence[int]) -> int:
        """What fell silent together at these sites is one alert of the site; returns how many joined or left one."""
        if not sites:
            return 0
        async with self._noted():
            steps = await self._outages.plan(sites)
            await self._settle(steps.questions)
            return await self._outages.write(steps)

    async def figures(self, rule: Rule) -> int:
        """Look at the figures of one rule; what flips is a signal. Returns how many flipped."""
        try:
            return await watch.look(self._connection, rule)
        except psycopg.OperationalError:
            raise
        except (psycopg.Error, ValueError) as error:
            log.error("alerts.figures_failed", rule=rule.code, problem=" ".join(str(error).split()))  # noqa: TRY400
            self._counters.add("figures_failed")
            return 0

    async def _together(
        self,
        batch: Sequence[Item],
        handle: Callable[[Sequence[Item]], Awaitable[None]],
        give_up: Callable[[Item, str], Awaitable[None]],
    ) -> None:
        """One transaction for all; when one item cannot be handled, one for each, so that it hurts nobody else."""
        try:
            async with self._noted():
                await handle(batch)
        except psycopg.OperationalError:
            raise
        except (psycopg.Error, msgspec.MsgspecError, ValueError):
            for item in batch:
                await self._alone(item, handle, give_up)

    async def _alone(
        self,
        item: Item,
        handle: Callable[[Sequence[Item]], Awaitable[None]],
        give_up: Callable[[Item, str], Awaitable[None]],
    ) -> None:
        try:
            async with self._noted():
                await handle([item])
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
        await signal_queue.settle(self._connection, {signal.id: f"{Reason.UNREADABLE}: {problem}"})

    async def _give_up_clock(self, clock: Ripe, problem: str) -> None:
        log.error("alerts.clock_dropped", alert=clock.alert_id, ladder=clock.ladder, rung=clock.rung, problem=problem)
        await clocks.fail(self._connection, clock, problem)

    async def _give_up_due(self, row: PendingRow, problem: str) -> None:
        log.error("alerts.pending_dropped", rule=row.rule_code, device=row.device_id, problem=problem)
        await pending.drop(self._connection, [row.subject])

    async def _signals(self, batch: Sequence[QueuedSignal]) -> None:
        """Signals of different subjects together, those of one subject in their order."""
        ended = [one.scene_event_id for one in batch if not one.value and one.scene_event_id is not None]
        others = await signal_queue.others_last(self._connection, ended)
        outcomes: dict[int, str] = {}
        asked: list[tuple[QueuedSignal, Question]] = []
        for one in batch:
            rule = await self._rule(one.rule_code, one.rule_version)
            if rule is None:
                outcomes[one.id] = self._note(Reason.NO_RULE, one.rule_code)
            elif not one.value and one.scene_event_id in others:  # a zone is clear when its last scene event has ended
                outcomes[one.id] = self._note(Reason.OTHERS_REMAIN, one.rule_code)
            elif not _in_scope(rule, one):
                outcomes[one.id] = self._note(Reason.OUT_OF_SCOPE, one.rule_code)
            else:
                asked.append((one, _question(rule, one)))
        late = await self._out_of_hours(asked)
        outcomes |= {one.id: self._note(Reason.OUT_OF_HOURS, one.rule_code) for one, _ in asked if one.id in late}
        asked = [(one, question) for one, question in asked if one.id not in late]
        answers = await self._settle([question for _, question in asked])
        outcomes |= {one.id: answer.decision.reason for (one, _), answer in zip(asked, answers, strict=True)}
        await signal_queue.settle(self._connection, outcomes)

    async def _out_of_hours(self, asked: Sequence[tuple[QueuedSignal, Question]]) -> set[int]:
        """Pulses that came when their rule does not count; what lasts waits for its hours."""
        pulses = [(one, question.rule) for one, question in asked if one.pulse]
        pulses = [(one, rule) for one, rule in pulses if rule.counts is not Hours.ALWAYS]
        schedules = await alerts.schedules(self._connection, {one.site_id for one, _ in pulses})
        return {
            one.id for one, rule in pulses if incident.postponed(rule, is_open=schedules[one.site_id].is_open(one.time))
        }

    async def _dues(self, batch: Sequence[PendingRow]) -> None:
        known = [(row, await self._rule(row.rule_code, row.rule_version)) for row in batch]
        await pending.drop(self._connection, [row.subject for row, rule in known if rule is None])
        ripe = [(row, rule) for row, rule in known if rule is not None]
        for look, delay_s in (
            (self._closed, POSTPONE_S),
            (self._unproven, UNPROVEN_S),
            (self._in_outage, UNPROVEN_S),
        ):
            later = await look(ripe)
            await pending.postpone(self._connection, later, delay_s)
            ripe = [(row, rule) for row, rule in ripe if row.subject not in later]
        await self._settle(
            [
                Question(rule, Cause(row.subject, row.site_id, row.scene_event_id), None)
                for row, rule in ripe
                if await self._proven(row, rule)
            ]
        )

    async def _proven(self, row: PendingRow, rule: Rule) -> bool:
        """Whether what was measured bears a waiting condition out: its guards, its share of samples. Else it waits."""
        if row.device_id is None or not (rule.guards or rule.share < 1):
            return True
        now = datetime.now(UTC)
        excused = await proof.excused(self._connection, rule, row.device_id, row.since, now)
        left = incident.short_by(rule, now - row.since, excused)
        if left > timedelta(0):
            await pending.postpone(self._connection, {row.subject}, left.total_seconds())
            return False
        return rule.share >= 1 or await self._sampled(row, rule, row.device_id, now)

    async def _sampled(self, row: PendingRow, rule: Rule, device: int, now: datetime) -> bool:
        """k of n: on enough of the samples of its time; too few, and what holds now begins anew."""
        hits = await proof.hits(self._connection, rule, device, row.since, now)
        if hits.known >= rule.samples and hits.share >= rule.share:
            return True
        await pending.drop(self._connection, [row.subject])
        self._note(Reason.TOO_FEW, rule.code)
        if hits.last:
            await pending.put(self._connection, [replace(row, since=now, due=now + timedelta(seconds=rule.for_s))])
        return False

    async def _closed(self, waiting: Sequence[tuple[PendingRow, Rule]]) -> set[Subject]:
        """What is to wait for its site's opening hours."""
        sites = {row.site_id for row, rule in waiting if rule.counts is not Hours.ALWAYS}
        schedules = await alerts.schedules(self._connection, sites)
        return {
            row.subject
            for row, rule in waiting
            if row.site_id in schedules and incident.postponed(rule, is_open=schedules[row.site_id].is_open(row.due))
        }

    async def _unproven(self, waiting: Sequence[tuple[PendingRow, Rule]]) -> set[Subject]:
        """What a device has to tell first."""
        contacts = await pending.contacts(self._connection, [row.subject for row, _ in waiting])
        return {
            row.subject
            for row, rule in waiting
            if row.subject in contacts
            and incident.unproven(rule, Waiting(row.since, row.due, row.why), Contact(*contacts[row.subject]))
        }

    async def _in_outage(self, waiting: Sequence[tuple[PendingRow, Rule]]) -> set[Subject]:
        """Cameras that an outage holds, or may hold: the site's alert tells of them."""
        dark = [(row, rule) for row, rule in waiting if row.camera_id is not None and rule.kind is RuleKind.HEALTH]
        by_camera = {row.camera_id or 0: (rule, row.since) for row, rule in dark}
        longest = max((rule.for_s for rule, _ in by_camera.values()), default=0.0)
        held = await self._outages.waiting(by_camera, longest)
        return {row.subject for row, _ in dark if row.camera_id in held}

    async def _fire(self, batch: Sequence[Ripe]) -> None:
        for one, kind in await self._clockwork.fire(self._connection, batch):
            self._note(kind, f"{one.ladder}/{one.rung}", one.alert_id)

    async def _settle(self, questions: Sequence[Question]) -> list[Answer]:
        """Decide about questions, those of one incident in their order, and write it with all that it brings."""
        led = [replace(one, lead=await self._lead(one.rule)) if one.shares else one for one in questions]
        answers: dict[int, Answer] = {}
        for turn in in_turn([one.incident for one in led]):
            judged = await consequences.judge(self._connection, [led[place] for place in turn])
            touched = await consequences.write(self._connection, judged, self._clockwork)
            for place, one in zip(turn, judged, strict=True):
                answers[place] = one
                self._note(one.decision.reason, one.question.rule.code, touched.get(one.question.incident))
        return [answers[place] for place in range(len(led))]

    async def _lead(self, rule: Rule) -> Rule | None:
        """The rule that names the incident, in its active version; None where it is the rule itself, or is gone."""
        if rule.incident in (None, rule.code):
            return None
        return await rules.current(self._connection, rule.incident or "")

    def _note(self, reason: Named, rule: str, alert: int | None = None) -> Named:
        self._notes.append(Note(reason, alert, rule))
        return reason

    async def _rule(self, code: str, version: int) -> Rule | None:
        """Versions never change, so that one look each is enough."""
        known = self._rules.get((code, version))
        if known is None:
            known = await rules.version(self._connection, code, version)
            if known is not None:
                self._rules[code, version] = known
        return known


def _question(rule: Rule, signal: QueuedSignal) -> Question:
    zone = signal.zone if rule.kind is RuleKind.SCENE else ""
    subject = Subject(signal.rule_code, signal.device_id, signal.camera_id, zone)
    seen = Observation(signal.value, signal.pulse, signal.time, signal.received, signal.why)
    return Question(rule, Cause(subject, signal.site_id, signal.scene_event_id), seen)


def _silence(rule: Rule, row: SilenceRow) -> Question:
    time = row.last_seen if row.silent else row.now
    seen = Observation(row.silent, False, time, row.now, silence_why(row))
    return Question(rule, Cause(Subject(rule.code, row.device_id, None), row.site_id), seen)


def _in_scope(rule: Rule, signal: QueuedSignal) -> bool:
    """Whether the signal is of a site and zone that the rule is for. A device has no zone: who looked has asked."""
    zoned = rule.kind is not RuleKind.SCENE or not rule.zones or signal.zone in rule.zones
    return zoned and (not rule.sites or signal.site_kind in rule.sites)


def in_turn(incidents: Sequence[Subject]) -> Iterator[list[int]]:
    """Places of questions: the first of each incident, then the second of each that has two, and so on."""
    turns: list[list[int]] = []
    seen: dict[Subject, int] = {}
    for place, one in enumerate(incidents):
        number = seen[one] = seen.get(one, -1) + 1
        if number == len(turns):
            turns.append([])
        turns[number].append(place)
    yield from turns


def silence_why(row: SilenceRow) -> str:
    """The named reason of a device that fell silent, or that was heard again."""
    if not row.silent:
        return "heard again"
    return f"nothing heard since {row.last_seen.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
