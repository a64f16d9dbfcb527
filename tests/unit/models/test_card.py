"""The card and the description say what they are given."""

from pathlib import Path

from models.card import write_card
from models.evaluate import ClassFigures, read_figures, write_figures
from models.manifest import load_manifest
from models.weights_file import NETWORK, WEIGHTS, Detector, digest, read_description, write_description

DETECTOR = Detector(
    name="scenes",
    version="1",
    height=320,
    width=576,
    classes=("person", "rat"),
    thresholds={"person": 0.4, "rat": 0.35},
    sha256="ab" * 32,
    started_from="a body",
    licence="AGPL-3.0-or-later",
)


def test_a_description_survives_writing_and_reading(tmp_path: Path) -> None:
    write_description(DETECTOR, tmp_path)
    assert read_description(tmp_path) == DETECTOR


def test_the_shipped_weights_are_those_that_their_description_names() -> None:
    detector = read_description()
    assert digest(WEIGHTS / NETWORK) == detector.sha256
    assert detector.classes == load_manifest().classes
    assert set(detector.thresholds) == set(detector.classes)
    assert (WEIGHTS / NETWORK).stat().st_size < 15 * 1024 * 1024


def test_the_card_shows_every_class_and_every_source_and_hides_no_missing_figure(tmp_path: Path) -> None:
    real = {"rat": ClassFigures(80, 40, 44, 0.312, 0.35, None, 0.0)}
    write_card(DETECTOR, load_manifest(), real, {}, training="Trained for an hour.", path=tmp_path / "card.md")
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "| rat | 80 | 40 | 44 | 0.31 | 0.35 | – | 0.00 |" in text
    assert all(f"| {source.name} | {source.origin} |" in text for source in load_manifest().sources)
    assert "rendered pictures (held out)" not in text


def test_figures_survive_writing_and_reading(tmp_path: Path) -> None:
    figures = {"rat": ClassFigures(80, 40, 44, 0.312, 0.35, None, 0.0)}
    write_figures(figures, tmp_path / "figures.json")
    assert read_figures(tmp_path / "figures.json") == figures
