"""What goes now and what goes together: timelines of one channel with a clock of our own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from alerts import grouping
from alerts.grouping import FEW, GRAVE_ROOM, MANY, ROOM, Plan
from domain.budget import Budget, full
from domain.channel import ALLOWANCES, ChannelKind
from store.dispatch import DueChannel, Waiting

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
KIND = ChannelKind.WECOM
ALLOWANCE = ALLOWANCES[KIND]
FULL = full(ALLOWANCE, NOW)


def waiting(severity: int, n: int = 1, message: UUID | None = None) -> list[Waiting]:
    return [Waiting(uuid4(), severity, message) for _ in range(n)]


def plan(
    *pushes: Waiting,
    budget: Budget = FULL,
    quiet_until: datetime | None = None,
    held: datetime | None = None,
    flying: int = 0,
) -> Plan:
    due = DueChannel(1, KIND, budget, held, None, None, "UTC", NOW, pushes)
    return grouping.plan(due, ALLOWANCE, quiet_until, flying)


def sizes(made: Plan) -> list[int]:
    return [len(group.pushes) for group in made.groups]


def test_one_goes_alone_under_its_own_id() -> None:
    (one,) = waiting(3)
    made = plan(one)
    assert made.groups == (grouping.Group(one.id, (one.id,)),)
    assert made.budget.open == FULL.open - 1
    assert made.budget.reserved == FULL.reserved


def test_more_than_a_few_go_together() -> None:
    assert sizes(plan(*waiting(3, FEW))) == [1] * ROOM  # the third when one has arrived
    assert sizes(plan(*waiting(3, FEW + 1))) == [FEW + 1]
    assert sizes(plan(*waiting(3, MANY + 5))) == [MANY]


def test_a_report_is_never_told_with_others_and_comes_after_them() -> None:
    report = Waiting(uuid4(), 4, None, alone=True)
    made = plan(report, *waiting(3, FEW + 1))
    assert sizes(made) == [FEW + 1, 1]
    assert made.groups[1].message == report.id
    assert sizes(plan(*[Waiting(uuid4(), 4, None, alone=True) for _ in range(9)])) == [1] * ROOM


def test_a_low_budget_groups_even_two() -> None:
    made = plan(*waiting(3, 2), budget=Budget(1.2, 4, NOW))
    assert sizes(made) == [2]


def test_without_a_token_the_ordinary_is_held_until_there_is_one() -> None:
    made = plan(*waiting(3, 2), budget=Budget(0.5, 4, NOW))
    assert made.groups == ()
    assert made.ordinary_after == NOW + timedelta(seconds=0.5 / ALLOWANCE.open.per_s)


def test_class_one_goes_at_once_out_of_the_reserve() -> None:
    made = plan(*waiting(1, 2), *waiting(3, 9), budget=Budget(0.0, 4, NOW), held=NOW + timedelta(minutes=5))
    assert sizes(made) == [1, 1]
    assert made.budget.reserved == 2
    assert made.ordinary_after == NOW + timedelta(minutes=5)


def test_class_one_ignores_quiet_hours_and_the_rest_keeps_them() -> None:
    morning = NOW + timedelta(hours=3)
    made = plan(*waiting(1), *waiting(2, 5), quiet_until=morning)
    assert sizes(made) == [1]
    assert made.ordinary_after == morning


def test_class_one_has_a_place_of_its_own_on_the_way() -> None:
    assert sizes(plan(*waiting(3), flying=ROOM)) == []
    assert sizes(plan(*waiting(1), flying=ROOM)) == [1]
    assert sizes(plan(*waiting(1), flying=GRAVE_ROOM)) == []


def test_the_last_token_tells_of_all_that_is_left_of_class_one() -> None:
    made = plan(*waiting(1, 7), budget=Budget(0.0, 2.0, NOW))
    assert sizes(made) == [1, 6]


def test_a_message_that_was_tried_goes_again_as_it_was() -> None:
    key = uuid4()
    before, fresh = waiting(3, 4, key), waiting(3)
    made = plan(*before, *fresh)
    assert [(group.message, len(group.pushes)) for group in made.groups] == [(key, 4), (fresh[0].id, 1)]


PUSHES = st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=160)


@given(PUSHES, st.floats(0, 4), st.floats(0, 4), st.integers(0, GRAVE_ROOM), st.booleans())
def test_a_plan_never_overdraws_and_names_each_push_once(
    wanted: list[tuple[int, bool]], open_: float, reserved: float, flying: int, quiet: bool
) -> None:
    key = uuid4()
    pushes = [Waiting(uuid4(), severity, key if tried and severity > 1 else None) for severity, tried in wanted]
    budget = Budget(open_, reserved, NOW)
    made = plan(*pushes, budget=budget, flying=flying, quiet_until=NOW + timedelta(hours=1) if quiet else None)
    named = [push for group in made.groups for push in group.pushes]
    assert len(named) == len(set(named))
    assert set(named) <= {push.id for push in pushes}
    assert made.budget.open >= 0
    assert made.budget.reserved >= 0
    assert len(made.groups) <= int(open_ + 1e-9) + int(reserved + 1e-9)
    assert len(made.groups) + flying <= GRAVE_ROOM
    graves = {push.id for push in pushes if push.severity == 1}
    if quiet:
        assert set(named) <= graves
    if graves and flying < GRAVE_ROOM and budget.grave:
        assert graves & set(named)
