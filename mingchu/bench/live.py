"""`mingchu bench live`: what a viewer of the live view costs the edge, and how long the first picture takes.

The edge as shipped watches one simulated 1080p25 camera of 4 Mbit/s; viewers join one after the other, by the api's
own line to the edge, and decode what they get. Only the edge's CPU time counts. The first picture's time runs from
the offer to the decoded picture; what a browser and the api's database add is not in it.

Then the same with an HEVC camera, which is transcoded for its viewers: what the first of them costs, and each further.
"""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from api.config import BrokerLogin
from api.edge_line import EdgeLine, LineDownError
from domain.wire import LiveAnswer, LiveOffer
from mingchu import broker as brokers
from mingchu.bench.cameras import HEVC, film
from mingchu.bench.figure import Figure
from mingchu.bench.process import BenchError, memory, watch
from mingchu.bench.watched import CAMERA, EDGE, Watched, camera, watched

VIEWERS = 4
WARM_S, WATCH_S = 15.0, 30.0
ENDED_S = 20.0  # an edge has noticed by then that its viewers have gone
_PATIENCE_S = 20.0


def measure(clip: Path | None = None, seconds: float = WATCH_S) -> dict[str, Figure]:
    """Watch `clip` for `seconds` without a viewer, with one and with four. Raises BenchError."""
    with TemporaryDirectory(prefix="mingchu-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        return _passed(clip or film(root / "bench.mp4"), root / "h264", seconds) | _transcoded(
            film(root / "hevc.mp4", HEVC), root / "hevc", seconds
        )


def _passed(clip: Path, root: Path, seconds: float) -> dict[str, Figure]:
    """The camera's own packets, for one viewer and for four. The first costs the camera's gulps, too (ADR 15)."""
    with _edge(clip, root) as edge:
        (alone,) = watch((edge.process,), seconds)
        one, _, held = asyncio.run(_viewed(edge, seconds, 1))
        time.sleep(ENDED_S)
        four, firsts, grown = asyncio.run(_viewed(edge, seconds, VIEWERS))
    return {
        "live_first_viewer": Figure((one - alone) / seconds * 100, "% of one core"),
        "live_further_viewer": Figure((four - one) / seconds / (VIEWERS - 1) * 100, "% of one core", bar=2.0),
        "live_first_picture": Figure(sorted(firsts)[len(firsts) // 2], "s", bar=2.0),
        "live_first_picture_worst": Figure(max(firsts), "s"),
        "live_memory": Figure((grown - held) / (VIEWERS - 1) / 2**20, "MiB a further viewer"),
        "edge_alone": Figure(alone / seconds * 100, "% of one core"),
    }


def _transcoded(clip: Path, root: Path, seconds: float) -> dict[str, Figure]:
    """An HEVC camera made anew in little, for one viewer and for four."""
    with _edge(clip, root) as edge:
        (alone,) = watch((edge.process,), seconds)
        one, firsts, _ = asyncio.run(_viewed(edge, seconds, 1))
        time.sleep(ENDED_S)
        four, _, _ = asyncio.run(_viewed(edge, seconds, VIEWERS))
    return {
        "live_transcode": Figure((one - alone) / seconds * 100, "% of one core", bar=40.0),
        "live_transcode_further_viewer": Figure((four - one) / seconds / (VIEWERS - 1) * 100, "% of one core", bar=2.0),
        "live_transcode_first_picture": Figure(firsts[0], "s", bar=3.0),
    }


@contextmanager
def _edge(clip: Path, root: Path) -> Iterator[Watched]:
    root.mkdir(mode=0o711)
    with camera(clip, root) as url, watched(root, url) as edge:
        time.sleep(WARM_S)
        yield edge


async def _viewed(edge: Watched, seconds: float, viewers: int) -> tuple[float, list[float], int]:
    """CPU seconds of the edge under all viewers, each one's wait for the first picture, and the edge's memory."""
    line = EdgeLine(BrokerLogin("127.0.0.1", edge.broker.service_port, False, brokers.SERVICE, edge.secret))
    running = asyncio.create_task(line.run())
    async with AsyncExitStack() as stack:
        stack.callback(running.cancel)
        firsts = [await _watch(line, stack) for _ in range(viewers)]
        (busy,) = await asyncio.to_thread(watch, (edge.process,), seconds)
        return busy, firsts, memory(edge.process)


async def _watch(line: EdgeLine, stack: AsyncExitStack) -> float:
    """One more viewer; seconds from the offer to its first picture."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    stack.push_async_callback(peer.close)
    transceiver = peer.addTransceiver("video", direction="recvonly")
    known = RTCRtpReceiver.getCapabilities("video")
    codecs = () if known is None else known.codecs
    transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType == "video/H264"])
    arrived: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
    peer.on("track", arrived.set_result)
    await peer.setLocalDescription(await peer.createOffer())
    began = time.monotonic()
    answer = await _ask(line, peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for((await arrived).recv(), _PATIENCE_S)
    return time.monotonic() - began


async def _ask(line: EdgeLine, sdp: str) -> str:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        offer = LiveOffer(secrets.token_hex(16), CAMERA, secrets.token_hex(16), 1, sdp)
        try:
            reply = await line.ask(EDGE, offer, _PATIENCE_S)
        except LineDownError as error:  # it has just begun to connect
            if time.monotonic() > deadline:
                raise BenchError("the broker does not answer") from error
            await asyncio.sleep(0.05)
            continue
        if not isinstance(reply, LiveAnswer):
            raise BenchError(f"the edge does not show its camera: {reply}")
        return reply.sdp
