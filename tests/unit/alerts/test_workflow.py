"""decide() over the whole state table: every action in every status by every role, and each gate."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from alerts.workflow import (
    TEXTS,
    Assign,
    Case,
    Comment,
    Detail,
    GateError,
    Photo,
    Refusal,
    Report,
    Request,
    Supervise,
    Transfer,
    WorkflowError,
    decide,
    offered,
)
from domain.alert import (
    FINISHED,
    TRANSITIONS,
    Action,
    Appeal,
    Condition,
    Gate,
    Recheck,
    Role,
    Side,
    Status,
    actions,
    transition,
)
from domain.severity import Severity

REPORT = Report("done", (Photo("a" * 64, "image/jpeg", 10),))


NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
RESPONSIBLE, ABOVE, BESIDE = "gz.yx", "gz", "gz.th"
DETAILS: dict[Action, Detail] = {
    Action.ASSIGN: Assign(7),
    Action.COMMENT: Comment(Side.BOTH),
    Action.TRANSFER: Transfer("gz.yx.bj"),
    Action.SUPERVISE: Supervise(NOW + timedelta(hours=1)),
}


def case(
    status: Status,
    *,
    cleared_s: float | None = 100.0,
    recheck_s: float = 60.0,
    supervised: str | None = None,
    appeal: Appeal = Appeal.NONE,
    recheck: Recheck | None = None,
    human: bool | None = None,
) -> Case:
    return Case(
        1, 1, Severity.II, status, Condition.of(None if cleared_s is None else NOW), 1, cleared_s, recheck_s,
        RESPONSIBLE, supervised, appeal, recheck, human, 3600.0, NOW,
    )  # fmt: skip


def open_case(action: Action, status: Status) -> Case:
    """One in which every gate of `action` that stands beside what is typed is open."""
    return case(
        status,
        supervised=RESPONSIBLE if action is Action.LIFT else None,
        appeal=Appeal.WAITING if action in (Action.UPHOLD, Action.DENY) else Appeal.NONE,
        human=False,
    )


def whole(action: Action, role: Role | None, *, authority: str = ABOVE) -> Request:
    """A request that lacks nothing."""
    return Request(action, role, "because", REPORT, authority, DETAILS.get(action))


@pytest.mark.parametrize("action,status,role", list(itertools.product(Action, Status, [*Role, None])))
def test_with_all_gates_open_the_table_alone_decides(action: Action, status: Status, role: Role | None) -> None:
    got = decide(open_case(action, status), whole(action, role))
    move = transition(action, status, role)
    if move is None:
        assert got is Refusal.MOVE
    elif not move.open_to(role):
        assert got is Refusal.ROLE
    else:
        assert got == move
    if role is not None:
        assert (got == move) == (action in actions(status, role))
        assert (got == move) == (action in offered(open_case(action, status), role, ABOVE))


def test_what_is_finished_stays_finished_and_an_admin_moves_nothing() -> None:
    assert all(
        decide(case(status), whole(action, role)) is Refusal.MOVE
        for status in FINISHED
        for action in Action
        for role in Role
    )
    assert not any(actions(status, Role.ADMIN) for status in Status)


@pytest.mark.parametrize(
    "status,request_,cleared_s,want",
    [
        (Status.ACKNOWLEDGED, Request(Action.REPORT, Role.OPERATOR), None, Refusal.TEXT),
        (
            Status.ACKNOWLEDGED,
            Request(Action.REPORT, Role.OPERATOR, report=Report(" ", REPORT.photos)),
            None,
            Refusal.TEXT,
        ),
        (Status.ACKNOWLEDGED, Request(Action.REPORT, Role.OPERATOR, report=Report("done")), None, Refusal.PHOTO),
        (Status.RECTIFIED, Request(Action.REJECT, Role.REGULATOR, " "), 100.0, Refusal.REASON),
        (Status.OPEN, Request(Action.DISMISS, Role.REGULATOR), None, Refusal.REASON),
        (Status.RECTIFIED, Request(Action.ACCEPT, Role.REGULATOR), None, Refusal.ACTIVE),
        (Status.RECTIFIED, Request(Action.ACCEPT, Role.REGULATOR), 59.9, Refusal.RECHECK),
        (Status.RECTIFIED, Request(Action.ACCEPT, Role.REGULATOR), 60.0, transition(Action.ACCEPT, Status.RECTIFIED)),
    ],
)
def test_each_gate_has_its_own_refusal(
    status: Status, request_: Request, cleared_s: float | None, want: object
) -> None:
    asked = dataclasses.replace(request_, authority=RESPONSIBLE)
    assert decide(case(status, cleared_s=cleared_s), asked) == want


@pytest.mark.parametrize(
    "action,authority,facts,want",
    [
        (Action.REJECT, BESIDE, case(Status.RECTIFIED), Refusal.RESPONSIBLE),
        (Action.REJECT, "gz.yx.bj", case(Status.RECTIFIED), Refusal.RESPONSIBLE),
        (Action.SUPERVISE, RESPONSIBLE, case(Status.OPEN), Refusal.ABOVE),
        (Action.SUPERVISE, ABOVE, case(Status.OPEN, supervised=ABOVE), Refusal.SUPERVISED),
        (Action.LIFT, RESPONSIBLE, case(Status.OPEN, supervised=ABOVE), Refusal.LIFTER),
        (Action.LIFT, ABOVE, case(Status.OPEN), Refusal.LIFTER),
        (Action.ACCEPT, ABOVE, case(Status.RECTIFIED, appeal=Appeal.WAITING), Refusal.APPEAL_WAITS),
        (Action.DISMISS, ABOVE, case(Status.OPEN, appeal=Appeal.WAITING), Refusal.APPEAL_WAITS),
        (Action.UPHOLD, ABOVE, case(Status.OPEN, appeal=Appeal.DECIDED), Refusal.NO_APPEAL),
    ],
)
def test_who_stands_where_and_what_waits(action: Action, authority: str, facts: Case, want: Refusal) -> None:
    assert decide(facts, whole(action, Role.REGULATOR, authority=authority)) is want
    assert action not in offered(facts, Role.REGULATOR, authority)


def test_an_alert_is_appealed_against_once_and_not_after_a_report() -> None:
    again = case(Status.ACKNOWLEDGED, appeal=Appeal.DECIDED)
    assert decide(again, whole(Action.APPEAL, Role.OPERATOR)) is Refusal.APPEALED
    assert decide(case(Status.RECTIFIED), whole(Action.APPEAL, Role.OPERATOR)) is Refusal.MOVE
    assert decide(case(Status.OPEN), Request(Action.APPEAL, Role.OPERATOR, "r")) is Refusal.TEXT


@pytest.mark.parametrize(
    "target,fits", [(ABOVE, True), ("gz.yx.bj", True), (RESPONSIBLE, False), (BESIDE, False), ("gz.yxx", False)]
)
def test_a_transfer_goes_up_and_down_the_tree(target: str, fits: bool) -> None:
    asked = Request(Action.TRANSFER, Role.REGULATOR, "r", authority=ABOVE, detail=Transfer(target))
    assert (decide(case(Status.OPEN), asked) is not Refusal.TARGET) == fits


def test_a_supervision_needs_a_deadline_ahead() -> None:
    past = Request(Action.SUPERVISE, Role.REGULATOR, "r", authority=ABOVE, detail=Supervise(NOW))
    assert decide(case(Status.OPEN), past) is Refusal.UNTIL


def test_the_machine_closes_only_what_the_draw_left_to_it_and_what_it_has_seen() -> None:
    machine = Request(Action.SETTLE, None)
    assert decide(case(Status.RECTIFIED), machine) is Refusal.HUMAN
    assert decide(case(Status.RECTIFIED, human=True), machine) is Refusal.HUMAN
    assert decide(case(Status.RECTIFIED, human=False, cleared_s=59.0), machine) is Refusal.RECHECK
    blind = case(Status.RECTIFIED, human=False, cleared_s=None, recheck=Recheck.UNJUDGED)
    assert decide(blind, machine) is Refusal.ACTIVE
    assert decide(case(Status.RECTIFIED, human=False), machine) == transition(Action.SETTLE, Status.RECTIFIED)


def test_where_the_machine_could_not_look_a_human_says_how_he_did() -> None:
    blind = case(Status.RECTIFIED, cleared_s=None, recheck=Recheck.UNJUDGED)
    mute = Request(Action.ACCEPT, Role.REGULATOR, authority=RESPONSIBLE)
    assert decide(blind, mute) is Refusal.UNJUDGED
    said = Request(Action.ACCEPT, Role.REGULATOR, "seen on site", authority=RESPONSIBLE)
    assert decide(blind, said) == transition(Action.ACCEPT, Status.RECTIFIED)


def test_every_gate_guards_some_move() -> None:
    assert {gate for move in TRANSITIONS for gate in move.gates} == set(Gate)


def test_every_refusal_is_a_sentence_in_both_languages() -> None:
    assert set(TEXTS) == set(Refusal)
    assert all(text["zh"].endswith("。") and text["en"].endswith(".") for text in TEXTS.values())
    error: WorkflowError = GateError(Refusal.PHOTO)
    assert error.text("zh") == "请至少上传一张整改照片。"
    assert str(error) == error.text("en")
