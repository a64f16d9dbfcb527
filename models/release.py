"""A release of the detector: export, thresholds, description, figures and card from one checkpoint."""

from dataclasses import dataclass
from pathlib import Path

from models.card import CARD, write_card
from models.evaluate import (
    Network,
    choose_thresholds,
    evaluate,
    figures,
    plain_pictures,
    rankings,
    validation_pictures,
    write_figures,
)
from models.export import describe, export
from models.manifest import load_manifest
from models.weights_file import NETWORK, WEIGHTS, Detector

REAL_FIGURES = "figures_real.json"
RENDERED_FIGURES = "figures_rendered.json"


@dataclass(frozen=True)
class Release:
    """What is to be released: its version, the input (height, width), and two sentences for the card."""

    version: str
    size: tuple[int, int]
    started_from: str
    training: str


def release(
    checkpoint: Path, dataset: Path, plan: Release, rendered: Path | None = None, out: Path = WEIGHTS
) -> Detector:
    """Write network, description and figures into `out`; thresholds come from the data set's validation part.

    `rendered` is a plain YOLO folder of held-out rendered pictures; it gets figures of its own and sets no threshold.
    """
    manifest = load_manifest()
    network = Network(export(checkpoint, out / NETWORK, plan.size), manifest.classes)
    ranked = rankings(network, validation_pictures(dataset, manifest))
    chosen = choose_thresholds(ranked, manifest.classes)
    detector = describe(
        out, manifest.classes, chosen, size=plan.size, version=plan.version, started_from=plan.started_from
    )
    real = figures(ranked, chosen)
    fake = evaluate(out, detector, plain_pictures(rendered, detector.classes)) if rendered else {}
    write_figures(real, out / REAL_FIGURES)
    write_figures(fake, out / RENDERED_FIGURES)
    card = CARD if out == WEIGHTS else out / CARD.name
    write_card(detector, manifest, real, fake, training=plan.training, path=card)
    return detector
