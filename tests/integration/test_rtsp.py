"""The RTSP server and real clients: FFmpeg's library over TCP and UDP, and raw sockets for what it would not do."""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from simulators import rtsp
from simulators.clip import Clip, ClipError, load_clip
from simulators.fault import Restart, Stall
from simulators.listening import ListeningError
from simulators.rtsp import Login, RtspConfig, RtspServer
from simulators.rtsp_camera import Camera, Happening
from simulators.timetable import Timetable
from tests.clips import encode
from tests.servers import PATIENCE_S

TIMEOUT = (PATIENCE_S, PATIENCE_S)
LOGIN = Login("cam", "p w:d/")
QUOTED = "cam:p%20w%3Ad%2F"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """One second each, but for `long`; `grey` is brighter and larger, `b` has reordered pictures."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        "quiet": load_clip(encode(folder / "quiet.mp4")),
        "grey": load_clip(encode(folder / "grey.mp4", shade=120, size=(320, 240))),
        "b": load_clip(encode(folder / "b.mp4", bframes=2)),
        "annexb": load_clip(encode(folder / "annexb.ts")),
        "hevc": load_clip(encode(folder / "hevc.mp4", codec="libx265")),
        "noise": load_clip(encode(folder / "noise.mp4", size=(640, 480), pictures=10, gop=5, noise=True)),
    }


class Cameras:
    """A server with a camera for each clip, and what it told."""

    def __init__(self, clips: dict[str, Clip], **settings: object) -> None:
        self.told: list[Happening] = []
        cameras = tuple(Camera(name, Timetable(clip)) for name, clip in clips.items())
        self.server = RtspServer(RtspConfig(cameras, port=0, **settings), self.told.append)  # type: ignore[arg-type]

    def url(self, path: str, login: str = "") -> str:
        return self.server.url(path).replace("//", f"//{login}@" if login else "//")


@contextlib.asynccontextmanager
async def serving(clips: dict[str, Clip], **settings: object) -> AsyncIterator[Cameras]:
    cameras = Cameras(clips, **settings)
    await cameras.server.open()
    try:
        yield cameras
    finally:
        await cameras.server.close()


@contextlib.contextmanager
def opened(url: str, transport: str = "tcp") -> Iterator["av.container.InputContainer"]:
    options = {"rtsp_transport": transport, "probesize": "32", "analyzeduration": "0"}
    with av.open(url, options=options, timeout=TIMEOUT) as container:
        yield container


def watch(url: str, count: int, transport: str = "tcp") -> list[tuple[float, int, float]]:
    """Decode that many pictures: (time in s, width, mean brightness)."""
    seen = []
    with opened(url, transport) as container:
        for frame in container.decode(video=0):
            seen.append((float(frame.time or 0), frame.width, float(frame.to_ndarray(format="gray").mean())))
            if len(seen) == count:
                break
    return seen


async def eventually(condition: Callable[[], bool], within: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


class Raw:
    """A bare RTSP client: says what the test wants said."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._number = 0

    async def __aenter__(self) -> "Raw":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def ask(self, method: str, url: str, *headers: str) -> tuple[int, str]:
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        assert f"CSeq: {self._number}\r\n" in head
        length = re.search(r"Content-Length: (\d+)", head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        return int(head.split()[1]), head + body.decode()

    async def play(self, url: str, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> str:
        """Play a camera; its session."""
        status, text = await self.ask("SETUP", url + "/trackID=0", f"Transport: {transport}")
        assert status == 200, text
        session = text.split("Session: ")[1].split(";")[0]
        status, text = await self.ask("PLAY", url + "/", f"Session: {session}")
        assert status == 200, text
        return session


async def test_ffmpeg_decodes_across_loops_with_times_that_only_grow(clips: dict[str, Clip]) -> None:
    names = ("quiet", "b", "annexb", "hevc")
    async with serving({name: clips[name] for name in names}, login=LOGIN) as cameras:
        views = [(name, transport) for name in names for transport in ("tcp", "udp")]
        seen = await asyncio.gather(
            *(asyncio.to_thread(watch, cameras.url(name, QUOTED), 60, transport) for name, transport in views)
        )
    for view, pictures in zip(views, seen, strict=True):
        steps = [later[0] - earlier[0] for earlier, later in pairwise(pictures)]
        assert len(pictures) == 60, view  # more than two turns of the clip
        assert all(abs(step - 0.04) < 0.002 for step in steps), (view, steps)


@pytest.mark.parametrize("algorithms", [("MD5",), ("SHA-256", "MD5")])
async def test_a_login_is_asked_for(clips: dict[str, Clip], algorithms: tuple[str, ...]) -> None:
    login = Login(LOGIN.user, LOGIN.password, algorithms)  # type: ignore[arg-type]
    async with serving({"quiet": clips["quiet"]}, login=login) as cameras:
        for wrong in ("", "cam:wrong", "other:p%20w%3Ad%2F"):
            with pytest.raises(av.error.HTTPUnauthorizedError):
                await asyncio.to_thread(watch, cameras.url("quiet", wrong), 1)
        with pytest.raises(av.error.HTTPNotFoundError):
            await asyncio.to_thread(watch, cameras.url("nowhere", QUOTED), 1)
        assert len(await asyncio.to_thread(watch, cameras.url("quiet", QUOTED), 1)) == 1
        assert cameras.server.stats().units_sent > 0


async def test_packet_times_are_the_wall_clock(clips: dict[str, Clip]) -> None:
    def next_keyframe(url: str) -> float:
        with opened(url) as container:
            packets = container.demux(video=0)
            next(packets)  # FFmpeg gives the first packet of an RTSP stream no time (its ticket 5018)
            packet = next(packet for packet in packets if packet.is_keyframe)
            assert container.start_time_realtime is not None
            assert packet.pts is not None
            return container.start_time_realtime / 1e6 + packet.pts / 90_000

    async with serving({"quiet": clips["quiet"]}) as cameras:
        at = await asyncio.to_thread(next_keyframe, cameras.url("quiet"))
    into_clip = (at - cameras.told[0].at.timestamp()) % 1.0  # of a clip of one second, with keyframes at 0, 0.4 and 0.8
    assert min(abs(into_clip - key) for key in (0.0, 0.4, 0.8, 1.0)) < 0.002


async def test_a_viewer_follows_from_one_clip_to_another(clips: dict[str, Clip]) -> None:
    async with serving({"quiet": clips["quiet"]}) as cameras:
        watching = asyncio.create_task(asyncio.to_thread(watch, cameras.url("quiet"), 60))
        await eventually(lambda: cameras.server.stats().units_sent > 5)
        cameras.server.play("quiet", clips["grey"])
        seen = await watching
        names = [happening.name for happening in cameras.told]
    assert {width for _, width, _ in seen} == {160, 320}
    assert max(brightness for _, width, brightness in seen if width == 320) > 100
    assert seen[-1][1] == 160
    assert names == ["quiet", "grey", "quiet"]


async def test_a_stalled_camera_keeps_its_connection_and_comes_back(clips: dict[str, Clip]) -> None:
    async with serving({"quiet": clips["quiet"]}) as cameras, Raw(cameras.server.port) as raw:
        session = await raw.play(cameras.url("quiet"))
        await eventually(lambda: cameras.server.stats().units_sent > 3)
        cameras.server.inject("quiet", Stall())
        sent = cameras.server.stats().units_sent
        raw.writer.write(f"GET_PARAMETER * RTSP/1.0\r\nCSeq: 9\r\nSession: {session}\r\n\r\n".encode())
        await asyncio.wait_for(raw.reader.readuntil(b"CSeq: 9\r\n"), PATIENCE_S)
        assert cameras.server.stats().units_sent == sent
        cameras.server.clear_fault("quiet")
        await eventually(lambda: cameras.server.stats().units_sent > sent)
        assert [h.kind for h in cameras.told[1:]] == ["fault_began", "fault_ended"]


async def test_restarts_cut_connections_and_the_cameras_come_back(clips: dict[str, Clip]) -> None:
    two = {"quiet": clips["quiet"], "grey": clips["grey"]}
    async with serving(two) as cameras, Raw(cameras.server.port) as one, Raw(cameras.server.port) as other:
        await one.play(cameras.url("quiet"))
        await other.play(cameras.url("grey"))
        cameras.server.inject("quiet", Restart(for_s=None))
        async with asyncio.timeout(PATIENCE_S), Raw(cameras.server.port) as third:
            assert (await third.ask("DESCRIBE", cameras.url("quiet")))[0] == 503
            with contextlib.suppress(ConnectionError):
                await one.reader.read()
        cameras.server.clear_fault("quiet")
        sent = cameras.server.stats().units_sent
        await eventually(lambda: cameras.server.stats().units_sent > sent)  # the other camera plays on
        assert len(await asyncio.to_thread(watch_when_back, cameras.url("quiet"))) == 3
        restart = asyncio.create_task(cameras.server.restart(3.0))
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                await other.reader.read()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", cameras.server.port)
        await restart
        assert len(await asyncio.to_thread(watch, cameras.url("grey"), 3)) == 3


def watch_when_back(url: str) -> list[tuple[float, int, float]]:
    """As an edge does: try again until the camera is there."""
    pause = threading.Event()
    for _ in range(50):
        try:
            return watch(url, 3)
        except (av.error.FFmpegError, OSError):
            pause.wait(0.1)
    return []


async def test_a_viewer_that_does_not_read_loses_pictures_not_the_servers_memory(clips: dict[str, Clip]) -> None:
    limit, largest = 64 * 1024, max(unit.size for unit in clips["noise"].units)
    async with serving({"noise": clips["noise"]}, buffer_limit=limit) as cameras, Raw(cameras.server.port) as raw:
        await raw.play(cameras.url("noise"))
        await eventually(lambda: cameras.server.stats().units_dropped > 2)
        (connection,) = cameras.server.connections
        assert 0 < connection.waiting_bytes <= max(limit, largest) * 1.1


async def test_silence_ends_a_session(clips: dict[str, Clip]) -> None:
    async with serving({"quiet": clips["quiet"]}, session_timeout_s=1.0) as cameras, Raw(cameras.server.port) as raw:
        await raw.play(cameras.url("quiet"))
        await eventually(lambda: cameras.server.stats().timed_out == 1)
        await eventually(lambda: cameras.server.stats().connections == 0)
        assert cameras.server.stats().viewers == 0


async def test_receiver_reports_over_udp_keep_a_session(clips: dict[str, Clip]) -> None:
    media, control = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
    with media, control:
        for each in (media, control):
            each.bind(("127.0.0.1", 0))
        ports = f"{media.getsockname()[1]}-{control.getsockname()[1]}"
        async with serving({"quiet": clips["quiet"]}) as cameras, Raw(cameras.server.port) as raw:
            session = await raw.play(cameras.url("quiet"), f"RTP/AVP;unicast;client_port={ports}")
            (connection,) = cameras.server.connections
            for _ in range(3):
                seen = connection.seen  # what the sweep of silent sessions goes by
                control.sendto(b"\x80\xc9\x00\x01\x00\x00\x00\x00", ("127.0.0.1", cameras.server.media_port + 1))
                await eventually(lambda: connection.seen > seen)  # noqa: B023
            assert (await raw.ask("TEARDOWN", cameras.url("quiet"), f"Session: {session}"))[0] == 200
            assert cameras.server.stats().viewers == 0


async def test_requests_out_of_place_get_their_status(clips: dict[str, Clip]) -> None:
    two = {"quiet": clips["quiet"], "grey": clips["grey"]}
    async with serving(two, connection_limit=1) as cameras, Raw(cameras.server.port) as raw:
        quiet, grey = cameras.url("quiet"), cameras.url("grey")
        tcp = "Transport: RTP/AVP/TCP;interleaved=0-1"
        assert (await raw.ask("OPTIONS", "*"))[0] == 200
        assert (await raw.ask("RECORD", quiet))[0] == 405
        assert (await raw.ask("PLAY", quiet))[0] == 454
        assert (await raw.ask("SETUP", quiet, "Transport: RTP/AVP;multicast"))[0] == 461
        status, text = await raw.ask("SETUP", quiet, tcp)
        session = text.split("Session: ")[1].split(";")[0]
        assert (status, "timeout=60" in text) == (200, True)
        assert (await raw.ask("SETUP", grey, tcp))[0] == 459
        assert (await raw.ask("PLAY", quiet, "Session: other"))[0] == 454
        assert (await raw.ask("PAUSE", quiet, f"Session: {session}"))[0] == 200
        async with Raw(cameras.server.port) as second:
            assert await second.reader.read() == b""  # one too many
        raw.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await raw.reader.read()).startswith(b"RTSP/1.0 400")


def test_files_that_cannot_be_played_get_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, audio = tmp_path / "notes.mp4", tmp_path / "song.wav"
    text.write_text("not a video")
    with av.open(str(audio), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    mpeg = encode(tmp_path / "old.mp4", codec="mpeg4")
    for path, part in [
        (text, "cannot be read"),
        (audio, "no video"),
        (mpeg, "mpeg4"),
        (tmp_path / "none", "no such file"),
    ]:
        with pytest.raises(ClipError, match=part):
            load_clip(path)
        assert rtsp.main([str(path), "--port", "0"]) == 1
        error = capsys.readouterr().err
        assert str(path) in error
        assert error.count("\n") == 1


async def test_a_busy_port_gets_a_sentence(clips: dict[str, Clip]) -> None:
    async with serving({"quiet": clips["quiet"]}) as cameras:
        config = RtspConfig((Camera("quiet", Timetable(clips["quiet"])),), port=cameras.server.port)
        with pytest.raises(ListeningError, match=f"Port {cameras.server.port} on 127.0.0.1 is in use"):
            await RtspServer(config).open()
