"""The mailbox keeps the newest picture of each camera, urgent cameras first."""

import heapq
from collections import Counter
from dataclasses import dataclass, field

import pytest
from av.video.frame import VideoFrame

from edge.counters import Counters
from edge.mailbox import PAST_S, Mailbox
from edge.picture import Picture


def picture(camera: str) -> Picture:
    return Picture(camera, VideoFrame(16, 16, "gray"))


def test_a_newer_picture_replaces_the_older_and_the_drop_is_counted() -> None:
    counters = Counters()
    box = Mailbox(counters)
    old, new = picture("a"), picture("a")
    box.put(old, urgent=False)
    box.put(new, urgent=False)
    assert box.take() is new
    assert counters.snapshot() == {"frames_dropped": 1}


def test_urgent_cameras_go_first_then_who_waits_longest() -> None:
    box = Mailbox(Counters())
    for code, urgent in (("a", False), ("b", False), ("pest", True)):
        box.put(picture(code), urgent=urgent)
    taken = [box.take() for _ in range(3)]
    assert [each.camera for each in taken if each] == ["pest", "a", "b"]


def test_an_urgent_camera_cannot_starve_the_others() -> None:
    box = Mailbox(Counters(), patience_s=0)
    box.put(picture("a"), urgent=False)
    box.put(picture("pest"), urgent=True)
    first = box.take()
    assert first is not None
    assert first.camera == "a"


def test_a_closed_mailbox_lets_its_reader_go() -> None:
    box = Mailbox(Counters())
    box.put(picture("a"), urgent=False)
    box.close()
    assert box.take() is None


def test_what_is_past_is_not_looked_at_until_it_is_replaced() -> None:
    now = [0.0]
    counters = Counters()
    box = Mailbox(counters, clock=lambda: now[0])
    box.put(picture("cam"), urgent=True)
    now[0] = PAST_S + 0.1
    assert box.poll() is None
    newer = picture("cam")
    box.put(newer, urgent=True)
    assert box.poll() is newer
    assert counters.snapshot() == {"frames_dropped": 1}


def test_what_somebody_waits_for_is_looked_at_however_late() -> None:
    now = [0.0]
    box = Mailbox(Counters(), clock=lambda: now[0])
    visit = picture("cam")
    box.put(visit, urgent=False, awaited=True)
    now[0] = PAST_S * 5
    assert box.poll() is visit


@dataclass
class SlowKitchen:
    """Busy cameras before a detector ten times slower, in time that only this counts (PROMISES R10)."""

    cameras: int
    every_s: float  # between two pictures of one camera
    look_s: float = 0.45
    together: bool = False  # all cameras' pictures come at once
    now: float = 0.0
    put: int = 0
    looks: list[tuple[str, float]] = field(default_factory=list)  # camera, and the age of its picture afterwards

    def __post_init__(self) -> None:
        self.counters, self.taken = Counters(), dict[Picture, float]()
        self.box = Mailbox(self.counters, clock=lambda: self.now)
        step = 0 if self.together else self.every_s / self.cameras
        self.due = [(step * number, number) for number in range(self.cameras)]

    def watch(self, seconds: float) -> None:
        while self.now < seconds:
            self._arrive(self.now)
            looked = self.box.poll()
            if looked is None:
                self.now = self.due[0][0]
                continue
            self._arrive(self.now + self.look_s)
            self.looks.append((looked.camera, self.now - self.taken[looked]))

    def _arrive(self, until: float) -> None:
        """All pictures that are taken up to then."""
        while self.due[0][0] <= until:
            self.now, number = self.due[0]
            taken = picture(f"cam-{number}")
            self.taken[taken] = self.now
            self.box.put(taken, urgent=number % 4 == 0)
            self.put += 1
            heapq.heapreplace(self.due, (self.now + self.every_s, number))
        self.now = until

    @property
    def waiting(self) -> int:
        return self.put - len(self.looks) - self.counters.snapshot().get("frames_dropped", 0)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("cameras", "every_s"), [(1, 0.2), (4, 0.2), (16, 2.0), (16, 0.5), (60, 2.0)])
def test_a_detector_ten_times_slower_looks_at_the_present_and_at_every_camera(
    cameras: int, every_s: float, *, together: bool
) -> None:
    kitchen = SlowKitchen(cameras, every_s, together=together)
    kitchen.watch(300)
    ages = sorted(age for _, age in kitchen.looks)
    assert ages[len(ages) * 95 // 100] <= 1.8  # and a gulp of packets
    looks = Counter(camera for camera, _ in kitchen.looks)
    assert min(looks.values()) >= 0.4 * max(looks.values())  # those of class I come first
    assert len(looks) == cameras
    assert kitchen.counters.snapshot()["frames_dropped"] > 0
    assert 0 <= kitchen.waiting <= cameras


def test_no_camera_is_forgotten_whose_pictures_always_come_when_a_look_has_just_begun() -> None:
    kitchen = SlowKitchen(16, every_s=2.0, look_s=2.0)
    kitchen.watch(900)
    assert len({camera for camera, _ in kitchen.looks}) == 16
