"""`SceneJudge`: one camera's scenes; takes looks, says when one becomes a violation and when it is over."""

from datetime import datetime

from domain.camera import Camera, Zone
from domain.scene import Scene
from inference.detections import Detections
from inference.incident import Cleared, Incident, Violation
from inference.observation import Look
from inference.observers import OBSERVERS
from inference.scene_rule import SceneRule, rule_of

__all__ = ["Cleared", "SceneJudge", "Violation"]

STANDING = frozenset({Scene.BIN_OPEN, Scene.FIRE_UNATTENDED})  # scenes whose subject may stay where nothing moves
STANDING_LOOKS = 3  # analysed pictures that they get within their time, however still it is
MOST_INCIDENTS = 400  # per camera; new subjects of a crowd beyond that are not watched, and counted


class SceneJudge:
    """Pure state machine: no clock, no I/O. Looks must come in time order."""

    def __init__(self, camera: Camera, classes: tuple[str, ...]) -> None:
        self.camera, self.classes = camera, classes
        self._rules: dict[tuple[str, Scene], SceneRule] = {
            (zone.code, scene): rule_of(scene, zone) for zone in camera.zones for scene in zone.scenes
        }
        self._incidents: dict[tuple[str, Scene, int], Incident] = {}
        self._last = Detections.empty()
        self.unwatched = 0

    def look(self, at: datetime, tracked: Detections) -> list[Violation | Cleared]:
        """Judge the detections of one analysed frame, captured at `at` (aware UTC)."""
        self._last = tracked
        is_open = self.camera.schedule.is_open(at)
        begun = [
            event
            for zone in self.camera.zones
            for scene in zone.scenes
            for event in self._observe(at, zone, scene, is_open)
        ]
        return begun + self._settle(at)

    def absent(self, at: datetime) -> list[Violation | Cleared]:
        """Judge a frame that was not analysed because nothing had changed: the last detections hold."""
        return self.look(at, self._last)

    def wanted_fps(self, at: datetime) -> float:
        """Samples per second that the present candidates need; 0 when keyframes suffice."""
        return max((entry.rule.fps for entry in self._incidents.values() if entry.is_candidate(at)), default=0.0)

    @property
    def longest_pause_s(self) -> float:
        """How long an unchanged picture may go unanalysed for these scenes' sake; infinite where none minds."""
        times = (rule.soonest_s for (_, scene), rule in self._rules.items() if scene in STANDING)
        return min(times, default=float("inf")) / STANDING_LOOKS

    def is_doubtful(self, at: datetime) -> bool:
        """Whether something was seen that more looks must decide."""
        return any(entry.is_suspect(at) for entry in self._incidents.values())

    @property
    def is_unsettled(self) -> bool:
        """Whether a violation was told that is not over."""
        return any(entry.raised for entry in self._incidents.values())

    def _observe(self, at: datetime, zone: Zone, scene: Scene, is_open: bool) -> list[Violation]:
        begun = []
        for what in OBSERVERS[scene](Look(self._last, self.classes, zone, at, is_open)):
            incident = self._incident(zone.code, scene, what.subject)
            violation = incident.add(at, what, is_open) if incident is not None else None
            if violation is not None:
                begun.append(violation)
        return begun

    def _incident(self, zone: str, scene: Scene, subject: int) -> Incident | None:
        key = (zone, scene, subject)
        if key not in self._incidents:
            if len(self._incidents) >= MOST_INCIDENTS:
                self.unwatched += 1
                return None
            self._incidents[key] = Incident(scene, zone, subject, self._rules[zone, scene])
        return self._incidents[key]

    def _settle(self, at: datetime) -> list[Violation | Cleared]:
        over: list[Violation | Cleared] = [
            cleared for entry in self._incidents.values() if (cleared := entry.settle(at)) is not None
        ]
        self._incidents = {key: entry for key, entry in self._incidents.items() if not entry.is_over(at)}
        return over
