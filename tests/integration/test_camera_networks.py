"""PROMISES S6: whatever a camera's address says, nothing is connected to outside the networks where cameras may be."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av
import pytest

from domain.network import LOOPBACK, PRIVATE, networks
from edge.address import AddressError, UnknownHostError, check, check_literal, pinned
from edge.counters import Counters
from edge.source import Source, SourceError, SourceOptions
from tests.servers import PATIENCE_S, wait_for

HERE = networks(("127.0.0.1/32",))


class Canary:
    """A server that hopes to be connected to."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            line.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


SDP = b"v=0\r\no=- 0 0 IN IP4 0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
SOUND = {
    "OPTIONS": b"Content-Length: 0\r\n\r\n",
    "DESCRIBE": b"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (len(SDP), SDP),
    "SETUP": b"Session: 7\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
}


class Decoy:
    """A camera, at an address where one may be, that sends its viewers to the canary when asked `when`."""

    def __init__(self, when: str, answer: bytes) -> None:
        self._when, self._answer = when, answer
        self._socket = socket.create_server(("127.0.0.2", 0))
        self.url = f"rtsp://u:marker@127.0.0.2:{self._socket.getsockname()[1]}/x"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with (
            suppress(ConnectionError),
            self._socket,
            self._socket.accept()[0] as line,
            line.makefile("rb") as asked,
        ):
            while (method := asked.readline().decode().partition(" ")[0]) in SOUND:
                headers = [bytes(header) for header in iter(asked.readline, b"\r\n")]
                number = next(header for header in headers if header.startswith(b"CSeq"))
                is_now = method == self._when
                line.sendall(self._answer % number if is_now else b"RTSP/1.0 200 OK\r\n" + number + SOUND[method])


def refused(url: str, options: SourceOptions) -> str:
    with pytest.raises(SourceError) as caught:
        Source(url, options, Counters()).open()
    return str(caught.value)


def test_a_camera_within_is_connected_to(canary: Canary) -> None:
    """The test below can fail: the canary sings where it may be called."""
    refused(f"rtsp://127.0.0.1:{canary.port}/x", SourceOptions(networks=HERE))
    assert canary.calls == 1


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://127.0.0.1:{port}/x", "rtsp://u:marker@localhost:{port}/x", "rtsps://127.0.0.1:{port}/x",
        "rtsp://2130706433:{port}/x", "rtsp://0x7f.1:{port}/x", "rtsp://[::ffff:127.0.0.1]:{port}/x",
        "http://127.0.0.1:{port}/x", "tcp://127.0.0.1:{port}", "rtmp://127.0.0.1:{port}/x",
        "concat:http://127.0.0.1:{port}/x|/etc/passwd", "file:///etc/passwd", "/etc/passwd",
    ],
)  # fmt: skip
def test_nothing_outside_is_connected_to(canary: Canary, text: str) -> None:
    said = refused(text.format(port=canary.port), SourceOptions(networks=PRIVATE))
    assert canary.calls == 0
    assert "camera" in said
    assert "marker" not in said


def test_a_name_is_asked_once_and_what_was_checked_is_connected_to(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [("127.0.0.9", 0), ("127.0.0.1", 0)]  # the second one would be the canary's
    asked: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(asked) - 1][0], port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    refused(f"rtsp://cam.test:{canary.port}/x", SourceOptions(networks=networks(("127.0.0.9/32",))))
    assert (asked, canary.calls) == (["cam.test"], 0)


@pytest.mark.parametrize("when", ["OPTIONS", "DESCRIBE"])
@pytest.mark.parametrize("status", [b"302 Moved", b"399 -"])
def test_no_camera_sends_the_edge_elsewhere(canary: Canary, when: str, status: bytes) -> None:
    elsewhere = b"RTSP/1.0 %s\r\n%%sLocation: rtsp://127.0.0.1:%d/x\r\n\r\n" % (status, canary.port)
    with pytest.raises(av.error.FFmpegError):
        av.open(Decoy(when, elsewhere).url, options={"rtsp_transport": "tcp"}, timeout=(PATIENCE_S, PATIENCE_S))
    wait_for(lambda: canary.calls == 1)  # FFmpeg by itself goes there: what follows can fail
    said = refused(Decoy(when, elsewhere).url, SourceOptions(networks=networks(("127.0.0.2/32",))))
    assert canary.calls == 1
    assert "another address" in said
    assert "marker" not in said


@pytest.mark.parametrize(
    "answer",
    [
        b"RTSP/1.0 200 OK\r\n%sContent-Length: 0\r\n\r\nRTSP/1.0 302 -\r\nCSeq: 2\r\n",
        b"RTSP/1.0 200 OK\r\n%sContent-Length: 0\nContent-Length: 200\r\n\r\nRTSP/1.0 302 -\r\n",
        b"RTSP/1.0 200 \rRTSP/1.0 302 -\r\n%s",
        b"REDIRECT * RTSP/1.0\r\n%s",
        b"$\0\0\0RTSP/1.0 302 -\r\n%s",
    ],
    ids=["two at once", "two lengths", "two lines", "a request", "as if it were video"],
)
def test_nor_does_one_hidden_in_another(canary: Canary, answer: bytes) -> None:
    whole = answer + b"Location: rtsp://127.0.0.1:%d/x\r\n\r\n" % canary.port
    refused(Decoy("OPTIONS", whole).url, SourceOptions(open_timeout_s=1.0, networks=networks(("127.0.0.2/32",))))
    assert canary.calls == 0


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "100.100.100.200", "0.0.0.0", "224.0.0.1"],
)
def test_some_addresses_are_nobodys_whatever_is_allowed(host: str) -> None:
    with pytest.raises(AddressError, match="where no camera may be"):
        pinned(f"rtsp://{host}/x", networks(("0.0.0.0/0", "::/0")))


def test_the_number_takes_the_names_place_and_the_rest_stays() -> None:
    assert pinned("rtsp://u:p%40@127.0.0.1/a?b=c", LOOPBACK) == "rtsp://u:p%40@127.0.0.1:554/a?b=c"
    assert pinned("rtsps://[::1]:8322/a", LOOPBACK) == "rtsps://[::1]:8322/a"
    assert pinned("rtsps://10.0.0.9/a", PRIVATE) == "rtsps://10.0.0.9:322/a"
    with pytest.raises(UnknownHostError, match=r"nowhere\.invalid"):
        pinned("rtsp://nowhere.invalid/x", PRIVATE)


def test_a_configuration_is_refused_at_once_where_it_can_be_seen() -> None:
    check_literal("rtsp://camera.lan/x", PRIVATE)  # a name is looked up when it is opened
    with pytest.raises(AddressError, match="MINGCHU_CAMERA_NETWORKS"):
        check_literal("rtsp://192.0.2.7/x", PRIVATE)
    with pytest.raises(AddressError, match="must be rtsp"):
        check("concat:/a|/b", allow_files=False)
