"""A rescuer's link: for one alert and one role, until it expires."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import clock_phrase, reason, rescue
from domain.ladder import RESCUERS, Recipient
from domain.rescue import LinkError, RescueAction

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TEXT = rescue.sign(rescue.link(17, "maintainer", NOW), "key")


def test_a_link_names_its_alert_and_role_and_is_the_same_at_each_repetition() -> None:
    found = rescue.check(TEXT, "key", NOW + timedelta(hours=23))
    assert (found.alert, found.role) == (17, Recipient.MAINTAINER)
    assert rescue.sign(rescue.link(17, "maintainer", NOW), "key") == TEXT


def test_an_expired_link_and_another_key_are_refused() -> None:
    with pytest.raises(LinkError, match="expired"):
        rescue.check(TEXT, "key", NOW + timedelta(hours=25))
    with pytest.raises(LinkError, match="forged"):
        rescue.check(TEXT, "other", NOW)


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_a_link_that_was_changed_anywhere_is_refused(place: int, letter: str) -> None:
    changed = TEXT[:place] + letter + TEXT[place + 1 :]
    if changed != TEXT:
        with pytest.raises(LinkError):
            rescue.check(changed, "key", NOW)


@given(st.text(max_size=300))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(LinkError):
        rescue.check(text, "key", NOW)


def test_what_a_rescuer_reports_reads_in_both_languages() -> None:
    for role in RESCUERS:
        for action in RescueAction:
            said = clock_phrase.reported(role, action, (23.12908, 113.26436))
            assert reason.wording(said, "en") == said
            assert "位置 23.12908 113.26436" in reason.wording(said, "zh")
    assert reason.wording(clock_phrase.reported(Recipient.GRID, RescueAction.ARRIVED, None), "zh") == "网格站已到场"
