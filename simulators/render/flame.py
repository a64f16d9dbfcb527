"""Flames and smoke as see-through pictures, grown from noise (no Blender needed)."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Sprite = npt.NDArray[np.float32]  # H x W x 4: linear colour and alpha, row 0 at the bottom


def noise(rng: np.random.Generator, height: int, width: int, cells: tuple[int, int], shift: float = 0.0) -> Array:
    """Smooth value noise 0..1 (H x W), scrolled upwards by `shift` cells; the same rng state, the same field."""
    period = cells[0] * 4
    grid = rng.random((period, cells[1] + 2))
    y = (np.linspace(0, cells[0], height, endpoint=False) - shift) % period
    x = np.linspace(0, cells[1], width, endpoint=False)
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy)[:, None], (x - ix)[None]
    fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    below, above = iy % period, (iy + 1) % period
    low = grid[np.ix_(below, ix)] * (1 - fx) + grid[np.ix_(below, ix + 1)] * fx
    high = grid[np.ix_(above, ix)] * (1 - fx) + grid[np.ix_(above, ix + 1)] * fx
    result: Array = low * (1 - fy) + high * fy
    return result


def tongues(seed: int, t: float, tongue: int = 3, blue: float = 0.2, size: int = 96) -> Sprite:
    """Licking flames at time `t` (s): `tongue` peaks, the lowest `blue` share of the height gas-blue."""
    rng = np.random.default_rng(seed)
    rough = noise(rng, size, size, (3, tongue * 2), t * 4.0)
    fine = noise(rng, size, size, (7, tongue * 4), t * 9.0)
    sway = noise(rng, size, size, (2, 2), t * 2.0) - 0.5
    up = np.linspace(0, 1, size)[:, None]
    across = np.abs(np.linspace(-1, 1, size)[None] + sway * up * 0.7)
    reach = (1 - across**2.2) * (0.55 + 0.75 * rough[:1] * np.ones_like(up)) * (0.8 + 0.3 * np.sin(t * 7 + seed))
    heat = np.clip(reach * 1.25 - up - 0.55 * (fine - 0.35) * (0.3 + up), 0, 1)
    alpha = np.clip(heat * 5.0, 0, 1) * np.clip((1 - across) * 6, 0, 1)
    return _coloured(heat, alpha, up, blue)


def _coloured(heat: Array, alpha: Array, up: Array, blue: float) -> Sprite:
    hot = np.clip(heat * 2.2, 0, 1)
    red = 0.75 + 0.25 * hot
    colour = np.stack([red, 0.10 + 0.62 * hot**1.3, 0.01 + 0.30 * hot**3], -1)
    gas = np.clip(1 - up / max(blue, 1e-3), 0, 1)[..., None] * np.ones_like(colour)
    colour = colour * (1 - gas) + np.array([0.08, 0.2, 1.0]) * gas
    return np.concatenate([colour, alpha[..., None]], -1).astype(np.float32)


def puff(seed: int, t: float, grey: float = 0.45, size: int = 96) -> Sprite:
    """Rising smoke at time `t` (s), wider at the top."""
    rng = np.random.default_rng(seed)
    coarse = noise(rng, size, size, (3, 3), t * 1.0)
    fine = noise(rng, size, size, (8, 8), t * 2.0)
    up = np.linspace(0, 1, size)[:, None]
    drift = (noise(rng, size, size, (3, 2), t * 1.0) - 0.5) * up
    across = np.abs(np.linspace(-1, 1, size)[None] + drift) / (0.3 + 0.6 * up)
    body = np.clip(1 - across**1.5, 0, 1) * np.clip(up * 5, 0, 1) * np.clip((1 - up) * 1.6, 0, 1)
    thick = np.clip(0.55 * coarse + 0.45 * fine - 0.18, 0, 1) * 2.0
    alpha = np.clip(body * thick * 1.6, 0, 0.7)
    shade = grey * (0.75 + 0.5 * fine)
    return np.concatenate([np.repeat(shade[..., None], 3, -1), alpha[..., None]], -1).astype(np.float32)


def thread(seed: int, grey: float = 0.6, size: int = 48) -> Sprite:
    """A thin wavering thread of smoke that widens and fades upwards."""
    rng = np.random.default_rng(seed)
    up = np.linspace(0, 1, size)[:, None]
    across = np.linspace(-1, 1, size)[None]
    sway = 0.45 * up * np.sin(rng.uniform(0, 6) + up * rng.uniform(3, 8))
    alpha = 0.3 * np.exp(-(((across - sway) / (0.07 + 0.22 * up)) ** 2)) * (1 - up) * np.clip(up * 12, 0, 1)
    shade = np.full((size, size, 3), grey)
    return np.concatenate([shade, alpha[..., None]], -1).astype(np.float32)


def extent(sprite: Sprite, threshold: float = 0.22) -> tuple[float, float, float, float]:
    """(left, bottom, right, top) of what is visible in a sprite, relative 0..1."""
    solid = sprite[..., 3] > threshold
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    if len(rows) == 0:
        return (0.0, 0.0, 0.0, 0.0)
    height, width = solid.shape
    return columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
