"""Cigarettes and bins told as timelines (DOMAIN §1, V4 and V7): each gate has a line that fails without it."""

from datetime import timedelta

import pytest

from domain.scene import Scene, SubLabel
from inference.traits import State, Trait
from tests.unit.inference.timeline import LEFT, PERSON, T0, Span, Thing, judge, only, raised, tell

AT_MOUTH = Thing("cigarette", 0.32, 0.26, 0.34, 0.27, 5)
IN_HAND = Thing("cigarette", 0.17, 0.5, 0.19, 0.51, 5)
HEAD = Thing("head", 0.26, 0.2, 0.34, 0.32, 6)


def looked(state: State, sure: float) -> Thing:
    return PERSON.wearing(Trait.CIGARETTE, state, sure)


@pytest.mark.parametrize(
    ("name", "things", "count"),
    [
        ("at the mouth", [PERSON, AT_MOUTH], 1),
        ("beside the body, in a hand", [PERSON, IN_HAND], 1),
        ("on the floor", [PERSON, AT_MOUTH._replace(y1=0.88, y2=0.89)], 0),
        ("steam, far from anybody", [PERSON, AT_MOUTH.moved(0.4)], 0),
        ("nobody there", [AT_MOUTH], 0),
        ("nobody in the zone", [PERSON.moved(0.4), AT_MOUTH.moved(0.4)], 0),
        ("denied by the second look", [looked(State.MISSING, 0.85), AT_MOUTH], 0),
        ("not surely denied", [looked(State.MISSING, 0.75), AT_MOUTH], 1),
        ("confirmed", [looked(State.WORN, 0.9), AT_MOUTH], 1),
        ("head hidden from the second look", [looked(State.NOT_VISIBLE, 0.9), AT_MOUTH], 1),
    ],
)
def test_whose_cigarette(name: str, things: list[Thing], count: int) -> None:
    assert len(raised(judge(Scene.SMOKING, polygon=LEFT), (20, things))) == count, name


def test_a_cigarette_is_of_the_head_that_it_is_at() -> None:
    """Two people before each other: only one of them smokes."""
    behind = PERSON._replace(x1=0.28, y1=0.1, x2=0.48, track=2)
    events = tell(judge(Scene.SMOKING), (20, [PERSON, behind, HEAD, AT_MOUTH]))
    assert only(events).track == 1
    face = HEAD._replace(x1=0.34, x2=0.42, y1=0.1, y2=0.22, track=7)
    events = tell(judge(Scene.SMOKING), (20, [PERSON, behind, HEAD, face, AT_MOUTH._replace(x1=0.38, x2=0.4, y1=0.17)]))
    assert only(events).track == 2


def test_a_head_finds_the_cigarette_that_its_body_does_not_reach() -> None:
    bent = [PERSON._replace(y1=0.5), HEAD._replace(x1=0.3, x2=0.42, y1=0.5, y2=0.7)]
    ahead = AT_MOUTH._replace(x1=0.46, x2=0.47, y1=0.6, y2=0.61)
    assert raised(judge(Scene.SMOKING), (20, [*bent, ahead])) != []
    assert raised(judge(Scene.SMOKING), (20, [bent[0], ahead])) == []


@pytest.mark.parametrize(
    ("name", "spans", "expected"),
    [
        ("three hits", [(1, True), (1, False), (1, True), (1, False), (1, True)], [4]),
        ("two hits", [(2, True), (60, False)], []),
        ("three hits in more than eight seconds", [(2, True), (7, False), (1, True), (20, False)], []),
        ("three hits in eight seconds", [(1, True), (3, False), (1, True), (3, False), (1, True)], [8]),
    ],
)
def test_three_hits_in_eight_seconds(name: str, spans: list[tuple[float, bool]], expected: list[float]) -> None:
    told: list[Span] = [(seconds, [PERSON, AT_MOUTH] if smokes else [PERSON]) for seconds, smokes in spans]
    assert raised(judge(Scene.SMOKING), *told) == expected, name


def test_three_frames_of_one_moment_are_one_look() -> None:
    assert raised(judge(Scene.SMOKING), (0.6, [PERSON, AT_MOUTH]), (20, [PERSON]), step=0.2) == []


def test_hits_on_two_people_are_not_one_incident() -> None:
    other = PERSON.moved(0.5)._replace(track=2)
    both: list[Span] = [
        (2, [PERSON, AT_MOUTH, other]),
        (2, [PERSON, other, AT_MOUTH.moved(0.5)]),
        (20, [PERSON, other]),
    ]
    assert raised(judge(Scene.SMOKING), *both) == []


CLOSED = Thing("bin", 0.1, 0.7, 0.2, 0.9, 8)
OPEN = CLOSED._replace(name="bin_open")
FULL = CLOSED._replace(name="bin_overflow")
DISPOSING = PERSON._replace(x1=0.22, x2=0.4)


@pytest.mark.parametrize(
    ("name", "spans", "expected"),
    [
        ("open for five minutes", [(320, [OPEN])], [300]),
        ("overflowing for fifteen", [(920, [FULL])], [900]),
        ("overflowing and open", [(600, [FULL]), (290, [OPEN]), (60, [FULL])], [900]),
        ("covered in time", [(290, [OPEN]), (300, [CLOSED])], []),
        ("open now and then", [(12, [OPEN]), (6, [CLOSED])] * 60, []),
        ("covered for a moment", [(100, [OPEN]), (20, [CLOSED]), (200, [OPEN])], [300]),
        ("used now and then", [(12, [OPEN]), (6, [OPEN, DISPOSING])] * 60, []),
        ("somebody walks past", [(100, [OPEN]), (20, [OPEN, DISPOSING]), (200, [OPEN])], [300]),
        ("somebody elsewhere", [(320, [OPEN, PERSON.moved(0.4)])], [300]),
        ("outside the zone", [(320, [OPEN.moved(0.6)])], []),
        ("two states of one bin, the surer one holds", [(320, [CLOSED, OPEN._replace(x2=0.21, track=9)])], []),
        ("seen twice it keeps its number", [(150, [OPEN]), (170, [OPEN._replace(track=9), CLOSED])], [300]),
        ("one beside the other", [(320, [CLOSED, OPEN.moved(0.12)._replace(track=9)])], [300]),
    ],
)
def test_bins(name: str, spans: list[Span], expected: list[float]) -> None:
    assert raised(judge(Scene.BIN_OPEN, polygon=LEFT), *spans, step=2) == expected, name


def test_a_bin_asks_for_no_more_than_keyframes() -> None:
    camera = judge(Scene.BIN_OPEN)
    assert tell(camera, (10, [OPEN])) == []
    assert camera.wanted_fps(T0 + timedelta(seconds=10)) == 0


def test_a_bin_says_whether_it_is_open_or_full() -> None:
    assert only(tell(judge(Scene.BIN_OPEN), (302, [OPEN]), step=2)).label is SubLabel.OPEN_LID
    event = only(tell(judge(Scene.BIN_OPEN), (902, [FULL]), step=2))
    assert event.label is SubLabel.OVERFLOW
    assert "151 of 151" not in event.why
    assert "bin overflowing, nobody at it" in event.why
    assert (event.last - event.first).total_seconds() <= 20
