"""A cursor comes back as it went out, nothing else is taken for one, and a walk shows what stays exactly once."""

from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from api import paging
from api.paging import Paging
from api.problem import ProblemError

Keys = st.sets(st.tuples(st.integers(0, 9), st.text(max_size=3)), max_size=12)


@given(st.integers(-(2**63), 2**63 - 1), st.text(max_size=20), st.dates())
def test_round_trip(number: int, text: str, day: object) -> None:
    key = (number, text, day)
    assert paging.decode(paging.encode(key), key) == key  # type: ignore[arg-type, type-var]


@given(st.text(max_size=40))
def test_any_other_text_is_refused(text: str) -> None:
    try:
        found = paging.decode(text, (0, 0))
    except ProblemError:
        return
    assert all(isinstance(part, int) for part in found)


@pytest.mark.parametrize(
    "text", ["AAAA", "'; DROP TABLE alert; --", "ÄÄ", paging.encode(("a", 1)), paging.encode((1,))]
)
def test_refused(text: str) -> None:
    with pytest.raises(ProblemError):
        paging.decode(text, (0, 0))


@given(Keys, Keys, Keys, st.integers(1, 4))
def test_a_walk_shows_what_stays_once(there: set[tuple[int, str]], come: set[tuple[int, str]],
                                      go: set[tuple[int, str]], limit: int) -> None:  # fmt: skip
    """Rows come and go between any two pages."""
    stay = there - go - come
    pending = [("add", one) for one in come] + [("drop", one) for one in go]
    seen, address = list[tuple[int, str]](), "/api/v1/things?kind=a%26b"
    while address:
        response, parts = Response(), urlsplit(address)
        scope = {"type": "http", "path": parts.path, "query_string": parts.query.encode(), "headers": []}
        assert parse_qs(parts.query)["kind"] == ["a&b"]
        page = Paging(limit, parse_qs(parts.query).get("after", [""])[0], Request(scope), response)
        shown = page.part(there, lambda row: row, (-1, ""))
        assert len(shown) <= limit
        seen += shown
        address = response.headers.get("link", "").partition(">")[0].removeprefix("<")
        if pending:
            act, one = pending.pop()
            there = there | {one} if act == "add" else there - {one}
    assert len(seen) == len(set(seen))
    assert stay <= set(seen)
