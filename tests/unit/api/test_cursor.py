"""A cursor comes back as it went out, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cursor


@given(st.integers(1, 4), st.integers(0, 2**63 - 1))
def test_round_trip(severity: int, identity: int) -> None:
    assert cursor.decode(cursor.encode(severity, identity)) == (severity, identity)


@given(st.text(max_size=40))
def test_any_other_text_is_refused(text: str) -> None:
    try:
        found = cursor.decode(text)
    except cursor.BadCursorError:
        return
    assert cursor.encode(*found) == text


@pytest.mark.parametrize("text", ["", "AAAA", "'; DROP TABLE alert; --", "ÄÄ"])
def test_refused(text: str) -> None:
    with pytest.raises(cursor.BadCursorError):
        cursor.decode(text)
