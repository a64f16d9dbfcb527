"""`mingchu bench video`: what watched cameras cost an edge, against the bare limit and against the usual loop.

Each part is a run of its own; what is compared is measured in the same seconds of it, or in turns. CPU time only.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from mingchu.bench import film, sights, usual
from mingchu.bench.figure import Figure
from mingchu.bench.process import child, watch
from mingchu.bench.slow import SLOWER, slow_edge
from mingchu.bench.watched import camera, cameras, watched

WARM_S, WATCH_S = 15.0, 40.0
FEW, MANY = 2, 22
FULL_S = 55.0  # after so long the packet rings are full
BUSY = 16  # cameras before a slow detector
CORES = 2
COST = "ms CPU per s of video"

# Prints nothing and ends when it is killed; its CPU time is read from outside.
_BARE = """
import av, sys
with av.open(sys.argv[1], options={"rtsp_transport": "tcp"}, timeout=(5, 5)) as container:
    stream = container.streams.video[0]
    stream.codec_context.skip_frame = "NONKEY"
    for packet in container.demux(stream):
        if packet.is_keyframe:
            packet.decode()
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the parts share: a clip in which nothing happens, how long to watch, and a folder for the run."""

    quiet: Path
    seconds: float
    root: Path

    def folder(self, name: str) -> Path:
        """A part's own, that the broker's account may enter."""
        path = self.root / name
        path.mkdir()
        path.chmod(0o711)
        return path

    @property
    def grainy(self) -> Path:
        """The same place as a real camera sends it, at 4 Mbit/s; made once."""
        path = self.root / "grainy.mp4"
        return path if path.exists() else film.standing(self.quiet, path)


def measure(
    clip: Path, seconds: float = WATCH_S, only: Collection[str] = (), tell: Callable[[str], None] = print
) -> dict[str, Figure]:
    """Run the parts named in `only`, or all; `clip`: 1080p in which nothing happens. Raises BenchError."""
    figures: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory(prefix="mingchu-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        scene = Scene(clip, seconds, root)
        for name, part in PARTS.items():
            if not only or name in only:
                tell(f"{name}: {part.__doc__}")
                figures |= part(scene)
    return figures


def _idle(scene: Scene) -> dict[str, Figure]:
    """one camera on which nothing moves, against bare demux and keyframes, and against the usual loop"""
    clips = {"idle_camera": scene.quiet, "idle_camera_4_mbit": scene.grainy}
    with ExitStack() as stack:
        trios = [_side_by_side(stack, scene.folder(name), clip) for name, clip in clips.items()]
        time.sleep(WARM_S)
        frames = [loop.frames for _, _, loop in trios]
        spent = watch([each for edge, bare, loop in trios for each in (edge, bare, loop.process)], scene.seconds)
        seen = [loop.frames - before for (_, _, loop), before in zip(trios, frames, strict=True)]
    figures: dict[str, Figure] = {}
    for number, name in enumerate(clips):
        ours, bare, loop = spent[3 * number : 3 * number + 3]
        figures |= _compared(name, ours / scene.seconds, bare / scene.seconds, loop / seen[number] * film.RATE)
    return figures


def _side_by_side(stack: ExitStack, root: Path, clip: Path) -> tuple[psutil.Popen, psutil.Popen, usual.Loop]:
    """The edge, the bare loop and the usual one, on one camera."""
    url = stack.enter_context(camera(clip, root))
    edge = stack.enter_context(watched(root, url)).process
    bare = stack.enter_context(child((sys.executable, "-c", _BARE, url), root / "bare.log"))
    return edge, bare, stack.enter_context(usual.loop(url, root / "usual.log"))


def _compared(name: str, ours: float, bare: float, loop: float) -> dict[str, Figure]:
    """CPU seconds per second of video."""
    return {
        name: Figure(ours * 1000, COST, limit=bare * 1000, bar=60.0),
        f"{name}_over_bare": Figure(ours / bare, "ratio", bar=1.5),
        f"{name}_usual_loop": Figure(loop * 1000, COST, limit=bare * 1000, note=usual.NOTE),
        f"{name}_usual_over_ours": Figure(loop / ours, "ratio", bar=12.0, sense="at least"),
    }


def _many(scene: Scene) -> dict[str, Figure]:
    """cameras of 4 Mbit/s in one agent: CPU and memory for each, their packet rings full"""
    root = scene.folder("many")
    with ExitStack() as stack:
        urls = stack.enter_context(cameras(scene.grainy, root, MANY))
        edge = stack.enter_context(watched(root, *urls[:FEW]))
        bare = stack.enter_context(child((sys.executable, "-c", _BARE, urls[0]), root / "bare.log"))
        time.sleep(FULL_S)
        few = _memory(edge.process)
        edge.configure(urls, version=2)
        time.sleep(FULL_S - scene.seconds / 2)
        spent, limit = (value / scene.seconds * 1000 for value in watch((edge.process, bare), scene.seconds))
        each = (_memory(edge.process) - few) / (MANY - FEW) / 2**20
    cost = spent / MANY
    return {
        "camera_of_many": Figure(cost, COST, limit=limit, note=f"{MANY} cameras in one agent, its own share included"),
        "cameras_on_two_cores": Figure(CORES * 1000 / cost, "cameras", bar=60.0, sense="at least"),
        "camera_memory": Figure(each, "MiB", bar=40.0, note=f"slope from {FEW} to {MANY} cameras, 50 s ring included"),
    }


def _usual(scene: Scene) -> dict[str, Figure]:
    """clips with violations: the same scenes by the edge's way of looking as by the usual loop's, and at what cost"""
    agreed, ours, theirs = 0, 0.0, 0.0
    for clip in sights.CLIPS:
        by_edge, by_loop = sights.by_edge(clip), sights.by_loop(clip)
        agreed += by_edge.scenes == by_loop.scenes
        ours, theirs = ours + by_edge.cpu_s, theirs + by_loop.cpu_s
    return {
        "clips_with_the_same_alerts": Figure(agreed, "clips", bar=len(sights.CLIPS), sense="at least"),
        "violations_usual_over_ours": Figure(theirs / ours, "ratio", note="CPU from file to alert, something going on"),
    }


def _slow(scene: Scene) -> dict[str, Figure]:
    """a detector ten times slower before busy cameras: how old are the pictures that it looks at (PROMISES R10)"""
    root = scene.folder("slow")
    with ExitStack() as stack:
        urls = stack.enter_context(cameras(sights.BUSY, root, BUSY))
        edge = stack.enter_context(watched(root, *urls, command=slow_edge()))
        time.sleep(FULL_S)
        memory = [_memory_after(1.0, edge.process) for _ in range(round(scene.seconds))]
        third = max(1, len(memory) // 3)
        grown = (median(memory[-third:]) - median(memory[:third])) / 2**20
        last = edge.counters()[-1]
    return {
        "slow_frame_age_p95": Figure(last["frame_age_p95_s"], "s", bar=2.0, note=f"{BUSY} cameras, {SLOWER} x slower"),
        "slow_frames_dropped": Figure(last.get("frames_dropped", 0), "frames, counted", bar=1, sense="at least"),
        "slow_memory_growth": Figure(grown, "MiB", bar=20.0),
    }


def _memory_after(seconds: float, process: psutil.Popen) -> int:
    time.sleep(seconds)
    return _memory(process)


def _memory(process: psutil.Popen) -> int:
    return int(process.memory_full_info().uss)


PARTS: dict[str, Callable[[Scene], dict[str, Figure]]] = {
    "idle": _idle,
    "many": _many,
    "usual": _usual,
    "slow": _slow,
}
