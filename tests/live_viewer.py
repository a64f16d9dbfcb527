"""A viewer in the hands of a test: aiortc's other side, which decodes what it is sent."""

import asyncio
from types import TracebackType
from typing import Self, cast

import aioice.ice
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av.video.frame import VideoFrame

from tests.servers import PATIENCE_S


def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both sides meet on the loopback, which aioice leaves out: a test needs no network."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


class LiveViewer:
    """Offers to receive one H.264 video."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = self.peer.addTransceiver("video", direction="recvonly")
        self._receiver = transceiver.receiver
        known = RTCRtpReceiver.getCapabilities("video")
        assert known is not None
        transceiver.setCodecPreferences([codec for codec in known.codecs if codec.mimeType == "video/H264"])
        self.track: MediaStreamTrack = cast(MediaStreamTrack, None)  # until the answer is taken
        self.peer.on("track", lambda track: setattr(self, "track", track))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.peer.close()

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        sdp: str = self.peer.localDescription.sdp
        return sdp

    async def take(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def picture(self) -> VideoFrame:
        frame = await asyncio.wait_for(self.track.recv(), PATIENCE_S)
        assert isinstance(frame, VideoFrame)
        return frame

    async def complain(self) -> None:
        """Say that a picture was lost."""
        (source,) = self._receiver.getSynchronizationSources()
        await self._receiver._send_rtcp_pli(source.source)

    async def gone(self) -> None:
        """Return when the other side has said goodbye."""
        try:
            while True:
                await asyncio.wait_for(self.track.recv(), PATIENCE_S)
        except MediaStreamError:
            pass
