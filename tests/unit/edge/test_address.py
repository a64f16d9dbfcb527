"""Only cameras are opened, and no log line carries a password."""

import pytest

from edge.address import AddressError, check, redacted


@pytest.mark.parametrize("url", ["rtsp://10.0.0.9/live", "rtsps://u:p@cam:322/a?b=c", "rtsp://[::1]:8554/x"])
def test_rtsp_addresses_are_opened(url: str) -> None:
    assert check(url, allow_files=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest", "file:///etc/passwd", "concat:/a|/b", "/etc/passwd", "rtsp:///x", "",
        "rtsp://u:p@host:port/x", "rtsp://[::1/x", "rtmp://h/x", "subfile,,start,0:/etc/passwd",
    ],
)  # fmt: skip
def test_everything_else_is_refused_without_naming_a_password(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        check(url, allow_files=False)
    assert "u:p" not in str(caught.value)


def test_files_are_for_tests_that_ask_for_them() -> None:
    assert check("file:/tmp/clip.mp4", allow_files=True)


def test_what_is_logged_has_neither_login_nor_query() -> None:
    assert redacted("rtsp://user:se:cr%40et@cam.lan:554/live/1?password=x") == "rtsp://cam.lan:554/live/1"
    assert redacted("rtsp://user:secret@[bad/x") == "an invalid address"
