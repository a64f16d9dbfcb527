"""Budgets: never more than a channel's limit in any window, and class I is never delayed by what is ordinary."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.budget import Budget, full
from domain.channel import ALLOWANCES, ChannelKind

ZERO = datetime(2026, 3, 1, tzinfo=UTC)
# DOMAIN §6: at most so many in so many seconds.
LIMITS = [
    (ChannelKind.WECOM, 20, 60.0),
    (ChannelKind.DINGTALK, 20, 60.0),
    (ChannelKind.FEISHU, 100, 60.0),
    (ChannelKind.FEISHU, 5, 1.0),
]
WISHES = st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=300)


def played(kind: ChannelKind, wishes: list[tuple[float, bool]]) -> list[tuple[float, bool, bool]]:
    """When each was wished for (s), whether it was class I, and whether it was let go."""
    allowance, budget, now, made = ALLOWANCES[kind], full(ALLOWANCES[kind], ZERO), 0.0, list[tuple[float, bool, bool]]()
    for pause, grave in wishes:
        now += pause
        budget = budget.now(allowance, ZERO + timedelta(seconds=now))
        let = (budget.grave if grave else budget.ordinary) > 0
        if let:
            budget = budget.spend(grave=grave)
        made.append((now, grave, let))
    return made


@pytest.mark.parametrize("kind,limit,window", LIMITS)
@given(wishes=WISHES)
def test_no_window_holds_more_than_the_limit(
    kind: ChannelKind, limit: int, window: float, wishes: list[tuple[float, bool]]
) -> None:
    sent = [at for at, _, let in played(kind, wishes) if let]
    assert all(sum(begin <= at < begin + window for at in sent) <= limit for begin in sent)


@pytest.mark.parametrize("kind", ChannelKind)
@given(wishes=WISHES)
def test_class_one_goes_whenever_its_reserve_alone_lets_it(kind: ChannelKind, wishes: list[tuple[float, bool]]) -> None:
    bucket = ALLOWANCES[kind].reserved
    tokens, last = bucket.capacity, 0.0
    for at, grave, let in played(kind, wishes):
        if not grave:
            continue
        tokens, last = bucket.after(tokens, at - last), at
        if tokens >= 1:
            tokens -= 1
            assert let  # however many ordinary ones there were


@pytest.mark.parametrize("kind", ChannelKind)
def test_class_one_never_waits_ten_seconds_for_a_token(kind: ChannelKind) -> None:
    allowance = ALLOWANCES[kind]
    assert allowance.reserved.wait_s(0.0) < 10
    spent = Budget(0.0, 0.0, ZERO)
    later = spent.now(allowance, ZERO + timedelta(seconds=allowance.reserved.wait_s(0.0)))
    assert later.grave >= 1


def test_a_clock_that_goes_back_gives_nothing() -> None:
    allowance = ALLOWANCES[ChannelKind.WECOM]
    empty = Budget(0.0, 0.0, ZERO)
    assert empty.now(allowance, ZERO - timedelta(hours=1)) == empty


@pytest.mark.parametrize("kind", ChannelKind)
def test_tokens_are_always_fractions(kind: ChannelKind) -> None:
    """A list of them goes to the database, which takes no mixture of whole numbers and fractions."""
    budget = full(ALLOWANCES[kind], ZERO)
    for one in (budget, budget.now(ALLOWANCES[kind], ZERO), budget.spend(grave=False), budget.spend(grave=True)):
        assert {type(one.open), type(one.reserved)} == {float}
