"""An RTSP server of many cameras on one port, which loop pre-encoded files without re-encoding them.

`python -m simulators.rtsp --port 8554 clip.mp4 …` serves each file as `rtsp://127.0.0.1:8554/<file's name>`.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
import uvloop

from simulators.clip import Clip, ClipError, load_clip
from simulators.digest import Algorithm, Guard
from simulators.fault import Fault
from simulators.listening import ListeningError, bind_udp_pair, listening_error
from simulators.rtsp_camera import Camera, Feed, Happening
from simulators.rtsp_connection import REALM, Connection, Session
from simulators.rtsp_message import Transport
from simulators.rtsp_outlet import Outlet, UdpOutlet
from simulators.standalone import interrupted, log_to_stderr, port_number
from simulators.timetable import Timetable
from simulators.wheel import Wheel

log = structlog.get_logger(__name__)

SWEEP_S = 1.0
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Login:
    """The one user of all cameras of a server."""

    user: str
    password: str = field(repr=False)
    algorithms: tuple[Algorithm, ...] = ("MD5",)  # offered in this order; most cameras, and clients, know MD5 only


@dataclass(frozen=True, slots=True)
class RtspConfig:
    """What to serve and where; port 0 takes a free one. Camera paths must differ."""

    cameras: tuple[Camera, ...]
    host: str = "127.0.0.1"
    port: int = 8554
    login: Login | None = None
    session_timeout_s: float = 60.0
    buffer_limit: int = 1 << 20  # bytes that may wait for one viewer before pictures are dropped
    connection_limit: int = 1024
    tick_s: float = 0.01  # pictures go out at the next tick after they are due

    def __post_init__(self) -> None:
        paths = [camera.path for camera in self.cameras]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"Each camera needs a path of its own; given twice: {', '.join(twice)}.")


@dataclass(slots=True)
class RtspStats:
    """Counts since the server opened; `connections` and `viewers` are of now."""

    connections: int = 0
    viewers: int = 0
    units_sent: int = 0
    units_dropped: int = 0
    timed_out: int = 0
    refused: int = 0
    errors: int = 0

    def add(self, outlet: Outlet) -> None:
        """Count a viewer's pictures in."""
        self.units_sent += outlet.sent
        self.units_dropped += outlet.dropped


class RtspServer:
    """Opens, runs by the event loop's timer, closes. Cameras are named by their path."""

    def __init__(self, config: RtspConfig, tell: Callable[[Happening], None] | None = None) -> None:
        """`tell` hears of every clip and fault that begins, for the truth file; without it they are logged."""
        self.config = config
        self.port = config.port
        self._tell = tell or _log_happening
        self._feeds: dict[str, Feed] = {}
        self._connections: set[Connection] = set()
        self._by_control: dict[tuple[str, int], Connection] = {}  # who is heard over UDP
        self._past = RtspStats()
        self._drops_told = 0
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Listen, and let the cameras' time begin. Raises ListeningError."""
        self._loop = asyncio.get_running_loop()
        await self._listen()
        try:
            self._sockets = bind_udp_pair(self.config.host)
        except OSError as error:
            await self._hush()
            raise listening_error(self.config.host, 0, error) from error
        self._loop.add_reader(self._sockets[1].fileno(), self._hear)
        self._wheel = Wheel(self.config.tick_s)
        for camera in self.config.cameras:
            feed = Feed(camera, self.now(), self._wall, self._tell)
            self._feeds[camera.path] = feed
            feed.run(self.now())
            self._wheel.put(feed)
        self._sweep()

    async def close(self) -> None:
        """Cut all connections and stop listening; what was never opened may be closed."""
        if self._sweeper is None:
            return
        self._sweeper.cancel()
        self._wheel.close()
        await self._hush()
        self._loop.remove_reader(self._sockets[1].fileno())
        for each in self._sockets:
            each.close()
        self._sweeper = None

    async def restart(self, down_s: float) -> None:
        """Be away for a time: connections are cut, new ones refused, the cameras' time goes on."""
        await self._hush()
        await asyncio.sleep(down_s)
        await self._listen()

    def url(self, path: str) -> str:
        """A camera's address, without a login."""
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        return f"rtsp://{host}:{self.port}/{path}"

    @property
    def connections(self) -> list[Connection]:
        """The clients of now."""
        return list(self._connections)

    def place(self, camera: Camera) -> None:
        """Let a camera's time begin anew, with another timetable. Raises KeyError if there is no such camera."""
        self._feeds[camera.path].place(camera, self.now())
        self._wheel.put(self._feeds[camera.path])

    def play(self, path: str, clip: Clip, times: int = 1) -> None:
        """Cut a camera to a clip at once; then its timetable goes on. Raises KeyError if there is no such camera."""
        self._feeds[path].play(clip, self.now(), times)
        self._wheel.put(self._feeds[path])

    def stop(self, path: str) -> None:
        """Cut a camera back to its quiet clip at once. Raises KeyError if there is no such camera."""
        self._feeds[path].stop(self.now())
        self._wheel.put(self._feeds[path])

    def inject(self, path: str, fault: Fault) -> None:
        """Let a camera misbehave. Raises KeyError if there is no such camera."""
        self._feeds[path].inject(fault, self.now())
        self._wheel.put(self._feeds[path])

    def clear_fault(self, path: str) -> None:
        """Let a camera behave again. Raises KeyError if there is no such camera."""
        self._feeds[path].clear_fault(self.now())
        self._wheel.put(self._feeds[path])

    def stats(self) -> RtspStats:
        """Counts for reports and tests."""
        past = self._past
        now = RtspStats(len(self._connections), 0, past.units_sent, past.units_dropped, past.timed_out, past.refused)
        for feed in self._feeds.values():
            now.viewers += len(feed.viewers)
            for outlet in feed.viewers:
                now.add(outlet)
        now.errors = self._wheel.errors
        return now

    # What connections ask of their server.

    @property
    def session_timeout_s(self) -> float:
        return self.config.session_timeout_s

    @property
    def buffer_limit(self) -> int:
        return self.config.buffer_limit

    @property
    def media_port(self) -> int:
        port: int = self._sockets[0].getsockname()[1]
        return port

    def now(self) -> float:
        return self._loop.time()

    def guard(self) -> Guard | None:
        login = self.config.login
        return Guard(REALM, login.user, login.password, login.algorithms) if login else None

    def feed(self, path: str) -> Feed | None:
        return self._feeds.get(path)

    def opened(self, connection: Connection) -> bool:
        if len(self._connections) >= self.config.connection_limit:
            self._past.refused += 1
            return False
        self._connections.add(connection)
        return True

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def udp_outlet(self, connection: Connection, wish: Transport) -> UdpOutlet:
        media, control = (connection.peer, wish.first), (connection.peer, wish.second)
        outlet = UdpOutlet(self.config.buffer_limit, self._sockets, media, control, lambda o: self._wheel.pump(o.pump))
        self._by_control[control] = connection
        return outlet

    def started(self, session: Session, connection: Connection) -> None:
        feed = session.feed
        feed.add(session.outlet, connection.hang_up, self.now())
        self._wheel.put(feed)

    def stopped(self, session: Session) -> None:
        session.feed.remove(session.outlet)
        self._past.add(session.outlet)
        session.outlet.reset()

    def ended(self, session: Session) -> None:
        if isinstance(session.outlet, UdpOutlet):
            self._by_control.pop(session.outlet.control, None)

    async def _listen(self) -> None:
        try:
            self._server = await self._loop.create_server(lambda: Connection(self), self.config.host, self.port)
        except OSError as error:
            raise listening_error(self.config.host, self.port, error) from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def _hush(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            connection.hang_up()
        await self._server.wait_closed()
        self._server = None

    def _hear(self) -> None:
        """Receiver reports over UDP: they say that the viewer lives."""
        try:
            while True:
                _, address = self._sockets[1].recvfrom(2048)
                connection = self._by_control.get(address[:2])
                if connection is not None:
                    connection.touch()
        except OSError:  # nothing more to read, or a port-unreachable of a viewer that left
            return

    def _sweep(self) -> None:
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep)
        silent_since = self.now() - self.config.session_timeout_s
        for connection in [c for c in self._connections if c.seen < silent_since]:
            self._past.timed_out += 1
            log.info("rtsp_timed_out", peer=connection.peer)
            connection.hang_up()
        dropped = self.stats().units_dropped
        if dropped > self._drops_told:
            log.warning("rtsp_pictures_dropped", count=dropped - self._drops_told, reason="slow viewer")
            self._drops_told = dropped

    def _wall(self, at: float) -> float:
        return time.time() + at - self._loop.time()


def _log_happening(happening: Happening) -> None:
    log.info(
        happening.kind, camera=happening.camera, name=happening.name, at=happening.at.isoformat(), turn=happening.turn
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve files until interrupted; the exit status says whether that began."""
    options = _parser().parse_args(arguments)
    try:
        config = _config(options)
        uvloop.run(_serve(config))
    except (ClipError, ListeningError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators.rtsp", description="Serve video files as RTSP cameras.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="H.264 or H.265 video, played in a loop")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=port_number, default=8554, help="TCP port; 0 takes a free one (default: %(default)s)"
    )
    parser.add_argument("--user", default="", help="ask for this user's login (Digest)")
    parser.add_argument("--password", default="")
    parser.add_argument("--copies", type=int, default=1, help="cameras for each file: name-1, name-2, …")
    return parser


def _config(options: argparse.Namespace) -> RtspConfig:
    cameras = []
    for file in options.files:
        clip = load_clip(file)
        names = [file.stem] if options.copies == 1 else [f"{file.stem}-{n + 1}" for n in range(options.copies)]
        cameras += [Camera(name, Timetable(clip, phase_s=phase(clip, index))) for index, name in enumerate(names)]
    login = Login(options.user, options.password) if options.user else None
    return RtspConfig(tuple(cameras), options.host, options.port, login)


def phase(clip: Clip, index: int) -> float:
    """How far into a clip the camera of this index begins: evenly spread, whatever their number; 0 for the first."""
    return index * GOLDEN % 1.0 * clip.duration_s


async def _serve(config: RtspConfig) -> None:
    server = RtspServer(config)
    await server.open()
    try:
        for camera in config.cameras:
            print(server.url(camera.path), flush=True)
        await interrupted()
    finally:
        await server.close()


if __name__ == "__main__":
    log_to_stderr()
    sys.exit(main())
