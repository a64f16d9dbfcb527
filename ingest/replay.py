"""What ingest would have signalled for one rule over what is stored: the same code as live, subject by subject.

Of readings only those that came in time count, as live; where they begin, what was known a day before.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

import msgspec
import numpy as np

from domain.rule import Rule, RuleKind
from domain.scene import Scene, SubLabel
from domain.wire import CameraHealth, Health, SceneBegan, SceneEnded
from ingest import clock, measure, scene_signals
from ingest.fact import EventStory, HealthStory, Said, sales
from ingest.landing import Begun, Ended
from ingest.measure import Columns
from ingest.profile_table import ProfileTable
from ingest.roster import Roster, build
from ingest.threshold import Held
from store import replay, rules
from store.connection import Connection
from store.readings import Readings, concatenate
from store.replay import Portion, SceneRow, Span, StateRow
from store.roster import MetricRow, RosterRows
from store.signals import Signal

Row = TypeVar("Row")

WANTED = 20_000  # rows in one piece of work: some 20 ms between two looks at the clock
_FIRST, _LEAST, _MOST = timedelta(hours=6), timedelta(minutes=5), timedelta(days=90)


async def portions(connection: Connection, rule: Rule, span: Span) -> AsyncIterator[Portion]:
    """All that the rule's subjects make of it, one after the other; a portion without signals tells of progress.

    Rules of silence and of edges have nothing to be replayed from (domain.replay.cannot).
    """
    active = await rules.active(connection) if rule.kind is RuleKind.SCENE else ()
    others = [one for one in active if one.scene is rule.scene and one.code != rule.code]
    roster = await _roster(connection, [rule, *others])
    source = _SOURCES.get(rule.kind)
    if source is not None:
        async for portion in source(connection, roster, rule, span):
            yield portion


async def _roster(connection: Connection, wanted: Sequence[Rule]) -> Roster:
    """The registry as ingest compiles it, with these rules alone: a scene's share its events by their sub-labels."""
    metrics = [MetricRow(*row) for row in await replay.metric_rows(connection)]
    profiles = await replay.profile_texts(connection)
    return build(RosterRows((), (), (), metrics, profiles, [msgspec.json.encode(one).decode() for one in wanted]))


def _tables(roster: Roster, concerned: Callable[[ProfileTable], Sequence[object]]) -> dict[str, ProfileTable]:
    return {code: table for code, table in roster.tables.items() if concerned(table)}


async def _thresholds(connection: Connection, roster: Roster, rule: Rule, span: Span) -> AsyncIterator[Portion]:
    tables = _tables(roster, lambda table: table.thresholds)
    subjects = await replay.devices(connection, list(tables), span.authority)
    yield Portion(None, (), 0, 0, len(subjects))
    for done, subject in enumerate(subjects):
        telling = _Telling(tables[subject.profile], subject.id)
        latest = await replay.before(connection, subject.id, telling.table.watched_ids, span.begin)
        telling.latest = latest.in_order()
        begin, step = span.begin, _FIRST
        while begin < span.end:
            end = min(begin + step, span.end)
            ids, most = telling.table.watched_ids, 2 * WANTED
            found = await replay.readings(connection, (subject.id, ids), begin, end, most)
            if len(found) == most and found.time[0] < found.time[-1]:  # a quiet time has ended: up to here, for now
                end, found = clock.moment(int(found.time[-1])), found[found.time < found.time[-1]]
            told = [(one, one.time) for one in telling.tell(found)]
            begin, step = end, min(max((end - begin) * min(4.0, WANTED / max(1, len(found))), _LEAST), _MOST)
            last = end >= span.end
            measured = clock.moment(telling.measured) if telling.measured else None
            yield Portion(subject, told, len(found), done + last, len(subjects), measured)


@dataclass(slots=True)
class _Telling:
    """A device's readings, told to its thresholds piece by piece as batches are."""

    table: ProfileTable
    device: int
    latest: Readings | None = None
    held: dict[str, dict[int, Held]] | None = None
    measured: int = 0  # µs

    def tell(self, found: Readings) -> list[Signal]:
        if not len(found) or self.latest is None:
            return []
        looks = measure.look(self._columns(found), self.latest, int(found.time[0]))
        signals = measure.judge(self.table, looks, self.held or {})
        if signals:
            last = signals[-1]
            self.held = {last.rule: {self.device: Held(last.value, clock.instant(last.time))}}
        self.latest = concatenate([self.latest, found[found.trusted]]).in_order().newest().readings
        self.measured = int(found.time[-1])
        return signals

    def _columns(self, found: Readings) -> Columns:
        """What was measured at one time was one message."""
        times, row = np.unique(found.time, return_inverse=True)
        order = np.argsort(self.table.ids)
        column = order[np.searchsorted(self.table.ids[order], found.metric)]
        device = np.full(len(times), self.device, dtype=np.int64)
        return Columns(self.table, device, times, row, column, found.value, found.quality)


async def _events(connection: Connection, roster: Roster, rule: Rule, span: Span) -> AsyncIterator[Portion]:
    tables = _tables(roster, lambda table: table.events)
    subjects = {one.id: one for one in await replay.devices(connection, list(tables), span.authority)}
    yield Portion(None, (), 0, 0, len(subjects))
    rows = await replay.events(connection, list(subjects), rule.codes, span.begin, span.end)
    stories = {device: EventStory(device, tables[one.profile].profile, {}) for device, one in subjects.items()}
    for known in await replay.events_before(connection, list(subjects), rule.codes, span.begin):
        stories[known.device].newest[known.code] = Said(known.active, known.time)
    for done, (device, some) in enumerate(_grouped(rows, lambda row: row[0].device), 1):
        told = [
            (signal, received)
            for row, received in some
            if _in_time(row.time, received)
            for signal in stories[device].tell(row.said, row.time, (rule,))
        ]
        yield Portion(subjects[device], told, len(some), done, len(subjects), cut=len(rows) == replay.MOST_EVENTS)


async def _sales(connection: Connection, roster: Roster, rule: Rule, span: Span) -> AsyncIterator[Portion]:
    tables = _tables(roster, lambda table: table.transactions)
    subjects = await replay.devices(connection, list(tables), span.authority)
    yield Portion(None, (), 0, 0, len(subjects))
    for done, subject in enumerate(subjects):
        after, more = (span.begin, ""), True
        while more:
            rows = await replay.sales(connection, subject.id, after, span.end, WANTED)
            more = len(rows) == WANTED
            received = {row.time: heard for row, heard in rows}
            timely = [row for row, heard in rows if _in_time(row.time, heard)]
            told = [(one, received[one.time]) for one in sales(tables[subject.profile].transactions, timely)]
            if rows:
                after = (rows[-1][0].time, rows[-1][0].said.tx_id)
            yield Portion(subject, told, len(rows), done + (not more), len(subjects))


async def _scenes(connection: Connection, roster: Roster, rule: Rule, span: Span) -> AsyncIterator[Portion]:
    assert rule.scene is not None
    subjects = {one.id: one for one in await replay.cameras(connection, span.authority)}
    yield Portion(None, (), 0, 0, len(subjects))
    rows = await replay.scenes(connection, rule.scene, span.begin, span.end)
    for done, (camera, some) in enumerate(_grouped(rows, lambda row: row.camera), 1):
        if camera in subjects:
            told = [
                one for row in some for one in _scene(row, rule.scene, roster, span.end) if one[0].rule == rule.code
            ]
            told.sort(key=lambda one: one[0].time)
            cut = len(rows) == replay.MOST_EVENTS
            yield Portion(subjects[camera], told, len(some), done, len(subjects), cut=cut)


def _scene(row: SceneRow, scene: Scene, roster: Roster, end: datetime) -> list[tuple[Signal, datetime]]:
    said = SceneBegan(
        *(row.id, "replay", scene, row.zone, 0, row.first, row.first, row.last, row.why, (), "0" * 64, 1),
        label=SubLabel(row.label),
    )
    received = clock.instant(row.received)
    told = [(one, row.received) for one in scene_signals.begins(Begun(0, row.camera, said), roster, received)]
    if told and row.ended is not None and row.ended < end:
        over = SceneEnded(row.id, "replay", row.ended, row.ended_why)
        heard = max(row.ended, row.received)
        ended = Ended(0, row.camera, scene, row.zone, over)
        told += [(one, heard) for one in scene_signals.ends(ended, roster, clock.instant(heard))]
    return told


async def _healths(connection: Connection, roster: Roster, rule: Rule, span: Span) -> AsyncIterator[Portion]:
    subjects = {one.id: one for one in await replay.cameras(connection, span.authority)}
    yield Portion(None, (), 0, 0, len(subjects))
    rows = await replay.healths(connection, span.begin, span.end)
    for done, (camera, some) in enumerate(_grouped(rows, lambda row: row.camera), 1):
        if camera in subjects:
            told = [(one, one.time) for one in _health(camera, some, roster, span.begin)]
            cut = len(rows) == replay.MOST_EVENTS
            yield Portion(subjects[camera], told, len(some), done, len(subjects), cut=cut)


def _health(camera: int, rows: Sequence[StateRow], roster: Roster, begin: datetime) -> list[Signal]:
    story = HealthStory(camera, "", None)
    found: list[Signal] = []
    for row in rows:
        said = CameraHealth("replay", row.at, Health(row.state), row.why)
        signals = story.tell(said, row.at, roster.health_rules)
        found += signals if row.at >= begin else []
    return found


def _grouped(rows: Sequence[Row], subject: Callable[[Row], int]) -> list[tuple[int, list[Row]]]:
    return [(identity, list(some)) for identity, some in groupby(rows, subject)]


def _in_time(time: datetime, received: datetime) -> bool:
    """Live, what is told a day late raises nothing (ingest.clock)."""
    return clock.instant(time) > clock.instant(received) - clock.STALE_FACT


_SOURCES = {
    RuleKind.THRESHOLD: _thresholds,
    RuleKind.EVENT: _events,
    RuleKind.TRANSACTION: _sales,
    RuleKind.SCENE: _scenes,
    RuleKind.HEALTH: _healths,
}
