"""Watches over outages: loads what stands at sites, asks alerts.outage, and writes which alert holds what (ADR 35)."""

import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from alerts import outage
from alerts.consequences import Cause, Question
from alerts.incident import Observation
from alerts.outage import Group, Key, Member, Open, Plan
from domain.ladder import Kind
from domain.rule import Place, Rule, RuleKind
from store import alerts, clocks, outages, rules
from store.alerts import Subject
from store.connection import Connection
from store.outages import GoingRow, Measure, NewMember, StandingRow

Row = TypeVar("Row", StandingRow, GoingRow)

SITES = 200  # looked at in one transaction
_RECENT_S = 180.0  # who went dark before that was looked at before, but for what a thorough look finds
_THOROUGH_S = 60.0
_EVER_S = 366 * 86400.0


@dataclass(slots=True)
class Steps:
    """What one look asks for: questions to be settled, and what is written once they are."""

    now: datetime
    questions: list[Question] = field(default_factory=list)
    raised: list[tuple[Subject, Group]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)


class OutageWatch:
    """Remembers only whom the last look held back: what outages hold is in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rules: dict[str, Rule] = {}
        self._looked: datetime | None = None
        self._held: set[Key] = set()
        self._holding: set[Key] = set()  # as the look that goes on finds it
        self._thorough_at = 0.0

    def begin(self, active: Sequence[Rule]) -> None:
        """A new look, by these rules."""
        self._rules = {rule.code: rule for rule in active}
        self._holding = set()

    def end(self, now: datetime) -> None:
        """It is over; what went dark before `now` was seen by it."""
        self._held, self._looked = self._holding, now

    def holds(self, device: int) -> bool:
        return Key(device=device) in self._holding

    @property
    def held_devices(self) -> list[int]:
        return [one.device for one in self._holding if one.device is not None]

    async def suspects(self) -> list[int]:
        """Sites with an outage, or whose cameras went dark."""
        found = await outages.going_sites(self._connection)
        if places := self._places:
            thorough = time.monotonic() >= self._thorough_at
            if thorough:
                self._thorough_at = time.monotonic() + _THOROUGH_S
            states = sorted({state for rule in places.values() for state in rule.codes})
            longest = max(rule.for_s for rule in places.values()) + _RECENT_S
            found |= await outages.dark(self._connection, states, _EVER_S if thorough else longest)
        return sorted(found)

    async def plan(self, sites: Collection[int]) -> Steps:
        """What is to be done about these sites."""
        here = await outages.standing(self._connection, sites, self._measure)
        going = await outages.going(self._connection, sites)
        hours = await alerts.schedules(self._connection, sites)
        now = await alerts.clock(self._connection)
        steps, standing, held = Steps(now), _by_site(here), _by_site(going)
        for site in sites:
            rows = standing.get(site, [])
            before = [one async for one in self._open(held.get(site, []))]
            made = outage.plan(
                self._places, [_member(row) for row in rows], before, now, is_open=hours[site].is_open(now)
            )
            self._add(steps, site, made, rows)
        return steps

    async def write(self, steps: Steps) -> int:
        """Write whom the outages hold now; returns how many changed."""
        parts = [one.incident for one in steps.questions if one.seen is not None and one.seen.why == outage.PART]
        found = await alerts.find_open(self._connection, [*(subject for subject, _ in steps.raised), *parts])
        # The outage has a deadline; those of its parts stand still until they are told of by themselves again.
        await clocks.pause(self._connection, [found[one].id for one in parts if one in found], tuple(Kind))
        new = [_new(found[subject].id, one) for subject, group in steps.raised for one in group.gone]
        new += [_new(alert, one) for made in steps.plans for alert, some in made.joined.items() for one in some]
        over = {one.alert for made in steps.plans for one, _ in made.over}
        back = {alert: _pairs(keys) for made in steps.plans for alert, keys in made.back.items()}
        await outages.give_back(self._connection, back)
        await outages.free(self._connection, over)
        await outages.join(self._connection, new)
        self._holding |= {Key(one.device_id, one.camera_id) for one in new}
        return len(new) + len(over) + sum(len(some) for some in back.values())

    async def waiting(self, cameras: Mapping[int, tuple[Rule, datetime]], patience_s: float) -> set[int]:
        """Which cameras' own alerts wait: an outage has them, or may have. By camera: its rule, and since when."""
        if not self._rules:  # no look has begun yet
            self.begin(await rules.active(self._connection))
        mine = {camera: since for camera, (rule, since) in cameras.items() if self._silent(rule)}
        unseen = {one for one, since in mine.items() if self._looked is None or since > self._looked}
        held = {one.camera for one in self._held if one.camera is not None} & set(mine)
        return unseen | held | await outages.held_cameras(self._connection, mine, patience_s)

    def _silent(self, rule: Rule) -> bool:
        """Whether what that rule is about is a camera's silence."""
        return any(set(rule.codes) & set(one.codes) for one in self._places.values())

    @property
    def _places(self) -> dict[Place, Rule]:
        return {rule.place: rule for rule in self._rules.values() if rule.place is not None}

    @property
    def _measure(self) -> Measure:
        states = {state for rule in self._places.values() for state in rule.codes}
        silence = [rule for rule in self._rules.values() if rule.kind is RuleKind.SILENCE]
        health = [one for one in self._rules.values() if one.kind is RuleKind.HEALTH and states & set(one.codes)]
        return Measure(
            tuple(rule.code for rule in silence),
            tuple(rule.code for rule in health),
            tuple(sorted(states)),
            max((rule.for_s for rule in silence), default=0.0),
            max((rule.for_s for rule in self._places.values()), default=0.0),
        )

    async def _open(self, rows: Sequence[GoingRow]) -> AsyncIterator[Open]:
        for alert, some in groupby(rows, key=lambda row: row.alert_id):
            parts = list(some)
            holds = frozenset(Key(row.device_id, row.camera_id) for row in parts if row.back is None)
            first = parts[0]
            active = self._rules.get(first.rule_code)
            rule = active or await rules.version(self._connection, first.rule_code, first.rule_version)
            if rule is not None:
                closed = first.status == "closed"
                yield Open(alert, rule, first.zone, holds, len(parts), closed=closed, retired=active is None)

    def _add(self, steps: Steps, site: int, made: Plan, rows: Sequence[StandingRow]) -> None:
        steps.plans.append(made)
        self._holding |= made.held
        for one, why in made.over:
            seen = Observation(False, False, steps.now, steps.now, why)
            steps.questions.append(_question(one.rule, site, one.zone, seen))
        for zone, group in made.raised.items():
            rule = self._places[Place.EDGE if zone else Place.SITE]
            seen = Observation(True, False, group.since, steps.now, outage.why(group, zone))
            asked = _question(rule, site, zone, seen)
            steps.questions.append(asked)
            steps.raised.append((asked.incident, group))
            gone = {one.key for one in group.gone}
            steps.questions += [own for row in rows if (own := self._own(row, gone, steps.now)) is not None]

    def _own(self, row: StandingRow, gone: Collection[Key], now: datetime) -> Question | None:
        """Its own alert is over: the outage tells of it now."""
        rule = self._rules.get(row.own_rule or "")
        if rule is None or Key(row.device_id, row.camera_id) not in gone:
            return None
        subject = Subject(rule.code, row.device_id, row.camera_id)
        return Question(rule, Cause(subject, row.site_id), Observation(False, False, now, now, outage.PART))


def _by_site(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.site_id, []).append(row)
    return found


def _question(rule: Rule, site: int, zone: str, seen: Observation) -> Question:
    return Question(rule, Cause(Subject(rule.code, None, None, zone, site), site), seen)


def _member(row: StandingRow) -> Member:
    return Member(
        Key(row.device_id, row.camera_id),
        row.edge,
        row.last,
        row.noticed,
        row.counts,
        away=row.away,
        own=row.own_rule is not None or row.dismissed,
    )


def _new(alert: int, one: Member) -> NewMember:
    return NewMember(alert, one.key.device, one.key.camera, one.since)


def _pairs(keys: Sequence[Key]) -> list[tuple[int, int]]:
    return [(one.device or 0, one.camera or 0) for one in keys]
