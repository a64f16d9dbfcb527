"""Training pictures with exact boxes: rooms by seed, a plate each, and many casts of people, rats, bins and fires."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.camera import Camera
from simulators.render.cast import Cast, cast
from simulators.render.fire import standing_sprite
from simulators.render.region import feather, merged, region_of
from simulators.render.room import Kind, Light, Room, close, infrared, room
from simulators.render.sensor import random_sensor, sensed
from simulators.render.sight import SIZE, Seen, seen
from simulators.render.stage import Picture, Stage
from simulators.render.thing import CLASSES, Thing
from simulators.render.traits import traits_csv
from simulators.render.truth import yolo

RENDERED = (800, 450)
CASTS = 12  # casts per room: the plate is rendered once


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture (H x W x 3 uint8) and what is true in it."""

    picture: npt.NDArray[np.uint8]
    truth: Seen


def build(stage: Stage, plan: Room, brightness: float = 0.2) -> Picture:
    """Put an empty room on the stage, expose it to a mean linear brightness, and render its plate."""
    stage.look(plan.camera)
    stage.ambient(*plan.ambient)
    for lamp in plan.lamps or (infrared(plan.camera),):
        stage.light(lamp)
    for thing in plan.things:
        stage.put(thing)
    stage.expose(brightness)
    return stage.render()


def enter(stage: Stage, acted: Cast, camera: Camera) -> list[str]:
    """Put a cast on the stage; the names put."""
    for thing in acted.things:
        stage.put(thing)
    for fire in acted.fires:
        stage.show(fire.name, fire.sprite)
        stage.put(standing_sprite(fire, camera, stage.brightening))
    return [t.name for t in acted.things] + [f.name for f in acted.fires]


def composed(stage: Stage, plate: Picture, camera: Camera, things: list[Thing]) -> Picture:
    """The plate with the regions around the things rendered anew."""
    result = plate.copy()
    height, width = plate.shape[:2]
    for region in merged([r for t in things if (r := region_of(t, camera)) is not None]):
        x1, y1 = round(region.x1 * width), round(region.y1 * height)
        patch = stage.render(region)
        h, w = min(patch.shape[0], height - y1), min(patch.shape[1], width - x1)
        share = feather(h, w, (y1 > 0, y1 + h < height, x1 > 0, x1 + w < width), round(0.02 * width))
        part = result[y1 : y1 + h, x1 : x1 + w]
        part += share[..., None] * (patch[:h, :w] - part)
    return result


def write_room(out: Path, seed: int, samples: int, casts: int = CASTS, threads: int = 2) -> None:
    """All pictures of one room below `out`: images, labels, traits; those already there are kept."""
    rng = np.random.default_rng([seed, 5])
    kind: Kind = "kitchen" if rng.random() < 0.78 else "store"
    light: Light = ("day", "dim", "night")[int(rng.choice(3, p=[0.55, 0.15, 0.3]))]
    plan = room(seed, kind, light)
    if rng.random() < 0.4:
        plan = close(plan, seed)
    stage = Stage(*RENDERED, samples=samples, threads=threads)
    mean = {"day": (0.16, 0.32), "dim": (0.06, 0.14), "night": (0.07, 0.2)}[light]
    plate = build(stage, plan, float(rng.uniform(*mean)))
    for number in range(casts):
        stem = f"{seed:05d}-{number:02d}"
        made = _picture(stage, plan, plate, seed * 100 + number)
        quality = int(np.random.default_rng([seed, number]).integers(55, 93))
        _write(out, stem, made, quality)


def _picture(stage: Stage, plan: Room, plate: Picture, seed: int) -> Labelled:
    acted = cast(plan, seed)
    names = enter(stage, acted, plan.camera)
    clean = composed(stage, plate, plan.camera, [stage.things[n] for n in names])
    truth = seen(stage, acted, plan.camera)
    for name in names:
        stage.take(name)
    rng = np.random.default_rng([seed, 7])
    large = cv2.resize(clean, SIZE, interpolation=cv2.INTER_CUBIC)
    infra = plan.light == "night" or rng.random() < 0.06
    spoilt = sensed(large.astype(np.float32), random_sensor(rng, infra), rng)
    return Labelled(_overlaid(spoilt, rng), truth)


def _overlaid(picture: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Now and then the recorder's date and channel in white letters."""
    if rng.random() < 0.6:
        return picture
    marked = np.ascontiguousarray(picture)
    day = f"20{rng.integers(20, 27)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
    clock = f"{rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}"
    for text, at in ((f"{day} {clock}", (18, 30)), (f"CAM {rng.integers(1, 17):02d}", (800, 522))):
        for colour, wide in ((0, 3), (245, 1)):
            cv2.putText(marked, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.62, (colour,) * 3, wide, cv2.LINE_AA)
    return marked


def _write(out: Path, stem: str, made: Labelled, quality: int) -> None:
    """The label first: a reader that finds the picture finds its label too."""
    for folder in ("images", "labels", "traits"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    (out / "classes.txt").write_text("\n".join(CLASSES) + "\n")
    (out / "labels" / f"{stem}.txt").write_text(yolo(made.truth.labels))
    (out / "traits" / f"{stem}.csv").write_text(traits_csv(made.truth.people))
    picture = np.ascontiguousarray(made.picture[..., ::-1])
    ok, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    part = out / "images" / f"{stem}.part"
    part.write_bytes(coded.tobytes())
    part.rename(out / "images" / f"{stem}.jpg")
