"""The whole edge against a real camera server, a real broker and a stand-in for the platform."""

import hashlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from domain.camera import Camera, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED
from domain.wire import CameraHealth, EvidenceAdded, EvidenceKind, Health, Relayed, SceneBegan, SceneEnded
from edge.agent import run
from edge.config import AgentConfig
from edge.counters import Counters
from edge.journal import Journal
from edge.picture import Colour
from edge.spool import Draft, Priority, Spool
from edge.uplink import Broker, Orders, Uplink
from inference.detections import Detections, Floats
from inference.geometry import upper
from inference.traits import Trait
from tests.platform_double import PlatformDouble, platform_double
from tests.servers import PATIENCE_S, PrivateBroker, wait_for
from tests.unit.edge.film import number_of, numbered

SIZE = (320, 180)
EMPTY_S, BUSY_S = 4, 8  # of the clip, which is repeated
EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class BlockEye:
    """Sees a person wherever there is a block of pure red: tests are about the edge, not the weights."""

    sha256 = hashlib.sha256(b"block").hexdigest()
    classes = ("person",)

    def look(self, image: Colour, wanted: frozenset[Trait]) -> Detections:
        red = (image[:, :, 0] > 160) & (image[:, :, 1] < 90)
        rows, columns = np.nonzero(red)
        if len(rows) < 50:
            return Detections.empty()
        height, width = red.shape
        box = (columns.min() / width, rows.min() / height, columns.max() / width, rows.max() / height)
        return Detections.of([box], [0.9], [0])

    def heads(self, image: Colour) -> Floats:
        return upper(self.look(image, frozenset()).boxes, 0.4)


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen seconds of numbered pictures; in the last eight of them somebody stands there."""
    path = tmp_path_factory.mktemp("clips") / "kitchen.mp4"
    random = np.random.default_rng(5)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "sc_threshold": "0"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = *SIZE, "yuv420p", 25
        for number in range((EMPTY_S + BUSY_S) * 25):
            picture = numbered(number, SIZE)
            picture[40:] += random.integers(0, 12, picture[40:].shape, dtype=np.uint8)  # no camera is without noise
            if number >= EMPTY_S * 25:
                picture[60:150, 120:160] = (255, 0, 0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@contextmanager
def cameras(port: int, *arguments: str) -> Iterator[None]:
    """The camera server, a process like any stranger's; ready when it says so."""
    argv = (sys.executable, "-m", "simulators.rtsp", "--port", str(port), *arguments)
    root = Path(__file__).parents[2]
    process = subprocess.Popen(argv, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"rtsp://")
        yield
    finally:
        process.kill()
        process.communicate()


@dataclass
class Edge:
    """A running agent and the platform that it talks to."""

    platform: PlatformDouble
    config: AgentConfig
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> None:
        self.stop.clear()
        self.thread = threading.Thread(target=run, args=(self.config, self.stop, lambda *_: BlockEye()))
        self.thread.start()

    def end(self) -> None:
        if self.thread is not None:
            self.stop.set()
            self.thread.join(PATIENCE_S)
            assert not self.thread.is_alive()
            self.thread = None


@pytest.fixture
def edge(broker: PrivateBroker, tmp_path: Path) -> Iterator[Edge]:
    with platform_double(broker, "e1") as platform:
        config = AgentConfig(
            edge="e1",
            secret=platform.secret,
            mqtt_url=broker.url(platform.user),
            api_url=platform.api_url,
            data_dir=tmp_path / "edge",
            weights=tmp_path / "unused",
            offline_s=4,
        )
        edge = Edge(platform, config)
        yield edge
        edge.end()


def camera(port: int, path: str = "kitchen", login: str = "", code: str = "cam") -> Camera:
    zone = Zone(code="store", zh="库", en="store", polygon=EVERYWHERE, scenes=(Scene.INTRUSION,))
    return Camera(code, "site", f"rtsp://{login}127.0.0.1:{port}/{path}", (zone,), ALWAYS_CLOSED)


def item(event: SceneBegan, kind: EvidenceKind) -> str:
    return next(each.sha256 for each in event.evidence if each.kind is kind)


@pytest.mark.slow
def test_a_scene_reaches_the_platform_with_evidence_that_shows_it(
    edge: Edge, kitchen: Path, free_port: Callable[[], int], tmp_path: Path
) -> None:
    port, platform = free_port(), edge.platform
    platform.configure(camera(port))
    with cameras(port, str(kitchen)):
        edge.start()
        wait_for(lambda: len(platform.bodies(EvidenceAdded)) >= 2)
        began: SceneBegan = platform.bodies(SceneBegan)[0]
        clip, board = platform.bodies(EvidenceAdded)[:2]
        wanted = {each.sha256 for each in (*began.evidence, clip.item, board.item)}
        wait_for(lambda: wanted <= set(platform.evidence))
        edge.end()
    assert (began.camera, began.scene, began.model) == ("cam", Scene.INTRUSION, BlockEye.sha256)
    assert clip.id == began.id
    assert clip.item.complete
    rounding = timedelta(milliseconds=2)  # a clip's times are in ticks of 1/90,000 s
    assert clip.item.begin - rounding <= began.first <= began.best <= began.last <= clip.item.end + rounding
    assert _busy(platform.evidence[item(began, EvidenceKind.FRAME)])
    assert _busy(platform.evidence[item(began, EvidenceKind.CROP)])
    assert (board.item.kind, board.item.of) == (EvidenceKind.STORYBOARD, clip.item.sha256)
    frame, hidden = (_picture(platform.evidence[item(began, kind)])
                     for kind in (EvidenceKind.FRAME, EvidenceKind.FRAME_REDACTED))  # fmt: skip
    head, below = slice(60, 96), slice(115, 150)  # of the block, whose upper part is its head
    edges = [np.diff(image[head, 110:130, 2].mean(axis=0)).max() for image in (frame, hidden)]
    assert edges[0] > 2 * edges[1]
    assert np.abs(frame[below].astype(int) - hidden[below]).mean() < 3
    _check_alignment(platform.evidence[clip.item.sha256], clip, began, tmp_path)
    assert [state.online for state in platform.states][-1] is False


def _picture(jpeg: bytes) -> Colour:
    image = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, dtype=np.uint8)


def _busy(jpeg: bytes) -> bool:
    image = _picture(jpeg)
    return bool(((image[:, :, 2] > 160) & (image[:, :, 0] < 90)).sum() > 1000)


def _check_alignment(data: bytes, clip: EvidenceAdded, began: SceneBegan, folder: Path) -> None:
    """At a sample's capture time the clip shows the very picture: its number says so."""
    (folder / "clip.mp4").write_bytes(data)
    with av.open(str(folder / "clip.mp4")) as container:
        shown = [(float(frame.time or 0), number_of(frame)) for frame in container.decode(video=0)]
    before = {(later - earlier) % 300 for (_, earlier), (_, later) in pairwise(shown)}
    assert before == {1}
    for sample in began.samples:
        second = (sample.at - clip.item.begin).total_seconds()
        number = min(shown, key=lambda entry: abs(entry[0] - second))[1]
        assert EMPTY_S * 25 <= number < (EMPTY_S + BUSY_S) * 25


def test_an_incident_ends_once_and_a_restart_does_not_repeat_it(
    edge: Edge, kitchen: Path, free_port: Callable[[], int]
) -> None:
    port, platform = free_port(), edge.platform
    platform.configure(camera(port))
    with cameras(port, str(kitchen)):
        edge.start()
        wait_for(lambda: bool(platform.bodies(SceneBegan)))
        edge.end()
        edge.start()
        (began,) = platform.bodies(SceneBegan)
        platform.configure(version=2)
        wait_for(lambda: bool(platform.bodies(SceneEnded)))
    assert [ended.id for ended in platform.bodies(SceneEnded)] == [began.id]
    assert len(platform.bodies(SceneBegan)) == 1


def test_what_is_not_acknowledged_is_kept_and_uploads_are_tried_again(
    edge: Edge, broker: PrivateBroker, kitchen: Path, free_port: Callable[[], int]
) -> None:
    port, platform = free_port(), edge.platform
    platform.configure(camera(port))
    platform.acknowledging.clear()
    platform.uploads_fail.set()
    with cameras(port, str(kitchen)):
        edge.start()
        wait_for(lambda: any(b'"OK"' in body for body in platform.received))  # the camera is well
        edge.end()
    broker.stop()
    edge.start()
    broker.start()
    platform.acknowledging.set()
    platform.uploads_fail.clear()
    wait_for(lambda: "OK" in platform.health("cam"))
    edge.end()
    assert len({spool for spool, _ in platform.items}) == 1


@pytest.mark.slow
def test_wrong_logins_and_dead_servers_are_told_in_a_sentence_and_healed(
    edge: Edge, kitchen: Path, free_port: Callable[[], int]
) -> None:
    port, platform = free_port(), edge.platform
    wrong = camera(port, login="cook:sesame@", code="wrong")
    right = camera(port, login="cook:salt@", code="right")
    platform.configure(wrong, right)
    server = (str(kitchen), "--user", "cook", "--password", "salt")
    edge.start()
    with cameras(port, *server):
        wait_for(lambda: "OK" in platform.health("right"))
        wait_for(lambda: any("password" in body.why for body in _healths(platform, "wrong")))
        platform.say("down", b'{"config": {"version": "x"')
        platform.configure(right, version=2)
    wait_for(lambda: platform.health("right")[-1] == "OFFLINE")
    with cameras(port, *server):
        wait_for(lambda: platform.health("right")[-1] == "OK")
    assert platform.health("wrong")[-1] == "OFFLINE"
    assert not any("sesame" in body.why for body in _healths(platform, "wrong"))


def _healths(platform: PlatformDouble, code: str) -> list[CameraHealth]:
    return [body for body in platform.bodies(CameraHealth) if body.camera == code]


def test_no_item_is_lost_while_the_broker_is_killed_again_and_again(broker: PrivateBroker, tmp_path: Path) -> None:
    with platform_double(broker, "e1") as platform, spooling(broker, platform, tmp_path) as spool:
        for kill in range(3):
            spool.append([Draft(Priority.HEALTH, _health(f"cam-{kill}-{i}")) for i in range(500)])
            wait_for(partial(_has_more_than, platform, kill * 500))
            broker.stop(signal.SIGKILL)
            broker.start()
        wait_for(lambda: spool.load.depth == 0)
        told = [body.camera for body in platform.bodies(CameraHealth)]
        assert sorted(told) == sorted(f"cam-{kill}-{i}" for kill in range(3) for i in range(500))


@contextmanager
def spooling(broker: PrivateBroker, platform: PlatformDouble, folder: Path, *waiting: Draft) -> Iterator[Spool]:
    """A spool, in which something may wait already, and its uplink; without cameras."""
    journal = Journal(folder / "spool.db")
    journal.open()
    spool = Spool(journal, 10**8)
    spool.append(waiting)
    orders = Orders(configure=lambda _: None, live=lambda *_: None)
    uplink = Uplink(Broker(broker.url(platform.user), "e1", platform.secret), spool, orders, Counters())
    uplink.open()
    try:
        yield spool
    finally:
        uplink.close()
        journal.close()


def test_a_scene_does_not_wait_for_yesterdays_telemetry(broker: PrivateBroker, tmp_path: Path) -> None:
    with platform_double(broker, "e1") as platform:
        backlog = [Draft(Priority.TELEMETRY, Relayed(f"t/{n}", bytes(150), datetime.now(UTC))) for n in range(20_000)]
        event = Draft(Priority.FACT, Relayed("t/event", b"{}", datetime.now(UTC)))
        with spooling(broker, platform, tmp_path, *backlog, event, Draft(Priority.CLASS_I, _health("fire"))) as spool:
            wait_for(lambda: spool.load.depth == 0)
        told = [body.topic if isinstance(body, Relayed) else "fire" for body in platform.items.values()]
    assert "fire" in told[:1001]  # beside the first batch of what is relayed, in whatever order they came
    relayed = [name for name in told if name != "fire"]
    assert relayed == ["t/event", *(f"t/{n}" for n in range(20_000))]


def _has_more_than(platform: PlatformDouble, items: int) -> bool:
    return len(platform.items) > items


def _health(code: str) -> CameraHealth:
    return CameraHealth(code, datetime.now(UTC), Health.OK, "test")
