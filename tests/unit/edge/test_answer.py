"""Whatever a camera answers: FFmpeg is given one sound answer at a time, or none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.answer import MOST_BODY, MOST_HEAD, AnswerError, split

DESCRIBED = (
    b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: rtsp://h/x/\r\nServer: WMServer/9\r\nContent-Length: 4\r\n\r\nv=0\n"
)


def test_what_ffmpeg_needs_is_handed_on_and_nothing_else() -> None:
    head = b"RTSP/1.0 200 -\r\nCSeq: 2\r\nContent-Base: rtsp://h/x/\r\nContent-Length: 4\r\n\r\n"
    assert split(DESCRIBED + b"RTSP") == (head + b"v=0\n", b"RTSP")
    assert split(b"\r\nRTSP/1.0 401 Unauthorized\nWWW-Authenticate: Basic\n\n") == (
        b"RTSP/1.0 401 -\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
        b"",
    )


@given(st.integers(0, len(DESCRIBED) - 1))
def test_a_part_of_an_answer_is_none(length: int) -> None:
    assert split(DESCRIBED[:length]) is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"RTSP/1.0 301 Moved\r\nLocation: rtsp://elsewhere/\r\n\r\n", "another address"),
        (b"REDIRECT * RTSP/1.0\r\n\r\n", "no RTSP"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "no RTSP"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "length"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), "length"),
        (b"x" * (MOST_HEAD + 1), "no RTSP"),
    ],
)
def test_some_answers_are_not_handed_on_and_it_is_said_why(answer: bytes, said: str) -> None:
    with pytest.raises(AnswerError, match=said):
        split(answer)


heads = [b"RTSP/1.0 200 OK", b"RTSP/1.0 302 -", b"CSeq: 1", b"Location: rtsp://x", b"Content-Length: 9", b"Session:\t7"]
lines = st.sampled_from([*heads, b"", b"$"])


@given(st.lists(st.tuples(lines, st.sampled_from([b"\r\n", b"\n", b"\r", b"\0\r\n", b" "]))))
def test_what_is_handed_on_never_leads_elsewhere_however_it_was_written(parts: list[tuple[bytes, bytes]]) -> None:
    try:
        found = split(b"".join(line + end for line, end in parts))
    except AnswerError:
        return
    if found is not None:
        head, _, body = found[0].partition(b"\r\n\r\n")
        assert not re.search(rb"RTSP/1.0 3|Location|[\0\r](?!\n)", head)
        assert head.endswith(b"Content-Length: %d" % len(body))
