"""Renders a planned clip: each different state once, held to 25 frames a second, encoded, with its truth beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from simulators.render.encode import FPS, encode
from simulators.render.pictures import build, composed, enter
from simulators.render.sensor import Grain, sensed
from simulators.render.shot import Shot
from simulators.render.sight import seen
from simulators.render.stage import Picture, Stage
from simulators.render.truth import Labels, write_truth

RENDERED = 0.75  # of the clip's size: a cheap camera's lens resolves no more


@dataclass(slots=True)
class Film:
    """The rendered states of one shot."""

    shot: Shot
    stage: Stage
    plate: Picture
    frames: dict[tuple[object, ...], tuple[npt.NDArray[np.uint8], Labels]] = field(default_factory=dict)

    def at(self, t: float) -> tuple[npt.NDArray[np.uint8], Labels]:
        """The clean frame (before grain) and its boxes at time t, rendered when it is new."""
        moment = self.shot.moment(t)
        if moment.key not in self.frames:
            acted, camera = moment.act(), self.shot.room.camera
            names = enter(self.stage, acted, camera)
            clean = composed(self.stage, self.plate, camera, [self.stage.things[n] for n in names])
            found = seen(self.stage, acted, camera).labels
            for name in names:
                self.stage.take(name)
            large = cv2.resize(clean, (self.shot.width, self.shot.height), interpolation=cv2.INTER_CUBIC)
            self.frames[moment.key] = (sensed(large.astype(np.float32), self.shot.sensor, None), found)
        return self.frames[moment.key]

    def play(self) -> Iterator[npt.NDArray[np.uint8]]:
        """All frames of the clip, with grain."""
        grain = Grain(self.shot.sensor, self.shot.height, self.shot.width, seed=1)
        for number in range(round(self.shot.duration_s * FPS)):
            t = np.floor(number / FPS * self.shot.rate) / self.shot.rate
            yield grain.on(self.at(float(t))[0], number)


def film(shot: Shot, out: Path, samples: int, threads: int = 2) -> Path:
    """Render a shot to `out`/<name>.mp4 with <name>.toml and boxes/<name>.csv; the clip's path."""
    out.mkdir(parents=True, exist_ok=True)
    stage = Stage(round(shot.width * RENDERED), round(shot.height * RENDERED), 2 * samples, threads)
    plate = build(stage, shot.room, shot.brightness)
    stage.scene.cycles.samples = samples
    made = Film(shot, stage, plate)
    path = out / f"{shot.name}.mp4"
    encode(path, made.play(), shot.width, shot.height)
    write_truth(out, shot, [(float(s), made.at(_held(shot, s))[1]) for s in range(int(shot.duration_s))])
    return path


def _held(shot: Shot, second: int) -> float:
    return float(np.floor(second * shot.rate + 1e-6) / shot.rate)
