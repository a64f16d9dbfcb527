"""The cameras of this edge: opens, changes and closes watches as the configuration says, one without the others."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from domain.camera import Camera, EdgeConfig
from edge import address, hardware
from edge.address import AddressError
from edge.analyst import Analyst, Watcher
from edge.baseline import BaselineShelf
from edge.camera import CameraWatch, WatchPorts
from edge.config import AgentConfig
from edge.counters import Counters
from edge.gate import ChangeGate
from edge.health import HealthMonitor, HealthTimes
from edge.lens import Lens
from edge.live import LiveStage
from edge.live_feed import SubAddress
from edge.mailbox import Mailbox
from edge.picture import Picture
from edge.recorder import Recorder
from edge.replay import ReplayWatch
from edge.ring import Ring
from edge.source import SourceOptions
from inference.scene_rule import BadOverrideError
from inference.scenes import SceneJudge

log = structlog.get_logger(__name__)

ORPHAN_S = 300.0  # an incident of before a restart that is not seen again in so long a time of watching is over


@dataclass(frozen=True, slots=True)
class Room:
    """What all cameras share."""

    config: AgentConfig
    classes: tuple[str, ...]
    mailbox: Mailbox
    analyst: Analyst
    recorder: Recorder
    live: LiveStage
    counters: Counters


@dataclass(slots=True)
class _Seat:
    """One camera being watched."""

    camera: Camera
    watch: CameraWatch
    health: HealthMonitor
    since: float  # monotonic
    swept: bool = False


def _gate(config: AgentConfig, judge: SceneJudge) -> ChangeGate:
    return ChangeGate(config.forced_look_s, min(config.calm_look_s, judge.longest_pause_s))


class Cameras:
    """Used by the agent's main thread only."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._seats: dict[str, _Seat] = {}

    def apply(self, config: EdgeConfig) -> None:
        """Watch exactly these cameras, and say which ones cannot be. Those that did not change are not disturbed."""
        wanted = {camera.code: camera for camera in config.cameras}
        gone = [code for code, seat in self._seats.items() if wanted.get(code) != seat.camera]
        self._leave(gone)
        for code in set(gone) - set(wanted):
            self._room.recorder.rezoned(code)
            self._room.recorder.orphaned(code, "the camera is no longer watched")
        refused = {
            code: why for code, camera in wanted.items() if code not in self._seats and (why := self._enter(camera))
        }
        self._room.recorder.applied(config.version, refused)
        log.info("configuration applied", version=config.version, cameras=len(self._seats), refused=len(refused))

    def tick(self, now: float) -> None:
        """Report health changes, and end incidents that nothing took up. `now`: monotonic seconds."""
        for code, seat in self._seats.items():
            change = seat.health.tick(now)
            if change is not None:
                log.info("camera health", camera=code, state=change.state, why=change.why)
                self._room.recorder.health(code, change)
            if not seat.swept and now - seat.since >= ORPHAN_S:
                seat.swept = True
                self._room.recorder.orphaned(code, "not seen again since the camera was opened anew")

    def close(self) -> None:
        self._leave(list(self._seats))

    def _enter(self, camera: Camera) -> str:
        """Watch it; returns why not where it cannot be watched as it is configured."""
        room, config = self._room, self._room.config
        try:
            address.check(camera.url, allow_files=config.allow_files)
            judge = SceneJudge(camera, room.classes)
        except (AddressError, BadOverrideError) as error:
            log.warning("a camera's configuration is not valid, it is not watched", camera=camera.code, why=str(error))
            return str(error)
        health = self._health(camera)
        ring = Ring(config.ring_s, config.ring_bytes)
        watcher = Watcher(camera, judge, _gate(config, judge), health, ring)
        options = SourceOptions(config.open_timeout_s, config.read_timeout_s, config.allow_files)

        def put(picture: Picture) -> None:
            room.mailbox.put(picture, urgent=watcher.urgent)

        ports = WatchPorts(put, lambda: watcher.wanted_fps, health, ring, room.counters, hardware.find(config.hwaccel))
        watch = CameraWatch(camera.code, camera.url, options, ports)
        room.recorder.rezoned(camera.code)
        self._seats[camera.code] = _Seat(camera, watch, health, time.monotonic())
        room.analyst.watch(watcher)
        sub = SubAddress(camera.live_url, options) if camera.live_url else None
        room.live.show(camera.code, ring, sub)
        watch.open()
        return ""

    def _health(self, camera: Camera) -> HealthMonitor:
        config = self._room.config
        lens = Lens(camera.code, camera.integrity, BaselineShelf(config.data_dir / "views"))
        replay = ReplayWatch() if camera.integrity.replay else None
        return HealthMonitor(HealthTimes(offline_s=config.offline_s), lens, replay)

    def _leave(self, codes: Iterable[str]) -> None:
        seats = [self._seats.pop(code) for code in codes]
        for seat in seats:  # all at once: each may take its read time-out
            seat.watch.halt()
            self._room.live.hide(seat.camera.code)
        for seat in seats:
            seat.watch.close()
            self._room.analyst.forget(seat.camera.code)
