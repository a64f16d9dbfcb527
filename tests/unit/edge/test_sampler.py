"""The sampler decodes keyframes only while nothing is wanted, and catches up at once when something is."""

from itertools import pairwise

import numpy as np
import pytest

from edge.counters import Counters
from edge.decoder import Decoder
from edge.picture import Picture, rgb
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.sampler import Sampler
from tests.unit.edge.film import T0, film


class Camera:
    """A ring and its sampler, fed packet by packet."""

    def __init__(self) -> None:
        self.ring, self.counters = Ring(60, 10_000_000), Counters()
        self.sampler = Sampler("cam", self.ring.group, self.counters)

    def play(self, form: StreamFormat, packets: list[EncodedPacket], fps: float) -> list[float]:
        """Capture times of the pictures chosen, in seconds from T0."""
        return [round(each.at.timestamp() - T0, 2) for each in self.pictures(form, packets, fps)]

    def pictures(self, form: StreamFormat, packets: list[EncodedPacket], fps: float) -> list[Picture]:
        chosen = []
        for packet in packets:
            self.ring.append(form, packet)
            picture = self.sampler.take(form, packet, fps)
            if picture is not None:
                chosen.append(picture)
        return chosen

    @property
    def decoded(self) -> int:
        return self.counters.snapshot().get("frames_decoded", 0)


def test_idle_only_keyframes_are_decoded() -> None:
    camera = Camera()
    assert camera.play(*film(200, gop=50, bframes=2), fps=0) == [0, 2, 4, 6]
    assert camera.decoded == 4


@pytest.mark.parametrize(("gop", "chosen"), [(10, [0, 2, 4]), (25, [0, 2, 4]), (30, [0, 1.2, 2.4, 3.6, 4.8])])
def test_of_frequent_keyframes_some_are_left_out_and_a_look_still_comes_every_two_seconds(
    gop: int, chosen: list[float]
) -> None:
    camera = Camera()
    assert camera.play(*film(125, gop=gop), fps=0) == chosen
    assert camera.decoded == len(chosen)


def test_keyframes_do_where_they_come_as_often_as_samples_are_wanted() -> None:
    form, packets = film(250, gop=50)
    camera = Camera()
    assert camera.play(form, packets[:60], fps=0) == [0, 2]
    assert camera.play(form, packets[60:], fps=0.5) == [4, 6, 8]
    assert camera.decoded == 5


def test_a_wanted_rate_is_kept() -> None:
    assert Camera().play(*film(50), fps=5) == [round(i * 0.2, 2) for i in range(10)]


def test_what_no_sample_is_built_on_is_not_decoded() -> None:
    camera = Camera()
    assert camera.play(*film(100, gop=50), fps=1) == [0, 1, 2, 3]
    assert camera.decoded == 2 * 26


def test_a_rough_picture_is_never_what_the_eye_gets() -> None:
    form, packets = film(51, gop=50)
    rough, *_ = Camera().pictures(form, packets, fps=0)
    exact = Decoder(form).lone(packets[0])
    assert exact is not None
    assert rough.keyframe is not None
    assert np.array_equal(rough.rgb(), rgb(exact))


def test_a_candidate_between_two_keyframes_is_looked_at_without_waiting_for_the_next() -> None:
    form, packets = film(150, gop=50)
    camera = Camera()
    assert camera.play(form, packets[:60], fps=0) == [0, 2]
    assert camera.play(form, packets[60:73], fps=5) == [2.4, 2.6, 2.8]
    assert camera.decoded == 2 + 21  # two keyframes, and the group from its keyframe to the last sample


def test_after_a_candidate_it_is_keyframes_again() -> None:
    form, packets = film(300, gop=50)
    camera = Camera()
    camera.play(form, packets[:110], fps=5)
    before = camera.decoded
    assert camera.play(form, packets[110:], fps=0) == [6, 8, 10]
    assert camera.decoded == before + 3


def test_a_camera_with_rare_keyframes_is_still_looked_at() -> None:
    form, packets = film(400, gop=400)
    chosen = Camera().play(form, packets, fps=0)
    assert chosen[0] == 0
    assert all(later - earlier <= 5.1 for earlier, later in pairwise(chosen))
    assert len(chosen) >= 5


def test_corrupt_packets_are_counted_and_the_next_keyframe_heals() -> None:
    form, packets = film(200, gop=50)
    broken = [
        EncodedPacket(packet.at, packet.keyframe, b"\x00\x00\x01\x65garbage") if i == 50 else packet
        for i, packet in enumerate(packets)
    ]
    camera = Camera()
    assert camera.play(form, broken, fps=0) == [0, 4, 6]
    assert camera.counters.snapshot()["frames_corrupt"] == 1


def test_a_broken_packet_spoils_a_followed_group_only() -> None:
    form, packets = film(100, gop=50)
    packets[20] = EncodedPacket(packets[20].at, False, b"\x00\x00\x01\x41garbage")
    camera = Camera()
    chosen = camera.play(form, packets, fps=5)
    assert chosen == [0, 0.2, 0.4, 0.6, *(2 + n / 5 for n in range(10))]
    assert camera.counters.snapshot()["frames_corrupt"] == 1


def test_a_clock_set_back_does_not_blind() -> None:
    form, packets = film(100, gop=50)
    camera = Camera()
    camera.play(form, packets, fps=0)
    early = [EncodedPacket(each.at - 3600, each.keyframe, each.data) for each in packets]
    assert camera.play(form, early, fps=0) == [-3600, -3598]


def test_a_change_of_resolution_is_survived() -> None:
    camera = Camera()
    small, large = film(50), film(50, size=(640, 360), first=50)
    assert camera.play(*small, fps=2) == [0, 0.52, 1.04, 1.56]
    assert camera.play(*large, fps=2)[:2] == [2.08, 2.6]
