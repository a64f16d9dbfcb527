"""How equipment stands with its inspection, to the day; and what a badge may claim."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.badge import LASTS, Badge, Seen, badge
from domain.equipment import DUE_WITHIN, Standing, shown, standing

TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_the_days_around_a_date() -> None:
    def on(day: date) -> Standing:
        return standing(TODAY, failed=False, today=day)

    assert on(TODAY - timedelta(days=31)) is Standing.IN_ORDER
    assert on(TODAY - timedelta(days=30)) is Standing.DUE
    assert on(TODAY) is Standing.DUE  # the certificate is valid through its last day
    assert on(TODAY + timedelta(days=1)) is Standing.OVERDUE


def test_a_failed_inspection_hides_behind_no_date() -> None:
    assert standing(TODAY + timedelta(days=300), failed=True, today=TODAY) is Standing.FAILED
    assert standing(None, failed=True, today=TODAY) is Standing.FAILED
    assert standing(None, failed=False, today=TODAY) is Standing.UNKNOWN


@given(st.integers(-400, 400))
def test_overdue_is_exactly_the_past_and_is_never_hidden(days: int) -> None:
    found = standing(TODAY + timedelta(days=days), failed=False, today=TODAY)
    assert (found is Standing.OVERDUE) == (days < 0)
    assert (found is Standing.DUE) == (0 <= days <= DUE_WITHIN.days)
    assert (shown(found) is Standing.OVERDUE) == (days < 0)
    assert shown(found) is not Standing.DUE


def test_a_badge_is_active_only_while_a_camera_is_verified() -> None:
    fresh, old = NOW - timedelta(seconds=30), NOW - LASTS - timedelta(seconds=1)
    assert badge(False, [Seen(True, fresh)], NOW) is Badge.NONE
    assert badge(True, [], NOW) is Badge.PENDING
    assert badge(True, [Seen(True, None)], NOW) is Badge.PENDING
    assert badge(True, [Seen(True, fresh), Seen(False, None)], NOW) is Badge.ACTIVE
    assert badge(True, [Seen(True, NOW - LASTS)], NOW) is Badge.ACTIVE
    assert badge(True, [Seen(True, old)], NOW) is Badge.DEGRADED
    assert badge(True, [Seen(False, fresh)], NOW) is Badge.DEGRADED  # its health says no
