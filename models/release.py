"""A release of the detector: export, eight bits where they cost little, thresholds, description, figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.detector import Detector
from inference.weights import Input, Manifest
from models import truth
from models.evaluate import ClassFigures, PersonTruth, Tallies, at, choose_thresholds, figures, tallies, write_figures
from models.export import check_size, export
from models.manifest import Manifest as Sources
from models.manifest import load_manifest
from models.quantise import Pictures, quantise
from models.scoring import average_precision
from models.truth import Labelled, read_picture
from models.weights_file import DESCRIPTION, NETWORK, WEIGHTS, Origin, describe

SIZE = Input(longest=640, area=512 * 512)
CALIBRATION = 160
"""Pictures that the eight-bit ranges are taken from: training pictures, evenly over the sources."""
MOST_LOST = 0.01
"""Mean AP50 that eight bits may cost; beyond it the network stays in 32 bits."""
FIGURES = "figures.json"
RENDERED_FIGURES = "figures_rendered.json"

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Released:
    """What was written and measured: eight bits or 32, and the mean AP50 of both."""

    manifest: Manifest
    eight_bits: bool
    ap50_fp32: float
    ap50_int8: float


def release(
    checkpoint: Path,
    data: Path,
    origin: Origin,
    *,
    persons: PersonTruth | None = None,
    rendered: Path | None = None,
    out: Path = WEIGHTS,
    say: Callable[[str], None] = lambda step: None,
) -> Released:
    """Write network, description and figures into `out`; thresholds are chosen on the held-out pictures of `data`.

    `rendered` is a plain YOLO folder of held-out rendered pictures; it gets figures of its own and sets no threshold.
    """
    sources = load_manifest()
    say("exporting")
    single = export(checkpoint, out / "fp32.onnx")
    say("quantising")
    eight = quantise(single, out / "int8.onnx", Pictures(_calibration(data, sources), SIZE.longest, SIZE.area))
    held_out = list(truth.pictures(data, sources, truth.trained()))
    say(f"measuring 32 bits on {len(held_out)} pictures")
    wide = _measured(single, sources, held_out, persons)
    say("measuring 8 bits")
    narrow = _measured(eight, sources, held_out, persons)
    ap_wide, ap_narrow = _mean(wide), _mean(narrow)
    fits = ap_wide - ap_narrow <= MOST_LOST
    chosen = narrow if fits else wide
    (eight if fits else single).rename(out / NETWORK)
    (single if fits else eight).unlink()
    check_size(out / NETWORK)
    thresholds = choose_thresholds(chosen, sources.classes)
    manifest = describe(out, origin, sources.classes, SIZE, thresholds)
    write_figures(at(chosen, thresholds), out / FIGURES)
    if rendered is not None:
        write_figures(_rendered(rendered, out, sources), out / RENDERED_FIGURES)
    return Released(manifest, fits, ap_wide, ap_narrow)


def _measured(network: Path, sources: Sources, pictures: Sequence[Labelled], persons: PersonTruth | None) -> Tallies:
    """The candidates' tallies of a network file that is not yet described."""
    trial = Manifest(network.stem, "", network.name, "", SIZE, sources.classes, {})
    return tallies(Detector(trial, network.read_bytes(), 2), pictures, persons)


def _mean(counted: Tallies) -> float:
    return float(
        np.mean([average_precision(tally.ranked) for key, tally in counted.items() if tally.truths and "/" not in key])
    )


def _rendered(folder: Path, out: Path, sources: Sources) -> dict[str, ClassFigures]:
    detector = Detector.open(out / DESCRIPTION, 2)
    pictures = truth.plain(folder, sources)
    return figures(tallies(detector, pictures), detector.manifest.thresholds)


def _calibration(data: Path, sources: Sources) -> list[Image]:
    """RGB pictures that were learned from, as many of each source."""
    learned = truth.trained()
    each = -(-CALIBRATION // len(sources.sources))
    images = []
    for source in sources.sources:
        known = [p for p in truth.pictures_of(data, source.name, sources) if _mark(p) in learned]
        images += [read_picture(p.path)[:, :, ::-1] for p in known[:: max(1, len(known) // each)][:each]]
    return images


def _mark(picture: Labelled) -> str:
    return truth.fingerprint(picture.source, picture.path.name)
