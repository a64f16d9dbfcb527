"""Ladders: what is refused; and no clock fires twice or is lost, however time, people and restarts come."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts import ladderbook
from domain import clock_phrase, ladder, reason
from domain.alert import Status
from domain.ladder import BadLadderError, Kind, Ladder, Mark, Recipient, Rung, real
from domain.severity import Severity

SHIPPED = {one.code: one for one in ladderbook.ladders()}
GRAVE = SHIPPED["class-1"]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALLOWED = timedelta(minutes=30)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def test_every_class_and_the_entrapment_have_a_ladder() -> None:
    covered = [one.code for one in SHIPPED.values() if one.covers("lift-entrapment", Severity.I)]
    assert covered == ["class-1", "lift-rescue"]
    for severity in (Severity.I, Severity.II, Severity.III):
        assert len([one for one in SHIPPED.values() if one.covers("no-hat", severity)]) == 1


def test_the_clocks_of_a_new_class_one_alert() -> None:
    starts = ladder.at_mark(GRAVE, Mark.RAISED, NOON, ALLOWED, real)
    assert {(one.rung.code, one.due - NOON) for one in starts} == {
        ("remind", minutes(10)),
        ("acknowledge", minutes(30)),
        ("yellow", timedelta(days=5, minutes=30)),
    }


def test_the_rescue_counts_three_fifteen_and_thirty_minutes() -> None:
    starts = ladder.at_mark(SHIPPED["lift-rescue"], Mark.RAISED, NOON, ALLOWED, real)
    assert [(one.rung.kind, one.due - NOON) for one in starts] == [
        (Kind.CALL, minutes(0)),
        (Kind.ANSWER, minutes(3)),
        (Kind.ARRIVE, minutes(15)),
        (Kind.RELEASE, minutes(30)),
    ]


def test_what_repeats_counts_from_now_and_what_follows_keeps_to_the_schedule() -> None:
    remind, acknowledge = GRAVE.rungs[:2]
    due = NOON + minutes(30)
    (again,) = ladder.at_fire(GRAVE, remind, due, due + minutes(45), real)
    assert again.due == due + minutes(55)
    (district,) = ladder.at_fire(GRAVE, acknowledge, due, due + minutes(1), real)
    assert (district.rung.code, district.due) == ("district", due + minutes(30))
    (district,) = ladder.at_fire(GRAVE, acknowledge, due, due + minutes(300), real)
    assert district.due == due + minutes(310)


@pytest.mark.parametrize(
    ("source", "target", "mark"),
    [
        (Status.OPEN, Status.ACKNOWLEDGED, Mark.ACKNOWLEDGED),
        (Status.ACKNOWLEDGED, Status.RECTIFIED, Mark.RECTIFIED),
        (Status.RECTIFIED, Status.ACKNOWLEDGED, Mark.REJECTED),
        (Status.RECTIFIED, Status.CLOSED, Mark.FINISHED),
        (Status.OPEN, Status.DISMISSED, Mark.FINISHED),
    ],
)
def test_what_a_move_means(source: Status, target: Status, mark: Mark) -> None:
    assert ladder.mark_of(source, target) is mark


_RUNG = Rung("a", Kind.REMIND, ("raised",), (Mark.FINISHED,), 60.0)


@pytest.mark.parametrize(
    ("change", "rung", "fault"),
    [
        ({"severities": ()}, {}, "severities or rules"),
        ({"rules": ("x",)}, {}, "severities or rules"),
        ({"working": True, "severities": (Severity.I,)}, {}, "always count real time"),
        ({}, {"begins": ("later",)}, "not at later"),
        ({}, {"begins": ()}, "not at nothing"),
        ({}, {"code": "raised"}, "code is taken"),
        ({}, {"begins": ("finished",)}, "cannot end it"),
        ({}, {"after_s": -1.0}, "not negative"),
        ({}, {"every_s": 1.0}, "at least 60"),
        ({}, {"tell": (Recipient.GRID,)}, "rescuers are told"),
        ({}, {"kind": Kind.CALL}, "tell a rescuer"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(
    change: dict[str, object], rung: dict[str, object], fault: str
) -> None:
    one = Ladder("l", 1, "梯", "L", "test", (msgspec.structs.replace(_RUNG, **rung),), (Severity.II,))
    wrong = msgspec.structs.replace(one, **change)
    with pytest.raises(BadLadderError, match=fault):
        ladder.check(wrong)


def test_every_sentence_of_a_clock_reads_in_chinese_too() -> None:
    for one in SHIPPED.values():
        for rung in one.rungs:
            for late in (timedelta(0), minutes(125)):
                said = clock_phrase.fired(rung, late)
                assert reason.wording(said, "en") == said
                assert any(letter >= "\u4e00" for letter in reason.wording(said, "zh")), said
    assert reason.wording("not acknowledged in time; told 125 min late", "zh") == "未按时签收（延迟 125 分钟发出）"


@dataclass
class Row:
    """A row of the clock table."""

    rung: str
    due: datetime
    ends: tuple[Mark, ...]
    outcome: str | None = None


class Life(RuleBasedStateMachine):
    """An alert's life: the table is all that outlives a restart, and the database's time may jump.

    The engine looks at whatever moment, after whatever pause; people act in between; time may go back. The model keeps
    the books by hand: what was started, and how it ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now, self.status = NOON, Status.OPEN
        self.table: list[Row] = []
        self.fired: list[str] = []
        self.started = 0
        self._start(ladder.at_mark(GRAVE, Mark.RAISED, self.now, ALLOWED, real))

    def _start(self, starts: list[ladder.Start]) -> None:
        for one in starts:
            if not any(row.rung == one.rung.code and row.outcome is None for row in self.table):
                self.table.append(Row(one.rung.code, one.due, one.rung.ends))
                self.started += 1

    @rule(by=st.timedeltas(timedelta(seconds=-3600), timedelta(days=6)))
    def time_passes_or_jumps(self, by: timedelta) -> None:
        self.now += by

    @rule(crash=st.booleans())
    def the_engine_looks(self, crash: bool) -> None:
        ripe = [row for row in self.table if row.outcome is None and row.due <= self.now]
        if crash:
            return  # killed before its commit: nothing of it was ever written
        for row in ripe:
            rung = GRAVE.rung(row.rung)
            assert rung is not None
            row.outcome = "fired"
            self.fired.append(row.rung)
            self._start(ladder.at_fire(GRAVE, rung, row.due, self.now, real))

    @precondition(lambda self: self.status in (Status.OPEN, Status.ACKNOWLEDGED, Status.RECTIFIED))
    @rule(step=st.integers(0, 2))
    def somebody_acts(self, step: int) -> None:
        ways = {
            Status.OPEN: (Status.ACKNOWLEDGED, Status.DISMISSED),
            Status.ACKNOWLEDGED: (Status.RECTIFIED, Status.DISMISSED),
            Status.RECTIFIED: (Status.ACKNOWLEDGED, Status.CLOSED),
        }[self.status]
        target = ways[step % 2]
        mark = ladder.mark_of(self.status, target)
        assert mark is not None
        self.status = target
        for row in self.table:
            if row.outcome is None and (mark is Mark.FINISHED or mark in row.ends):
                row.outcome = "cancelled"
        if mark is not Mark.FINISHED:
            self._start(ladder.at_mark(GRAVE, mark, self.now, ALLOWED, real))

    @invariant()
    def each_clock_ends_once_and_none_is_lost(self) -> None:
        assert self.started == len(self.table)
        assert len(self.fired) == sum(row.outcome == "fired" for row in self.table)

    @invariant()
    def an_open_alert_always_has_a_next_step(self) -> None:
        running = {row.rung for row in self.table if row.outcome is None}
        if self.status is Status.OPEN:
            assert "remind" in running
            done = {"acknowledge", "district", "city"} & (running | set(self.fired))
            assert done == set(self.fired) & done | running & done
            assert running & {"acknowledge", "district", "city"} or "city" in self.fired
        if self.status in (Status.OPEN, Status.ACKNOWLEDGED):
            assert running & {"yellow", "red"} or "red" in self.fired
        else:
            assert not running

    @invariant()
    def only_reminders_repeat_without_a_new_start(self) -> None:
        for rung in ("acknowledge", "district", "city"):
            assert self.fired.count(rung) <= 1


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
