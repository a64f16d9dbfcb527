"""The cameras of this edge: opens, changes and closes watches and visits as the configuration says."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import structlog

from domain.camera import Camera, EdgeConfig, Mode
from edge import address, hardware
from edge.address import AddressError
from edge.analyst import Analyst, Sees, Watcher, is_urgent
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
from edge.models import Models
from edge.overload import Overload, Standing
from edge.patrol import Patrol
from edge.picture import Picture
from edge.promotion import Promotions
from edge.recorder import Recorder
from edge.replay import ReplayWatch
from edge.ring import Ring
from edge.source import Source, SourceOptions
from edge.visit import Visitor, VisitPorts
from inference.scene_rule import BadOverrideError
from inference.scenes import SceneJudge

log = structlog.get_logger(__name__)

ORPHAN_S = 300.0  # an incident of before a restart that is not seen again in so long a time of watching is over


@dataclass(frozen=True, slots=True)
class Room:
    """What all cameras share."""

    config: AgentConfig
    classes: tuple[str, ...]  # of the shipped model
    models: Models
    mailbox: Mailbox
    analyst: Analyst
    recorder: Recorder
    live: LiveStage
    counters: Counters


@dataclass(slots=True)
class _Seat:
    """One camera; `watch` is None while it is visited only."""

    camera: Camera
    watcher: Watcher
    since: float  # monotonic
    watch: CameraWatch | None = None
    swept: bool = False

    @property
    def patrolled(self) -> bool:
        return self.camera.mode is Mode.PATROL


def _gate(config: AgentConfig, judge: SceneJudge) -> ChangeGate:
    longest = config.urgent_look_s if is_urgent(judge.camera) else config.calm_look_s
    return ChangeGate(min(config.forced_look_s, longest), min(longest, judge.longest_pause_s))


class Cameras:
    """Used by the agent's main thread only."""

    def __init__(self, room: Room) -> None:
        self._room = room
        limits = room.config.patrol
        self._seats: dict[str, _Seat] = {}
        self._patrol = Patrol(limits.period_s, limits.connections, room.counters)
        self._promotions = Promotions(limits.watches, limits.calm_s)
        self._overload = Overload(self._patrol, room.recorder, room.counters)
        config = room.config
        self._options = SourceOptions(
            config.open_timeout_s, config.read_timeout_s, config.allow_files, networks=config.networks
        )
        self._version = 0
        self._refused: dict[str, str] = {}
        self._told: dict[str, str] | None = None  # the refusals of this version that the platform knows
        self._visits = VisitPorts(room.mailbox, room.counters, self._patrol.stopping, limits.patience_s)
        self._patrol.open()

    def apply(self, config: EdgeConfig) -> None:
        """Look at exactly these cameras, and say which ones cannot be. Those that did not change are not disturbed."""
        wanted = {camera.code: camera for camera in config.cameras}
        self._room.models.want({camera.model for camera in config.cameras if camera.model is not None})
        former = {code: seat.watcher.eye for code, seat in self._seats.items()}
        gone = [code for code, seat in self._seats.items() if wanted.get(code) != seat.camera]
        self._leave(gone)
        for code in set(gone) - set(wanted):
            self._room.recorder.rezoned(code)
            self._room.recorder.orphaned(code, "the camera is no longer watched")
        new = {code: camera for code, camera in wanted.items() if code not in self._seats}
        refused = {code: why for code, camera in new.items() if (why := self._enter(camera, former.get(code)))}
        patrolled = sum(seat.patrolled for seat in self._seats.values())
        self._version, self._refused, self._told = config.version, refused, None
        self._acknowledge()
        log.info(
            "configuration applied",
            version=config.version,
            cameras=len(self._seats),
            patrolled=patrolled,
            refused=len(refused),
        )

    def tick(self, now: float) -> None:
        """Report health changes, end incidents that nothing took up, promote and dismiss. `now`: monotonic seconds."""
        for code, seat in self._seats.items():
            change = seat.watcher.health.tick(now)
            if change is not None:
                log.info("camera health", camera=code, state=change.state, why=change.why)
                self._room.recorder.health(code, change)
            if not seat.swept and now - seat.since >= ORPHAN_S:
                seat.swept = True
                self._room.recorder.orphaned(code, "not seen again since the camera was opened anew")
        if self._room.models.news.is_set():
            self._room.models.news.clear()
            self._turn()
        while (visitor := self._patrol.doubt()) is not None:
            self._consider(visitor, now)
        self._dismiss(now)
        self._overload.tick(now, Standing(len(self._patrol), len(self._promotions)))

    def close(self) -> None:
        self._patrol.close()
        self._leave(list(self._seats))

    def _turn(self) -> None:
        """Look with the models that have become ready, and say so."""
        for code, seat in self._seats.items():
            eye = None if seat.camera.model is None else self._room.models.eye(seat.camera.model)
            if eye is not None and eye is not seat.watcher.eye:
                seat.watcher.turn_to(eye)
                self._room.recorder.rezoned(code)
        self._acknowledge()

    def _acknowledge(self) -> None:
        """Say which version is followed, and where it is not: once every model is there or cannot be had."""
        models = [(code, seat.camera.model) for code, seat in self._seats.items() if seat.camera.model is not None]
        whys = {code: (model.release, self._room.models.why(model)) for code, model in models}
        if any(why is None for _, why in whys.values()):
            return
        unused = {code: f"it goes on with the model before: {name} {why}" for code, (name, why) in whys.items() if why}
        refused = self._refused | unused
        if refused != self._told:
            self._told = refused
            self._room.recorder.applied(self._version, refused)

    def _enter(self, camera: Camera, former: Sees | None) -> str:
        """Watch it, with its `former` eye while its model is not ready; returns why not where it cannot be watched."""
        room, config = self._room, self._room.config
        eye = None if camera.model is None else room.models.eye(camera.model) or former
        try:
            if not address.check(camera.url, allow_files=config.allow_files).startswith("file:"):
                address.check_literal(camera.url, config.networks)
            judge = SceneJudge(camera, room.classes if eye is None else eye.classes)
        except (AddressError, BadOverrideError) as error:
            log.warning("a camera's configuration is not valid, it is not watched", camera=camera.code, why=str(error))
            return str(error)
        seat = _Seat(camera, self._watcher(camera, judge, eye), time.monotonic())
        room.recorder.rezoned(camera.code)
        self._seats[camera.code] = seat
        room.analyst.watch(seat.watcher)
        if seat.patrolled:
            seat.watcher.health.visit(seat.since, on=True)
            self._patrol.add(Visitor(seat.watcher, replace(self._options, brief=True), self._visits))
            self._show(seat)
        else:
            self._watch(seat)
        return ""

    def _watcher(self, camera: Camera, judge: SceneJudge, eye: Sees | None) -> Watcher:
        health, ring = self._health(camera), self._ring(camera)
        gate = _gate(self._room.config, judge) if camera.mode is Mode.WATCH else self._patrol_gate(camera)
        return Watcher(camera, judge, gate, health, ring, eye=eye)

    def _patrol_gate(self, camera: Camera) -> ChangeGate:
        """One that forces a look every so many visits. The half is for those that come a little late."""
        return ChangeGate((self._room.config.patrol.forced_visits - 0.5) * self._patrol.interval(camera))

    def _ring(self, camera: Camera) -> Ring:
        config = self._room.config
        return Ring(config.ring_s, config.ring_bytes if camera.mode is Mode.WATCH else config.patrol.ring_bytes)

    def _watch(self, seat: _Seat, opened: Source | None = None) -> None:
        """Keep a connection to it, the `opened` one to begin with."""
        room, config, watcher = self._room, self._room.config, seat.watcher

        def put(picture: Picture) -> None:
            room.mailbox.put(picture, urgent=watcher.urgent)

        def wanted_fps() -> float:
            return watcher.wanted_fps * self._overload.frames(urgent=watcher.urgent)

        device = hardware.find(config.hwaccel)
        ports = WatchPorts(put, wanted_fps, watcher.health, watcher.ring, room.counters, device)
        seat.watch = CameraWatch(seat.camera.code, seat.camera.url, self._options, ports, opened)
        self._show(seat)
        seat.watch.open()

    def _show(self, seat: _Seat) -> None:
        """To viewers: from its ring while it is watched, else by a connection that is open while they look."""
        camera = seat.camera
        url = camera.live_url or ("" if seat.watch is not None else camera.url)
        self._room.live.show(camera.code, seat.watcher.ring, SubAddress(url, self._options) if url else None)

    def _consider(self, visitor: Visitor, now: float) -> None:
        """Watch a patrolled camera in which something was found, if there is room."""
        code = visitor.watcher.camera.code
        if not self._promotions.admit(code, now):
            self._room.counters.add("promotions_refused")
            self._patrol.refuse(visitor)
            told = self._promotions.yielding(now)
            if told is not None:
                self._demote(told, "its violation is told, and another camera needs the room")
            return
        log.info("something was found on patrol: the camera is watched", camera=code)
        self._room.counters.add("promotions")
        seat = self._seats[code]
        self._patrol.pause(code)
        seat.watcher.ring.cap = self._room.config.ring_bytes
        seat.watcher.gate = _gate(self._room.config, seat.watcher.judge)
        seat.watcher.health.visit(now, on=False)
        self._watch(seat, visitor.take())

    def _dismiss(self, now: float) -> None:
        """Send those back on patrol in which nothing has been for a while."""
        for code in [code for code in self._seats if code in self._promotions]:
            watcher = self._seats[code].watcher
            fresh = watcher.seen is not None and time.time() - watcher.seen.timestamp() < self._promotions.calm_s
            self._promotions.seen(
                code, now, doubtful=watcher.is_doubtful and fresh, unsettled=watcher.is_unsettled and fresh
            )
        for code in self._promotions.over(now):
            self._demote(code, "nothing was there any more")

    def _demote(self, code: str, why: str) -> None:
        seat = self._seats[code]
        log.info("a camera is on patrol again", camera=code, why=why)
        self._room.live.hide(code)
        self._hush([seat])
        self._promotions.end(code)
        seat.watcher.wanted_fps = 0.0
        seat.watcher.ring = self._ring(seat.camera)
        seat.watcher.gate = self._patrol_gate(seat.camera)
        seat.watcher.health.visit(time.monotonic(), on=True)
        self._show(seat)
        self._patrol.resume(code)

    def _health(self, camera: Camera) -> HealthMonitor:
        config = self._room.config
        lens = Lens(camera.code, camera.integrity, BaselineShelf(config.data_dir / "views"))
        replay = ReplayWatch() if camera.integrity.replay else None
        return HealthMonitor(HealthTimes(offline_s=config.offline_s), lens, replay)

    def _leave(self, codes: Iterable[str]) -> None:
        seats = [self._seats.pop(code) for code in codes]
        for seat in seats:
            self._patrol.remove(seat.camera.code)
            self._promotions.end(seat.camera.code)
            self._room.live.hide(seat.camera.code)
        self._hush(seats)
        for seat in seats:
            self._room.analyst.forget(seat.camera.code)

    def _hush(self, seats: list[_Seat]) -> None:
        """End their watches, where they have one; all at once: each may take its read time-out."""
        watches = [(seat, seat.watch) for seat in seats if seat.watch is not None]
        for _, watch in watches:
            watch.halt()
        for seat, watch in watches:
            watch.close()
            seat.watch = None
