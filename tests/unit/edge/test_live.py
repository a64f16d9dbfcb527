"""The live stage: who is shown a camera, who is refused and why, and that all ends and is freed."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from aiortc import RTCRtpSender, rtcrtpsender
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.wire import (
    LiveAnswer,
    LiveEnd,
    LiveEnded,
    LiveLook,
    LiveOffer,
    LivePicture,
    LiveRefusal,
    LiveRefused,
    LiveReply,
    LiveRequest,
)
from edge.config import LiveLimits
from edge.counters import Counters
from edge.live import MOST_WAITING, LiveStage
from edge.live_view import OfferError, check
from edge.picture import Colour, luma
from edge.ring import EncodedPacket, Ring, StreamFormat
from inference.detections import Floats
from tests.live_viewer import LiveViewer, loopback
from tests.servers import PATIENCE_S, wait_for
from tests.unit.edge.film import T0, film, number_of, ring_of

QUICK = LiveLimits(connect_s=0.3, look_s=0.05, silent_s=0.5)


def whole(image: Colour) -> Floats:
    """One head as large as the picture."""
    return np.array([(0, 0, 1, 1)], dtype=np.float32)


def key() -> str:
    return secrets.token_hex(16)


@asynccontextmanager
async def staged(limits: LiveLimits = QUICK, **rings: Ring) -> AsyncIterator[LiveStage]:
    stage = LiveStage(limits, whole, Counters())
    stage.open()
    for camera, ring in rings.items():
        stage.show(camera, ring)
    try:
        yield stage
    finally:
        await asyncio.to_thread(stage.close)


async def asked(stage: LiveStage, request: LiveRequest) -> LiveReply:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[LiveReply] = loop.create_future()

    def reply(said: LiveReply) -> None:
        loop.call_soon_threadsafe(answered.set_result, said)

    stage.request(request, reply)
    return await asyncio.wait_for(answered, PATIENCE_S)


async def refused(stage: LiveStage, request: LiveRequest) -> LiveRefusal:
    reply = await asked(stage, request)
    assert isinstance(reply, LiveRefused), reply
    assert reply.id == request.id
    return reply.reason


def fresh(count: int = 30, *, bframes: int = 0) -> Ring:
    """A ring whose newest packet has just come."""
    form, packets = film(count, bframes=bframes)
    late = time.time() - packets[-1].at
    return ring_of(form, [replace(packet, at=packet.at + late) for packet in packets])


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback(monkeypatch)


async def test_a_viewer_sees_the_newest_keyframe_and_what_follows() -> None:
    ring = fresh(30)
    form, packets = film(40)
    async with staged(LiveLimits(), cam=ring) as stage, LiveViewer() as viewer:
        view = key()
        reply = await asked(stage, LiveOffer(key(), "cam", view, 7, await viewer.offer()))
        assert isinstance(reply, LiveAnswer)
        await viewer.take(reply.sdp)
        for number in range(30, 40):  # aiortc's decoder is given a picture when the next one comes
            ring.append(form, replace(packets[number], at=time.time()))
            await asyncio.sleep(0.02)
        shown = [number_of(await viewer.picture()) for _ in range(10)]
        assert shown == list(range(25, 35))
        assert await refused(stage, LiveEnd(key(), "cam", view, 8)) is LiveRefusal.VIEW
        assert isinstance(await asked(stage, LiveEnd(key(), "cam", view, 7)), LiveEnded)
        await viewer.gone()
        await asyncio.to_thread(wait_for, lambda: not stage._views)
        assert isinstance(await asked(stage, LiveEnd(key(), "cam", view, 7)), LiveEnded)
        assert await refused(stage, LiveEnd(key(), "cam", key(), 7)) is LiveRefusal.VIEW
    assert ring._followers == ()


async def test_a_viewer_whose_address_is_not_known_is_found_by_his_own_checks() -> None:
    async with staged(LiveLimits(), cam=fresh()) as stage, LiveViewer() as viewer:
        elsewhere = (await viewer.offer()).replace("127.0.0.1 ", "192.0.2.77 ")
        reply = await asked(stage, LiveOffer(key(), "cam", key(), 1, elsewhere))
        assert isinstance(reply, LiveAnswer)
        await viewer.take(reply.sdp)
        assert number_of(await viewer.picture()) == 25


async def test_a_viewer_who_lost_a_picture_gets_the_newest_keyframe_again() -> None:
    async with staged(LiveLimits(), cam=fresh()) as stage, LiveViewer() as viewer:
        reply = await asked(stage, LiveOffer(key(), "cam", key(), 1, await viewer.offer()))
        assert isinstance(reply, LiveAnswer)
        await viewer.take(reply.sdp)
        assert [number_of(await viewer.picture()) for _ in range(4)] == [25, 26, 27, 28]
        await viewer.complain()
        # The last picture of before is decoded when the next one comes.
        assert [number_of(await viewer.picture()) for _ in range(4)] == [29, 25, 26, 27]


def test_aiortc_keeps_as_many_packets_as_it_is_told_to() -> None:
    assert vars(rtcrtpsender)["RTP_HISTORY_SIZE"] == 1024
    assert "RTP_HISTORY_SIZE" in RTCRtpSender._retransmit.__code__.co_names


async def test_a_ticket_is_good_for_one_view() -> None:
    async with staged(cam=fresh()) as stage, LiveViewer() as viewer:
        offer = LiveOffer(key(), "cam", key(), 1, await viewer.offer())
        assert isinstance(await asked(stage, offer), LiveAnswer)
        assert await refused(stage, replace_id(offer)) is LiveRefusal.USED


def replace_id(offer: LiveOffer) -> LiveOffer:
    return LiveOffer(key(), offer.camera, offer.view, offer.viewer, offer.sdp)


async def test_who_never_connects_makes_room_again() -> None:
    # So long that none of the first three makes room while the others still ask, on a busy machine too.
    limits = replace(QUICK, connect_s=5, per_camera=2, per_edge=3)
    async with staged(limits, a=fresh(), b=fresh()) as stage, LiveViewer() as viewer:
        sdp = await viewer.offer()

        async def offered(camera: str) -> LiveReply:
            return await asked(stage, LiveOffer(key(), camera, key(), 1, sdp))

        assert [type(await offered("a")) for _ in range(2)] == [LiveAnswer, LiveAnswer]
        assert await refused(stage, LiveOffer(key(), "a", key(), 1, sdp)) is LiveRefusal.VIEWERS
        assert isinstance(await offered("b"), LiveAnswer)
        assert await refused(stage, LiveOffer(key(), "b", key(), 1, sdp)) is LiveRefusal.BUSY
        await asyncio.to_thread(wait_for, lambda: not stage._views)
        assert isinstance(await offered("a"), LiveAnswer)


@pytest.mark.parametrize(
    "limits", [replace(QUICK, silent_s=60, connect_s=20, view_s=1.0), replace(QUICK, connect_s=20)]
)
async def test_a_view_ends_when_its_time_is_over_or_its_viewer_falls_silent(limits: LiveLimits) -> None:
    ring = fresh()
    async with staged(limits, cam=ring) as stage, LiveViewer() as viewer:
        reply = await asked(stage, LiveOffer(key(), "cam", key(), 1, await viewer.offer()))
        assert isinstance(reply, LiveAnswer)
        await viewer.take(reply.sdp)
        await asyncio.to_thread(wait_for, lambda: not stage._views)
        assert ring._followers == ()


async def test_a_view_ends_with_what_permits_it() -> None:
    limits = replace(QUICK, silent_s=60, connect_s=20)
    async with staged(limits, cam=fresh()) as stage, LiveViewer() as viewer:
        until = datetime.now(UTC) + timedelta(seconds=6)  # by then he watches, on a busy machine too
        reply = await asked(stage, LiveOffer(key(), "cam", key(), 1, await viewer.offer(), until))
        assert isinstance(reply, LiveAnswer)
        await viewer.take(reply.sdp)
        await viewer.gone()
        await asyncio.to_thread(wait_for, lambda: not stage._views)


async def test_a_camera_that_is_watched_no_more_ends_its_views() -> None:
    async with staged(cam=fresh()) as stage, LiveViewer() as viewer:
        assert isinstance(await asked(stage, LiveOffer(key(), "cam", key(), 1, await viewer.offer())), LiveAnswer)
        stage.hide("cam")
        await asyncio.to_thread(wait_for, lambda: not stage._views)
        assert await refused(stage, LiveLook(key(), "cam")) is LiveRefusal.CAMERA


async def test_what_cannot_be_shown_is_refused_with_its_reason() -> None:
    hevc = Ring(60, 10_000)
    hevc.append(StreamFormat("hevc", b""), EncodedPacket(time.time(), True, b"x"))
    rings = {"hevc": hevc, "empty": Ring(60, 10_000), "old": ring_of(*stale()), "bframes": fresh(30, bframes=2)}
    limits = replace(QUICK, transcodes=0)
    async with staged(limits, **rings, cam=fresh()) as stage, LiveViewer() as viewer:
        sdp = await viewer.offer()
        reasons = {
            camera: await refused(stage, LiveOffer(key(), camera, key(), 1, sdp))
            for camera in ("hevc", "empty", "old", "bframes", "other")
        }
        assert reasons == {
            "hevc": LiveRefusal.CODEC,
            "empty": LiveRefusal.NO_PICTURE,
            "old": LiveRefusal.NO_PICTURE,
            "bframes": LiveRefusal.REORDERED,
            "other": LiveRefusal.CAMERA,
        }
        for bad in (
            "",
            "v=0",
            sdp.replace("recvonly", "sendrecv"),
            sdp.replace("H264", "VP9"),
            sdp * 2,
            sdp[:400],
            scanning(sdp),
        ):
            assert await refused(stage, LiveOffer(key(), "cam", key(), 1, bad)) is LiveRefusal.OFFER, bad
        assert stage._views == {}


def scanning(sdp: str) -> str:
    """An offer that would have the edge knock at a whole network."""
    hosts = "".join(f"a=candidate:{n} 1 udp 1 10.0.0.{n} 80 typ host\r\n" for n in range(1, 40))
    return sdp + hosts


OFFER = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\n"
    "c=IN IP4 0.0.0.0\r\na=recvonly\r\na=mid:0\r\na=rtcp-mux\r\na=rtpmap:102 H264/90000\r\na=setup:actpass\r\n"
    "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnop\r\n"
    "a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=rtcp-fb:102 nack\r\na=ssrc:1 cname:x\r\n"
)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(OFFER)), st.integers(0, 12), st.text(max_size=6)), max_size=6))
def test_a_mangled_offer_is_refused_or_fine_and_never_an_error(cuts: list[tuple[int, int, str]]) -> None:
    check(OFFER)
    mangled = OFFER
    for at, gone, text in cuts:
        mangled = mangled[:at] + text + mangled[at + gone :]
    with suppress(OfferError):
        check(mangled)


def stale() -> tuple[StreamFormat, list[EncodedPacket]]:
    form, packets = film(3)
    return form, [replace(packet, at=1000.0) for packet in packets]


async def test_more_requests_than_can_be_worked_on_are_refused_at_once() -> None:
    stage = LiveStage(QUICK, whole, Counters())  # not opened: nothing is worked on
    replies: list[LiveReply] = []
    for _ in range(MOST_WAITING + 5):
        stage.request(LiveLook(key(), "cam"), replies.append)
    assert [reply.reason for reply in replies if isinstance(reply, LiveRefused)] == [LiveRefusal.BUSY] * 5
    stage.open()
    await asyncio.to_thread(stage.close)


async def test_what_browsers_cannot_play_is_transcoded_once_for_all_its_viewers() -> None:
    growing = fresh(30, bframes=2)
    form, packets = film(30, bframes=2)
    async with staged(replace(QUICK, silent_s=20, connect_s=20), cam=growing) as stage:
        async with LiveViewer() as one, LiveViewer() as two:
            for viewer in (one, two):
                reply = await asked(stage, LiveOffer(key(), "cam", key(), 1, await viewer.offer()))
                assert isinstance(reply, LiveAnswer)
                await viewer.take(reply.sdp)
            begun = time.time()
            for each in packets:  # the camera goes on
                growing.append(form, replace(each, at=begun + each.at - T0))
            pictures = [await viewer.picture() for viewer in (one, two)]
            assert [(picture.width, picture.height) for picture in pictures] == [(320, 180)] * 2
            assert len(growing._followers) == 1
            assert stage._counters.snapshot()["live_transcodes"] == 1
            assert stage._slots.taken == 1
        await asyncio.to_thread(wait_for, lambda: not stage._views and stage._slots.taken == 0)
        assert not growing._followers


async def test_transcodes_are_bounded() -> None:
    rings = {name: fresh(30, bframes=2) for name in ("a", "b")}
    async with staged(replace(QUICK, connect_s=4, transcodes=1), **rings) as stage, LiveViewer() as viewer:
        sdp = await viewer.offer()
        assert isinstance(await asked(stage, LiveOffer(key(), "a", key(), 1, sdp)), LiveAnswer)
        assert await refused(stage, LiveOffer(key(), "b", key(), 1, sdp)) is LiveRefusal.BUSY
        await asyncio.to_thread(wait_for, lambda: stage._slots.taken == 0)  # it never connected
        assert isinstance(await asked(stage, LiveOffer(key(), "b", key(), 1, sdp)), LiveAnswer)
        stage.hide("b")
        await asyncio.to_thread(wait_for, lambda: stage._slots.taken == 0)


async def test_a_refused_offer_leaves_no_transcode_behind() -> None:
    async with staged(cam=fresh(30, bframes=2)) as stage:
        assert await refused(stage, LiveOffer(key(), "cam", key(), 1, "v=0")) is LiveRefusal.OFFER
        assert stage._slots.taken == 0


async def test_a_still_is_the_newest_keyframe_also_of_hevc() -> None:
    ring = fresh(30)
    async with staged(cam=ring) as stage:
        first, again = [await asked(stage, LiveLook(key(), "cam", redacted=False)) for _ in range(2)]
        assert isinstance(first, LivePicture)
        assert isinstance(again, LivePicture)
        assert first.jpeg is again.jpeg
        assert first.at.timestamp() == pytest.approx(ring.newest().packets[0].at)
        assert number_of(decoded(first.jpeg)) == 25
        assert not first.redacted


async def test_a_still_hides_heads_unless_it_is_told_not_to() -> None:
    async with staged(cam=fresh(30)) as stage:
        clear = await asked(stage, LiveLook(key(), "cam", redacted=False))
        hidden = await asked(stage, LiveLook(key(), "cam"))
        assert isinstance(clear, LivePicture)
        assert isinstance(hidden, LivePicture)
        assert hidden.redacted
        assert hidden.jpeg != clear.jpeg
        steepest = [np.abs(np.diff(luma(decoded(each.jpeg)).astype(int), axis=1)).max() for each in (hidden, clear)]
        assert steepest[0] * 4 < steepest[1]  # the squares' edges are gone


def decoded(jpeg: bytes) -> VideoFrame:
    import cv2

    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return VideoFrame.from_ndarray(np.asarray(image, np.uint8), format="bgr24").reformat(format="yuv420p")
