"""The line of a value that a decoder names by its path."""

import pytest

from simulators.toml_line import find

TEXT = """name = "x"
duration_s = 5

[[camera]]
code = "one"
play = [
    { at = 1, clip = "a" },
    { at = 2, clip = "b" },
]

[[camera]]
code = "two"

[[camera.fault]]
at = 3

[[camera.fault]]
at = 4

[bars]
missed = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("$", 1),
        ("$.duration_s", 2),
        ("$.camera[0]", 4),
        ("$.camera[0].code", 5),
        ("$.camera[0].play[1]", 8),
        ("$.camera[0].play[1].clip", 8),
        ("$.camera[1].code", 12),
        ("$.camera[1].fault[0].at", 15),
        ("$.camera[1].fault[1].at", 18),
        ("$.camera[1].nowhere", 11),
        ("$.camera[7]", 1),
        ("$.bars.missed", 21),
    ],
)
def test_a_path_is_found(path: str, line: int) -> None:
    assert find(TEXT, path) == line


def test_an_empty_text_has_a_first_line() -> None:
    assert find("", "$.name") == 1
