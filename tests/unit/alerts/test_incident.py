"""Incidents told as timelines: what happens at second t, and the steps that are wanted by then."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import incident
from alerts.incident import Observation, Reason, State, Step
from domain.alert import Condition
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.severity import Severity

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600.0

WARM = Rule("warm", 1, RuleKind.THRESHOLD, "", "", Severity.II, "", predicate="t > 1", for_s=60.0)
BUTTON = Rule("button", 1, RuleKind.EVENT, "", "", Severity.I, "", codes=("90",))
PHONE = Rule("phone", 1, RuleKind.SCENE, "", "", Severity.III, "", scene=Scene.PHONE)
DARK = Rule("dark", 1, RuleKind.HEALTH, "", "", Severity.III, "", codes=("BLACK",), for_s=60.0)
GONE = Rule("gone", 1, RuleKind.SILENCE, "", "", Severity.III, "", for_s=60.0)


SHORT = Rule("short", 1, RuleKind.THRESHOLD, "", "", Severity.II, "", predicate="t > 1", for_s=10.0)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


@dataclass
class Timeline:
    """One rule and subject under a fake clock; due times are looked at as the engine does, after the signals."""

    rule: Rule
    state: State = field(default_factory=State)
    now: float = 0.0
    steps: list[tuple[float, Step]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    alerts: int = 0
    began: list[datetime] = field(default_factory=list)

    def hear(
        self, value: bool, second: float, *, pulse: bool = False, late_s: float = 0.0, from_future_s: float = 0.0
    ) -> None:
        """A signal for the moment `second`, received `late_s` later."""
        self.wait(second + late_s)
        seen = Observation(value, pulse, at(second + from_future_s), at(second + late_s), "")
        self._apply(incident.judge(self.rule, self.state, seen))

    def wait(self, until: float) -> None:
        """Let time pass; what becomes due on the way is decided when it is due."""
        waiting = self.state.waiting
        if waiting is not None and waiting.due <= at(until):
            self.now = max(self.now, (waiting.due - START).total_seconds())
            self._apply(incident.judge_due(self.state))
        self.now = max(self.now, until)

    def finish(self) -> None:
        """People close or dismiss the alert."""
        self.state = State(self.state.waiting, None)

    def _apply(self, decision: incident.Decision) -> None:
        self.reasons.append(decision.reason)
        if decision.change is not None:
            assert (decision.change.step is Step.RAISE) == (self.state.open is None), "a second alert of one incident"
            self.steps.append((self.now, decision.change.step))
            if decision.change.step is Step.RAISE:
                self.alerts += 1
                self.began.append(decision.change.at)
        self.state = decision.apply(self.state)

    def want(self, *wanted: tuple[tuple[float, float], Step]) -> None:
        """Exactly these steps, each within its time."""
        assert [step for _, step in self.steps] == [step for _, step in wanted]
        for (second, step), ((low, high), _) in zip(self.steps, wanted, strict=True):
            assert low <= second <= high, f"{step} at {second}, wanted between {low} and {high}"


def between(low: float, high: float, step: Step) -> tuple[tuple[float, float], Step]:
    return (low, high), step


def test_true_for_long_enough_is_one_alert_that_clears_and_recurs() -> None:
    line = Timeline(WARM)
    line.hear(True, 0)
    line.hear(True, 30)
    line.wait(100)
    line.hear(False, 120)
    line.hear(True, 200)
    line.hear(False, 230)  # too short to recur
    line.hear(True, 300)
    line.wait(400)
    line.want(between(60, 60, Step.RAISE), between(120, 120, Step.CLEAR), between(360, 360, Step.RECUR))
    assert line.began == [at(0)]
    assert line.reasons == [
        Reason.WAITING,
        Reason.ALREADY_WAITING,
        Reason.RAISED,
        Reason.CLEARED,
        Reason.WAITING,
        Reason.TOO_SHORT,
        Reason.WAITING,
        Reason.RECURRED,
    ]


def test_over_before_the_duration_is_nothing() -> None:
    line = Timeline(WARM)
    line.hear(True, 0)
    line.hear(False, 59)
    line.wait(HOUR)
    line.hear(False, HOUR)
    line.want()
    assert line.reasons == [Reason.WAITING, Reason.TOO_SHORT, Reason.NOTHING_OPEN]


def test_after_people_have_finished_the_next_time_is_a_new_alert() -> None:
    line = Timeline(BUTTON)
    line.hear(True, 0)
    line.finish()  # dismissed while it is still so: it stays dismissed
    line.hear(False, 10)
    line.hear(True, 20)
    line.want(between(0, 0, Step.RAISE), between(20, 20, Step.RAISE))
    assert line.reasons == [Reason.RAISED, Reason.NOTHING_OPEN, Reason.RAISED]


def test_a_pulse_raises_what_is_over_already_and_repeats_without_a_second_alert() -> None:
    line = Timeline(BUTTON)
    line.hear(True, 0, pulse=True)
    assert line.state.open == incident.Open(Condition.CLEARED, at(0))
    line.hear(True, 50, pulse=True)
    assert line.state.open == incident.Open(Condition.CLEARED, at(50))
    line.want(between(0, 0, Step.RAISE), between(50, 50, Step.REPEAT))


def test_a_pulse_leaves_what_is_still_so_active() -> None:
    line = Timeline(BUTTON)
    line.hear(True, 0)
    line.hear(True, 5, pulse=True)
    assert line.state.open == incident.Open(Condition.ACTIVE, None)


def test_an_engine_that_was_away_finds_what_it_missed() -> None:
    # Begin and end are both in the queue: by the subject's clock it lasted two minutes.
    state = incident.judge(WARM, State(), Observation(True, False, at(0), at(0), "")).apply(State())
    decision = incident.judge(WARM, state, Observation(False, False, at(120), at(120), ""))
    assert decision.reason is Reason.RAISED_OVER
    assert decision.waiting is None
    assert decision.change == incident.Change(Step.RAISE, at(0), at(120), "")


def test_a_spool_that_drains_late_gets_the_grace_to_cancel_itself() -> None:
    line = Timeline(WARM)
    line.hear(True, 0, late_s=HOUR)
    line.hear(False, 30, late_s=HOUR - 28)  # two seconds behind its begin
    line.wait(2 * HOUR)
    line.want()
    line.hear(True, 2 * HOUR, late_s=HOUR)
    line.wait(4 * HOUR)
    line.want(between(3 * HOUR, 3 * HOUR + incident.GRACE.total_seconds(), Step.RAISE))
    assert line.began == [at(2 * HOUR)]


def test_what_was_over_half_a_day_ago_is_no_news() -> None:
    line = Timeline(BUTTON)
    line.hear(True, 0, pulse=True, late_s=13 * HOUR)
    line.want()
    assert line.reasons == [Reason.STALE]
    line.hear(True, 14 * HOUR, pulse=True, late_s=HOUR)
    assert line.alerts == 1


def test_a_clock_that_is_ahead_does_not_delay_the_alert() -> None:
    line = Timeline(WARM)
    line.hear(True, 0, from_future_s=200)
    line.wait(HOUR)
    line.want(between(60, 60, Step.RAISE))


def test_a_scene_raises_at_once_and_a_second_person_adds_nothing() -> None:
    line = Timeline(PHONE)
    line.hear(True, 0)
    line.hear(True, 5)
    line.hear(False, 60)
    line.want(between(0, 0, Step.RAISE), between(60, 60, Step.CLEAR))
    assert line.reasons[1] is Reason.ALREADY_ACTIVE


def test_silence_has_lasted_when_it_is_noticed() -> None:
    line = Timeline(GONE)
    line.hear(True, 0, late_s=700)
    line.hear(False, 800)
    line.want(between(700, 700, Step.RAISE), between(800, 800, Step.CLEAR))


@pytest.mark.parametrize(
    ("rule", "measured_s", "heard_s", "online", "now_s", "unproven"),
    [
        (WARM, 0, 0, False, 60, True),  # silent since it began
        (WARM, 0, 0, True, 60, False),  # there, and nothing new to say
        (WARM, 47, 47, False, 60, True),
        (WARM, 48, 48, False, 60, False),
        (WARM, None, None, False, 60, False),
        (WARM, 50, 90, True, 90, True),  # it tells what it kept while it was away, and has not told the end
        (WARM, 60, 130, True, 130, False),
        (SHORT, 0, 16, True, 16, True),
        (WARM, 0, 20, True, 60, False),  # its clock is slow, and it has told nothing for a while
        (SHORT, 0, 0, False, 10, False),  # not silent for long enough to be called so
        (DARK, 0, 0, False, 60, False),
    ],
)
def test_a_duration_near_whose_end_nobody_knows_proves_nothing(
    rule: Rule, measured_s: float | None, heard_s: float | None, online: bool, now_s: float, unproven: bool
) -> None:
    waiting = incident.Waiting(at(0), at(rule.for_s), "why")
    measured, heard = (None if s is None else at(s) for s in (measured_s, heard_s))
    assert incident.unproven(rule, waiting, incident.Contact(measured, heard, online, at(now_s))) is unproven


def test_what_a_signal_is_still_to_be_heard_of_is_not_proven() -> None:
    waiting, owed = incident.Waiting(at(0), at(60), "why"), incident.Contact(at(60), at(60), True, at(60), owed=True)
    assert incident.unproven(WARM, waiting, owed)


def test_health_matters_in_opening_hours() -> None:
    assert incident.postponed(DARK, is_open=False)
    assert not incident.postponed(DARK, is_open=True)
    assert not incident.postponed(WARM, is_open=False)


@pytest.mark.parametrize(
    "severity,seconds", [(Severity.I, 1800), (Severity.II, 7200), (Severity.III, 86400), (Severity.NOTICE, 604800)]
)
def test_the_class_sets_the_deadline_unless_the_rule_has_its_own(severity: Severity, seconds: int) -> None:
    rule = Rule("r", 1, RuleKind.EVENT, "", "", severity, "", codes=("1",))
    assert incident.deadline(rule) == timedelta(seconds=seconds)
    own = Rule("r", 1, RuleKind.EVENT, "", "", severity, "", codes=("1",), deadline_s=5.0)
    assert incident.deadline(own) == timedelta(seconds=5)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["true", "false", "pulse", "finish", "wait"]), st.floats(0, 200), st.floats(0, 2 * HOUR)),
    max_size=60,
)


@given(_STEPS, st.sampled_from([WARM, BUTTON, PHONE, DARK]))
def test_in_any_order_there_is_at_most_one_open_alert(steps: list[tuple[str, float, float]], rule: Rule) -> None:
    line = Timeline(rule)
    second, finished = 0.0, 0
    for what, gap, late_s in steps:
        second += gap
        had_open = line.state.open is not None
        match what:
            case "finish":
                finished += had_open
                line.finish()
            case "wait":
                line.wait(second)
            case _:
                # Timeline fails when an open incident is raised again, or a closed one goes on.
                line.hear(what != "false", second, pulse=what == "pulse", late_s=late_s)
        condition = line.state.open
        assert condition is None or (condition.condition is Condition.CLEARED) == (condition.cleared is not None)
        assert not (line.state.waiting and condition and condition.condition is Condition.ACTIVE)
    assert line.alerts - finished == (line.state.open is not None)
