"""What one person wears, by chance: kitchen work wear, plain clothes, or nothing above the waist."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np

from simulators.render.body import SHAPES
from simulators.render.thing import Rgb

Hat = Literal["toque", "cap", "net", "none"]
Top = Literal["coat", "shirt", "none"]
Clothes = Literal["uniform", "other", "bare"]


@dataclass(frozen=True, slots=True)
class Wear:
    """How one person looks: body shape index, colours (linear), what is worn.

    `coat` is the top's colour; `stripe` crosses it, `sleeve` replaces it on the arms.
    """

    shape: int
    skin: Rgb
    hair: Rgb
    coat: Rgb
    trousers: Rgb
    hat: Hat
    hat_colour: Rgb
    apron: Rgb | None
    mask: bool
    short_sleeves: bool
    long_hair: bool
    top: Top = "coat"
    stripe: Rgb | None = None
    sleeve: Rgb | None = None
    bib: bool = False
    shorts: bool = False
    buttons: Rgb | None = None
    mask_colour: Rgb = (0.32, 0.5, 0.66)

    @property
    def clothes(self) -> Clothes:
        """Work wear is any apron, or a coat without a colour of its own: white, grey or black."""
        if self.top == "none":
            return "bare"
        colourless = max(self.coat) - min(self.coat) < 0.075
        return "uniform" if self.apron is not None or (self.top == "coat" and colourless) else "other"


MEN = (2, 3)  # of the body shapes
SKINS: tuple[Rgb, ...] = ((0.52, 0.30, 0.20), (0.60, 0.37, 0.25), (0.42, 0.23, 0.14), (0.22, 0.11, 0.065))
HAIRS: tuple[Rgb, ...] = ((0.01, 0.009, 0.008), (0.02, 0.013, 0.01), (0.06, 0.035, 0.02), (0.2, 0.19, 0.18))
WHITES: tuple[Rgb, ...] = ((0.78, 0.78, 0.76), (0.72, 0.73, 0.75), (0.75, 0.74, 0.68))
DARKS: tuple[Rgb, ...] = ((0.03, 0.03, 0.035), (0.35, 0.36, 0.38), (0.12, 0.12, 0.13))
TUNICS: tuple[Rgb, ...] = ((0.25, 0.03, 0.03), (0.10, 0.16, 0.32), (0.06, 0.18, 0.12), (0.5, 0.32, 0.1))
SHIRTS: tuple[Rgb, ...] = (
    (0.55, 0.03, 0.03), (0.03, 0.08, 0.45), (0.75, 0.5, 0.03), (0.03, 0.3, 0.07), (0.65, 0.2, 0.03), (0.35, 0.05, 0.3),
    (0.04, 0.35, 0.4), (0.7, 0.25, 0.3), (0.2, 0.1, 0.05), (0.02, 0.035, 0.12),
)  # fmt: skip
STRIPES: tuple[Rgb, ...] = ((0.75, 0.75, 0.73), (0.02, 0.02, 0.03), (0.6, 0.45, 0.05), (0.03, 0.05, 0.2))
TROUSERS: tuple[Rgb, ...] = (
    (0.02, 0.02, 0.025), (0.05, 0.055, 0.07), (0.2, 0.2, 0.2), (0.04, 0.07, 0.16), (0.3, 0.26, 0.18),
)  # fmt: skip
APRONS: tuple[Rgb, ...] = ((0.75, 0.75, 0.73), (0.03, 0.03, 0.04), (0.05, 0.08, 0.2), (0.3, 0.03, 0.03))
MASKS: tuple[Rgb, ...] = ((0.32, 0.5, 0.66), (0.78, 0.78, 0.78), (0.02, 0.02, 0.025))


def random_wear(rng: np.random.Generator, clothes: Clothes | None = None) -> Wear:
    """The clothes of somebody in a kitchen; without `clothes` mostly work wear."""
    kinds: tuple[Clothes, ...] = ("uniform", "other", "bare")
    clothes = clothes or kinds[int(rng.choice(3, p=[0.58, 0.25, 0.17]))]
    if clothes == "uniform":
        return _worker(rng)
    return _visitor(rng) if clothes == "other" else _stripped(rng)


def _worker(rng: np.random.Generator) -> Wear:
    """Coat or tunic, often an apron: a coloured tunic and a shirt always have one."""
    roll = rng.random()
    apron = _any(rng, APRONS) if roll > 0.72 or rng.random() < 0.5 else None
    top: Top = "shirt" if roll > 0.9 else "coat"
    colours = WHITES if roll < 0.5 else DARKS if roll < 0.72 else TUNICS if roll < 0.9 else SHIRTS
    hats: tuple[Hat, ...] = ("toque", "cap", "net", "none")
    return Wear(
        **_self(rng),
        coat=_any(rng, colours),
        hat=(hat := hats[int(rng.choice(4, p=[0.27, 0.25, 0.15, 0.33]))]),
        hat_colour=(0.04, 0.04, 0.05) if hat == "cap" and rng.random() < 0.4 else (0.8, 0.8, 0.79),
        apron=apron,
        mask=bool(rng.random() < 0.65),
        short_sleeves=bool(rng.random() < 0.3) or top == "shirt",
        top=top,
        bib=bool(rng.random() < 0.6),
        buttons=_any(rng, STRIPES[:2]) if top == "coat" and rng.random() < 0.6 else None,
    )


def _visitor(rng: np.random.Generator) -> Wear:
    """A T-shirt or shirt of a strong colour, plain, striped or with other sleeves."""
    roll = rng.random()
    return Wear(
        **_self(rng),
        coat=_any(rng, SHIRTS),
        hat="none",
        hat_colour=(0.8, 0.8, 0.79),
        apron=None,
        mask=bool(rng.random() < 0.45),
        short_sleeves=bool(rng.random() < 0.7),
        top="shirt",
        stripe=_any(rng, STRIPES) if roll < 0.35 else None,
        sleeve=_any(rng, STRIPES) if 0.35 < roll < 0.5 else None,
        shorts=bool(rng.random() < 0.25),
    )


def _stripped(rng: np.random.Generator) -> Wear:
    """A man bare from the waist up, never an apron."""
    return Wear(
        **_self(rng, MEN),
        coat=(0.5, 0.5, 0.5),
        hat="cap" if rng.random() < 0.12 else "none",
        hat_colour=(0.8, 0.8, 0.79),
        apron=None,
        mask=bool(rng.random() < 0.25),
        short_sleeves=True,
        top="none",
        shorts=bool(rng.random() < 0.5),
    )


class _Self(TypedDict):
    shape: int
    skin: Rgb
    hair: Rgb
    trousers: Rgb
    long_hair: bool
    mask_colour: Rgb


def _self(rng: np.random.Generator, shapes: Sequence[int] = range(SHAPES)) -> _Self:
    return {
        "shape": int(rng.choice(shapes)),
        "skin": _any(rng, SKINS),
        "hair": _any(rng, HAIRS),
        "trousers": _any(rng, TROUSERS),
        "long_hair": bool(rng.random() < 0.25),
        "mask_colour": MASKS[int(rng.choice(3, p=[0.6, 0.28, 0.12]))],
    }


def _any(rng: np.random.Generator, colours: tuple[Rgb, ...]) -> Rgb:
    return colours[int(rng.integers(len(colours)))]
