"""What is derived from a metric's name, and the course of what was measured: spells, excuses, samples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import course, derived, predicate
from domain.course import Cell, Spell
from domain.derived import How
from domain.rule import BadRuleError, parse

OPEN = predicate.parse("door_open and not defrost")
SPANS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 30)), max_size=6)


def told(*flags: tuple[float, float]) -> list[Cell]:
    return [Cell(0, "defrost", 0), *(Cell(at, "door_open", flag) for at, flag in flags)]


def test_a_name_spells_a_derivation_only_of_a_metric_that_there_is() -> None:
    assert derived.of("air_temp_rate", ["air_temp"]) == derived.Derived("air_temp_rate", "air_temp", How.RATE)
    assert derived.of("air_temp_rate", ["air_temp", "air_temp_rate"]) is None
    assert derived.of("air_temp_rate", ["set_point"]) is None
    assert derived.base("air_temp_rate", ["air_temp"]) == "air_temp"


def test_spells_begin_and_end_where_the_truth_does() -> None:
    found = course.spells(OPEN, told((10, 1), (20, 1), (30, 0), (50, 1)), 60)
    assert found == [Spell(10, 30), Spell(50, 60)]
    assert course.limited(found[0], 5) == Spell(10, 15)


def test_samples_are_counted_from_the_begin_on() -> None:
    hits = course.hits(OPEN, told((10, 1), (20, 0), (30, 1), (40, 1)), 15)
    assert (hits.held, hits.known, hits.last) == (2, 3, True)


@given(SPANS, st.integers(0, 60), st.integers(0, 60))
def test_excuses_that_overlap_count_once(spans: list[tuple[int, int]], begin: int, size: int) -> None:
    end = begin + size
    seconds = {second for start, length in spans for second in range(start, start + length)}
    spells = [Spell(start, start + length) for start, length in spans]
    assert course.covered(spells, begin, end) == len(seconds & set(range(begin, end)))


@pytest.mark.parametrize(
    "line, fault",
    [
        ('kind = "figure"\nlook = "events"\npredicate = "count > 2"\nwindow_s = 9.0', "needs codes"),
        ('kind = "figure"\nlook = "sales"\npredicate = "lost > 2"', "needs a window_s"),
        ('kind = "figure"\nlook = "sales"\npredicate = "price > 2"\nwindow_s = 9.0', "has no price"),
        ('kind = "figure"\npredicate = "lost > 2"', "needs a look"),
        ('kind = "figure"\nlook = "latest"\npredicate = "t_rate > 2"', "take kind threshold"),
        ('kind = "threshold"\npredicate = "t_age > 2"', "take kind figure"),
        ('kind = "threshold"\npredicate = "t > 2"\nshare = 0.5', "a share"),
        ('kind = "threshold"\npredicate = "t > 2"\nguards = [{ at_most_s = 9.0 }]', "a guard"),
        ('kind = "threshold"\npredicate = "t > 2"\nzones = ["stove"]', "zones"),
        ('kind = "silence"\nhours = "open"', "silence has no"),
        ('kind = "threshold"\npredicate = "t > 2"\nfor_s = -1.0', "not negative"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_its_fault(line: str, fault: str) -> None:
    head = '[[rules]]\ncode = "a"\nversion = 1\nzh = "a"\nen = "a"\nseverity = 3\nsource = "ours"\nprofiles = ["p"]\n'
    with pytest.raises(BadRuleError, match=fault):
        parse(head + line)
