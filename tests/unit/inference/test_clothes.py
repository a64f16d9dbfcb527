"""Hats, masks and uniforms told as timelines (DOMAIN §1, V1 to V3): each gate has a line that fails without it."""

from typing import Any

import pytest

from domain.scene import Scene, SubLabel
from inference.scenes import Cleared
from inference.traits import State, Trait
from tests.unit.inference.timeline import LEFT, PERSON, Span, judge, only, raised, tell

HIDDEN, WORN, MISSING, BARE = State.NOT_VISIBLE, State.WORN, State.MISSING, State.BARE
TRAITS = {Scene.NO_HAT: Trait.HAT, Scene.NO_MASK: Trait.MASK, Scene.NO_UNIFORM: Trait.CLOTHES}
CLOTHES = list(TRAITS)

Story = list[tuple[float, State | None]]  # so many seconds of a person in that state; None: nobody there


def spans(scene: Scene, story: Story) -> list[Span]:
    return [(seconds, [] if state is None else [PERSON.wearing(TRAITS[scene], state)]) for seconds, state in story]


@pytest.mark.parametrize(
    ("name", "scene", "story", "expected"),
    [
        ("after the grace", Scene.NO_HAT, [(40, MISSING)], [25]),
        ("a hat put on in time", Scene.NO_HAT, [(14, MISSING), (60, WORN)], []),
        ("grace is of the person, not of the head", Scene.NO_HAT, [(15, HIDDEN), (20, MISSING)], [25]),
        ("away for long: entered anew", Scene.NO_HAT, [(15, WORN), (31, None), (24, MISSING)], []),
        ("away for a moment", Scene.NO_HAT, [(15, WORN), (5, None), (24, MISSING)], [30]),
        ("bareheaded for less", Scene.NO_HAT, [(20, WORN), (9, MISSING), (30, WORN)], []),
        ("a mask off for good", Scene.NO_MASK, [(40, MISSING)], [15]),
        ("tasting", Scene.NO_MASK, [(20, WORN), (11, MISSING), (30, WORN)], []),
        ("tasting twice", Scene.NO_MASK, [(11, MISSING), (3, WORN), (11, MISSING), (30, WORN)], []),
        ("tasting, then off for good", Scene.NO_MASK, [(11, MISSING), (3, WORN), (20, MISSING)], [29]),
        ("off for long before, now tasting", Scene.NO_MASK, [(12, MISSING), (3, WORN), (9, MISSING), (30, WORN)], []),
        ("one wrong look is no mask", Scene.NO_MASK, [(8, MISSING), (1, WORN), (20, MISSING)], [15]),
        ("other clothes", Scene.NO_UNIFORM, [(20, MISSING)], [10]),
        ("a bare torso", Scene.NO_UNIFORM, [(20, BARE)], [5]),
        ("a bare torso for less", Scene.NO_UNIFORM, [(5, BARE), (20, WORN)], []),
        ("now bare, now other clothes", Scene.NO_UNIFORM, [(4, BARE), (5, MISSING), (9, BARE)], [10]),
        ("who undresses", Scene.NO_UNIFORM, [(20, WORN), (20, BARE)], [25]),
    ],
)  # fmt: skip
def test_time(name: str, scene: Scene, story: Story, expected: list[float]) -> None:
    assert raised(judge(scene), *spans(scene, story)) == expected, name


@pytest.mark.parametrize("scene", CLOTHES)
def test_what_is_not_visible_never_violates(scene: Scene) -> None:
    assert tell(judge(scene), *spans(scene, [(600, HIDDEN)])) == []


@pytest.mark.parametrize("scene", CLOTHES)
def test_what_is_not_visible_is_not_compliant_either(scene: Scene) -> None:
    assert len(raised(judge(scene), *spans(scene, [(1, MISSING), (1, HIDDEN)] * 40))) == 1


@pytest.mark.parametrize("scene", CLOTHES)
@pytest.mark.parametrize(("bad", "count"), [(1, 0), (3, 1)])
def test_the_share_is_seven_tenths_of_the_visible(scene: Scene, bad: int, count: int) -> None:
    """Of half of them nothing comes, of three in four one incident; what is hidden is neither."""
    story: Story = [(bad, MISSING), (1, HIDDEN), (1, WORN), (1, HIDDEN)] * 20
    numbers = {"forgive_s": 0.0}
    assert len(raised(judge(scene, overrides={scene: numbers}), *spans(scene, story))) == count


@pytest.mark.parametrize("scene", CLOTHES)
@pytest.mark.parametrize(("step", "count"), [(4.0, 1), (7.0, 0)])
def test_five_visible_samples_are_needed(scene: Scene, step: float, count: int) -> None:
    assert len(raised(judge(scene), *spans(scene, [(70, MISSING)]), step=step)) == count


@pytest.mark.parametrize("scene", CLOTHES)
def test_only_feet_in_the_zone_count(scene: Scene) -> None:
    person = PERSON.wearing(TRAITS[scene], MISSING)
    assert len(raised(judge(scene, polygon=LEFT), (60, [person]))) == 1
    assert raised(judge(scene, polygon=LEFT), (60, [person.moved(0.4)])) == []


@pytest.mark.parametrize("scene", CLOTHES)
def test_what_one_wears_says_nothing_of_the_other_duties(scene: Scene) -> None:
    others = [trait for trait in Trait if trait is not TRAITS[scene]]
    person = PERSON._replace(traits=tuple((trait, MISSING) for trait in others))
    assert raised(judge(scene), (60, [person])) == []


@pytest.mark.parametrize("scene", CLOTHES)
def test_each_person_has_an_incident_of_their_own(scene: Scene) -> None:
    one = PERSON.wearing(TRAITS[scene], MISSING)
    other = one.moved(0.4)._replace(track=2)
    assert len(raised(judge(scene), (60, [one]), (60, [one, other]))) == 2


@pytest.mark.parametrize("scene", CLOTHES)
def test_an_incident_ends_by_what_is_seen_and_not_by_what_is_hidden(scene: Scene) -> None:
    story: Story = [(40, MISSING), (120, HIDDEN), (40, MISSING), (31, WORN)]
    events = tell(judge(scene), *spans(scene, story))
    assert [type(event) is Cleared for _, event in events] == [False, True]
    assert events[1][0] == 229
    assert "compliant" in events[1][1].why


@pytest.mark.parametrize("scene", CLOTHES)
def test_who_leaves_unseen_has_gone(scene: Scene) -> None:
    events = tell(judge(scene), *spans(scene, [(40, MISSING), (20, HIDDEN), (60, None)]))
    assert events[1][0] == 89
    assert events[1][1].why == "not seen for 30 s"


@pytest.mark.parametrize(
    ("scene", "zone", "state", "label", "why"),
    [
        (Scene.NO_HAT, {}, MISSING, SubLabel.NONE, "head visible without a hat"),
        (Scene.NO_MASK, {}, MISSING, SubLabel.NONE, "face visible without a mask"),
        (Scene.NO_MASK, {"special": True}, MISSING, SubLabel.SPECIAL_ROOM, "without a mask in a special room"),
        (Scene.NO_UNIFORM, {}, MISSING, SubLabel.NONE, "torso visible in other clothes"),
        (Scene.NO_UNIFORM, {}, BARE, SubLabel.BARE_TORSO, "bare torso"),
    ],
)
def test_the_reason_names_what_decided(
    scene: Scene, zone: dict[str, Any], state: State, label: SubLabel, why: str
) -> None:
    event = only(tell(judge(scene, **zone), *spans(scene, [(40, state)])))
    seconds = (event.last - event.since).total_seconds()
    assert f"samples over {seconds:.1f} s, " in event.why
    assert f"{why}, zone z, opening hours" in event.why
    assert (event.label, event.rule_version) == (label, 2)
    assert {sample.score for sample in event.samples} == {0.9}


def test_a_bare_torso_that_did_not_last_does_not_name_the_incident() -> None:
    event = only(tell(judge(Scene.NO_UNIFORM), *spans(Scene.NO_UNIFORM, [(8, MISSING), (3, BARE)])))
    assert (event.label, "other clothes" in event.why) == (SubLabel.NONE, True)
