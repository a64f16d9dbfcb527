"""The sampler decodes keyframes only while nothing is wanted, and catches up at once when something is."""

from itertools import pairwise

from edge.counters import Counters
from edge.decoder import capture_time
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.sampler import Sampler
from tests.unit.edge.film import T0, film


class Camera:
    """A ring and its sampler, fed packet by packet."""

    def __init__(self) -> None:
        self.ring, self.counters = Ring(60, 10_000_000), Counters()
        self.sampler = Sampler(self.ring.group, self.counters)

    def play(self, form: StreamFormat, packets: list[EncodedPacket], fps: float) -> list[float]:
        """Capture times of the pictures chosen, in seconds from T0."""
        chosen = []
        for packet in packets:
            self.ring.append(form, packet)
            frame = self.sampler.take(form, packet, fps)
            if frame is not None:
                chosen.append(round(capture_time(frame) - T0, 2))
        return chosen

    @property
    def decoded(self) -> int:
        return self.counters.snapshot().get("frames_decoded", 0)


def test_idle_only_keyframes_are_decoded() -> None:
    camera = Camera()
    assert camera.play(*film(100, bframes=2), fps=0) == [0, 1, 2, 3]
    assert camera.decoded == 4


def test_a_wanted_rate_is_kept() -> None:
    assert Camera().play(*film(50), fps=5) == [round(i * 0.2, 2) for i in range(10)]


def test_a_candidate_between_two_keyframes_is_looked_at_without_waiting_for_the_next() -> None:
    form, packets = film(75)
    camera = Camera()
    assert camera.play(form, packets[:35], fps=0) == [0, 1]
    assert camera.play(form, packets[35:48], fps=5) == [1.4, 1.6, 1.8]
    assert camera.decoded == 2 + 23  # two keyframes, and the group from its keyframe on


def test_after_a_candidate_it_is_keyframes_again() -> None:
    form, packets = film(150)
    camera = Camera()
    camera.play(form, packets[:60], fps=5)
    before = camera.decoded
    assert camera.play(form, packets[60:], fps=0) == [3, 4, 5]
    assert camera.decoded == before + 3


def test_a_camera_with_rare_keyframes_is_still_looked_at() -> None:
    form, packets = film(400, gop=400)
    chosen = Camera().play(form, packets, fps=0)
    assert chosen[0] == 0
    assert all(later - earlier <= 5.1 for earlier, later in pairwise(chosen))
    assert len(chosen) >= 5


def test_corrupt_packets_are_counted_and_the_next_keyframe_heals() -> None:
    form, packets = film(100)
    broken = [
        EncodedPacket(packet.at, packet.keyframe, b"\x00\x00\x01\x65garbage") if i == 25 else packet
        for i, packet in enumerate(packets)
    ]
    camera = Camera()
    assert camera.play(form, broken, fps=0) == [0, 2, 3]
    assert camera.counters.snapshot()["frames_corrupt"] == 1


def test_a_change_of_resolution_is_survived() -> None:
    camera = Camera()
    small, large = film(50), film(50, size=(640, 360), first=50)
    assert camera.play(*small, fps=2) == [0, 0.52, 1.04, 1.56]
    assert camera.play(*large, fps=2)[:2] == [2.08, 2.6]
