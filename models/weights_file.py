"""The shipped detector's description, `detector.toml`: input, classes, thresholds and digest of `detector.onnx`."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

WEIGHTS = Path(__file__).with_name("weights")
NETWORK = "detector.onnx"
DESCRIPTION = "detector.toml"


@dataclass(frozen=True)
class Detector:
    """What a detector file is: input height and width in pixels, classes in output order, a threshold per class."""

    name: str
    version: str
    height: int
    width: int
    classes: tuple[str, ...]
    thresholds: dict[str, float]
    sha256: str
    started_from: str
    licence: str


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_description(folder: Path = WEIGHTS) -> Detector:
    """Read detector.toml of a folder."""
    data = tomllib.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    height, width = data["input"]["height"], data["input"]["width"]
    return Detector(
        name=data["name"],
        version=data["version"],
        height=int(height),
        width=int(width),
        classes=tuple(data["classes"]),
        thresholds={name: float(value) for name, value in data["thresholds"].items()},
        sha256=data["sha256"],
        started_from=data["started_from"],
        licence=data["licence"],
    )


def write_description(detector: Detector, folder: Path = WEIGHTS) -> None:
    """Write detector.toml into a folder."""
    classes = "".join(f'    "{name}",\n' for name in detector.classes)
    thresholds = "".join(f"{name} = {detector.thresholds[name]:.2f}\n" for name in detector.classes)
    text = (
        f'name = "{detector.name}"\nversion = "{detector.version}"\nfile = "{NETWORK}"\n'
        f'sha256 = "{detector.sha256}"\nlicence = "{detector.licence}"\n'
        f'started_from = "{detector.started_from}"\nclasses = [\n{classes}]\n\n'
        f"# Letterboxed in the middle of grey (114, 114, 114), RGB, divided by 255, planar.\n"
        f'[input]\nname = "images"\nheight = {detector.height}\nwidth = {detector.width}\n\n'
        f"# Boxes as centre x, centre y, width, height in input pixels, then a score per class; no suppression yet.\n"
        f'[output]\nlayout = "batch, 4 + classes, anchors"\n\n'
        f"# Chosen on the validation pictures: see MODEL_CARD.md.\n[thresholds]\n{thresholds}"
    )
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
