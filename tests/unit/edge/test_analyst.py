"""The analyst: what it looks at, what it lets hold, and what it makes of a clock that is set back."""

import pytest

from domain.camera import Camera, Zone
from domain.scene import Scene
from edge.analyst import Analyst, Watcher
from edge.counters import Counters
from edge.decoder import Decoder
from edge.gate import ChangeGate
from edge.health import HealthMonitor, HealthTimes
from edge.mailbox import Mailbox
from edge.picture import Colour, Picture
from edge.ring import EncodedPacket, Ring
from inference.detections import Detections
from inference.scenes import Cleared, SceneJudge, Violation
from inference.traits import Trait
from tests.servers import wait_for
from tests.unit.edge.film import T0, film

ZONE = Zone("hot", "灶", "stove", ((0, 0), (1, 0), (1, 1), (0, 1)), (Scene.FIRE_UNATTENDED,))


class Flames:
    """Sees a flame in every picture, and counts the pictures."""

    sha256 = "00" * 32
    classes: tuple[str, ...] = ("flame",)

    def __init__(self) -> None:
        self.looks = 0
        self.flames = 1

    def look(self, image: Colour, wanted: frozenset[Trait]) -> Detections:
        self.looks += 1
        return Detections.of([(0.4, 0.4, 0.6, 0.6)] * self.flames, [0.9] * self.flames, [0] * self.flames)


class Kitchen:
    """One camera under analysis, on a scene where nothing ever changes."""

    def __init__(self, gate: ChangeGate | None = None) -> None:
        camera = Camera("cam", "site", "rtsp://h/x", (ZONE,))
        self.flames, self.counters = Flames(), Counters()
        self.events: list[Violation | Cleared] = []
        self.mailbox, health = Mailbox(self.counters), HealthMonitor(HealthTimes())
        self.analyst = Analyst(self.flames, self.mailbox, self._tell, self.counters)
        self.models: list[str] = []
        judge = SceneJudge(camera, self.flames.classes)
        self.watcher = Watcher(camera, judge, gate or ChangeGate(10), health, Ring(1, 1))
        self.form, (self.packet,) = film(1)

    def _tell(self, _: Camera, __: Ring, event: Violation | Cleared, model: str) -> None:
        self.events.append(event)
        self.models.append(model)

    def look(self, second: float) -> None:
        frame = Decoder(self.form).lone(EncodedPacket(T0 + second, True, self.packet.data))
        assert frame is not None
        self.analyst.look(self.watcher, Picture("cam", frame))


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


def test_what_was_seen_holds_while_nothing_changes(kitchen: Kitchen) -> None:
    for second in range(0, 200, 2):
        kitchen.look(second)
        kitchen.watcher.wanted_fps = 0  # as if no candidate forced the looks
    assert kitchen.flames.looks == 20
    assert kitchen.counters.snapshot()["frames_skipped"] == 80
    assert [event.scene for event in kitchen.events] == [Scene.FIRE_UNATTENDED]


def test_a_candidate_gets_every_look(kitchen: Kitchen) -> None:
    for second in range(0, 20, 2):
        kitchen.look(second)
    assert kitchen.flames.looks == 10
    assert kitchen.watcher.wanted_fps > 0


def test_a_clock_set_back_begins_anew_instead_of_waiting_for_the_old_time(kitchen: Kitchen) -> None:
    for second in range(0, 240, 2):
        kitchen.look(second)
    for second in range(-3600, -3600 + 240, 2):
        kitchen.look(second)
    assert [type(event) for event in kitchen.events] == [Violation, Violation]


def test_a_look_that_shows_more_than_the_last_is_followed_by_others_soon() -> None:
    kitchen = Kitchen(ChangeGate(10, 40))
    looked = []
    for second in range(0, 200, 2):
        before = kitchen.flames.looks
        kitchen.flames.flames = 1 if second < 100 else 2
        kitchen.look(second)
        kitchen.watcher.wanted_fps = 0  # as if no candidate forced the looks
        looked += [second] if kitchen.flames.looks > before else []
    assert looked == [0, 10, 30, 70, 110, 120, 140, 180]


def test_the_ages_of_pictures_are_known(kitchen: Kitchen) -> None:
    assert kitchen.counters.ages.p95(60) == 0
    kitchen.look(0)
    assert kitchen.counters.ages.p95(60) != 0


def test_a_candidate_is_doubtful_and_what_was_told_is_unsettled(kitchen: Kitchen) -> None:
    kitchen.look(0)
    assert (kitchen.watcher.is_doubtful, kitchen.watcher.is_unsettled) == (True, False)
    for second in range(2, 200, 2):
        kitchen.look(second)
        if kitchen.events:
            break
    assert (kitchen.watcher.is_doubtful, kitchen.watcher.is_unsettled) == (True, True)
    kitchen.look(second + 2)
    assert (kitchen.watcher.is_doubtful, kitchen.watcher.is_unsettled) == (False, True)


def test_somebody_who_waits_hears_when_a_picture_was_looked_at_even_when_that_failed(kitchen: Kitchen) -> None:
    heard: list[float] = []
    kitchen.watcher.looked = lambda at: heard.append(at.timestamp())
    kitchen.flames.look = lambda *_: 1 / 0  # type: ignore[method-assign,assignment]
    kitchen.analyst.watch(kitchen.watcher)
    kitchen.analyst.open()
    frame = Decoder(kitchen.form).lone(EncodedPacket(T0, True, kitchen.packet.data))
    assert frame is not None
    kitchen.mailbox.put(Picture("cam", frame), urgent=False)
    wait_for(lambda: bool(heard))
    kitchen.analyst.close()
    assert heard == [T0]
    assert kitchen.counters.snapshot()["looks_failed"] == 1


class Nothing(Flames):
    """Another model, of other classes."""

    sha256, classes = "11" * 32, ("rat", "person")

    def look(self, image: Colour, wanted: frozenset[Trait]) -> Detections:
        self.looks += 1
        return Detections.empty()


def test_a_camera_is_turned_to_another_model_while_it_is_watched(kitchen: Kitchen) -> None:
    for second in range(0, 200, 2):
        kitchen.look(second)
        kitchen.watcher.wanted_fps = 0
    assert kitchen.models == ["00" * 32]
    other = Nothing()
    kitchen.watcher.turn_to(other)
    kitchen.look(200)  # nothing has changed, and yet the new model must look
    assert other.looks == 1
    assert (kitchen.watcher.judge.classes, len(kitchen.watcher.last)) == (other.classes, 0)
    before = kitchen.flames.looks
    kitchen.look(300)
    assert (other.looks, kitchen.flames.looks) == (2, before)
