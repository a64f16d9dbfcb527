"""Plays a scenario: cameras over RTSP, devices over MQTT, the push receiver, and the truth of what happened when."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from domain.camera import Mode
from domain.credential import device_user
from domain.wire import EventPhase
from simulators import fault as faults
from simulators import moment
from simulators.agenda import Mishap
from simulators.clock import Clock, WallClock
from simulators.desk import SOCKET, Desk
from simulators.device import Device, Happened, will_of
from simulators.library import Library
from simulators.mqtt_client import Login as MqttLogin
from simulators.mqtt_client import MqttClient
from simulators.rtsp import Login, RtspConfig, RtspServer, phase
from simulators.rtsp_camera import Camera, Happening
from simulators.scenario_file import CameraFault, CameraRole, DeviceRole, Scenario
from simulators.sent import SentLedger
from simulators.timetable import Showing, Timetable
from simulators.wardrobe import Wardrobe

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ScenarioConfig:
    """What a run needs. `secrets`: device user → password. `footage`: the user's own files instead of the clips.

    `out`: the folder of sent.jsonl (what the broker acknowledged) and truth.jsonl (what happened when).
    """

    scenario: Scenario
    mqtt_url: str
    secrets: Mapping[str, str]
    rtsp_port: int
    rtsp_user: str
    rtsp_password: str
    out: Path
    rtsp_host: str = "127.0.0.1"
    footage: Path | None = None
    repeat: bool = False
    delay_s: float = 0.0  # before the timeline's zero: the time that the house needs to get up


class TruthFile:
    """truth.jsonl: one line per thing that really happened, with its wall-clock time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, what: str, at: datetime, **detail: str) -> None:
        self._file.write(json.dumps({"what": what, "at": at.isoformat(), **detail}, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self._file.close()


async def run(config: ScenarioConfig, stop: asyncio.Event) -> None:
    """Play until `stop`; without `repeat` the timeline ends by itself, and everything goes on quietly."""
    truth = TruthFile(config.out / "truth.jsonl")
    sent = SentLedger(config.out / "sent.jsonl")
    sent.open()
    async with AsyncExitStack() as stack:
        stack.callback(truth.close)
        stack.callback(sent.close)
        server = await _cameras(config, truth, stack) if config.scenario.camera else None
        zero = asyncio.get_running_loop().time() + config.delay_s
        async with asyncio.TaskGroup() as group:
            restarts = group.create_task(_restarts(config, server, truth, zero))
            await _devices(config, sent, truth, zero, stop)
            restarts.cancel()
        if sent.repeats or sent.garbage:  # what the broker acknowledged beside the messages in sent.jsonl
            truth.add("beside", datetime.now(UTC), repeats=str(sent.repeats), garbage=str(sent.garbage))
    log.info("scenario ended", name=config.scenario.name, sent=sent.count, repeats=sent.repeats, garbage=sent.garbage)


async def _cameras(config: ScenarioConfig, truth: TruthFile, stack: AsyncExitStack) -> RtspServer:
    """The cameras' server, open, with the desk that takes commands for it."""
    library = _library(config)
    cameras = _placed(config, library)
    server = RtspServer(_rtsp(config, cameras), lambda happening: _tell_camera(truth, happening))
    await server.open()
    stack.push_async_callback(server.close)
    if any(camera.mishaps for camera in cameras):
        await asyncio.to_thread(_prepare, cameras)
        for camera in _placed(config, library):  # anew: times of day count from now, and encoding took a while
            server.place(camera)
    desk = Desk(server, library)
    await desk.open(config.out / SOCKET)
    stack.push_async_callback(desk.close)
    return server


async def _restarts(config: ScenarioConfig, server: RtspServer | None, truth: TruthFile, zero: float) -> None:
    """Take the cameras' server away and bring it back, once or at every turn of the timeline."""
    loop = asyncio.get_running_loop()
    while server is not None and config.scenario.restart:
        for restart in sorted(config.scenario.restart, key=lambda each: each.at):
            await asyncio.sleep(max(0.0, zero + restart.at - loop.time()))
            _tell_restart(config.scenario, truth, "fault_began")
            await server.restart(restart.for_s)
            _tell_restart(config.scenario, truth, "fault_ended")
        if not config.repeat:
            return
        zero += config.scenario.repeat_s


async def _devices(
    config: ScenarioConfig, sent: SentLedger, truth: TruthFile, zero: float, stop: asyncio.Event
) -> None:
    clock = WallClock()
    runs = [_device(config, role, sent, truth, clock) for role in config.scenario.device]
    start = datetime.now(UTC) + timedelta(seconds=zero - asyncio.get_running_loop().time())
    truth.add("start", start, scenario=config.scenario.name)
    for device, _ in runs:
        device.follow(zero, config.scenario.repeat_s if config.repeat else None)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(client.run()) for _, client in runs]
        tasks += [group.create_task(device.run()) for device, _ in runs]
        await stop.wait()
        for device, _ in runs:
            device.leave()
        await asyncio.gather(*(client.close() for _, client in runs))
        for task in tasks:
            task.cancel()


def _device(
    config: ScenarioConfig, role: DeviceRole, sent: SentLedger, truth: TruthFile, clock: Clock
) -> tuple[Device, MqttClient]:
    user = device_user(role.site, role.code)
    client = MqttClient(MqttLogin(config.mqtt_url, user, config.secrets[user]), sent, will_of(role))
    return Device(role, client, clock, lambda happened: _tell_device(truth, happened)), client


def _tell_camera(truth: TruthFile, happening: Happening) -> None:
    truth.add(happening.kind, happening.at, subject=happening.camera, name=happening.name)


def _tell_restart(scenario: Scenario, truth: TruthFile, what: str) -> None:
    for camera in scenario.camera:
        truth.add(what, datetime.now(UTC), subject=camera.code, name="server-restart")


def _tell_device(truth: TruthFile, happened: Happened) -> None:
    what = "fault_began" if happened.phase is EventPhase.BEGIN else "fault_ended"
    truth.add(what, happened.at, subject=happened.device, name=happened.fault)


def _library(config: ScenarioConfig) -> Library:
    return Library(Wardrobe(config.out / "looks"), config.footage)


def _prepare(cameras: tuple[Camera, ...]) -> None:
    for camera in cameras:
        camera.prepare()


def _rtsp(config: ScenarioConfig, cameras: tuple[Camera, ...]) -> RtspConfig:
    """What is there at once, so that nobody finds a camera missing: a camera that will misbehave is quiet at first."""
    cameras = tuple(Camera(each.path, Timetable(each.clips[0])) if each.mishaps else each for each in cameras)
    login = Login(config.rtsp_user, config.rtsp_password)
    return RtspConfig(cameras=cameras, host=config.rtsp_host, port=config.rtsp_port, login=login)


def _placed(config: ScenarioConfig, library: Library) -> tuple[Camera, ...]:
    now = datetime.now(UTC)
    return tuple(_camera(config, role, index, library, now) for index, role in enumerate(config.scenario.camera))


def _camera(config: ScenarioConfig, role: CameraRole, index: int, library: Library, now: datetime) -> Camera:
    if library.own:
        return Camera(role.code, Timetable(library.own[index % len(library.own)]))
    showings = tuple(
        Showing(library.get(play.clip), moment.offset(play.at, now, config.delay_s), every_s=moment.every(play.at))
        for play in role.play
    )
    every = config.scenario.repeat_s if config.repeat and showings else None
    quiet = library.get(role.quiet, role.quiet_s)
    mishaps = tuple(_mishap(config, each, library, now) for each in role.fault)
    # Many on patrol share one clip: their keyframes must not come all at once.
    begin = phase(quiet, index) if role.mode is Mode.PATROL and not showings else 0.0
    return Camera(role.code, Timetable(quiet, showings, every, begin), mishaps)


def _mishap(config: ScenarioConfig, role: CameraFault, library: Library, now: datetime) -> Mishap:
    turn = config.scenario.repeat_s if config.repeat else None
    fault = faults.make(role.fault, role.for_s, library.wardrobe.look)
    return Mishap(fault, moment.offset(role.at, now, config.delay_s), moment.every(role.at) or turn)
