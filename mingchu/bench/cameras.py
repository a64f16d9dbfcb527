"""`mingchu bench cameras`: what the simulated cameras' server costs, so that it spoils no other measurement.

One child serves a 1080p25 clip of 4 Mbit/s as 32 cameras; another watches each of them over TCP and throws the bytes
away. Only the server's CPU time counts. The bare limit is that of a thread which writes the same pictures into local
sockets, one `send` a picture and camera, and does nothing else.
"""

import selectors
import socket
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream

from mingchu import broker as brokers
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, checkout, child, until, watch
from simulators.clip import Clip, load_clip

CAMERAS, BITRATE = 32, 4_000_000
WARM_S, WATCH_S = 5.0, 30.0
SIZE, RATE, CLIP_S, GOP_S = (1920, 1080), 25, 6, 2
CHUNK = 1 << 20
H264, HEVC = "libx264", "libx265"
_GOP = GOP_S * RATE
_KBIT = BITRATE // 1000
_ENCODING = {
    H264: {"preset": "ultrafast", "sc_threshold": "0", "maxrate": str(BITRATE), "bufsize": str(BITRATE)},
    HEVC: {
        "preset": "ultrafast",
        "x265-params": f"keyint={_GOP}:min-keyint={_GOP}:scenecut=0:bframes=0:vbv-maxrate={_KBIT}:vbv-bufsize={_KBIT}"
        ":log-level=none",
    },
}

# Asks for each camera as a client does, then reads and forgets; says each second how many bytes it has got.
_VIEWER = """
import asyncio, sys
async def ask(reader, writer, number, method, url, header):
    writer.write(f"{method} {url} RTSP/1.0\\r\\nCSeq: {number}\\r\\n{header}\\r\\n\\r\\n".encode())
    return (await reader.readuntil(b"\\r\\n\\r\\n")).decode()
async def view(url, port, got):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = await ask(reader, writer, 1, "SETUP", url + "/trackID=0", "Transport: RTP/AVP/TCP;interleaved=0-1")
    session = text.split("Session: ")[1].split(";")[0]
    await ask(reader, writer, 2, "PLAY", url + "/", "Session: " + session)
    while data := await reader.read(1 << 20):
        got[0] += len(data)
async def main(port, count, stem):
    got = [0]
    urls = [f"rtsp://127.0.0.1:{port}/{stem}-{n + 1}" for n in range(count)]
    viewers = [asyncio.create_task(view(url, port, got)) for url in urls]
    while not any(viewer.done() for viewer in viewers):
        await asyncio.sleep(1)
        print(got[0], flush=True)
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
"""


def measure(clip: Path | None = None, seconds: float = WATCH_S, cameras: int = CAMERAS) -> dict[str, Figure]:
    """Serve `clip` as so many cameras, each with a viewer, for `seconds`; the server's share of one core in percent."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mingchu-bench-")))
        file = clip if clip is not None else film(root / "bench.mp4")
        whole = load_clip(file)
        cost, rate = _serve(stack, root, file, seconds, cameras)
    if rate < 0.9 * _rate(whole) * cameras:
        raise BenchError(f"the cameras sent {rate / 1e6:.1f} MB/s of {_rate(whole) * cameras / 1e6:.1f}")
    return {
        "cameras_served": Figure(cost / seconds * 100, "% of one core", limit=_bare(whole, cameras), bar=5.0),
        "cameras": Figure(cameras, "1080p25 over TCP"),
        "sent": Figure(rate / 1e6, "MB/s"),
    }


def _serve(stack: ExitStack, root: Path, file: Path, seconds: float, cameras: int) -> tuple[float, float]:
    """CPU seconds of the server, and bytes per second that its viewers got."""
    port, log = brokers.free_port(), root / "viewer.log"
    command = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), "--copies", str(cameras), str(file))
    server = stack.enter_context(child(command, root / "rtsp.log", PYTHONPATH=checkout()))
    until(lambda: _answers(port), "the cameras do not answer")
    viewing = (sys.executable, "-c", _VIEWER, str(port), str(cameras), file.stem)
    viewer = stack.enter_context(child(viewing, log))
    time.sleep(WARM_S)
    before, began = _got(log), time.monotonic()
    cost, _ = watch((server, viewer), seconds)
    return cost, (_got(log) - before) / (time.monotonic() - began)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _got(log: Path) -> int:
    lines = log.read_text(encoding="utf-8").split()
    if not lines or not lines[-1].isdecimal():
        raise BenchError(f"the viewer got nothing: {' '.join(lines[-20:])}")
    return int(lines[-1])


def _rate(clip: Clip) -> float:
    """Bytes per second of one camera's pictures."""
    return sum(unit.size for unit in clip.units) / clip.duration_s


def film(path: Path, codec: str = H264) -> Path:
    """Moving noise over grey, 1080p25 at the bit rate of a real camera."""
    random, (width, height) = np.random.default_rng(1), SIZE
    grain = random.integers(90, 150, (height + 64, width + 64), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=RATE, options=_ENCODING[codec]))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate, stream.gop_size, stream.time_base = BITRATE, GOP_S * RATE, Fraction(1, RATE)
        for _ in range(CLIP_S * RATE):
            down, right = random.integers(0, 64, 2)
            picture = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
            picture[:height] = grain[down : down + height, right : right + width]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    return path


def _bare(clip: Clip, cameras: int) -> float:
    """Percent of one core that the writing alone takes: of this thread only, while another empties the sockets."""
    pairs = [socket.socketpair() for _ in range(cameras)]
    reader = threading.Thread(target=_drain, args=([pair[1] for pair in pairs],))
    reader.start()
    pictures = [b"".join(unit.payloads) for unit in clip.units]
    began = time.thread_time()
    for picture in pictures:
        for sender, _ in pairs:
            sender.sendall(picture)
    spent = time.thread_time() - began
    for sender, _ in pairs:
        sender.close()
    reader.join()
    return spent / clip.duration_s * 100


def _drain(sockets: list[socket.socket]) -> None:
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                connection = cast(socket.socket, key.fileobj)
                if not connection.recv(CHUNK):
                    selector.unregister(connection)
                    connection.close()
