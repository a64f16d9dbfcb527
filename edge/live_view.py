"""One live view: a peer connection that sends one camera to one viewer, from the offer to its named end."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, rtcrtpsender
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.sdp import SessionDescription
from aiortc.stats import RTCRemoteInboundRtpStreamStats

from edge.config import LiveLimits
from edge.counters import Counters
from edge.live_track import LiveTrack
from edge.ring import Ring

MOST_CANDIDATES = 32
# A keyframe of 1080p alone is more than the 128 packets that aiortc keeps to send again.
rtcrtpsender.RTP_HISTORY_SIZE = 1024  # type: ignore[attr-defined]
_MEDIA = ["video"], ["video", "audio"], ["audio", "video"]


class OfferError(ValueError):
    """An offer is for one H.264 video that is received only, with or without sound (there is none)."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who watches what: the camera's code, the view's number and the person's."""

    camera: str
    view: str
    person: int


class LiveView:
    """Used in the live loop only."""

    def __init__(self, viewer: Viewer, ring: Ring, limits: LiveLimits, counters: Counters) -> None:
        self.viewer, self._limits = viewer, limits
        # No STUN or TURN: an empty list, or aiortc would ask a public server.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track = LiveTrack(ring, counters)
        self._changed = asyncio.Event()
        self._told = ""
        self._peer.on("connectionstatechange", self._changed.set)
        self._track.on("ended", self._changed.set)

    async def answer(self, sdp: str) -> str:
        """The answer to an offer; raises OfferError."""
        check(sdp)
        # Both before the remote description: aiortc settles the codec there.
        transceiver = self._peer.addTransceiver(self._track, direction="sendonly")
        transceiver.setCodecPreferences(_h264())
        # aiortc would ask its encoder for a keyframe; there is none, but the ring has the newest one.
        transceiver.sender._send_keyframe = self._track.rewind  # type: ignore[method-assign]
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            answer = await self._peer.createAnswer()
            await self._peer.setLocalDescription(answer)
        except Exception as error:
            raise OfferError(f"the offer cannot be met: {type(error).__name__} {error}") from error
        description: str = self._peer.localDescription.sdp
        return description

    async def ended(self) -> str:
        """Wait for the end; returns why it came."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while not (why := await self._end(loop.time() - begun)):
            self._changed.clear()
            try:
                async with asyncio.timeout(self._limits.look_s):
                    await self._changed.wait()
            except TimeoutError:
                pass
        return why

    def end(self, why: str) -> None:
        """Have `ended` return."""
        self._told = self._told or why
        self._changed.set()

    async def close(self) -> None:
        """Free all that the view holds; waits."""
        self._track.stop()
        await self._peer.close()

    async def _end(self, age: float) -> str:
        state = self._peer.connectionState
        if self._told:
            return self._told
        if self._track.other_codec:
            return "the camera sends another codec now"
        if state in ("failed", "closed") or self._track.readyState != "live":
            return "the viewer has gone"
        if age >= self._limits.view_s:
            return "the time for one view is over"
        if state != "connected":
            return "the viewer never connected" if age >= self._limits.connect_s else ""
        return "the viewer fell silent" if await self._silence(age) >= self._limits.silent_s else ""

    async def _silence(self, age: float) -> float:
        """Seconds since the viewer's last report; its age when there was none."""
        now = datetime.now(UTC)
        stats = (await self._peer.getStats()).values()
        reports = [one.timestamp for one in stats if isinstance(one, RTCRemoteInboundRtpStreamStats)]
        return min(((now - at).total_seconds() for at in reports), default=age)


def check(sdp: str) -> None:
    """Raises OfferError unless the offer asks for one video to receive, and nothing else but sound."""
    try:
        media = SessionDescription.parse(sdp).media
    except Exception as error:  # of a mangled description aiortc's parser raises what its code happens to
        raise OfferError(f"not a session description: {type(error).__name__}") from error
    if [one.kind for one in media] not in _MEDIA or any(one.direction != "recvonly" for one in media):
        raise OfferError(OfferError.__doc__)
    # Each candidate has the edge send checks there: no offer shall have it knock at a whole network.
    if sum(len(one.ice_candidates) for one in media) > MOST_CANDIDATES:
        raise OfferError(f"more than {MOST_CANDIDATES} candidates")
    video = next(one for one in media if one.kind == "video")
    if not any(codec.mimeType.lower() == "video/h264" for codec in video.rtp.codecs):
        raise OfferError(OfferError.__doc__)


def _h264() -> list[RTCRtpCodecCapability]:
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in codecs if codec.mimeType == "video/H264"]
