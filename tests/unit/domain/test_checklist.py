"""Checklists: when an answer fails, what it must bring, when the next occurrence is due."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checklist import (
    Answer,
    BadAnswerError,
    Checklist,
    Document,
    Every,
    Item,
    Kind,
    Side,
    check,
    digest,
    due,
    end_of,
    parse,
)

FRIDGE = Item("fridge", "冷藏柜", "Fridge", Kind.NUMBER, unit="Cel", low=0, high=8)
SOAP = Item("soap", "皂液", "Soap", photo=True)
BINS = Item("bins", "垃圾桶", "Bins", Kind.PHOTO)
LIST = Checklist("daily", 1, "每日", "Daily", Every.DAY, (Side.OPERATOR,), (FRIDGE, SOAP, BINS))


@pytest.mark.parametrize(
    ("item", "value", "failed"),
    [
        (FRIDGE, "8", False),
        (FRIDGE, "8.1", True),
        (FRIDGE, "-0,5", True),
        (SOAP, "yes", False),
        (SOAP, "no", True),
        (BINS, "", False),
    ],
)
def test_an_answer_fails_out_of_its_range_or_by_a_no(item: Item, value: str, failed: bool) -> None:
    assert check(item, value, "a note", 1) is failed


@pytest.mark.parametrize(
    ("item", "value", "note", "photos", "code"),
    [
        (FRIDGE, "warm", "", 0, "answer"),
        (FRIDGE, "nan", "", 0, "answer"),
        (SOAP, "maybe", "", 1, "answer"),
        (SOAP, "yes", "", 0, "answer_photo"),
        (BINS, "", "", 0, "answer_photo"),
        (SOAP, "no", " ", 1, "answer_note"),
    ],
)
def test_what_an_answer_lacks_is_named(item: Item, value: str, note: str, photos: int, code: str) -> None:
    with pytest.raises(BadAnswerError) as refused:
        check(item, value, note, photos)
    assert refused.value.code == code


def test_items_are_reached_in_order() -> None:
    assert [LIST.reached(done) for done in ((), ("fridge",), ("soap",), ("fridge", "soap", "bins"))] == [0, 1, 0, 3]


def test_a_checklist_needs_items_of_their_own() -> None:
    with pytest.raises(ValueError, match="codes of their own"):
        Checklist("x", 1, "x", "x", Every.DAY, (Side.OPERATOR,), (SOAP, SOAP))


def test_the_shipped_checklists_are_whole() -> None:
    folder = files("api").joinpath("checklists")
    found = parse([file.read_text(encoding="utf-8") for file in folder.iterdir()])
    assert {one.code for one in found} == {"kitchen-daily", "cold-store-weekly", "lift-yearly"}
    for one in found:
        for item in one.items:
            assert item.kind is Kind.PHOTO or (item.if_no_zh and item.if_no_en), item.code


def test_when_the_running_occurrence_is_due() -> None:
    first = date(2026, 1, 31)
    assert due(first, Every.DAY, date(2026, 1, 30)) is None
    assert due(first, Every.DAY, date(2026, 2, 3)) == end_of(date(2026, 2, 3))
    assert due(first, Every.WEEK, date(2026, 2, 6)) == end_of(date(2026, 2, 6))
    assert due(first, Every.WEEK, date(2026, 2, 7)) == end_of(date(2026, 2, 13))
    assert due(first, Every.MONTH, date(2026, 2, 27)) == end_of(date(2026, 2, 27))
    assert due(first, Every.MONTH, date(2026, 2, 28)) == end_of(date(2026, 3, 30))
    assert due(first, Every.YEAR, date(2026, 12, 31)) == end_of(date(2027, 1, 30))


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(Every), st.integers(min_value=0, max_value=1500))
def test_the_running_occurrence_ends_today_or_later_within_one_length(start: date, every: Every, later: int) -> None:
    today = start + timedelta(days=later)
    found = due(start, every, today)
    longest = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 31, Every.YEAR: 366}[every]
    assert found is not None
    assert end_of(today) <= found <= end_of(today + timedelta(days=longest - 1))


def test_the_digest_names_the_content_and_no_time_zone() -> None:
    at = datetime(2026, 11, 26, 8, tzinfo=UTC)
    elsewhere = at.astimezone(datetime.now().astimezone().tzinfo)
    one, other = (
        Document(1, "canteen-1", LIST, at, (Answer("fridge", "4", False, "", None, "canteen", when),), ())
        for when in (at, elsewhere)
    )
    assert digest(one) == digest(other)
    changed = Document(1, "canteen-1", LIST, at, (Answer("fridge", "5", False, "", None, "canteen", at),), ())
    assert digest(changed) != digest(one)
