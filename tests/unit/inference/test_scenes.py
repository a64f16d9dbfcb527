"""The scene rules told as timelines with a fake clock (DOMAIN §1)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.camera import Camera, Point, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED, ALWAYS_OPEN, Schedule
from inference.detections import Detections
from inference.scene_rule import BadOverrideError
from inference.scenes import Cleared, SceneJudge, Violation

T0 = datetime(2026, 1, 1, 4, tzinfo=UTC)
CLASSES = ("person", "phone", "rat", "flame")
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
LEFT: tuple[Point, ...] = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))

Thing = tuple[str, float, float, float, float, int]
PERSON: Thing = ("person", 0.2, 0.2, 0.4, 0.9, 1)
PHONE: Thing = ("phone", 0.28, 0.4, 0.31, 0.44, 2)
FLAME: Thing = ("flame", 0.2, 0.5, 0.24, 0.54, 3)


def judge(scene: Scene, schedule: Schedule = ALWAYS_OPEN, **zone: object) -> SceneJudge:
    settings: dict[str, object] = {"polygon": WHOLE, **zone}
    place = Zone(code="z", zh="区", en="zone", scenes=(scene,), **settings)  # type: ignore[arg-type]
    return SceneJudge(Camera("cam", "site", "rtsp://x", (place,), schedule), CLASSES)


def seen(*things: Thing) -> Detections:
    return Detections.of(
        [thing[1:5] for thing in things],
        [0.9] * len(things),
        [CLASSES.index(t[0]) for t in things],
        [t[5] for t in things],
    )


def play(
    camera: SceneJudge, begin: float, end: float, step: float, *things: Thing
) -> list[tuple[float, Violation | Cleared]]:
    """Look every `step` seconds from begin to end (exclusive); returns what happened and when."""
    events = []
    for index in range(round((end - begin) / step)):
        moment = begin + index * step
        events += [(moment, event) for event in camera.look(T0 + timedelta(seconds=moment), seen(*things))]
    return events


def test_phone_for_ten_seconds_raises_once_and_clears() -> None:
    camera = judge(Scene.PHONE)
    assert play(camera, 0, 8, 1, PERSON) == []
    raised = play(camera, 8, 40, 1, PERSON, PHONE)
    assert len(raised) == 1
    moment, event = raised[0]
    assert moment == 18
    assert isinstance(event, Violation)
    assert "11 of 11 samples over 10.0 s" in event.why
    assert event.first <= event.best <= event.last == T0 + timedelta(seconds=18)
    cleared = play(camera, 40, 90, 1, PERSON)
    assert [type(event) for _, event in cleared] == [Cleared]
    assert cleared[0][0] == 69


def test_a_phone_glance_is_no_violation() -> None:
    camera = judge(Scene.PHONE)
    assert play(camera, 0, 4, 1, PERSON, PHONE) == []
    assert play(camera, 4, 40, 1, PERSON) == []


def test_a_phone_on_the_table_belongs_to_nobody() -> None:
    assert play(judge(Scene.PHONE), 0, 60, 1, PERSON, ("phone", 0.8, 0.4, 0.84, 0.44, 2)) == []


def test_a_phone_inside_a_mask_does_not_count() -> None:
    tablet = ((0.25, 0.35), (0.35, 0.35), (0.35, 0.5), (0.25, 0.5))
    assert play(judge(Scene.PHONE, masks=(tablet,)), 0, 60, 1, PERSON, PHONE) == []


def test_a_person_outside_the_zone_does_not_count() -> None:
    away: Thing = ("person", 0.7, 0.2, 0.9, 0.9, 1)
    assert play(judge(Scene.PHONE, polygon=LEFT), 0, 60, 1, away, ("phone", 0.75, 0.4, 0.78, 0.44, 2)) == []


def test_feet_below_the_picture_are_on_its_edge() -> None:
    cut: Thing = ("person", 0.2, 0.2, 0.4, 1.0, 1)
    assert len(play(judge(Scene.PHONE), 0, 20, 1, cut, PHONE)) == 1


def test_candidate_asks_for_frames_and_quiet_does_not() -> None:
    camera = judge(Scene.PEST, ALWAYS_CLOSED)
    assert camera.wanted_fps(T0) == 0
    play(camera, 0, 1, 1, ("rat", 0.1, 0.8, 0.15, 0.83, 4))
    assert camera.wanted_fps(T0) == 5
    assert camera.wanted_fps(T0 + timedelta(seconds=60)) == 0


def run_rat(camera: SceneJudge, step: float, way: float, looks: int) -> list[Violation | Cleared]:
    events: list[Violation | Cleared] = []
    for index in range(looks):
        rat: Thing = ("rat", 0.1 + way * index, 0.8, 0.15 + way * index, 0.83, 4)
        events += camera.look(T0 + timedelta(seconds=step * index), seen(rat))
    return events


def test_a_running_rat_at_night_raises_on_the_third_hit() -> None:
    (event,) = run_rat(judge(Scene.PEST, ALWAYS_CLOSED), 0.2, 0.02, 10)
    assert isinstance(event, Violation)
    assert event.last == T0 + timedelta(seconds=0.4)
    assert "body lengths" in event.why


def test_dirt_on_the_lens_does_not_move() -> None:
    assert run_rat(judge(Scene.PEST, ALWAYS_CLOSED), 0.2, 0.0, 60) == []


def test_hits_too_far_apart_in_time_are_no_rat() -> None:
    assert run_rat(judge(Scene.PEST, ALWAYS_CLOSED), 2.5, 0.05, 10) == []


def test_in_opening_hours_a_rat_needs_five_hits_and_a_person() -> None:
    (event,) = run_rat(judge(Scene.PEST), 0.2, 0.02, 10)
    assert isinstance(event, Violation)
    assert event.last == T0 + timedelta(seconds=0.8)
    assert "to be confirmed by a person" in event.why


def test_flame_unattended_for_three_minutes() -> None:
    camera = judge(Scene.FIRE_UNATTENDED)
    assert play(camera, 0, 60, 2, PERSON, FLAME) == []
    raised = play(camera, 60, 300, 2, FLAME)
    assert [moment for moment, _ in raised] == [240]


def test_somebody_at_the_stove_starts_the_clock_anew() -> None:
    camera = judge(Scene.FIRE_UNATTENDED, overrides={Scene.FIRE_UNATTENDED: {"min_s": 20}})
    assert play(camera, 0, 18, 2, FLAME) == []
    assert play(camera, 18, 20, 2, PERSON, FLAME) == []
    raised = play(camera, 20, 60, 2, FLAME)
    assert [moment for moment, _ in raised] == [40]


def test_flicker_of_the_flame_does_not_hide_it() -> None:
    camera = judge(Scene.FIRE_UNATTENDED, overrides={Scene.FIRE_UNATTENDED: {"min_s": 20}})
    events = []
    for second in range(60):
        events += play(camera, second, second + 1, 1, *(() if second % 8 == 5 else (FLAME,)))
    assert sum(isinstance(event, Violation) for _, event in events) == 1


@pytest.mark.parametrize(
    ("schedule", "restricted", "expected"),
    [
        (ALWAYS_OPEN, False, []),
        (ALWAYS_OPEN, True, [15.0]),
        (ALWAYS_CLOSED, False, [3.0]),
        (ALWAYS_CLOSED, True, [3.0]),
    ],
)
def test_intrusion_by_hours_and_zone(schedule: Schedule, restricted: bool, expected: list[float]) -> None:
    raised = play(judge(Scene.INTRUSION, schedule, restricted=restricted), 0, 30, 1, PERSON)
    assert [moment for moment, _ in raised] == expected


def test_a_frame_that_did_not_change_repeats_the_last_look() -> None:
    camera = judge(Scene.INTRUSION, ALWAYS_CLOSED)
    camera.look(T0, seen(PERSON))
    events = [event for second in range(1, 6) for event in camera.absent(T0 + timedelta(seconds=second))]
    assert [type(event) for event in events] == [Violation]


def test_an_incident_re_arms_only_after_it_has_cleared() -> None:
    camera = judge(Scene.INTRUSION, ALWAYS_CLOSED)
    events = play(camera, 0, 10, 1, PERSON) + play(camera, 10, 30, 1) + play(camera, 30, 40, 1, PERSON)
    assert [type(event) for _, event in events] == [Violation]
    events = play(camera, 40, 100, 1) + play(camera, 100, 110, 1, PERSON)
    assert [type(event) for _, event in events] == [Cleared, Violation]


def test_an_unknown_override_is_refused_by_name() -> None:
    with pytest.raises(BadOverrideError, match="no such number: seconds"):
        judge(Scene.PHONE, overrides={Scene.PHONE: {"seconds": 3}})
