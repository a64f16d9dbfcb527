"""One client's RTSP connection: its requests, its login, its one session."""

import asyncio
import secrets
import socket
from dataclasses import dataclass
from typing import Protocol, cast

import structlog

from simulators.digest import Guard
from simulators.rtsp_camera import Feed
from simulators.rtsp_message import (
    MessageError,
    Reader,
    Request,
    Response,
    Transport,
    parse_transport,
)
from simulators.rtsp_outlet import Outlet, TcpOutlet, UdpOutlet

log = structlog.get_logger(__name__)

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
REALM = "Mingchu camera"
SEND_BUFFER = 256 * 1024
OPEN_METHODS = ("OPTIONS", "GET_PARAMETER")  # keep-alives, which clients send without a login


class Host(Protocol):
    """What a connection needs of its server."""

    @property
    def session_timeout_s(self) -> float: ...
    @property
    def buffer_limit(self) -> int: ...
    @property
    def media_port(self) -> int: ...

    def guard(self) -> Guard | None: ...
    def feed(self, path: str) -> Feed | None: ...
    def now(self) -> float: ...
    def opened(self, connection: "Connection") -> bool: ...
    def closed(self, connection: "Connection") -> None: ...
    def udp_outlet(self, connection: "Connection", wish: Transport) -> UdpOutlet: ...
    def started(self, session: "Session", connection: "Connection") -> None: ...
    def stopped(self, session: "Session") -> None: ...
    def ended(self, session: "Session") -> None: ...


@dataclass(slots=True)
class Session:
    """What SETUP made: a viewer of one camera, playing or not."""

    number: str
    feed: Feed
    outlet: Outlet
    playing: bool = False


class Connection(asyncio.Protocol):
    """Reads requests, writes responses; its outlet writes media in between."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._guard = host.guard()
        self._lock = Guard(REALM, secrets.token_hex(8), secrets.token_hex(16))  # of cameras that nobody may open
        self._reader = Reader()
        self.session: Session | None = None
        self.seen = host.now()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self.peer: str = peer[0] if peer else ""
        self._own: str = own[0] if own else ""
        # The kernel's own buffer would grow to megabytes and hide a slow viewer from the limit.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if not self._host.opened(self):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_session()
        self._host.closed(self)

    def data_received(self, data: bytes) -> None:
        self.seen = self._host.now()
        try:
            for item in self._reader.feed(data):
                if isinstance(item, Request):
                    self._answer(item)
        except MessageError as error:
            log.warning("rtsp_message_refused", peer=self.peer, reason=str(error))
            self._transport.write(Response(400).encode("0"))
            self._transport.close()

    @property
    def waiting_bytes(self) -> int:
        """What the client has not taken yet, apart from what the kernel holds."""
        return self._transport.get_write_buffer_size()

    def hang_up(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def touch(self) -> None:
        """A sign of life came by another way (RTCP over UDP)."""
        self.seen = self._host.now()

    def _answer(self, request: Request) -> None:
        response = self._check(request) or self._dispatch(request)
        self._transport.write(response.encode(request.headers.get("cseq", "0")))
        if response.status == 200 and request.method == "PLAY":
            self._start()  # after the response: a client wants its answer before the first packet

    def _check(self, request: Request) -> Response | None:
        """The response of a request that goes no further."""
        if request.version != "RTSP/1.0":
            return Response(505)
        if request.method not in METHODS:
            return Response(405, [("Allow", ", ".join(METHODS))])
        if request.method in OPEN_METHODS:
            return None
        feed = self._host.feed(request.camera)
        guard = self._guard if feed is None or feed.admits else self._lock
        return None if guard is None else self._challenge(guard, request)

    def _challenge(self, guard: Guard, request: Request) -> Response | None:
        verdict = guard.check(request.method, request.uri, request.headers.get("authorization", ""))
        if verdict == "accepted":
            return None
        if verdict == "wrong":
            log.info("rtsp_login_refused", peer=self.peer, camera=request.camera)
        challenges = guard.challenges(stale=verdict == "stale")
        return Response(401, [("WWW-Authenticate", challenge) for challenge in challenges])

    def _dispatch(self, request: Request) -> Response:
        match request.method:
            case "OPTIONS":
                return Response(200, [("Public", ", ".join(METHODS))])
            case "GET_PARAMETER" | "SET_PARAMETER":
                return Response(200, self._session_header())
            case "DESCRIBE":
                return self._describe(request)
            case "SETUP":
                return self._set_up(request)
            case _:
                return self._control(request)

    def _describe(self, request: Request) -> Response:
        feed = self._feed(request)
        if isinstance(feed, Response):
            return feed
        base = request.uri.partition("?")[0].rstrip("/") + "/"
        headers = [("Content-Base", base), ("Content-Type", "application/sdp")]
        return Response(200, headers, feed.describe(self._own).encode())

    def _feed(self, request: Request) -> Feed | Response:
        feed = self._host.feed(request.camera)
        if feed is None:
            return Response(404)
        return feed if feed.answers else Response(503)

    def _set_up(self, request: Request) -> Response:
        feed = self._feed(request)
        if isinstance(feed, Response):
            return feed
        if self.session is not None:
            return Response(459 if self.session.feed is not feed else 455)
        wish = parse_transport(request.headers.get("transport", ""))
        if wish is None:
            return Response(461)
        outlet, answer = self._outlet(wish)
        self.session = Session(secrets.token_hex(8), feed, outlet)
        return Response(200, [("Transport", answer), *self._session_header()])

    def _outlet(self, wish: Transport) -> tuple[Outlet, str]:
        first, second = wish.first, wish.second
        if wish.kind == "tcp":
            outlet = TcpOutlet(self._host.buffer_limit, self._transport, first, second)
            return outlet, f"RTP/AVP/TCP;unicast;interleaved={first}-{second}"
        port = self._host.media_port
        answer = f"RTP/AVP;unicast;client_port={first}-{second};server_port={port}-{port + 1}"
        return self._host.udp_outlet(self, wish), answer

    def _control(self, request: Request) -> Response:
        session = self.session
        if session is None or request.headers.get("session", "").partition(";")[0].strip() != session.number:
            return Response(454)
        header = self._session_header()
        if request.method == "TEARDOWN":
            self._end_session()
        elif request.method == "PAUSE":
            self._pause(session)
        elif not session.feed.answers:
            return Response(503)
        else:
            header.append(("Range", "npt=now-"))
        return Response(200, header)

    def _session_header(self) -> list[tuple[str, str]]:
        if self.session is None:
            return []
        return [("Session", f"{self.session.number};timeout={self._host.session_timeout_s:.0f}")]

    def _start(self) -> None:
        session = self.session
        if session is not None and not session.playing:
            session.playing = True
            self._host.started(session, self)

    def _pause(self, session: Session) -> None:
        if session.playing:
            session.playing = False
            self._host.stopped(session)

    def _end_session(self) -> None:
        if self.session is not None:
            self._pause(self.session)
            self._host.ended(self.session)
            self.session = None
