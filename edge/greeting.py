"""The greeting: what a camera answers up to PLAY passes through the edge, so that it cannot send FFmpeg elsewhere.

FFmpeg follows a redirect (3xx) wherever it leads, and has no option against it. So it is given a door of the edge's
own instead of the camera's address, and the edge speaks with the camera over a connection whose address was checked
(ADR 47). At PLAY, after which FFmpeg follows nothing, its socket is replaced by the camera's: no picture passes
through here. Of an encrypted stream all bytes do, since its key is the edge's.
"""

import os
import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from edge.answer import AnswerError, split

_CHUNK = 1 << 16
_MOST_REQUEST = 8192
_END = b"\r\n\r\n"
_BETWEEN_S = 10.0  # an encrypted record that takes longer to come whole will not come


class Greeting:
    """One connection's. Made by the thread that then lets FFmpeg open `url`."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """`url`: rtsp: or rtsps:, with a checked number for its host, and a port. Raises OSError as connecting does."""
        parts = urlsplit(url)
        self._until = time.monotonic() + timeout_s
        host = parts.hostname or ""
        self._camera = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            self._camera.settimeout(timeout_s)
            self._camera.connect((host, parts.port or 0))
            if parts.scheme == "rtsps":
                self._camera = _unverified().wrap_socket(self._camera)
            self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        except OSError:
            self._camera.close()
            raise
        login, at, _ = parts.netloc.rpartition("@")
        self.url = parts._replace(scheme="rtsp", netloc=f"{login}{at}127.0.0.1:{self._door.getsockname()[1]}").geturl()
        self.failure: AnswerError | TimeoutError | None = None  # why the door was shut; known before FFmpeg sees it
        self._thread = threading.Thread(target=self._run, name="greeting", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with suppress(OSError), self._camera:
            with self._door:
                self._door.settimeout(self._left())
                ours, name = self._door.accept()
            with ours:
                try:
                    self._speak(ours, _descriptor(name))
                except (AnswerError, TimeoutError) as error:
                    self.failure = error

    def _speak(self, ours: socket.socket, theirs: int) -> None:
        """Request by request, until PLAY or until one of the two hangs up. `theirs`: FFmpeg's end of `ours`."""
        answers = b""
        while request := self._request(ours):
            if request.startswith(b"PLAY ") and not answers:
                self._camera.sendall(request)
                self._hand_over(ours, theirs)
                return
            self._camera.sendall(request)
            while (found := split(answers)) is None:
                self._camera.settimeout(self._left())
                data = self._camera.recv(_CHUNK)
                if not data:
                    return
                answers += data
            answer, answers = found
            ours.sendall(answer)

    def _request(self, ours: socket.socket) -> bytes:
        """FFmpeg's next one: it has no body, and none comes before the last one is answered. Empty: it hung up."""
        request = b""
        while not request.endswith(_END) and len(request) < _MOST_REQUEST:
            ours.settimeout(self._left())
            data = ours.recv(_CHUNK)
            if not data:
                return b""
            request += data
        return request

    def _hand_over(self, ours: socket.socket, theirs: int) -> None:
        """From now on FFmpeg, which waits for the answer, reads from the camera.

        FFmpeg closes its descriptor only when `ours` is closed, or after twice the time that is left here: it cannot
        have become another file's.
        """
        self._left()
        if isinstance(self._camera, ssl.SSLSocket):
            self._pump(ours, self._camera)
            return
        self._camera.setblocking(False)  # as FFmpeg's own are
        os.dup2(self._camera.fileno(), theirs, inheritable=False)

    def _pump(self, ours: socket.socket, camera: ssl.SSLSocket) -> None:
        ours.settimeout(None)
        camera.settimeout(_BETWEEN_S)
        waiting = select.poll()  # select() takes no descriptor beyond the first 1024
        for one in (ours, camera):
            waiting.register(one, select.POLLIN)
        while True:
            if not camera.pending():
                ready = {descriptor for descriptor, _ in waiting.poll()}
                if ours.fileno() in ready:
                    data = ours.recv(_CHUNK)
                    if not data:
                        return
                    camera.sendall(data)
                if camera.fileno() not in ready:
                    continue
            data = camera.recv(_CHUNK)
            if not data:
                return
            ours.sendall(data)

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _unverified() -> ssl.SSLContext:
    """Cameras sign their certificates themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _descriptor(name: object) -> int:
    """Of this process's socket that has this address. Raises OSError when there is none: somebody else knocked."""
    for number in map(int, os.listdir("/dev/fd")):
        with suppress(OSError):  # no socket, or closed meanwhile
            one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=number)
            try:
                if one.getsockname() == name:
                    return number
            finally:
                one.detach()
    raise ConnectionRefusedError("the door is FFmpeg's only")
