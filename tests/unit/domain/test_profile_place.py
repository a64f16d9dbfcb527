"""The line of a profile's file that a fault is about: where a person must look."""

import pytest

from domain import profile
from domain.profile import BadProfileError
from domain.profile_place import line_of

_TEXT = """code = "acme-lift"
kind = "elevator"
version = 1
zh = "梯"
en = "Lift"
source = "manual"
silence_s = 600

[sampling]
period_s = 60

[[metrics]]
name = "speed"
unit = "m/s"
zh = "速度"
en = "Speed"
low = 0.0
high = 10.0

[[metrics]]
name = "load"
unit = "kg"
zh = "载重"
en = "Load"
low = 0.0
high = 2000.0

[[mapping]]
topic = "data"
gives = "telemetry"
time = { at = "/t", kind = "epoch_s" }
[mapping.values]
speed = { at = "/v" }
"""


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        ("version = 1", "version = 'one'", "version ="),
        ('source = "manual"', "source = ", "source = "),
        ('unit = "kg"', "unit = 5", "unit = 5"),  # in the second of two tables
        ('unit = "kg"', 'unit = "furlong"', 'unit = "furlong"'),
        ("high = 2000.0", "high = -1.0", 'name = "load"'),
        ("high = 2000.0", "high = 2000.0\ncolour = 1", "colour = 1"),
        ('name = "load"', 'name = "speed"', 'name = "speed"'),
        ('kind = "epoch_s"', 'kind = "moon"', 'kind = "moon"'),
        ("speed = { at", "velocity = { at", "velocity = { at"),
        ('[[mapping]]\ntopic', '[[mapping]]\ncolour = 1\ntopic', "colour = 1"),
        ('source = "manual"', 'source = "manual"\nbase = "nothing"', 'base = "nothing"'),
    ],
)  # fmt: skip
def test_a_fault_is_found_in_its_line(good: str, bad: str, line: str) -> None:
    profile.parse(_TEXT)
    text = _TEXT.replace(good, bad)
    with pytest.raises(BadProfileError) as caught:
        profile.parse(text)
    found = line_of(text, str(caught.value))
    assert found is not None, caught.value
    assert line in text.splitlines()[found - 1], caught.value


def test_what_is_nowhere_has_no_line() -> None:
    assert line_of(_TEXT, "a healthy device may be quiet for 60 s") is None
