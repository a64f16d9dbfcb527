"""The truth's instant behind an alert."""

from datetime import UTC, datetime, timedelta

from mingchu.drill_cause import with_causes
from mingchu.drill_score import Seen
from mingchu.drill_timeline import Noted

ZERO = datetime(2026, 3, 1, tzinfo=UTC)
SCENES = {"pest": "PEST"}


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def beginning(clip: str, scene: str) -> float | None:
    return 9.0 if (clip, scene) == ("rat-night", "PEST") else None


def since(rule: str, raised: float, truth: list[Noted]) -> float | None:
    alert = Seen(1, rule, "x", at(raised), None, at(raised + 1), "")
    return with_causes([alert], truth, SCENES, beginning)[0].since_truth_s


def test_a_devices_alert_is_measured_from_the_last_fault_before_it() -> None:
    truth = [
        Noted("fault_began", at(2), "x", "entrapment"),
        Noted("fault_ended", at(4), "x", "entrapment"),
        Noted("fault_began", at(5), "x", "entrapment"),
        Noted("fault_began", at(6), "y", "entrapment"),
        Noted("fault_began", at(30), "x", "entrapment"),
    ]
    assert since("lift-entrapment", 20, truth) == 16


def test_a_scene_is_measured_from_where_it_begins_in_the_clip() -> None:
    truth = [Noted("clip_began", at(0), "x", "quiet"), Noted("clip_began", at(3), "x", "rat-night")]
    assert since("pest", 14, truth) == 3


def test_what_has_no_cause_has_no_instant() -> None:
    assert since("pest", 14, [Noted("fault_began", at(1), "x", "black")]) is None
    assert since("device-offline", 14, []) is None
