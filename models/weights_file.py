"""The shipped networks' folder and the detector's description, `detector.toml`, which `inference.weights` reads."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inference.weights import Input, Manifest

WEIGHTS = Path(__file__).with_name("weights")
NETWORK = "detector.onnx"
DESCRIPTION = "detector.toml"
ORIGINS = "origins.toml"
LICENCE = "AGPL-3.0-or-later"
EXCLUSIVE = (("bin", "bin_open", "bin_overflow"), ("rat", "cat", "dog"), ("with_mask", "without_mask"))
"""One thing is one of these: of two boxes at the same place the weaker one goes."""


@dataclass(frozen=True)
class Origin:
    """Where a network comes from, for its description and its card."""

    name: str
    version: str
    started_from: str
    training: str


def origins(folder: Path = WEIGHTS) -> tuple[Origin, Origin]:
    """The detector's origin and the crop classifier's, from origins.toml."""
    told = tomllib.loads((folder / ORIGINS).read_text(encoding="utf-8"))
    return Origin(**told["detector"]), Origin(**told["crops"])


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def describe(
    folder: Path, origin: Origin, classes: tuple[str, ...], size: Input, thresholds: Mapping[str, float]
) -> Manifest:
    """Write detector.toml for the network that lies in the folder; returns what it says."""
    exclusive = tuple(group for group in EXCLUSIVE if {*group} <= {*classes})
    found = Manifest(
        name=origin.name,
        version=origin.version,
        file=NETWORK,
        sha256=digest(folder / NETWORK),
        input=size,
        classes=classes,
        thresholds=dict(thresholds),
        exclusive=exclusive,
    )
    (folder / DESCRIPTION).write_text(_text(found, origin), encoding="utf-8")
    return found


def _text(of: Manifest, origin: Origin) -> str:
    classes = "".join(f'    "{name}",\n' for name in of.classes)
    exclusive = "".join(f"    {json.dumps(group)},\n" for group in of.exclusive)
    thresholds = "".join(f"{name} = {of.thresholds[name]:.2f}\n" for name in of.classes)
    return (
        f'name = "{of.name}"\nversion = "{of.version}"\nfile = "{of.file}"\n'
        f'sha256 = "{of.sha256}"\nlicence = "{LICENCE}"\n'
        f'started_from = "{origin.started_from}"\nclasses = [\n{classes}]\n'
        f"# Of two boxes of such classes at one place the weaker one goes.\nexclusive = [\n{exclusive}]\n\n"
        f"# A picture keeps its shape: its longer side at most `longest` pixels, about `area` in all, sides multiples\n"
        f"# of 32, in the middle of grey (114, 114, 114); RGB, divided by 255, planar.\n"
        f"[input]\nlongest = {of.input.longest}\narea = {of.input.area}\n\n"
        f"# Boxes as centre x, centre y, width, height in input pixels, then a score per class; no suppression yet.\n"
        f'[output]\nlayout = "batch, 4 + classes, anchors"\n\n'
        f"# Chosen on the validation pictures: see MODEL_CARD.md.\n[thresholds]\n{thresholds}"
    )
