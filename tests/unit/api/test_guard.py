"""Whose page a state change comes from."""

import pytest
from starlette.datastructures import Headers

from api.guard import same_origin
from api.render import local_path

CONSOLE = "console.example"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),  # typed by the person
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://console.example"}, False),
        ({"origin": "https://console.example"}, True),
        ({"origin": "http://127.0.0.1:8600", "host": "127.0.0.1:8600"}, True),
        ({"origin": "https://console.example.evil.example", "host": "console.example"}, False),
        ({"origin": "null", "host": "console.example"}, False),
        ({}, True),  # no browser
    ],
)
def test_same_origin(headers: dict[str, str], ours: bool) -> None:
    assert same_origin(Headers(headers), CONSOLE) is ours


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", None, "/a\r\nb"]
)
def test_nobody_is_sent_to_another_site(path: str | None) -> None:
    assert local_path(path) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert local_path("/alerts/7?done=report") == "/alerts/7?done=report"
