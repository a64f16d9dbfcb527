"""The truth beside a clip: a TOML file of its scenes and zones, and boxes by the second as CSV."""

from collections.abc import Sequence
from pathlib import Path

from simulators.render.camera import Box
from simulators.render.shot import Point, Shot
from simulators.render.thing import CLASSES, Label

FPS = 25
Labels = tuple[tuple[Label, Box], ...]


def toml_of(shot: Shot) -> str:
    """The truth file's text."""
    lines = [
        f'# {shot.note}; rendered by simulators.render, no picture of anything real',
        f'clip = "{shot.name}.mp4"', f"width = {shot.width}", f"height = {shot.height}", f"fps = {FPS}",
        f"duration_s = {shot.duration_s}", f'boxes = "boxes/{shot.name}.csv"',
    ]  # fmt: skip
    if shot.looks_like:
        named = ", ".join(f'"{scene}"' for scene in shot.looks_like)
        lines.append(f"looks_like = [{named}]")
    for name, polygon in shot.zones:
        lines += ["", "[[zone]]", f'name = "{name}"', f"polygon = {_polygon(polygon)}"]
    for s in shot.scenes:
        lines += ["", "[[scene]]", f'scene = "{s.scene}"', f"begin_s = {s.begin_s}", f"end_s = {s.end_s}"]
        lines.append(f"zone = {_polygon(s.zone)}")
    return "\n".join(lines) + "\n"


def csv_of(seconds: Sequence[tuple[float, Labels]]) -> str:
    """Boxes by the second: t_s,class,x1,y1,x2,y2 (relative, y down)."""
    rows = ["t_s,class,x1,y1,x2,y2"]
    rows += [f"{t:g},{label},{b.x1:.4f},{b.y1:.4f},{b.x2:.4f},{b.y2:.4f}" for t, found in seconds for label, b in found]
    return "\n".join(rows) + "\n"


def yolo(boxes: Labels) -> str:
    """A YOLO label file's text: class index, centre and size, relative."""
    return "".join(
        f"{CLASSES.index(label)} {(b.x1 + b.x2) / 2:.6f} {(b.y1 + b.y2) / 2:.6f} {b.x2 - b.x1:.6f} {b.y2 - b.y1:.6f}\n"
        for label, b in boxes
    )


def write_truth(out: Path, shot: Shot, seconds: Sequence[tuple[float, Labels]]) -> None:
    """Write `out`/<name>.toml and `out`/boxes/<name>.csv."""
    (out / "boxes").mkdir(parents=True, exist_ok=True)
    (out / f"{shot.name}.toml").write_text(toml_of(shot))
    (out / "boxes" / f"{shot.name}.csv").write_text(csv_of(seconds))


def _polygon(points: Sequence[Point]) -> str:
    return "[" + ", ".join(f"[{x:g}, {y:g}]" for x, y in points) + "]"
