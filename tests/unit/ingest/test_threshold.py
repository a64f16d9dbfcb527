"""Threshold flips over a batch equal what one would find by taking the messages one after the other."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain import finding, predicate
from ingest.looks import NEVER, Cells, Known, arrange
from ingest.threshold import Flip, Held, flips
from store.columns import ints

NAMES = ("temp", "defrost")
RULE = predicate.parse("temp > -15 and not defrost")
VALUES = st.one_of(st.none(), st.sampled_from([-20.0, -15.0, -9.8]))
FLAGS = st.one_of(st.none(), st.sampled_from([0.0, 1.0]))


@dataclass(frozen=True)
class Row:
    device: int
    time: int
    temp: float | None
    defrost: float | None


ROWS = st.lists(st.builds(Row, st.integers(1, 3), st.integers(0, 9), VALUES, FLAGS), max_size=25)
KNOWN = st.dictionaries(
    st.tuples(st.integers(1, 3), st.integers(0, 1)), st.tuples(st.integers(0, 9), st.sampled_from([-20.0, 0.0, 1.0]))
)
HELD = st.dictionaries(st.integers(1, 3), st.tuples(st.booleans(), st.integers(0, 9)))


def in_batch(rows: list[Row], known: dict[tuple[int, int], tuple[int, float]], held: dict[int, Held]) -> list[Flip]:
    cells = [
        (place, column, value)
        for place, row in enumerate(rows)
        for column, value in enumerate((row.temp, row.defrost))
        if value is not None
    ]
    looks = arrange(
        ints([row.device for row in rows]),
        ints([row.time for row in rows]),
        Cells(
            ints([place for place, _, _ in cells]),
            ints([column for _, column, _ in cells]),
            np.array([value for _, _, value in cells], dtype=np.float64),
        ),
        2,
        Known(
            ints([device for device, _ in known]),
            ints([column for _, column in known]),
            ints([time for time, _ in known.values()]),
            np.array([value for _, value in known.values()], dtype=np.float64),
        ),
    )
    return flips(RULE, NAMES, looks, held)


def one_by_one(rows: list[Row], known: dict[tuple[int, int], tuple[int, float]], held: dict[int, Held]) -> list[Flip]:
    """The same by the plainest means."""
    found: list[Flip] = []
    for device in sorted({row.device for row in rows}):
        values = {column: value for (owner, column), (_, value) in known.items() if owner == device}
        stored = {column: time for (owner, column), (time, _) in known.items() if owner == device}
        state = held.get(device, Held(False, NEVER))
        truth = state.value
        for row in sorted((row for row in rows if row.device == device), key=lambda row: row.time):
            for column, value in enumerate((row.temp, row.defrost)):
                if value is not None and row.time >= stored.get(column, NEVER):
                    values[column] = value
            if row.time < max([state.time, *stored.values()]):
                continue
            temp, defrost = values.get(0), values.get(1)
            no = (temp is not None and not temp > -15) or (defrost is not None and defrost != 0)
            yes = temp is not None and temp > -15 and defrost is not None and defrost == 0
            if (yes and not truth) or (no and truth):
                truth = yes
                why = finding.written(RULE, {"temp": _number(temp), "defrost": _number(defrost)})
                found.append(Flip(device, row.time, yes, why))
    return found


def _number(value: float | None) -> float:
    return np.nan if value is None else value


@given(ROWS, KNOWN, HELD)
def test_a_batch_is_its_messages_one_by_one(
    rows: list[Row], known: dict[tuple[int, int], tuple[int, float]], held: dict[int, tuple[bool, int]]
) -> None:
    states = {device: Held(*state) for device, state in held.items()}
    assert in_batch(rows, known, states) == one_by_one(rows, known, states)


@given(ROWS, st.integers(0, 25))
def test_where_a_batch_is_cut_does_not_matter(rows: list[Row], cut: int) -> None:
    """In order of time, the first part's outcome is what the second begins from."""
    rows = sorted(rows, key=lambda row: row.time)
    first, second = rows[:cut], rows[cut:]
    known: dict[tuple[int, int], tuple[int, float]] = {}
    for row in first:
        for column, value in enumerate((row.temp, row.defrost)):
            if value is not None:
                known[(row.device, column)] = (row.time, value)
    early = in_batch(first, {}, {})
    held = {flip.device: Held(flip.value, flip.time) for flip in early}
    both = early + in_batch(second, known, held)
    assert sorted(map(_fact, both)) == sorted(map(_fact, in_batch(rows, {}, {})))


def _fact(flip: Flip) -> tuple[int, int, bool, str]:
    return flip.device, flip.time, flip.value, flip.why


def test_why_names_the_values() -> None:
    (flip,) = in_batch([Row(1, 1, -9.8, 0.0)], {}, {})
    assert flip.why == "temp=-9.8, defrost=0"
