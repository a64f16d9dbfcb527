"""A camera's stream through the greeting: with its login, plain and encrypted, pictures and end as FFmpeg has them."""

import asyncio
import os
import resource
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from edge.counters import Counters
from edge.source import Source, SourceError, SourceOptions
from simulators.clip import load_clip
from simulators.rtsp import Login, RtspConfig, RtspServer
from simulators.rtsp_camera import Camera
from simulators.timetable import Timetable
from tests.clips import encode
from tests.servers import PATIENCE_S


@asynccontextmanager
async def filming(folder: Path) -> AsyncIterator[RtspServer]:
    clip = load_clip(encode(folder / "bar.mp4", pictures=25, shade=120, gop=5))
    server = RtspServer(RtspConfig((Camera("cam", Timetable(clip)),), port=0, login=Login("cam", "right")))
    await server.open()
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def encrypted(port: int, folder: Path) -> AsyncIterator[int]:
    """Another port of the same server, behind TLS with a certificate that nobody has signed."""
    pem = folder / "own.pem"
    argv = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=camera", "-keyout", str(pem))
    done = await asyncio.to_thread(subprocess.run, argv, check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + done.stdout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, outer), pour(inner, writer))

    front = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield front.sockets[0].getsockname()[1]
    finally:
        front.close()


def seen(url: str, count: int) -> list[bool]:
    """Which of the first packets are keyframes; then the connection is closed."""
    source = Source(url, SourceOptions(), Counters())
    source.open()
    try:
        return [packet.keyframe for packet, _ in zip(source.packets(threading.Event()), range(count), strict=False)]
    finally:
        source.close()


async def test_a_stream_comes_through_plain_and_encrypted_and_leaves_nothing_open(tmp_path: Path) -> None:
    async with filming(tmp_path) as server, encrypted(server.port, tmp_path) as port:
        before = len(os.listdir("/dev/fd"))
        for url in (f"rtsp://cam:right@127.0.0.1:{server.port}/cam", f"rtsps://cam:right@127.0.0.1:{port}/cam"):
            keyframes = await asyncio.to_thread(seen, url, 20)
            assert keyframes == [number % 5 == 0 for number in range(20)]
            with pytest.raises(SourceError, match="refuses the user name or password"):
                await asyncio.to_thread(seen, url.replace("right", "wrong"), 1)
        async with asyncio.timeout(PATIENCE_S):
            while server.connections or len(os.listdir("/dev/fd")) > before:
                await asyncio.sleep(0.02)


@contextmanager
def crowded() -> Iterator[None]:
    """A process that has a thousand descriptors already, as an edge of many cameras may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    with open(os.devnull, "rb") as nothing:
        taken = [os.dup(nothing.fileno()) for _ in range(1100)]
        try:
            yield
        finally:
            for each in taken:
                os.close(each)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_an_encrypted_stream_comes_through_beside_a_thousand_descriptors(tmp_path: Path) -> None:
    async with filming(tmp_path) as server, encrypted(server.port, tmp_path) as port:
        with crowded():
            assert len(await asyncio.to_thread(seen, f"rtsps://cam:right@127.0.0.1:{port}/cam", 10)) == 10


async def test_many_at_once_each_get_their_own_camera(tmp_path: Path) -> None:
    async with filming(tmp_path) as server:
        url = f"rtsp://cam:right@127.0.0.1:{server.port}/cam"
        all_seen = await asyncio.gather(*(asyncio.to_thread(seen, url, 3) for _ in range(24)))
        assert all(keyframes == [True, False, False] for keyframes in all_seen)
