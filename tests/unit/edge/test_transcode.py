"""The transcode: small, plain and in time; what comes too fast is dropped up to the next keyframe."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from edge.counters import Counters
from edge.decoder import Decoder
from edge.live_track import is_reordered
from edge.picture import luma
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.transcode import FORM, FPS, GOP, MOST_BYTES, Transcode, size_of
from tests.clips import encode
from tests.servers import wait_for
from tests.unit.edge.film import T0, film, number_of


@pytest.fixture
def source() -> Ring:
    return Ring(60, 10**8)


@pytest.fixture
def transcode(source: Ring) -> Iterator[Transcode]:
    made = Transcode(source, Counters())
    made.open()
    yield made
    made.close()
    assert source._followers == ()


def idle(transcode: Transcode) -> bool:
    return not transcode._queue


def fed(source: Ring, transcode: Transcode, form: StreamFormat, packets: list[EncodedPacket]) -> list[EncodedPacket]:
    for packet in packets:
        source.append(form, packet)
    wait_for(lambda: idle(transcode))
    transcode.close()
    return [packet for group in transcode.ring._groups for packet in group.packets]


def test_pictures_keep_their_content_and_their_time(source: Ring, transcode: Transcode) -> None:
    made = fed(source, transcode, *film(60, bframes=2))
    assert len(made) == pytest.approx(60 / 2, abs=2)
    assert all(later.at - earlier.at >= 1 / FPS - 0.01 for earlier, later in pairwise(made))
    assert [index for index, packet in enumerate(made) if packet.keyframe] == [0, GOP]
    assert not is_reordered(tuple(made))
    decoder = Decoder(FORM)
    for packet in made:
        (frame,) = decoder.take(packet)
        assert number_of(frame) == round((packet.at - T0) * 25)


def hevc(path: Path) -> tuple[StreamFormat, list[EncodedPacket]]:
    """A bar that moves, 1280 x 720, as a camera sends it."""
    clip = encode(path, pictures=30, size=(1280, 720), gop=15, codec="libx265", shade=60)
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        form = StreamFormat("hevc", bytes(stream.codec_context.extradata or b""))
        base = float(stream.time_base or 0)
        return form, [
            EncodedPacket(T0 + (packet.pts or 0) * base, packet.is_keyframe, bytes(packet))
            for packet in container.demux(stream)
            if packet.size
        ]


def test_hevc_becomes_h264_at_640_pixels(source: Ring, transcode: Transcode, tmp_path: Path) -> None:
    made = fed(source, transcode, *hevc(tmp_path / "hevc.mp4"))
    frames = [frame for packet in made if packet.keyframe for frame in Decoder(FORM).take(packet)]
    assert {(frame.width, frame.height) for frame in frames} == {(640, 360)}
    assert int(np.asarray(luma(frames[0])).max()) > 200  # the bar
    assert sum(len(packet.data) for packet in made) < 400_000


def test_who_begins_in_the_middle_is_shown_only_the_newest_picture_of_the_past(source: Ring) -> None:
    form, packets = film(25, gop=25)
    for packet in packets:
        source.append(form, packet)
    late = Transcode(source, Counters())
    late.open()
    wait_for(lambda: idle(late))
    late.close()
    (shown,) = [packet for group in late.ring._groups for packet in group.packets]
    assert shown.at == pytest.approx(packets[-1].at)


def test_what_comes_too_fast_is_dropped_up_to_the_next_keyframe(source: Ring) -> None:
    counters = Counters()
    slow = Transcode(source, counters)  # not opened: nothing is taken from it
    form, (packet, *_) = film(1)
    large = EncodedPacket(T0, False, b"x" * (MOST_BYTES // 2))
    for each in (packet, large, large, large):
        slow.put(form, each)
    assert not slow._queue
    assert counters.snapshot()["live_dropped"] == 4
    slow.put(form, packet)
    assert len(slow._queue) == 1


def test_damage_heals_with_the_next_keyframe(source: Ring, transcode: Transcode) -> None:
    form, packets = film(50, gop=25)
    broken = [EncodedPacket(each.at, each.keyframe, b"\0\0\0\1\x65nonsense" if n < 25 else each.data)
              for n, each in enumerate(packets)]  # fmt: skip
    made = fed(source, transcode, form, broken)
    assert made
    assert made[-1].at == pytest.approx(T0 + 49 / 25, abs=0.1)


@pytest.mark.parametrize(
    ("size", "small"),
    [((1920, 1080), (640, 360)), ((704, 576), (640, 524)), ((320, 180), (320, 180)), ((101, 3), (100, 2))],
)
def test_sizes_keep_their_shape_and_are_even(size: tuple[int, int], small: tuple[int, int]) -> None:
    assert size_of(*size) == small
