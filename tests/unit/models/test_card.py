"""The card and the description say what they are given."""

from pathlib import Path
from typing import Any

from inference import weights
from inference.weights import Input
from models.card import write_card
from models.evaluate import ClassFigures, read_figures, write_figures
from models.manifest import load_manifest
from models.weights_file import DESCRIPTION, NETWORK, WEIGHTS, Origin, describe

ORIGIN = Origin("scenes", "1", "a body", "Trained for an hour.")
RAT = {"judged": 80, "pictures": 40, "boxes": 44, "ap50": 0.312, "threshold": 0.35, "precision": None, "recall": 0.0}


def told(unit: str) -> dict[str, Any]:
    return {
        unit: 10,
        "accuracy": 0.9,
        "balanced_accuracy": None,
        "of_each": {"hat": {unit: 10, "right": 0.9}},
        "when_forced": {"accuracy": 0.95, "balanced_accuracy": 0.94},
    }


REPORT = {
    "classes": {"rat": RAT},
    "hat": told("heads"),
    "mask_crops": told("pictures"),
    "clothes": told("persons"),
    "false_positives_per_1000": {"PEST": 1.25},
    "model": {"input": "640 px", "sha256": "ab" * 32, "crops": {"sha256": "cd" * 32}},
}


def test_a_description_survives_writing_and_reading(tmp_path: Path) -> None:
    (tmp_path / NETWORK).write_bytes(b"onnx")
    classes = ("person", "rat", "cat", "dog")
    said = describe(tmp_path, ORIGIN, classes, Input(640, 512 * 512), dict.fromkeys(classes, 0.4))
    assert weights.load(tmp_path / DESCRIPTION) == (said, b"onnx")
    assert said.exclusive == (("rat", "cat", "dog"),)
    assert said.groups().tolist() == [0, 1, 1, 1]


def test_the_shipped_weights_are_those_that_their_description_names() -> None:
    manifest, body = weights.load(WEIGHTS / DESCRIPTION)
    assert manifest.classes == load_manifest().classes
    assert set(manifest.thresholds) == set(manifest.classes)
    assert len(body) < 15 * 1024 * 1024


def test_the_card_shows_every_class_and_every_source_and_hides_no_missing_figure(tmp_path: Path) -> None:
    write_card(ORIGIN, ORIGIN, load_manifest(), REPORT, {}, cost="A frame costs.", path=tmp_path / "card.md")
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "| rat | 80 | 40 | 44 | 0.31 | 0.35 | – | 0.00 |" in text
    assert "| hat | 10 | 0.900 | – | 0.940 | hat 0.900 of 10 |" in text
    assert "PEST 1.2" in text
    assert all(f"| {source.name} | {source.origin} |" in text for source in load_manifest().sources)
    assert "rendered pictures held out" not in text


def test_figures_survive_writing_and_reading(tmp_path: Path) -> None:
    figures = {"rat": ClassFigures(80, 40, 44, 0.312, 0.35, None, 0.0)}
    write_figures(figures, tmp_path / "figures.json")
    assert read_figures(tmp_path / "figures.json") == figures
