"""The tap and the track: the newest keyframe first, no gap or repeat, a slow viewer loses whole groups."""

import asyncio
import threading

import pytest
from aiortc.mediastreams import MediaStreamError

from edge.counters import Counters
from edge.live_track import LiveTrack, Timeline, complete, is_annex_b, is_reordered
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.tap import CATCH_UP_BYTES, Poured, Tap
from tests.unit.edge.film import film, ring_of

H264 = StreamFormat("h264", b"\x00\x00\x00\x01\x67sps")


def packet(at: float, *, keyframe: bool = False, size: int = 10) -> EncodedPacket:
    return EncodedPacket(at, keyframe, bytes(size))


async def drawn(tap: Tap, count: int) -> list[float]:
    found = [await tap.get() for _ in range(count)]
    return [one.packet.at for one in found if one is not None]


async def test_a_follower_gets_the_newest_group_and_then_each_packet_once() -> None:
    ring, tap = Ring(60, 10_000), Tap(Counters())
    for at in range(7):
        ring.append(H264, packet(at, keyframe=at % 5 == 0))
    ring.follow(tap)
    for at in range(7, 12):
        ring.append(H264, packet(at, keyframe=at % 5 == 0))
    assert await drawn(tap, 7) == [5, 6, 7, 8, 9, 10, 11]
    ring.leave(tap)
    ring.append(H264, packet(12))
    tap.end()
    assert await tap.get() is None


async def test_of_a_group_too_long_to_catch_up_only_the_keyframe_is_shown() -> None:
    counters = Counters()
    ring, tap = Ring(60, 10 * CATCH_UP_BYTES), Tap(counters)
    for at in range(4):
        ring.append(H264, packet(at, keyframe=at == 0, size=CATCH_UP_BYTES // 2))
    ring.follow(tap)
    ring.append(H264, packet(4))
    ring.append(H264, packet(5, keyframe=True))
    assert await drawn(tap, 2) == [0, 5]
    assert counters.snapshot() == {"live_dropped": 1}


async def test_a_slow_viewer_loses_what_waits_up_to_the_next_keyframe_and_it_is_counted() -> None:
    counters = Counters()
    tap = Tap(counters, most_bytes=50)
    for at in range(12):
        tap.put(H264, packet(at, keyframe=at in (0, 9)))
    assert await drawn(tap, 3) == [9, 10, 11]
    assert counters.snapshot() == {"live_dropped": 9}


async def test_the_cameras_thread_is_never_blocked_and_wakes_the_loop() -> None:
    tap = Tap(Counters())

    def pour() -> None:
        for at in range(100):
            tap.put(H264, packet(at, keyframe=at == 0))

    thread = threading.Thread(target=pour)
    waiting = asyncio.create_task(drawn(tap, 100))
    await asyncio.sleep(0)
    thread.start()
    assert await waiting == list(range(100))
    thread.join()


async def test_a_track_ends_when_the_camera_speaks_another_codec() -> None:
    ring = Ring(60, 10_000)
    ring.append(H264, packet(0, keyframe=True))
    track = LiveTrack(ring, Counters())
    assert bytes(await track.recv())[:8] == H264.extradata
    ring.append(StreamFormat("hevc", b""), packet(1, keyframe=True))
    with pytest.raises(MediaStreamError):
        await track.recv()
    assert track.readyState == "ended"


async def test_a_track_that_is_stopped_lets_go_of_the_ring_and_of_who_waits() -> None:
    ring = Ring(60, 10_000)
    track = LiveTrack(ring, Counters())
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0.01)
    track.stop()
    with pytest.raises(MediaStreamError):
        await waiting
    assert ring._followers == ()


def test_time_goes_forward_whatever_the_capture_clock_does() -> None:
    timeline = Timeline()
    ats = [100.0, 100.04, 100.08, 50.0, 50.04, 9000.0]
    ticks = [timeline.stamp(Poured(H264, packet(at))) for at in ats]
    assert ticks == [0, 3600, 7200, 10800, 14400, 18000]


def test_what_is_past_is_shown_in_a_moment() -> None:
    timeline = Timeline()
    past = [timeline.stamp(Poured(H264, packet(at / 25), past=True)) for at in range(50)]
    assert past[-1] == 49 * 90
    assert timeline.stamp(Poured(H264, packet(50 / 25))) == past[-1] + 3600


def test_a_keyframe_carries_its_parameter_sets_once() -> None:
    form, packets = film(3)
    bare = EncodedPacket(0, True, packets[0].data[packets[0].data.index(b"\x00\x00\x01\x65") :])
    assert complete(form, packets[0]) == packets[0].data
    assert complete(form, bare) == form.extradata + bare.data
    assert complete(form, packets[1]) == packets[1].data


def test_what_cannot_be_passed_through_is_known() -> None:
    assert is_reordered(ring_of(*film(20, bframes=2)).newest().packets)
    assert not is_reordered(ring_of(*film(20)).newest().packets)
    assert is_annex_b(H264)
    assert not is_annex_b(StreamFormat("h264", b"\x01\x64"))
