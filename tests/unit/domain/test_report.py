"""A report's digest does not hang on names, and its texts are no formulas."""

from datetime import UTC, date, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.period import Span
from domain.report import ClassFigures, Counted, Figures, Fleet, Thing, digest, inert


def _figures(name: str, n: int = 3) -> Figures:
    at = datetime(2026, 11, 25, 16, tzinfo=UTC)
    return Figures(
        Span.DAY, date(2026, 11, 25), date(2026, 11, 25), at, at, at, Thing("gz", name, name), (ClassFigures(1, n),),
        (Counted(Thing("pest", name, name), n),), (), (), (), Fleet(0, 0, 0, ()), Fleet(0, 0, 0, ()),
    )  # fmt: skip


def test_a_new_name_changes_no_figure_and_a_new_figure_changes_the_digest() -> None:
    assert digest(_figures("甲")) == digest(_figures("乙"))
    assert digest(_figures("甲", 4)) != digest(_figures("甲"))
    again = msgspec.convert(msgspec.to_builtins(_figures("甲")), Figures)
    assert digest(again) == digest(_figures("甲"))


@given(st.text(min_size=1))
def test_no_text_begins_like_a_formula(text: str) -> None:
    assert inert(text)[0] not in "=+-@\t\r"
    assert inert(text).removeprefix("'") == text.removeprefix("'")
