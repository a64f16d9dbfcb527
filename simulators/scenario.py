"""Plays a scenario: cameras over RTSP, devices over MQTT, the push receiver, and the truth of what happened when."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from domain.credential import device_user
from domain.topic import Channel, DeviceTopic
from simulators.clip import Clip, ClipError, load_clip
from simulators.clock import Clock, WallClock
from simulators.device import Device, Happened
from simulators.mqtt_client import Login as MqttLogin
from simulators.mqtt_client import MqttClient
from simulators.rtsp import Login, RtspConfig, RtspServer
from simulators.rtsp_camera import Camera, Happening
from simulators.scenario_file import CameraRole, DeviceRole, Scenario
from simulators.sent import SentLedger
from simulators.timetable import Showing, Timetable

log = structlog.get_logger(__name__)

FOOTAGE = Path(__file__).with_name("footage")


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
        zero = asyncio.get_running_loop().time() + config.delay_s
        if config.scenario.camera:
            server = RtspServer(_rtsp(config), lambda happening: _tell_camera(truth, happening))
            await server.open()
            stack.push_async_callback(server.close)
        await _devices(config, sent, truth, zero, stop)
        if sent.repeats or sent.garbage:  # what the broker acknowledged beside the messages in sent.jsonl
            truth.add("beside", datetime.now(UTC), repeats=str(sent.repeats), garbage=str(sent.garbage))
    log.info("scenario ended", name=config.scenario.name, sent=sent.count, repeats=sent.repeats, garbage=sent.garbage)


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
    will = (str(DeviceTopic(role.site, role.code, Channel.STATE)), b'{"online":false}')
    client = MqttClient(MqttLogin(config.mqtt_url, user, config.secrets[user]), sent, will)
    return Device(role, client, clock, lambda happened: _tell_device(truth, happened)), client


def _tell_camera(truth: TruthFile, happening: Happening) -> None:
    truth.add(happening.kind, happening.at, subject=happening.camera, name=happening.name)


def _tell_device(truth: TruthFile, happened: Happened) -> None:
    truth.add(f"fault_{happened.phase}", happened.at, subject=happened.device, name=happened.fault)


def _rtsp(config: ScenarioConfig) -> RtspConfig:
    clips = _Clips(config.footage)
    cameras = tuple(_camera(config, role, index, clips) for index, role in enumerate(config.scenario.camera))
    login = Login(config.rtsp_user, config.rtsp_password)
    return RtspConfig(cameras=cameras, host=config.rtsp_host, port=config.rtsp_port, login=login)


def _camera(config: ScenarioConfig, role: CameraRole, index: int, clips: "_Clips") -> Camera:
    if clips.own:
        return Camera(role.code, Timetable(clips.own[index % len(clips.own)]))
    showings = tuple(Showing(clips.get(play.clip), play.at + config.delay_s) for play in role.play)
    every = config.scenario.repeat_s if config.repeat and showings else None
    return Camera(role.code, Timetable(head(clips.get(role.quiet), role.quiet_s), showings, every))


class _Clips:
    """Clips by name, each read once."""

    def __init__(self, footage: Path | None) -> None:
        self._read: dict[str, Clip] = {}
        self.own = _own(footage) if footage is not None else []

    def get(self, name: str) -> Clip:
        if name not in self._read:
            self._read[name] = load_clip(FOOTAGE / f"{name}.mp4")
        return self._read[name]


def _own(folder: Path) -> list[Clip]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".mp4", ".mkv", ".mov"})
    if not files:
        raise ClipError(f"{folder}: has no .mp4, .mkv or .mov file to play.")
    return [load_clip(path) for path in files]


def head(clip: Clip, seconds: float) -> Clip:
    """The clip's first `seconds`, rounded up to the next keyframe; all of it for 0."""
    ends = [unit.send_s for unit in clip.units if unit.keyframe and unit.send_s >= seconds - 0.001]
    if seconds <= 0 or not ends:
        return clip
    return replace(
        clip,
        name=f"{clip.name}-head",
        units=tuple(unit for unit in clip.units if unit.send_s < ends[0]),
        duration_s=ends[0],
    )
