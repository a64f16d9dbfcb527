"""What a cheap CCTV camera does to a clean picture: softness, sharpening halo, noise, infrared grey, vignette."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]  # H x W x 3, 0..1


@dataclass(frozen=True, slots=True)
class Sensor:
    """How one camera spoils its picture; all shares of full scale."""

    noise: float = 0.012
    soft: float = 0.6
    halo: float = 0.5
    vignette: float = 0.15
    infrared: bool = False
    gain: float = 1.0
    warmth: float = 0.0


DAY = Sensor(noise=0.007, soft=0.5, halo=0.5, vignette=0.12)
NIGHT = Sensor(noise=0.014, soft=0.6, halo=0.5, vignette=0.3, infrared=True)


def random_sensor(rng: np.random.Generator, infrared: bool) -> Sensor:
    """A camera between good and poor."""
    return Sensor(
        noise=float(rng.uniform(0.004, 0.03)) * (1.4 if infrared else 1.0),
        soft=float(rng.uniform(0.2, 1.1)),
        halo=float(rng.uniform(0.0, 0.9)),
        vignette=float(rng.uniform(0.05, 0.45 if infrared else 0.25)),
        infrared=infrared,
        gain=float(rng.uniform(0.8, 1.2)),
        warmth=float(rng.uniform(-0.06, 0.06)),
    )


def sensed(clean: Picture, sensor: Sensor, rng: np.random.Generator | None) -> npt.NDArray[np.uint8]:
    """The picture as the camera would deliver it, H x W x 3 uint8; without a generator it has no noise yet."""
    seen = clean * sensor.gain * np.array([1 + sensor.warmth, 1.0, 1 - sensor.warmth], np.float32)
    if sensor.infrared:
        grey = seen @ np.array([0.45, 0.35, 0.2], np.float32)
        seen = np.repeat(grey[..., None], 3, -1)
    seen = seen * _vignette(seen.shape[0], seen.shape[1], sensor.vignette)[..., None]
    seen = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), sensor.soft + 0.01).astype(np.float32)
    blurred = cv2.GaussianBlur(seen, (0, 0), 1.4).astype(np.float32)
    seen = seen + sensor.halo * (seen - blurred)
    if rng is None:
        return _bytes(seen)
    return _noisy(seen, sensor, rng)


class Grain:
    """Noise for a clip: a few fields made once, another one shifted anew for each frame."""

    def __init__(self, sensor: Sensor, height: int, width: int, seed: int, fields: int = 6) -> None:
        self.rng = np.random.default_rng(seed)
        shape = (fields, height, width, 1 if sensor.infrared else 3)
        self.fields = np.round(self.rng.standard_normal(shape, dtype=np.float32) * sensor.noise * 255).astype(np.int16)

    def on(self, picture: npt.NDArray[np.uint8], number: int) -> npt.NDArray[np.uint8]:
        """The picture with the noise of frame `number`."""
        field = self.fields[number % len(self.fields)]
        shift = (int(self.rng.integers(field.shape[0])), int(self.rng.integers(field.shape[1])))
        grainy: npt.NDArray[np.uint8] = np.clip(picture + np.roll(field, shift, (0, 1)), 0, 255).astype(np.uint8)
        return grainy


def _noisy(seen: Picture, sensor: Sensor, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    height, width = seen.shape[:2]
    grain = rng.standard_normal((height, width, 1), dtype=np.float32)
    if not sensor.infrared:
        colour = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), dtype=np.float32)
        grain = grain * 0.8 + cv2.resize(colour, (width, height), interpolation=cv2.INTER_LINEAR) * 0.6
    dark = 1.4 - 0.8 * np.clip(seen, 0, 1)
    return _bytes(seen + grain * sensor.noise * dark)


def _bytes(seen: Picture) -> npt.NDArray[np.uint8]:
    whole: npt.NDArray[np.uint8] = (np.clip(seen, 0, 1) * 255 + 0.5).astype(np.uint8)
    return whole


def _vignette(height: int, width: int, amount: float) -> npt.NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    shade: npt.NDArray[np.float32] = (1 - amount * (x * x + y * y)).clip(0.0, 1.0).astype(np.float32)
    return shade
