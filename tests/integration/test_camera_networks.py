"""PROMISES S6: whatever a camera's address says, nothing is connected to outside the networks where cameras may be."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from domain.network import LOOPBACK, PRIVATE, networks
from edge.address import AddressError, UnknownHostError, check, check_literal, pinned
from edge.counters import Counters
from edge.source import Source, SourceError, SourceOptions

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
