"""What falls silent together is one incident: which group a silence belongs to, by site and by edge. Pure (ADR 35)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.rule import Place, Rule

PART = "part of the outage of its site"
RULE_GONE = "the rule does not look here any more"


@dataclass(frozen=True, slots=True)
class Key:
    """A device or a camera."""

    device: int | None = None
    camera: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One that stands at a site. When it really fell silent lies between `last` and `noticed`; all by our clock.

    `counts`: from when on its silence is one by its own rule. `away`: it is its edge that is away. `own`: it has an
    alert of its own, or somebody dismissed that.
    """

    key: Key
    edge: str
    last: datetime
    noticed: datetime | None = None  # None: it is there, as far as anybody knows
    counts: datetime | None = None
    away: bool = False
    own: bool = False

    @property
    def since(self) -> datetime:
        """A device was heard last then; of a camera its edge says when it went dark, an edge's broker when that did."""
        return self.noticed if self.key.camera is not None and self.noticed is not None else self.last

    def silent(self, now: datetime) -> bool:
        return self.noticed is not None and self.counts is not None and self.counts <= now


@dataclass(frozen=True, slots=True)
class Open:
    """An outage that is not over: whom it `holds`, and how many have been part of it."""

    alert: int
    rule: Rule
    zone: str
    holds: frozenset[Key]
    parts: int
    closed: bool = False
    retired: bool = False  # its rule is in force no more


class Verdict(StrEnum):
    """What the silences of one place are."""

    TOGETHER = "together"
    PERHAPS = "perhaps"  # what fell silent with them may not have been noticed yet
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Group:
    """A verdict, and whom it is about: those that fell silent together, of `all` that were there before."""

    verdict: Verdict
    gone: tuple[Member, ...] = ()
    all: int = 0

    @property
    def since(self) -> datetime:
        return min(one.since for one in self.gone)


@dataclass(slots=True)
class Plan:
    """What is to be done about one site's outages. Zones are edges' codes, '' the site itself."""

    raised: dict[str, Group] = field(default_factory=dict)
    joined: dict[int, list[Member]] = field(default_factory=dict)  # by alert
    back: dict[int, list[Key]] = field(default_factory=dict)
    over: list[tuple[Open, str]] = field(default_factory=list)
    held: set[Key] = field(default_factory=set)  # single alerts of these wait


def plan(
    rules: Mapping[Place, Rule], here: Sequence[Member], before: Iterable[Open], now: datetime, *, is_open: bool
) -> Plan:
    """Decide about one site. `is_open`: cameras matter in opening hours only (DOMAIN §1)."""
    made = Plan()
    going = {one.zone: one for one in _going(made, here, before)}
    away = [one for one in here if one.noticed is not None]
    if "" in going:
        _join(made, going[""], away)
        _absorb(made, going)
        return made
    if Place.SITE in rules:
        group = judge(rules[Place.SITE], here, now)
        if group.verdict is Verdict.TOGETHER and _matters(group, is_open):
            made.raised[""] = group
            _absorb(made, going)
            return made
        if group.verdict is Verdict.PERHAPS:
            made.held |= {one.key for one in group.gone}
    _edges(made, rules.get(Place.EDGE), here, going, now, is_open=is_open)
    return made


def judge(rule: Rule, here: Collection[Member], now: datetime) -> Group:
    """Whether those of one place fell silent together: within `window_s`, `samples` and that share of them."""
    group = max((_around(rule, here, now, one) for one in _ends(here, now)), key=_size, default=None)
    return Group(Verdict.ALONE) if group is None else group


def _size(group: Group) -> tuple[bool, bool, int]:
    return group.verdict is Verdict.TOGETHER, group.verdict is Verdict.PERHAPS, len(group.gone)


def _ends(here: Iterable[Member], now: datetime) -> set[datetime]:
    """When they were noticed, to the second: a site of thousands must not be judged thousands of times."""
    return {one.noticed.replace(microsecond=0) for one in here if one.noticed is not None and one.silent(now)}


def _around(rule: Rule, here: Iterable[Member], now: datetime, begin: datetime) -> Group:
    """Judge those that can have fallen silent in the window that begins then; who was missing before does not count."""
    end = begin + timedelta(seconds=rule.window_s)
    there = [one for one in here if one.noticed is None or one.noticed >= begin]
    gone = tuple(one for one in there if one.noticed is not None and one.last <= end)
    sure = [one for one in gone if one.silent(now)]
    unheard = [one for one in there if one.noticed is None and one.last <= begin]
    first = min((one.counts for one in sure if one.counts is not None), default=now)
    least = 1 if any(one.away for one in sure) and rule.place is Place.EDGE else rule.samples

    def enough(n: int) -> bool:
        return n >= least and n >= rule.share * len(there)

    if all(one.own for one in sure):  # everybody knows: no new group
        verdict = Verdict.ALONE
    elif enough(len(sure)):
        verdict = Verdict.TOGETHER
    elif enough(len(gone) + len(unheard)) and now < first + timedelta(seconds=rule.window_s):
        verdict = Verdict.PERHAPS
    else:
        verdict = Verdict.TOGETHER if enough(len(gone)) else Verdict.ALONE
    return Group(verdict, gone, len(there))


def _going(made: Plan, here: Sequence[Member], before: Iterable[Open]) -> Iterator[Open]:
    """Those that are not over; whoever is heard again is noted."""
    away = {one.key for one in here if one.noticed is not None}
    for one in before:
        heard = sorted(one.holds - away, key=repr)
        if heard:
            made.back[one.alert] = heard
        left = len(one.holds) - len(heard)
        why = _over(one, left)
        if why:
            made.over.append((one, why))
        else:
            yield one


def _over(one: Open, left: int) -> str:
    if one.retired:
        return RULE_GONE
    few = left < min(one.rule.samples, one.parts) or left < one.rule.share * one.parts
    return f"{one.parts - left} of {one.parts} heard again" if few or one.closed else ""


def _matters(group: Group, is_open: bool) -> bool:
    return is_open or any(one.key.device is not None for one in group.gone)


def _join(made: Plan, one: Open, away: Iterable[Member]) -> None:
    """Whatever falls silent during an outage is part of it; what has an alert already was silent before."""
    new = [member for member in away if member.key not in one.holds and not member.own]
    if new:
        made.joined[one.alert] = new


def _absorb(made: Plan, going: Mapping[str, Open]) -> None:
    """An edge's outage is part of its site's."""
    made.over += [(one, PART) for zone, one in going.items() if zone]


def _edges(
    made: Plan, rule: Rule | None, here: Sequence[Member], going: Mapping[str, Open], now: datetime, *, is_open: bool
) -> None:
    for edge in sorted({one.edge for one in here if one.edge}):
        behind = [one for one in here if one.edge == edge]
        if edge in going:
            _join(made, going[edge], [one for one in behind if one.noticed is not None])
        elif rule is not None:
            group = judge(rule, behind, now)
            gone = {one.key for one in group.gone}
            if group.verdict is Verdict.PERHAPS:
                made.held |= gone
            elif group.verdict is Verdict.TOGETHER and _matters(group, is_open) and not gone & made.held:
                made.raised[edge] = group


def why(group: Group, edge: str) -> str:
    """The named reason of an outage."""
    begun = f"{group.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    where = f"behind edge {edge}" if edge else "of the site"
    return f"{len(group.gone)} of {group.all} {where} silent since {begun}"
