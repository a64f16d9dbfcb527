"""False alarms: scenes raised by pictures that do not show them, in one look and after the time rules."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from domain.camera import Camera, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED
from domain.wire import Verdict
from inference.detections import Detections
from inference.observation import Look
from inference.observers import OBSERVERS
from inference.scenes import SceneJudge, Violation
from inference.tracker import Tracker
from models.manifest import Manifest
from models.truth import Labelled
from models.veil import MARK

SHOWN_BY: dict[Scene, frozenset[str]] = {
    Scene.PEST: frozenset({"rat"}),
    Scene.PHONE: frozenset({"phone"}),
    Scene.SMOKING: frozenset({"cigarette"}),
    Scene.BIN_OPEN: frozenset({"bin", "bin_open", "bin_overflow"}),
    Scene.FIRE_UNATTENDED: frozenset({"flame"}),
    Scene.NO_MASK: frozenset({"without_mask", "person"}),
    Scene.NO_HAT: frozenset({"person", "head"}),
    Scene.NO_UNIFORM: frozenset({"person"}),
    Scene.INTRUSION: frozenset({"person"}),
}
"""A picture that may show one of these may show the scene."""

HELD_S = 60.0
LOOK_S = 2.0  # an idle camera's keyframes
PLACES = 10  # the pan stops at so many places, there and back
CUT = 0.9  # what the pan shows of the picture's width and height
T0 = datetime(2026, 1, 1, tzinfo=UTC)

Image = NDArray[np.uint8]
See = Callable[[Image], Detections]

_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass
class FalseAlarms:
    """Pictures judged and pictures that raised, per scene."""

    judged: Counter[Scene]
    raised: Counter[Scene]

    @classmethod
    def none(cls) -> "FalseAlarms":
        """Nothing judged yet."""
        return cls(Counter(), Counter())

    def count(self, scenes: Collection[Scene], raised: Collection[Scene]) -> None:
        """Count one picture that shows none of the scenes and what was raised of them."""
        self.judged.update(scenes)
        self.raised.update(set(scenes) & set(raised))

    def per_1000(self) -> dict[str, float]:
        """Raising pictures per thousand judged, of the scenes that were judged."""
        return {scene: round(1000 * self.raised[scene] / n, 2) for scene, n in sorted(self.judged.items())}


def absent(picture: Labelled, manifest: Manifest) -> frozenset[Scene]:
    """The scenes that a picture does not show: those of other sources' classes.

    Scenes of persons only where the teacher was asked and saw nobody, not even doubtfully.
    """
    source = next((s for s in manifest.sources if s.name == picture.source), None)
    if source is None:
        return frozenset()
    labels = {box.label.removeprefix(MARK) for box in picture.boxes}
    shown = {*source.classes.values()} | labels
    if "person" not in picture.known:
        shown.add("person")
    return frozenset(scene for scene, names in SHOWN_BY.items() if not names & shown)


def in_one_look(seen: Detections, classes: Sequence[str]) -> set[Scene]:
    """The scenes whose observers call one look at a closed site violating, the whole picture being the zone."""
    look = Look(seen, tuple(classes), _zone(), T0, False)
    return {
        scene
        for scene, observer in OBSERVERS.items()
        if any(found.verdict is Verdict.VIOLATING for found in observer(look))
    }


def when_held(image: Image, see: See, classes: Sequence[str]) -> set[Scene]:
    """The scenes that a camera raises which pans slowly over the picture (RGB) for HELD_S, a look each LOOK_S."""
    stops = [see(part) for part in panned(image)]
    there_and_back = [*stops, *stops[-2:0:-1]]
    judge = SceneJudge(Camera("cam", "site", "rtsp://x", (_zone(),), ALWAYS_CLOSED), tuple(classes))
    tracker, raised = Tracker(), set()
    for step in range(round(HELD_S / LOOK_S) + 1):
        at = T0 + timedelta(seconds=step * LOOK_S)
        events = judge.look(at, tracker.update(at, there_and_back[step % len(there_and_back)]))
        raised |= {event.scene for event in events if isinstance(event, Violation)}
    return raised


def panned(image: Image) -> Iterator[Image]:
    """The windows of a pan from the top left to the bottom right."""
    height, width = (round(side * CUT) for side in image.shape[:2])
    for step in range(PLACES):
        top = round((image.shape[0] - height) * step / (PLACES - 1))
        left = round((image.shape[1] - width) * step / (PLACES - 1))
        yield image[top : top + height, left : left + width]


def _zone() -> Zone:
    return Zone("all", "全部", "all", _WHOLE, tuple(OBSERVERS))
