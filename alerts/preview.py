"""A preview: a rule's stored signals retold, beside the alerts that were raised, within limits and with progress."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from alerts.incident import Contact
from alerts.replay import Compared, Episode, Key, Raised, Stories, Told, compare
from domain import excursion, predicate
from domain.excursion import Limit as Bound
from domain.replay import MOST_SHOWN, Limit, Place, Replayed, Spell, Verdict
from domain.rule import Rule, RuleKind
from domain.schedule import Schedule
from store import replay
from store.connection import Connection
from store.replay import Portion, RaisedRow, Span, SubjectRow

Source = Callable[[Connection, Rule, Span], AsyncIterator[Portion]]
_KEPT = 10_000  # alerts kept of one answer before it is sorted; beyond they are only counted


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a preview may take. After each piece of work it rests `rest` times as long as that took."""

    rows: int = 20_000_000
    seconds: float = 600.0
    rest: float = 1.0
    tell_every_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    done: int
    total: int
    rows: int


class NobodyWaitsError(Exception):
    """Who asked has asked something else meanwhile."""


async def run(
    connection: Connection,
    source: Source,
    asked: tuple[Rule, Span],
    tell: Callable[[Progress], Awaitable[bool]],
    pace: Pace = Pace(),
) -> Replayed:
    """Replay the rule over the span; raises NobodyWaitsError when `tell` says so."""
    rule, span = asked
    raised = await replay.raised(connection, rule.code, span)
    account = _Account(rule, span, _by_subject(raised))
    began = told_at = time.monotonic()
    async for portion in source(connection, rule, span):
        piece = time.monotonic()
        account.add(portion)
        if piece - told_at >= pace.tell_every_s or portion.subject is None:
            told_at = piece
            if not await tell(Progress(portion.done, portion.total, account.rows)):
                raise NobodyWaitsError
        if account.rows >= pace.rows or portion.cut:
            account.limit = Limit.ROWS
        elif piece - began >= pace.seconds:
            account.limit = Limit.TIME
        if account.limit:
            break
        await asyncio.sleep(min(pace.rest * (time.monotonic() - piece), 0.5))
    return await _answer(connection, account.close(), account)


@dataclass(slots=True)
class _Account:
    """What has been found so far; one device or camera is open at a time."""

    rule: Rule
    span: Span
    raised: dict[Key, list[RaisedRow]]
    subject: SubjectRow | None = None
    stories: Stories | None = None
    measured: datetime | None = None
    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    spells: list[tuple[Key, Spell]] = field(default_factory=list)
    rows: int = 0
    looked: int = 0
    total: int = 0
    limit: Limit = Limit.NONE

    def add(self, portion: Portion) -> None:
        self.rows += portion.rows
        self.total = portion.total
        if portion.subject is None:
            return
        if self.subject is None or portion.subject.id != self.subject.id:
            self._end()
            self.subject = portion.subject
            self.stories = Stories(self.rule, msgspec.json.decode(portion.subject.schedule, type=Schedule))
            self.measured = None
        assert self.stories is not None
        self.measured = portion.measured or self.measured
        self.stories.tell(Told(signal, received) for signal, received in portion.told)
        self.looked = portion.done

    def close(self) -> list[tuple[Key, Spell]]:
        """End the last subject's stories, and say what was raised where nothing would be any more."""
        self._end()
        if not self.limit:
            self.looked = self.total
            for key in list(self.raised):
                self._compare(key, [], None)
        order = {Verdict.NEW: 0, Verdict.GONE: 1, Verdict.SAME: 2}
        self.spells.sort(key=lambda one: (order[one[1].verdict], -one[1].begin.timestamp()))
        return self.spells[:MOST_SHOWN]

    def _end(self) -> None:
        if self.subject is None or self.stories is None:
            return
        contact = None
        if self.rule.kind is RuleKind.THRESHOLD:
            contact = Contact(self.measured, self.measured, self.subject.online, self.span.end)
        for key, episodes in self.stories.end(self.span.end, contact).items():
            self._compare(key, episodes, self.subject)
        device = self.rule.kind not in (RuleKind.SCENE, RuleKind.HEALTH)
        for key in [key for key in self.raised if (key[0] if device else key[1]) == self.subject.id]:
            self._compare(key, [], self.subject)
        self.subject = None

    def _compare(self, key: Key, episodes: list[Episode], subject: SubjectRow | None) -> None:
        rows = self.raised.pop(key, [])
        known = {row.id: row for row in rows}
        for one in compare(episodes, [_raised(row) for row in rows], self.span.begin):
            spell = _spell(key, one, subject, known)
            self.counts[spell.verdict] += 1
            if len(self.spells) < _KEPT:
                self.spells.append((key, spell))


def _by_subject(rows: list[RaisedRow]) -> dict[Key, list[RaisedRow]]:
    found: dict[Key, list[RaisedRow]] = {}
    for row in rows:
        found.setdefault((row.device, row.camera, row.zone), []).append(row)
    return found


def _raised(row: RaisedRow) -> Raised:
    return Raised(row.id, row.began, None if row.finished is None else max(row.finished, row.cleared or row.finished))


def _spell(key: Key, one: Compared, subject: SubjectRow | None, known: Mapping[int, RaisedRow]) -> Spell:
    row = None if one.raised is None else known[one.raised.id]
    named = row if subject is None else subject
    assert named is not None
    place = Place(named.site_zh, named.site_en, named.zh, named.en, *key)
    alert = None if row is None else row.id
    if one.episode is None:
        assert row is not None
        return Spell(place, row.began, row.cleared, row.why, Verdict.GONE, alert=alert)
    verdict = Verdict.NEW if row is None else Verdict.SAME
    return Spell(place, one.episode.begin, one.episode.end, one.episode.why, verdict, one.episode.times, None, alert)


async def _answer(connection: Connection, spells: list[tuple[Key, Spell]], account: _Account) -> Replayed:
    bound = _bound(account.rule)
    shown = [await _peaked(connection, key, spell, bound, account.span.end) for key, spell in spells]
    counts = account.counts
    return Replayed(
        counts[Verdict.NEW],
        counts[Verdict.SAME],
        counts[Verdict.GONE],
        tuple(shown),
        account.total,
        account.looked,
        account.rows,
        account.limit,
    )


def _bound(rule: Rule) -> Bound | None:
    return excursion.limit(predicate.parse(rule.predicate)) if rule.kind is RuleKind.THRESHOLD else None


async def _peaked(connection: Connection, key: Key, spell: Spell, bound: Bound | None, now: datetime) -> Spell:
    if bound is None or key[0] is None:
        return spell
    end = spell.end or now
    last = max(spell.begin, end - timedelta(microseconds=1)) if spell.end else end
    value = await replay.peak(connection, key[0], bound.metric, spell.begin, last, above=bound.above)
    return msgspec.structs.replace(spell, peak=value)
