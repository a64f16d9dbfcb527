"""The clocks of alerts: which start and end with each step, and what comes with one that runs out (ADR 32).

Starting and ending them is part of the step's own transaction; firing them is one of its own, with history, pushes,
cards and the next clocks. Time is the database's alone: a clock is due when its row says so.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from alerts import incident
from alerts.audience import OF_CLOCK, Turn
from domain import clock_phrase, ladder
from domain.ladder import DUTIES, RESCUE, RESCUERS, Count, Kind, Ladder, Mark, Recipient, Rung, Start, real
from domain.rule import Rule
from domain.severity import DEADLINES, Severity
from store import alerts, cards, clocks, ladders, pushes
from store.alerts import HistoryEntry
from store.clocks import Facts, NewClock, Ripe, Sort
from store.connection import Connection
from store.ladders import Known
from store.pushes import News

_FRESH_S = 5.0  # so old the ladders in memory may be: a city that installs another waits no longer
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_COLOURS = {Kind.YELLOW: "yellow", Kind.RED: "red"}


@dataclass(frozen=True, slots=True)
class Begun:
    """An alert that was raised now, or whose condition is so again. `over`: and is over already.

    `former`: it was of that class until now, and climbs its ladders already.
    """

    alert_id: int
    rule: Rule
    site_id: int
    over: bool
    former: Severity | None = None

    def climbs(self, one: Ladder) -> bool:
        return self.former is not None and one.covers(self.rule.code, self.former)


@dataclass(frozen=True, slots=True)
class Times:
    """How the sites' authorities count time, for the ladders that count working time."""

    counts: Mapping[int, Count]

    def of(self, one: Ladder, site: int) -> Count:
        return self.counts.get(site, real) if one.working else real


class Clockwork:
    """The ladders in force, as they were a moment ago, and what they make of an alert's steps."""

    def __init__(self) -> None:
        self._known = Known({}, ())
        self._climbs: dict[tuple[str, Severity], list[Ladder]] = {}
        self._caring: dict[tuple[str, Severity, Mark], bool] = {}
        self._read_at = float("-inf")

    async def look(self, connection: Connection) -> None:
        """Read the ladders when what is known of them is old."""
        if time.monotonic() - self._read_at > _FRESH_S:
            self._known, self._read_at = await ladders.known(connection), time.monotonic()
            self._climbs, self._caring = {}, {}

    async def allowed(self, connection: Connection, raising: Sequence[tuple[Rule, int]]) -> list[timedelta]:
        """How long people have got to act on new alerts, by rule and site: real time, also where only working time
        counts."""
        await self.look(connection)
        working = {site for rule, site in raising if any(one.working for one in self._climbed(rule))}
        times, now = await _times(connection, working)
        return [self._allowed(rule, site, times, now) for rule, site in raising]

    def _allowed(self, rule: Rule, site: int, times: Times, now: datetime | None) -> timedelta:
        plain = incident.deadline(rule)
        duty = next((one for one in self._climbed(rule) if any(rung.kind in DUTIES for rung in one.rungs)), None)
        return plain if duty is None or now is None else times.of(duty, site)(now, plain) - now

    def _climbed(self, rule: Rule) -> list[Ladder]:
        key = rule.code, rule.severity
        if key not in self._climbs:
            self._climbs[key] = [one for one in self._known.active if one.covers(*key)]
        return self._climbs[key]

    async def raised(self, connection: Connection, begun: Sequence[Begun]) -> None:
        """Start the clocks of new alerts, and of those that have become graver."""
        steps = [(one, rungs) for one in begun for rungs in self._climbed(one.rule) if not one.climbs(rungs)]
        times, now = await _times(connection, {one.site_id for one, rungs in steps if rungs.working})
        at = now or _ANY  # where real time counts, what matters is how long after
        new: list[NewClock] = []
        for one, rungs in steps:
            count = times.of(rungs, one.site_id)
            starts = ladder.at_mark(rungs, Mark.RAISED, at, incident.deadline(one.rule), count)
            new += _new(one.alert_id, rungs, at, _lasting(starts, over=one.over))
        await clocks.start_first(connection, new)

    async def cleared(self, connection: Connection, changed: Sequence[tuple[int, Rule]]) -> None:
        """The conditions of alerts are over: end the clocks that care."""
        await clocks.cancel(connection, [one for one, rule in changed if self._cares(rule, Mark.CLEARED)], Mark.CLEARED)

    async def recurred(self, connection: Connection, begun: Sequence[Begun]) -> None:
        """Conditions are so again: start the clocks of each ladder that has none running; what waited goes on."""
        await clocks.resume(connection, [one.alert_id for one in begun])
        cared = {one.alert_id: one for one in begun if self._cares(one.rule, Mark.RECURRED)}
        found = await clocks.facts(connection, cared) if cared else {}
        for alert, facts in found.items():
            climbed = [one for one in self._of(facts) if one.code not in facts.running]
            await _start(connection, alert, facts, Mark.RECURRED, climbed, over=cared[alert].over)

    def _cares(self, rule: Rule, mark: Mark) -> bool:
        """Whether that mark means something to any ladder, of any version, that an alert of the rule may be on."""
        key = rule.code, rule.severity, mark
        if key not in self._caring:
            covering = [one for one in self._known.ladders.values() if one.covers(rule.code, rule.severity)]
            self._caring[key] = any(mark in (*rung.begins, *rung.ends) for one in covering for rung in one.rungs)
        return self._caring[key]

    def _of(self, facts: Facts) -> list[Ladder]:
        return [self._known.ladders[key] for key in sorted(facts.ladders) if key in self._known.ladders]

    async def moved(self, connection: Connection, alert: int, mark: Mark) -> None:
        """Somebody has acted on a locked alert: end clocks, let some wait, and start those that begin with it."""
        await clocks.cancel(connection, [alert], mark, every=mark is Mark.FINISHED)
        if mark is Mark.FINISHED:
            return
        await self.look(connection)
        facts = (await clocks.facts(connection, [alert]))[alert]
        if mark is Mark.APPEALED:
            await clocks.pause(connection, [alert], ladder.waiting(facts.severity))
        for start in await _start(connection, alert, facts, mark, self._of(facts)):
            if start.rung.kind in DUTIES:
                await clocks.set_due(connection, alert, start.due)

    async def fire(self, connection: Connection, batch: Sequence[Ripe]) -> list[tuple[Ripe, Kind]]:
        """Fire those of the clocks that still run, each with all that it brings; returns what was fired.

        Raises ValueError for a clock whose ladder does not know it.
        """
        taken = [(one, *self._rung(one)) for one in await clocks.take(connection, batch)]
        times, _ = await _times(connection, {one.site_id for one, rungs, _ in taken if rungs.working})
        await _write(connection, [(one, rung) for one, _, rung in taken])
        new: list[NewClock] = []
        for one, rungs, rung in taken:
            starts = ladder.at_fire(rungs, rung, one.due, one.now, times.of(rungs, one.site_id))
            new += _new(one.alert_id, rungs, one.now, starts)
        await clocks.start(connection, new)
        return [(one, rung.kind) for one, _, rung in taken]

    def _rung(self, clock: Ripe) -> tuple[Ladder, Rung]:
        rungs = self._known.ladders.get((clock.ladder, clock.version))
        rung = None if rungs is None else rungs.rung(clock.rung)
        if rungs is None or rung is None:
            raise ValueError(f"ladder {clock.ladder} version {clock.version} has no rung {clock.rung}")
        return rungs, rung


async def _times(connection: Connection, sites: set[int]) -> tuple[Times, datetime | None]:
    """The working calendars of those sites, and what time it is; neither is asked for where no site is named."""
    if not sites:
        return Times({}), None
    found = await ladders.of_sites(connection, sites)
    return Times({site: calendar.add for site, calendar in found.items()}), await clocks.now(connection)


def _new(alert: int, rungs: Ladder, now: datetime, starts: Sequence[Start]) -> list[NewClock]:
    return [NewClock(alert, _sort(rungs.code, rungs.version, one.rung), one.due - now) for one in starts]


@lru_cache(maxsize=1024)
def _sort(code: str, version: int, rung: Rung) -> Sort:
    return Sort(code, version, rung.code, rung.kind.value, " ".join(rung.ends))


def _lasting(starts: Sequence[Start], *, over: bool) -> list[Start]:
    """Without those that the end of the condition ends, where it is over already."""
    return [one for one in starts if not (over and Mark.CLEARED in one.rung.ends)]


async def _start(
    connection: Connection, alert: int, facts: Facts, mark: Mark, climbed: Sequence[Ladder], *, over: bool = False
) -> list[Start]:
    """Start what a later mark begins, and say what."""
    allowed = DEADLINES[facts.severity] if facts.allowed_s is None else timedelta(seconds=facts.allowed_s)
    if mark is Mark.APPEALED:
        allowed = timedelta(seconds=facts.appeal_s)
    times, _ = await _times(connection, {facts.site_id} if any(one.working for one in climbed) else set())
    started: list[Start] = []
    for rungs in climbed:
        starts = ladder.at_mark(rungs, mark, facts.now, allowed, times.of(rungs, facts.site_id))
        lasting = _lasting(starts, over=over)
        await clocks.start(connection, _new(alert, rungs, facts.now, lasting))
        started += lasting
    return started


async def _write(connection: Connection, fired: Sequence[tuple[Ripe, Rung]]) -> None:
    """History, pushes and cards of clocks that have run out."""
    await alerts.add_history(connection, [_entry(one, rung) for one, rung in fired])
    told = [(one, rung, who) for one, rung in fired for who in rung.tell]
    await pushes.enqueue(
        connection,
        [News(one.alert_id, one.site_id, _turn(rung, who), who) for one, rung, who in told if who not in RESCUERS],
    )
    await clocks.call(connection, [(one.alert_id, who, _turn(rung, who)) for one, rung, who in told if who in RESCUERS])
    shown = [(one.site_id, one.alert_id, _COLOURS[rung.kind]) for one, rung in fired if rung.kind in _COLOURS]
    await cards.issue(connection, shown)
    await alerts.announce(connection, list(dict.fromkeys(one.alert_id for one, _ in fired)))


def _turn(rung: Rung, who: Recipient) -> Turn:
    """What somebody is told: of a rescue, the rescuers are called, and the others hear that it does not get on."""
    return Turn.ESCALATED if rung.kind in RESCUE and who not in RESCUERS else OF_CLOCK[rung.kind]


def _entry(one: Ripe, rung: Rung) -> HistoryEntry:
    why = clock_phrase.fired(rung, clocks.late(one))
    return HistoryEntry(one.alert_id, rung.kind, one.status, one.status, one.condition, why)
