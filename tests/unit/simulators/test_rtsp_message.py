"""RTSP on the wire: requests in any pieces, and what is not RTSP."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.rtsp_message import MessageError, Reader, Request, Response, Transport, parse_transport

DESCRIBE = b"DESCRIBE rtsp://h:8554/mall/cam%201/?x=1 RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n"
SETUP = b"SETUP rtsp://h/cam/trackID=0 RTSP/1.0\r\ncseq:3\r\nContent-Length: 3\r\n\r\nabc"
REPORT = b"$\x01\x00\x04\x80\xc9\x00\x01"


@given(st.lists(st.integers(0, len(DESCRIBE + REPORT + SETUP) + 4), max_size=8))
def test_requests_and_packets_arrive_whole_however_they_are_cut(cuts: list[int]) -> None:
    data, reader = DESCRIBE + b"\r\n" + REPORT + b"\r\n" + SETUP, Reader()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    first, report, second = [item for piece in pieces for item in reader.feed(piece)]
    assert isinstance(first, Request)
    assert isinstance(second, Request)
    assert (first.method, first.camera, first.headers["cseq"]) == ("DESCRIBE", "mall/cam 1", "2")
    assert report == REPORT[4:]
    assert (second.method, second.camera, second.headers["cseq"]) == ("SETUP", "cam", "3")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"OPTIONS rtsp://[h RTSP/1.0\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS * RTSP/1.0\r\nContent-Length: 999999999\r\n\r\n",
        b"A" * 20_000,
    ],
)
def test_what_is_not_rtsp_is_refused(data: bytes) -> None:
    with pytest.raises(MessageError):
        list(Reader().feed(data))


def test_a_response_is_written() -> None:
    text = Response(401, [("WWW-Authenticate", "a"), ("WWW-Authenticate", "b")], b"why").encode("7").decode()
    assert text.startswith("RTSP/1.0 401 Unauthorized\r\nCSeq: 7\r\n")
    assert "WWW-Authenticate: a\r\nWWW-Authenticate: b\r\n" in text
    assert text.endswith("Content-Length: 3\r\n\r\nwhy")


@pytest.mark.parametrize(
    "header, wanted",
    [
        ("RTP/AVP/TCP;unicast;interleaved=2-3", Transport("tcp", 2, 3)),
        ("RTP/AVP;unicast;client_port=5000-5001", Transport("udp", 5000, 5001)),
        ("RTP/AVP/UDP;unicast;client_port=5000", Transport("udp", 5000, 5001)),
        ("RTP/AVP;multicast, RTP/AVP/TCP;interleaved=0-1", Transport("tcp", 0, 1)),
        ("RTP/AVP;unicast", None),
        ("RTP/AVP;unicast;client_port=70000-70001", None),
        ("RTP/AVP/TCP;interleaved=a-b", None),
        ("RTP/SAVP;unicast;client_port=5000-5001", None),
        ("", None),
    ],
)
def test_the_first_transport_that_can_be_met_is_taken(header: str, wanted: Transport | None) -> None:
    assert parse_transport(header) == wanted
