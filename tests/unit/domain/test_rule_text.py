"""Rules as documents: what is written reads as it was, every fault has its place, and numbers are changed in theirs."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import rulebook
from domain import predicate, rule_text
from domain.rule import Rule
from domain.rule_text import FaultKind, FaultyRuleError

RULES = {rule.code: rule for rule in rulebook.default()}
WARM = msgspec.structs.replace(
    RULES["cold-frozen-warm"],
    version=2,
    predicate="air_temp > -15 and set_point <= -10 and not defrost",
    guards=(),
    incident=None,
)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_what_is_written_reads_as_it_was(rule: Rule) -> None:
    assert rule_text.read(rule_text.write(rule), rule) == rule


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=100)


@given(PRINTABLE, PRINTABLE, st.floats(0, 1e6))
def test_any_title_and_time_survive(zh: str, en: str, for_s: float) -> None:
    rule = msgspec.structs.replace(WARM, zh=zh, en=en, for_s=for_s)
    assert rule_text.read(rule_text.write(rule)) == rule


@pytest.mark.parametrize(
    "old, new, field",
    [
        ("for_s = 1800.0", "for_s = 1e300", "for_s"),
        ("for_s = 1800.0", "for_s = nan", "for_s"),
        ("for_s = 1800.0", "for_s = -1.0", "for_s"),
        ("not defrost", "not " * 5000 + "defrost", "predicate"),
        ("> -15", "> " + "-" * 3000 + "15", "predicate"),
        ("> -15", "> -15" + " and air_temp > 1" * 40, "predicate"),
        ('en = "', 'en = "one\\nmore', "en"),
    ],
)
def test_what_nothing_could_bear_is_refused(old: str, new: str, field: str) -> None:
    text = rule_text.write(WARM)
    assert old in text
    with pytest.raises(FaultyRuleError) as caught:
        rule_text.read(text.replace(old, new, 1))
    assert caught.value.fault.field == field


@pytest.mark.parametrize(
    "old, new, kind, place, position",
    [
        ("severity = 2", "severity = ", FaultKind.SYNTAX, (7, 12), None),
        ("severity = 2", "severity = 9", FaultKind.VALUE, (7, 12), None),
        ('kind = "threshold"', 'kind = "guess"', FaultKind.VALUE, (4, 8), None),
        ("recheck_s", "recheck", FaultKind.UNKNOWN, (14, 11), None),
        ('code = "cold-frozen-warm"\n', "", FaultKind.MISSING, (1, 1), None),
        ("air_temp > -15", "air_temp >> -15", FaultKind.PREDICATE, (12, 14), 1),
        ("set_point <=", "set_point is", FaultKind.PREDICATE, (12, 33), 20),
        ('kind = "threshold"', 'kind = "event"', FaultKind.NEEDS, (1, 1), None),
        ('code = "cold-frozen-warm"', 'code = "another"', FaultKind.FIXED, (2, 8), None),
        ('kind = "threshold"', 'kind = "transaction"', FaultKind.FIXED, (4, 8), None),
    ],
)
def test_a_fault_has_its_place(
    old: str, new: str, kind: FaultKind, place: tuple[int, int], position: int | None
) -> None:
    text = rule_text.write(WARM)
    assert old in text
    with pytest.raises(FaultyRuleError) as caught:
        rule_text.read(text.replace(old, new, 1), WARM)
    fault = caught.value.fault
    assert (fault.kind, (fault.line, fault.column), fault.position) == (kind, place, position)


@pytest.mark.parametrize("text", ["", "rules = []", rule_text.write(WARM) * 2, "[[rules]"])
def test_anything_but_one_rule_is_refused(text: str) -> None:
    with pytest.raises(FaultyRuleError):
        rule_text.read(text)


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_be_refused_with_a_place(text: str) -> None:
    with pytest.raises(FaultyRuleError) as caught:
        rule_text.read(text)
    assert caught.value.fault.line is not None
    assert caught.value.fault.line >= 1


def test_numbers_are_found_with_what_they_bound() -> None:
    found = rule_text.numbers("air_temp > -15 and abs(x - 3) <= 4 or not defrost")
    assert [(one.label, one.value) for one in found] == [("air_temp >", -15.0), ("abs(x - 3) <=", 4.0)]
    assert rule_text.numbers("door_open") == ()
    assert rule_text.numbers("air_temp >") == ()


@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3))
def test_numbers_are_changed_in_their_places(values: list[float]) -> None:
    text = "a > -15 and b <= 3 and c < 1.5"
    changed = rule_text.with_numbers(text, values)
    assert [one.value for one in rule_text.numbers(changed)] == [float(f"{value:.15g}") for value in values]
    assert predicate.parse(changed).in_order == ("a", "b", "c")
    with pytest.raises(ValueError, match="zip"):
        rule_text.with_numbers(text, values[:2])
