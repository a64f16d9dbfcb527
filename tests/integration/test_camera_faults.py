"""Each fault as a real client sees it: FFmpeg's library reads the stream before, in and after it."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from simulators import scenario
from simulators.clip import Clip, load_clip
from simulators.desk import Desk, DeskError, tell
from simulators.fault import ALTERED, Corrupt, Fault, Frozen, Replay, WrongPassword
from simulators.library import Library
from simulators.rtsp import Login, RtspConfig, RtspServer
from simulators.rtsp_camera import Camera
from simulators.scenario_file import CameraFault, CameraRole, Scenario, ServerRestart
from simulators.timetable import Timetable
from simulators.wardrobe import Wardrobe
from tests.clips import encode
from tests.servers import PATIENCE_S

LOGIN = Login("cam", "right")
LONG = 75  # pictures, 3 s


@dataclass
class Seen:
    """A decoded picture: when it was taken, and its luma."""

    at: float
    picture: NDArray[np.float64]


class Set:
    """One camera, its clothes, and its server."""

    def __init__(self, folder: Path) -> None:
        file = encode(folder / "bar.mp4", pictures=LONG, shade=120, gop=10, half=True)
        self.wardrobe = Wardrobe(folder / "looks")
        self.clip: Clip = self.wardrobe.hang(load_clip(file), file)
        self.server = RtspServer(RtspConfig((Camera("cam", Timetable(self.clip)),), port=0, login=LOGIN))

    def dressed(self, kind: str) -> Fault:
        fault = ALTERED[kind](None, self.wardrobe.look(kind))
        fault.prepare(self.clip)
        return fault

    @property
    def url(self) -> str:
        return self.server.url("cam").replace("//", f"//{LOGIN.user}:{LOGIN.password}@")


@contextlib.asynccontextmanager
async def filming(folder: Path) -> AsyncIterator[Set]:
    stage = Set(folder)
    await stage.server.open()
    try:
        yield stage
    finally:
        await stage.server.close()


def frames(url: str) -> Iterator[Seen]:
    options = {"rtsp_transport": "tcp", "probesize": "32", "analyzeduration": "0"}
    with av.open(url, options=options, timeout=(PATIENCE_S, PATIENCE_S)) as container:
        for frame in container.decode(video=0):
            yield Seen(float(frame.time or 0), frame.to_ndarray(format="gray").astype(np.float64))


def watch(url: str, enough: Callable[[list[Seen]], bool]) -> list[Seen]:
    """Pictures until there are enough of them, or patience has run out."""
    seen: list[Seen] = []
    deadline = time.monotonic() + PATIENCE_S
    for each in frames(url):
        seen.append(each)
        if enough(seen) or time.monotonic() > deadline:
            return seen
    return seen


async def watched(stage: Set, fault: Fault, enough: Callable[[list[Seen]], bool]) -> list[Seen]:
    """What a viewer sees that was there before the fault began."""
    watching = asyncio.create_task(asyncio.to_thread(watch, stage.url, enough))
    async with asyncio.timeout(PATIENCE_S):
        while stage.server.stats().units_sent < 5:
            await asyncio.sleep(0.02)
    stage.server.inject("cam", fault)
    return await watching


def spread(seen: Seen) -> float:
    """Contrast of a picture, without its sensor's finest noise."""
    return float(seen.picture.std())


@pytest.mark.parametrize(
    ("kind", "shows"),
    [
        ("black", lambda now, _: now.picture.max() <= 2),
        ("covered", lambda now, first: now.picture.mean() < 70 < first.picture.mean() and spread(now) < 6),
        ("blurred", lambda now, first: np.abs(np.diff(now.picture)).mean() < np.abs(np.diff(first.picture)).mean() / 2),
        ("resolution", lambda now, _: now.picture.shape == (60, 80)),
        ("moved", lambda now, _: np.median(now.picture[:, 30:70]) > 90),
    ],
)
async def test_a_changed_picture_is_seen_by_who_was_watching(
    tmp_path: Path, kind: str, shows: Callable[[Seen, Seen], bool]
) -> None:
    async with filming(tmp_path) as stage:
        fault = stage.dressed(kind)
        seen = await watched(stage, fault, lambda so_far: len(so_far) > 20 and shows(so_far[-1], so_far[0]))
        assert shows(seen[-1], seen[0])
        assert not shows(seen[1], seen[0])
        stage.server.clear_fault("cam")
        (back,) = await asyncio.to_thread(watch, stage.url, lambda so_far: True)
        assert back.picture.shape == (120, 160)
        assert 70 < back.picture.mean() < 120


async def test_a_frozen_picture_is_the_same_again_and_again(tmp_path: Path) -> None:
    def still(so_far: list[Seen]) -> bool:
        return len(so_far) > 5 and all(np.array_equal(so_far[-1].picture, each.picture) for each in so_far[-5:])

    async with filming(tmp_path) as stage:
        seen = await watched(stage, Frozen(), still)
    assert still(seen)
    assert seen[-1].at > seen[-5].at + 0.7


async def test_a_replay_shows_what_was_shown(tmp_path: Path) -> None:
    def bar(each: Seen) -> int:
        return int(each.picture.mean(axis=0).argmax())

    async with filming(tmp_path) as stage:
        seen = await watched(stage, Replay(seconds=0.4), lambda so_far: len(so_far) > 60)
    late = [bar(each) for each in seen[-40:]]
    assert len(set(late)) < 35  # the bar moves on in each new picture; here it comes back
    assert late.count(late[-1]) > 1


async def test_a_corrupt_stream_garbles_pictures_and_keeps_the_connection(tmp_path: Path) -> None:
    file = encode(tmp_path / "noise.mp4", pictures=20, noise=True, size=(320, 240))
    clean = [each.picture[::8, ::8] for each in frames(str(file))]

    def garbled(each: Seen) -> bool:
        return min(float(np.abs(each.picture[::8, ::8] - one).mean()) for one in clean) > 1

    async with filming(tmp_path) as stage:
        stage.server.play("cam", load_clip(file), 100)
        seen = await watched(stage, Corrupt(), lambda so_far: len(so_far) > 20 and garbled(so_far[-1]))
        assert (garbled(seen[1]), garbled(seen[-1])) == (False, True)
        stage.server.clear_fault("cam")
        healed = await asyncio.to_thread(watch, stage.url, lambda so_far: len(so_far) == 10)
        assert [garbled(each) for each in healed] == [False] * 10


async def test_a_changed_password_shuts_out_the_right_login(tmp_path: Path) -> None:
    async with filming(tmp_path) as stage:
        watching = asyncio.create_task(asyncio.to_thread(watch, stage.url, lambda _: False))
        async with asyncio.timeout(PATIENCE_S):
            while not stage.server.stats().viewers:
                await asyncio.sleep(0.05)
        stage.server.inject("cam", WrongPassword())
        with contextlib.suppress(av.error.FFmpegError):
            await watching
        with pytest.raises(av.error.HTTPUnauthorizedError):
            await asyncio.to_thread(watch, stage.url, lambda _: True)
        stage.server.clear_fault("cam")
        assert len(await asyncio.to_thread(watch, stage.url, lambda _: True)) == 1


async def test_a_scenario_prepares_its_faults_tells_them_and_takes_commands(tmp_path: Path) -> None:
    role = CameraRole("one", "rat-night", 1.0, fault=(CameraFault(0.2, "black", 0.3),))
    config = scenario.ScenarioConfig(
        Scenario("x", "", "", 600, 600, camera=(role,)), "", {}, 0, "cam", "right", tmp_path
    )
    stop = asyncio.Event()
    playing = asyncio.create_task(scenario.run(config, stop))
    answers = await ask(tmp_path / "cameras.sock", "one covered for 0.2", "two black")
    async with asyncio.timeout(PATIENCE_S):
        while (tmp_path / "truth.jsonl").read_text().count("fault_ended") < 2:
            await asyncio.sleep(0.05)
    answers += await ask(tmp_path / "cameras.sock", "one play rat-night")
    assert [answers[0], answers[2]] == ["ok", "ok"]
    assert "no camera 'two'" in answers[1]
    stop.set()
    await playing
    truth = (tmp_path / "truth.jsonl").read_text()
    assert all(word in truth for word in ('"black"', '"covered"', '"rat-night"'))
    assert {path.name.split(".")[1] for path in (tmp_path / "looks").iterdir()} == {"black", "covered"}


async def test_a_scenario_takes_its_cameras_away_and_brings_them_back(tmp_path: Path) -> None:
    role = CameraRole("one", "rat-night", 1.0)
    restarts = (ServerRestart(0.2, 0.3), ServerRestart(0.8, 0.1))
    told = Scenario("x", "", "", 600, 600, camera=(role,), restart=restarts)
    config = scenario.ScenarioConfig(told, "", {}, 0, "cam", "right", tmp_path)
    stop = asyncio.Event()
    playing = asyncio.create_task(scenario.run(config, stop))
    truth = tmp_path / "truth.jsonl"
    async with asyncio.timeout(PATIENCE_S):
        while not truth.exists() or truth.read_text().count("server-restart") < 4:
            await asyncio.sleep(0.05)
    stop.set()
    await playing
    whats = [line["what"] for line in map(json.loads, truth.read_text().splitlines()) if line.get("name")]
    assert whats[0] == "clip_began"
    assert [what for what in whats if what != "clip_began"] == ["fault_began", "fault_ended"] * 2


async def ask(socket: Path, *lines: str) -> list[str]:
    async with asyncio.timeout(PATIENCE_S):
        while not socket.exists():
            await asyncio.sleep(0.05)
    answers = []
    for line in lines:
        try:
            answers.append(await tell(socket, line))
        except DeskError as error:
            answers.append(str(error))
    return answers


async def test_commands_without_cameras_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="start them first"):
        await tell(tmp_path / "cameras.sock", "one black")


async def test_a_desk_that_cannot_listen_lets_the_cameras_run(tmp_path: Path) -> None:
    async with filming(tmp_path) as stage:
        desk = Desk(stage.server, Library(stage.wardrobe))
        await desk.open(tmp_path / ("long" * 40))
        assert await desk.say("cam stall for 1") == "ok"
        await desk.close()
