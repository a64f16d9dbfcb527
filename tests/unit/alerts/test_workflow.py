"""decide() over the whole state table: every action in every status by every role, and each gate."""

import itertools

import pytest

from alerts.workflow import TEXTS, Case, GateError, Photo, Refusal, Report, Request, WorkflowError, decide
from domain.alert import FINISHED, Action, Condition, Role, Status, actions, transition
from domain.severity import Severity

REPORT = Report("done", (Photo("a" * 64, "image/jpeg", 10),))


def case(status: Status, *, cleared_s: float | None = 100.0, recheck_s: float = 60.0) -> Case:
    condition = Condition.ACTIVE if cleared_s is None else Condition.CLEARED
    return Case(1, 1, Severity.II, status, condition, 1, cleared_s, recheck_s)


@pytest.mark.parametrize("action,status,role", list(itertools.product(Action, Status, Role)))
def test_with_all_gates_open_the_table_alone_decides(action: Action, status: Status, role: Role) -> None:
    got = decide(case(status), Request(action, role, "because", REPORT))
    move = transition(action, status)
    if move is None:
        assert got is Refusal.MOVE
    elif role not in move.roles:
        assert got is Refusal.ROLE
    else:
        assert got == move
    assert (got == move) == (action in actions(status, role))


def test_what_is_finished_stays_finished_and_an_admin_moves_nothing() -> None:
    assert all(
        decide(case(status), Request(action, role, "r", REPORT)) is Refusal.MOVE
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
    assert decide(case(status, cleared_s=cleared_s), request_) == want


def test_every_refusal_is_a_sentence_in_both_languages() -> None:
    assert set(TEXTS) == set(Refusal)
    assert all(text["zh"].endswith("。") and text["en"].endswith(".") for text in TEXTS.values())
    error: WorkflowError = GateError(Refusal.PHOTO)
    assert error.text("zh") == "请至少上传一张整改照片。"
    assert str(error) == error.text("en")
