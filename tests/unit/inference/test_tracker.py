"""The tracker keeps a thing's number over uneven looks, and gives a new thing a new one."""

from datetime import UTC, datetime, timedelta

from inference.detections import Detections
from inference.tracker import Tracker

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def one(x: float, y: float, size: float = 0.1, kind: int = 0) -> Detections:
    return Detections.of([[x, y, x + size, y + size]], [0.9], [kind])


def test_overlapping_boxes_are_one_track() -> None:
    tracker = Tracker()
    first = tracker.update(at(0), one(0.1, 0.1))
    second = tracker.update(at(2), one(0.12, 0.1))
    assert first.tracks.tolist() == second.tracks.tolist()


def test_a_small_mover_out_of_its_own_box_stays_one_track() -> None:
    tracker = Tracker()
    numbers = {int(tracker.update(at(i * 0.2), one(0.1 + 0.04 * i, 0.5, 0.03)).tracks[0]) for i in range(10)}
    assert len(numbers) == 1


def test_far_away_or_of_another_class_is_another_track() -> None:
    tracker = Tracker()
    first = int(tracker.update(at(0), one(0.1, 0.1)).tracks[0])
    assert int(tracker.update(at(1), one(0.8, 0.8)).tracks[0]) != first
    assert int(tracker.update(at(2), one(0.1, 0.1, kind=1)).tracks[0]) != first


def test_a_track_is_forgotten_when_lost_for_long() -> None:
    tracker = Tracker()
    first = int(tracker.update(at(0), one(0.1, 0.1)).tracks[0])
    assert int(tracker.update(at(60), one(0.1, 0.1)).tracks[0]) != first


def test_two_people_who_stand_still_keep_their_numbers() -> None:
    tracker = Tracker()
    both = Detections.of([[0.1, 0.1, 0.3, 0.9], [0.2, 0.1, 0.4, 0.9]], [0.9, 0.8], [0, 0])
    first = tracker.update(at(0), both).tracks.tolist()
    assert len(set(first)) == 2
    assert tracker.update(at(1), both).tracks.tolist() == first
    assert tracker.update(at(2), Detections.empty()).tracks.tolist() == []
    assert tracker.update(at(3), both).tracks.tolist() == first


def test_a_bin_that_is_opened_stays_the_same_bin() -> None:
    tracker = Tracker(("person", "bin", "bin_overflow", "bin_open"))
    numbers = [int(tracker.update(at(i), one(0.1, 0.1, kind=kind)).tracks[0]) for i, kind in enumerate((1, 3, 2, 1))]
    assert len(set(numbers)) == 1
    assert int(tracker.update(at(5), one(0.1, 0.1, kind=0)).tracks[0]) != numbers[0]
