"""What holds whatever is seen: nothing violates unseen, nothing is raised twice, and the table lies in its range."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.camera import Camera, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED, ALWAYS_OPEN
from domain.wire import Verdict
from inference.scene_rule import TABLE_S
from inference.scenes import Cleared, SceneJudge, Violation
from inference.traits import State, Trait
from tests.unit.inference.timeline import CLASSES, LEFT, PERSON, T0, Event, Thing, seen

# Each rule's times a tenth, so that short stories reach them.
QUICK = {
    scene: {"min_s": seconds, "min_samples": 2.0, "clear_s": 3.0}
    for scene, seconds in zip(Scene, (1.0, 1.5, 1.0, 0.1, 1.0, 0.1, 9.0, 2.0, 1.5), strict=True)
}
QUICK[Scene.NO_HAT]["grace_s"] = 1.5
QUICK[Scene.NO_MASK]["forgive_s"] = 1.0

STATES = st.sampled_from(list(State))
PEOPLE = st.builds(
    lambda track, dx, states, sure: PERSON.moved(dx)._replace(
        track=track, traits=tuple(zip(Trait, states, strict=True)), sure=sure
    ),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.05, 0.4]),
    st.tuples(*[STATES] * len(Trait)),
    st.sampled_from([0.5, 0.9]),
)
THINGS = st.builds(
    lambda name, track, dx: Thing(name, 0.2, 0.3, 0.3, 0.4, track).moved(dx),
    st.sampled_from(CLASSES[1:]),
    st.integers(4, 6),
    st.sampled_from([0.0, 0.05, 0.1, 0.4]),
)
LOOKS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.5, 1.0, 5.0]), st.integers(1, 10), st.lists(PEOPLE | THINGS, max_size=4)),
    max_size=6,
)
BRIEF = settings(max_examples=50, deadline=None)


def watch(looks: list[tuple[float, int, list[Thing]]], is_open: bool, restricted: bool) -> list[tuple[datetime, Event]]:
    """Every scene in one zone; each look is repeated a number of times."""
    zones = (Zone("left", "左", "Left", LEFT, tuple(Scene), restricted, overrides=QUICK),)
    camera = SceneJudge(Camera("cam", "site", "rtsp://x", zones, ALWAYS_OPEN if is_open else ALWAYS_CLOSED), CLASSES)
    events, now = [], T0
    for step, times, things in looks:
        tracked = seen(*{thing.track: thing for thing in things}.values())
        for _ in range(times):
            now += timedelta(seconds=step)
            events += [(now, event) for event in camera.look(now, tracked)]
    return events


@BRIEF
@given(LOOKS, st.booleans(), st.booleans())
def test_no_incident_is_raised_twice_before_it_has_cleared(
    looks: list[tuple[float, int, list[Thing]]], is_open: bool, restricted: bool
) -> None:
    raised: set[tuple[Scene, str, int]] = set()
    for at, event in watch(looks, is_open, restricted):
        subject = (event.scene, event.zone, event.track)
        assert isinstance(event, Cleared) == (subject in raised)
        raised ^= {subject}
        assert (event.at if isinstance(event, Cleared) else event.last) == at


@BRIEF
@given(LOOKS, st.booleans(), st.booleans())
def test_the_table_of_samples_lies_within_first_and_last(
    looks: list[tuple[float, int, list[Thing]]], is_open: bool, restricted: bool
) -> None:
    for _, event in watch(looks, is_open, restricted):
        assert len(event.why) <= 200
        if isinstance(event, Violation):
            times = [sample.at for sample in event.samples]
            assert times == sorted(set(times))
            assert (event.first, event.last) == (times[0], times[-1])
            assert event.since <= event.first
            assert event.last - event.first <= timedelta(seconds=TABLE_S)
            assert event.samples[times.index(event.best)].verdict is Verdict.VIOLATING
            assert Verdict.NOT_VISIBLE not in {sample.verdict for sample in event.samples}


@BRIEF
@given(LOOKS, st.booleans())
def test_nothing_is_worn_wrongly_where_nothing_is_visible(
    looks: list[tuple[float, int, list[Thing]]], is_open: bool
) -> None:
    hidden = [(step, times, [thing._replace(traits=()) for thing in things]) for step, times, things in looks]
    worn = {Scene.NO_HAT, Scene.NO_MASK, Scene.NO_UNIFORM}
    assert not worn & {event.scene for _, event in watch(hidden, is_open, True)}
