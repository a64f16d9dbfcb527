"""The judge told as timelines with a fake clock: phones, pests, flames, intruders, and what holds for every scene."""

from datetime import timedelta
from typing import Any

import pytest

from domain.scene import Scene, SubLabel
from domain.schedule import ALWAYS_CLOSED, ALWAYS_OPEN, Schedule
from inference.scene_rule import BadOverrideError
from inference.scenes import Cleared, SceneJudge, Violation
from tests.unit.inference.timeline import (
    FIRST_MINUTE,
    LEFT,
    PERSON,
    T0,
    Event,
    Span,
    Thing,
    judge,
    only,
    play,
    raised,
    seen,
    tell,
)

PHONE = Thing("phone", 0.28, 0.4, 0.31, 0.44, 2)
FLAME = Thing("flame", 0.2, 0.5, 0.24, 0.54, 3)
SMOKE = Thing("smoke", 0.1, 0.1, 0.4, 0.5, 4)
RAT = Thing("rat", 0.1, 0.8, 0.15, 0.83, 4)


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


@pytest.mark.parametrize(("looking", "count"), [(1, 0), (2, 1)])
def test_a_phone_in_six_of_ten_looks(looking: float, count: int) -> None:
    assert len(raised(judge(Scene.PHONE), *[(looking, [PERSON, PHONE]), (1, [PERSON])] * 20)) == count


def test_a_phone_on_the_table_belongs_to_nobody() -> None:
    assert play(judge(Scene.PHONE), 0, 60, 1, PERSON, Thing("phone", 0.8, 0.4, 0.84, 0.44, 2)) == []


def test_a_phone_inside_a_mask_does_not_count() -> None:
    tablet = ((0.25, 0.35), (0.35, 0.35), (0.35, 0.5), (0.25, 0.5))
    assert play(judge(Scene.PHONE, masks=(tablet,)), 0, 60, 1, PERSON, PHONE) == []


def test_a_person_outside_the_zone_does_not_count() -> None:
    away = Thing("person", 0.7, 0.2, 0.9, 0.9, 1)
    assert play(judge(Scene.PHONE, polygon=LEFT), 0, 60, 1, away, Thing("phone", 0.75, 0.4, 0.78, 0.44, 2)) == []


def test_a_phone_in_the_break_does_not_count() -> None:
    assert raised(judge(Scene.PHONE, breaks=FIRST_MINUTE), (60, [PERSON, PHONE])) == []
    # The break over, its samples are compliant ones of before.
    assert raised(judge(Scene.PHONE, breaks=FIRST_MINUTE), (90, [PERSON, PHONE])) == [70]


def test_feet_below_the_picture_are_on_its_edge() -> None:
    cut = Thing("person", 0.2, 0.2, 0.4, 1.0, 1)
    assert len(play(judge(Scene.PHONE), 0, 20, 1, cut, PHONE)) == 1


def test_candidate_asks_for_frames_and_quiet_does_not() -> None:
    camera = judge(Scene.PEST, ALWAYS_CLOSED)
    assert camera.wanted_fps(T0) == 0
    play(camera, 0, 1, 1, RAT)
    assert camera.wanted_fps(T0) == 5
    assert camera.wanted_fps(T0 + timedelta(seconds=60)) == 0


def run_animal(camera: SceneJudge, step: float, way: float, looks: int, animal: Thing = RAT) -> list[Event]:
    events: list[Event] = []
    for index in range(looks):
        events += camera.look(T0 + timedelta(seconds=step * index), seen(animal.moved(way * index)))
    return events


def test_a_running_rat_at_night_raises_on_the_third_hit() -> None:
    (event,) = run_animal(judge(Scene.PEST, ALWAYS_CLOSED), 0.2, 0.02, 10)
    assert isinstance(event, Violation)
    assert event.last == T0 + timedelta(seconds=0.4)
    assert "body lengths" in event.why


def test_dirt_on_the_lens_does_not_move() -> None:
    assert run_animal(judge(Scene.PEST, ALWAYS_CLOSED), 0.2, 0.0, 60) == []


def test_a_rat_outside_the_zone_does_not_count() -> None:
    assert run_animal(judge(Scene.PEST, ALWAYS_CLOSED, polygon=LEFT), 0.2, 0.02, 10, RAT.moved(0.5)) == []


def test_hits_too_far_apart_in_time_are_no_rat() -> None:
    assert run_animal(judge(Scene.PEST, ALWAYS_CLOSED), 2.5, 0.05, 10) == []


@pytest.mark.parametrize("name", ["cat", "dog"])
def test_cats_and_dogs_are_no_rats(name: str) -> None:
    assert run_animal(judge(Scene.PEST, ALWAYS_CLOSED), 0.2, 0.02, 30, RAT._replace(name=name)) == []


def test_in_opening_hours_a_rat_needs_five_hits_and_a_person() -> None:
    (event,) = run_animal(judge(Scene.PEST), 0.2, 0.02, 10)
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
    ("name", "spans", "expected"),
    [
        ("alone", [(300, [FLAME])], [180]),
        ("outside the zone", [(300, [FLAME.moved(0.5)])], []),
        ("off half of the time", [(6, [FLAME]), (6, [])] * 50, []),
        ("somebody in another zone", [(300, [FLAME, PERSON.moved(0.5)])], [180]),
    ],
)
def test_flames(name: str, spans: list[Span], expected: list[float]) -> None:
    assert raised(judge(Scene.FIRE_UNATTENDED, polygon=LEFT), *spans, step=2) == expected, name


@pytest.mark.parametrize(
    "smoke", [SMOKE, SMOKE._replace(y1=0.4, y2=1.0)], ids=["rises out of the zone", "hangs before the zone"]
)
def test_smoke_of_the_zone(smoke: Thing) -> None:
    stove = ((0.0, 0.45), (0.5, 0.45), (0.5, 0.8), (0.0, 0.8))
    assert raised(judge(Scene.FIRE_UNATTENDED, polygon=stove), (80, [FLAME, smoke]), step=2) == [60]


def test_with_smoke_one_minute_is_enough() -> None:
    event = only(tell(judge(Scene.FIRE_UNATTENDED), (62, [FLAME, SMOKE]), step=2))
    assert (event.label, "flame and smoke visible" in event.why) == (SubLabel.SMOKE, True)
    assert only(tell(judge(Scene.FIRE_UNATTENDED), (182, [FLAME]), step=2)).label is SubLabel.NONE


@pytest.mark.parametrize(
    ("zone", "smoke"),
    [({}, SMOKE.moved(0.6)), ({"masks": (((0.0, 0.0), (0.5, 0.0), (0.5, 0.45), (0.0, 0.45)),)}, SMOKE)],
    ids=["beside the zone", "in a mask"],
)
def test_smoke_elsewhere_does_not_hurry(zone: dict[str, Any], smoke: Thing) -> None:
    assert raised(judge(Scene.FIRE_UNATTENDED, **{"polygon": LEFT, **zone}), (170, [FLAME, smoke]), step=2) == []


def test_smoke_that_came_late_counts_from_when_it_came() -> None:
    """A minute of smoke, or three minutes of flame with or without it: whichever comes first."""
    assert raised(judge(Scene.FIRE_UNATTENDED), (80, [FLAME]), (80, [FLAME, SMOKE]), step=2) == [140]
    assert raised(judge(Scene.FIRE_UNATTENDED), (150, [FLAME]), (40, [FLAME, SMOKE]), step=2) == [180]


@pytest.mark.parametrize(
    ("settings", "spans", "expected"),
    [
        ({"overrides": {Scene.FIRE_UNATTENDED: {"min_s": 600}}}, [(640, [FLAME])], [600.0]),
        ({"overrides": {Scene.FIRE_UNATTENDED: {"min_s": 600}}}, [(640, [FLAME, SMOKE])], [60.0]),
        ({"overrides": {Scene.FIRE_UNATTENDED: {"smoke.min_s": 20}}}, [(40, [FLAME, SMOKE])], [20.0]),
        ({"overrides": {Scene.FIRE_UNATTENDED: {"min_s": 20}}}, [(40, [FLAME, SMOKE])], [20.0]),
        ({"masks": (((0.15, 0.45), (0.3, 0.45), (0.3, 0.6), (0.15, 0.6)),)}, [(300, [FLAME])], []),
    ],
    ids=["a stock pot may simmer", "but not smoke", "smoke by itself", "all of it", "a pilot flame"],
)
def test_what_a_stove_may_do_alone(settings: dict[str, Any], spans: list[Span], expected: list[float]) -> None:
    assert raised(judge(Scene.FIRE_UNATTENDED, **settings), *spans, step=2) == expected


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


@pytest.mark.parametrize(("schedule", "restricted", "after"), [(ALWAYS_OPEN, True, 75.0), (ALWAYS_CLOSED, False, 63.0)])
def test_an_allowed_window_lets_people_in_until_it_ends(schedule: Schedule, restricted: bool, after: float) -> None:
    camera = judge(Scene.INTRUSION, schedule, restricted=restricted, allowed=FIRST_MINUTE)
    assert raised(camera, (100, [PERSON])) == [after]


def test_an_intruder_is_one_in_the_zone() -> None:
    assert raised(judge(Scene.INTRUSION, ALWAYS_CLOSED, polygon=LEFT), (30, [PERSON.moved(0.5)])) == []


def test_in_closed_hours_an_intruder_is_of_that_sub_label() -> None:
    assert only(tell(judge(Scene.INTRUSION, ALWAYS_CLOSED), (10, [PERSON]))).label is SubLabel.CLOSED_HOURS
    assert only(tell(judge(Scene.INTRUSION, restricted=True), (20, [PERSON]))).label is SubLabel.NONE


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


@pytest.mark.parametrize(
    ("scene", "name"),
    [
        (Scene.PHONE, "seconds"),
        (Scene.PHONE, "variants"),
        (Scene.PHONE, "smoke.min_s"),
        (Scene.FIRE_UNATTENDED, "smoke.seconds"),
        (Scene.FIRE_UNATTENDED, "smoke."),
        (Scene.FIRE_UNATTENDED, ".variants"),
    ],
)
def test_an_unknown_override_is_refused_by_name(scene: Scene, name: str) -> None:
    with pytest.raises(BadOverrideError, match=f"zone z, scene {scene}: no such number: {name}$"):
        judge(scene, overrides={scene: {name: 3, "min_s": 4}})


def test_a_dense_stream_is_remembered_in_bounds() -> None:
    camera = judge(Scene.FIRE_UNATTENDED)
    event = only(tell(camera, (200, [FLAME]), step=0.05))
    assert "samples over 180." in event.why
    assert int(event.why.split(" of ")[0]) <= 600
    assert len(event.samples) <= 40
    assert event.samples[-1].at == event.last


def test_a_class_that_the_model_lacks_is_seen_nowhere() -> None:
    for scene in Scene:
        camera = SceneJudge(judge(scene).camera, ("person",))
        assert camera.look(T0, seen(PERSON)) == []


@pytest.mark.parametrize(
    ("scene", "zone", "pause_s"),
    [
        (Scene.PEST, {}, float("inf")),
        (Scene.FIRE_UNATTENDED, {}, 20),  # a third of the minute after which a flame with smoke is told
        (Scene.FIRE_UNATTENDED, {"overrides": {Scene.FIRE_UNATTENDED: {"min_s": 15}}}, 5),
        (Scene.BIN_OPEN, {}, 100),
    ],
)
def test_what_may_stand_where_nothing_moves_is_looked_at_within_its_time(
    scene: Scene, zone: dict[str, Any], pause_s: float
) -> None:
    assert judge(scene, **zone).longest_pause_s == pause_s
