"""The live feed: whose packets a viewer is given, and that nothing stays open without one."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from domain.wire import LiveRefusal
from edge.counters import Counters
from edge.live_feed import Lease, LiveFeed, RefusedError, Slots, SubAddress
from edge.ring import Ring
from edge.source import SourceOptions
from mingchu.broker import free_port
from tests.clips import encode
from tests.unit.edge.film import film, ring_of

FILES = SourceOptions(allow_files=True)


def fresh(*, bframes: int = 0) -> Ring:
    form, packets = film(30, bframes=bframes)
    late = time.time() - packets[-1].at
    return ring_of(form, [replace(packet, at=packet.at + late) for packet in packets])


def feed(ring: Ring, sub: SubAddress | None = None, slots: Slots | None = None) -> LiveFeed:
    return LiveFeed(ring, sub, slots or Slots(1), Counters())


def running() -> set[str]:
    return {thread.name for thread in threading.enumerate()} & {"transcode", "sub-stream"}


async def test_what_can_be_played_is_passed_through() -> None:
    ring = fresh()
    lease = await feed(ring).take()
    assert lease.ring is ring
    assert not running()
    await lease.end()


@pytest.mark.parametrize("gone", [True, False])
async def test_a_sub_stream_that_is_of_no_use_is_let_go(tmp_path: Path, gone: bool) -> None:
    """It is away, or no better than the camera's own (a file's packets lack start codes)."""
    clip = encode(tmp_path / "sub.mp4")
    url = f"rtsp://127.0.0.1:{free_port()}/sub" if gone else f"file:{clip}"
    ring = fresh()
    lease = await feed(ring, SubAddress(url, FILES)).take()
    assert lease.ring is ring
    assert not running()


async def test_a_transcode_lasts_as_long_as_somebody_watches() -> None:
    ring, slots = fresh(bframes=2), Slots(1)
    shared = feed(ring, slots=slots)
    leases: list[Lease] = [await shared.take() for _ in range(3)]
    assert len({id(lease.ring) for lease in leases}) == 1
    assert leases[0].ring is not ring
    for lease in leases:
        assert running() == {"transcode"}
        await lease.end()
        await lease.end()
    assert not running()
    assert slots.taken == 0
    again = await shared.take()
    assert again.ring is not leases[0].ring  # begun anew
    with pytest.raises(RefusedError) as refused:
        await feed(fresh(bframes=2), slots=slots).take()
    assert refused.value.reason is LiveRefusal.BUSY
    await again.end()


async def test_a_camera_without_pictures_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        await feed(Ring(60, 10_000)).take()
    assert refused.value.reason is LiveRefusal.NO_PICTURE
