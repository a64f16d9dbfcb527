"""The mailbox keeps the newest picture of each camera, urgent cameras first."""

from av.video.frame import VideoFrame

from edge.counters import Counters
from edge.mailbox import Mailbox
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
