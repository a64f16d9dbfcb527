"""The ring begins with a keyframe, stays within its bounds, and finds the packets of a time."""

from hypothesis import given
from hypothesis import strategies as st

from edge.ring import MOST_PACKETS, EncodedPacket, Ring, StreamFormat

H264 = StreamFormat("h264", b"one")
OTHER = StreamFormat("h264", b"other")


def packet(at: float, *, keyframe: bool = False, size: int = 10) -> EncodedPacket:
    return EncodedPacket(at, keyframe, bytes(size))


def filled(seconds: int, cap: int = 1_000_000, group: int = 2) -> Ring:
    """Five packets a second, a keyframe every `group` seconds."""
    ring = Ring(30, cap)
    for i in range(seconds * 5):
        ring.append(H264, packet(i / 5, keyframe=i % (5 * group) == 0))
    return ring


def test_what_no_keyframe_came_before_is_refused_also_after_a_break() -> None:
    ring = Ring(30, 1000)
    assert not ring.append(H264, packet(0))
    assert ring.append(H264, packet(1, keyframe=True))
    ring.break_off()
    assert not ring.append(H264, packet(2))
    assert ring.refused == 2
    assert ring.span() == (1, 1)


def test_thirty_seconds_are_kept_and_little_more() -> None:
    span = filled(100).span()
    assert span is not None
    assert 30 <= span[1] - span[0] < 30 + 2 + 0.2


def test_bytes_bound_it_too() -> None:
    ring = filled(100, cap=500)
    assert ring.size <= 500
    assert ring.group()[0].keyframe


def test_a_stream_without_further_keyframes_does_not_eat_the_memory() -> None:
    ring = Ring(30, 100)
    for i in range(50):
        ring.append(H264, packet(i, keyframe=i == 0))
    assert ring.size == 0
    assert ring.append(H264, packet(60, keyframe=True))


def test_nor_does_a_flood_of_packets_of_no_bytes() -> None:
    ring = Ring(30, 1000)
    for i in range(MOST_PACKETS + 1):
        ring.append(H264, packet(i / 1e6, keyframe=i == 0, size=0))
    assert (len(ring.group()), ring.refused) == (0, MOST_PACKETS + 1)
    assert ring.append(H264, packet(60, keyframe=True))


def test_a_stretch_starts_at_the_keyframe_at_or_before_its_begin() -> None:
    packets = filled(20).stretch(7.1, 9.0, 8.0).packets
    assert packets[0].keyframe
    assert (packets[0].at, packets[-1].at) == (6.0, 9.0)


def test_a_stretch_from_before_the_ring_starts_with_its_oldest_keyframe() -> None:
    assert filled(20).stretch(-5, 1, 0).packets[0].at == 0


def test_a_stretch_never_mixes_two_formats() -> None:
    ring = filled(6)
    for i in range(30, 50):
        ring.append(OTHER, packet(i / 5, keyframe=i % 10 == 0))
    before, after = ring.stretch(2, 9, 5.0), ring.stretch(2, 9, 7.0)
    assert (before.format, before.packets[-1].at) == (H264, 5.8)
    assert (after.format, after.packets[0].at) == (OTHER, 6.0)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=200), st.integers(60, 500))
def test_bounds_and_keyframe_hold_for_any_stream(stream: list[tuple[bool, int]], cap: int) -> None:
    ring = Ring(5, cap)
    for i, (keyframe, size) in enumerate(stream):
        ring.append(H264, packet(i, keyframe=keyframe, size=size))
        kept = ring.stretch(float("-inf"), float("inf"), float("inf")).packets
        assert ring.size == sum(len(each.data) for each in kept) <= cap
        assert not kept or kept[0].keyframe
