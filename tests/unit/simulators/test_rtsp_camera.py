"""A camera and its viewers on a clock that the test moves: joining, slow viewers, faults."""

import asyncio
import struct

from simulators.clip import AccessUnit, Clip
from simulators.fault import Restart, Stall
from simulators.rtp import H264, H265
from simulators.rtsp_camera import Camera, Feed, Happening
from simulators.rtsp_outlet import TcpOutlet
from simulators.timetable import Timetable

EPOCH = 1_700_000_000.0


def clip(name: str = "quiet", codec: object = H264, size: int = 100) -> Clip:
    """Two seconds, a picture each 0.25 s, a keyframe each second."""
    units = tuple(
        AccessUnit(i / 4, i / 4, i % 4 == 0, (b"k" * size if i % 4 == 0 else b"p" * size,), size) for i in range(8)
    )
    return Clip(name, H265 if codec is H265 else H264, 16, 16, (b"\x67",), units, 2.0)


class Wire(asyncio.Transport):
    """A connection whose other end reads when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0
        self.pictures = ""  # k or p, one letter each
        self.reports: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        packet = bytes(data)
        self.waiting += len(packet)
        if packet[1] == 1:
            self.reports.append(packet[4:])
        else:
            self.pictures += chr(packet[16])

    def get_write_buffer_size(self) -> int:
        return self.waiting


class Scene:
    """A camera, its clock and what it told."""

    def __init__(self) -> None:
        self.told: list[Happening] = []
        self.hung_up = 0
        self.feed = Feed(Camera("cam", Timetable(clip())), 0.0, lambda at: EPOCH + at, self.told.append)

    def viewer(self, now: float, limit: int = 10_000) -> Wire:
        wire = Wire()
        self.feed.add(TcpOutlet(limit, wire, 0, 1), self._hang_up, now)
        return wire

    def _hang_up(self) -> None:
        self.hung_up += 1

    def news(self) -> list[tuple[str, str, float]]:
        return [(each.kind, each.name, round(each.at.timestamp() - EPOCH, 3)) for each in self.told]


def test_a_viewer_starts_at_the_next_keyframe() -> None:
    scene = Scene()
    wire = scene.viewer(0.3)
    scene.feed.run(1.6)
    assert wire.pictures == "kpp"


def test_viewers_share_one_stream() -> None:
    scene = Scene()
    first = scene.viewer(0.3)
    scene.feed.run(1.3)
    second = scene.viewer(1.3)
    scene.feed.run(3.1)
    assert (first.pictures, second.pictures) == ("kpppkpppk", "kpppk")


def test_a_slow_viewer_loses_pictures_until_a_keyframe_and_others_do_not() -> None:
    scene = Scene()
    slow, fast = scene.viewer(0.1, limit=350), scene.viewer(0.1)
    outlet = next(iter(scene.feed.viewers))
    scene.feed.run(1.6)  # 3 pictures of 100 bytes, framed 116: the third does not fit
    assert slow.pictures == "kp"
    slow.waiting = 0
    scene.feed.run(1.9)
    assert slow.pictures == "kp"  # it reads again, but the picture could not be decoded
    scene.feed.run(2.3)
    assert slow.pictures == "kpkp"
    assert fast.pictures == "kpppkp"
    assert outlet.dropped == 1


def test_a_stalled_camera_sends_nothing_and_goes_on_at_a_keyframe() -> None:
    scene = Scene()
    wire = scene.viewer(0.0)
    scene.feed.run(1.3)
    before = wire.pictures
    scene.feed.inject(Stall(for_s=1.0), 1.3)
    scene.feed.run(2.2)
    assert wire.pictures == before
    assert scene.feed.answers
    scene.feed.run(scene.feed.due())
    while scene.feed.due() <= 3.1:
        scene.feed.run(scene.feed.due())
    assert wire.pictures == before + "k"
    assert scene.news()[-2:] == [("fault_began", "stall", 1.3), ("fault_ended", "stall", 2.3)]
    assert scene.hung_up == 0


def test_a_restarting_camera_hangs_up_and_is_away_for_its_time() -> None:
    scene = Scene()
    scene.viewer(0.0)
    scene.feed.inject(Restart(for_s=2.0), 0.5)
    assert scene.hung_up == 1
    assert not scene.feed.viewers
    assert not scene.feed.answers
    scene.feed.run(2.6)
    assert scene.feed.answers


def test_clips_are_told_with_the_wall_clock_even_unwatched() -> None:
    scene = Scene()
    scene.feed.run(0.0)
    scene.feed.play(clip("rat"), 0.6, 2)
    scene.feed.run(10.0)
    assert scene.news() == [
        ("clip_began", "quiet", 0.0),
        ("clip_began", "rat", 0.6),
        ("clip_began", "rat", 2.6),
        ("clip_began", "quiet", 4.6),
    ]


def test_reports_tie_the_pictures_to_the_wall_clock() -> None:
    scene = Scene()
    wire = scene.viewer(0.5)
    for quarter in range(48):
        scene.feed.run(quarter / 4)
    assert len(wire.reports) == 3  # at the first picture, then each 5 s
    seconds, _, first = struct.unpack(">III", wire.reports[0][8:20])
    later, _, second = struct.unpack(">III", wire.reports[1][8:20])
    assert seconds - 2_208_988_800 == EPOCH + 1
    assert (second - first) & 0xFFFFFFFF == (later - seconds) * 90_000


def test_viewers_are_cut_when_the_codec_changes() -> None:
    scene = Scene()
    scene.viewer(0.0)
    scene.feed.play(clip("other", H265), 0.5, 1)
    assert scene.hung_up == 1


def test_a_camera_that_was_held_up_jumps_to_now() -> None:
    scene = Scene()
    wire = scene.viewer(0.0)
    scene.feed.run(1.1)
    scene.feed.run(3600.1)
    assert wire.pictures == "k"
    scene.feed.run(3601.1)
    assert wire.pictures == "kk"
