"""Figures of the crop classifier: how often it names the state of held-out crops, by trait and source."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.detections import Floats
from inference.trait_reader import TraitReader
from inference.traits import State, Trait
from models.crop_index import UNKNOWN, Crop, read_index, squares
from models.scoring import Ranked, choose_threshold, rank

DESCRIPTION = "traits.toml"
BATCH = 64

States = NDArray[np.int64]
Answers = dict[Trait, Floats]
"""Probabilities (n, states) of every trait, in the order of a list of crops."""

PARTS: tuple[tuple[str, Trait, frozenset[str]], ...] = (
    ("hat: cooks", Trait.HAT, frozenset({"heads"})),
    ("hat: hairnets", Trait.HAT, frozenset({"head_crops"})),
    ("hat: hidden", Trait.HAT, frozenset({"tiny", "cut"})),
    ("mask: one face a picture", Trait.MASK, frozenset({"mask_crops"})),
    ("mask: crowds", Trait.MASK, frozenset({"mask"})),
    ("mask: heads from behind", Trait.MASK, frozenset({"helmet_heads"})),
    ("clothes: cooks and bare torsos", Trait.CLOTHES, frozenset({"clothes", "bare_torso"})),
    ("clothes: other trades", Trait.CLOTHES, frozenset({"trades"})),
    ("cigarette: film stills", Trait.CIGARETTE, frozenset({"smoking"})),
    ("cigarette: all", Trait.CIGARETTE, frozenset({"smoking", "heads", "cooks", "mask"})),
    *((f"{trait.name.lower()}: rendered", trait, frozenset({"renders"})) for trait in Trait),
)
"""Which sources are judged together for which trait."""

BROKEN: dict[Trait, frozenset[State]] = {
    Trait.HAT: frozenset({State.MISSING}),
    Trait.MASK: frozenset({State.MISSING}),
    Trait.CLOTHES: frozenset({State.MISSING, State.BARE}),
    Trait.CIGARETTE: frozenset({State.WORN}),
}
"""The states that a scene rule may turn into an alert."""

WANTED, LOWEST, HIGHEST = 0.95, 0.5, 0.8


def figures(folder: Path, crops: Path) -> dict[str, dict[str, Any]]:
    """What the shipped classifier of a folder reaches on the held-out crops; a part without crops is left out."""
    reader = TraitReader.open(folder / DESCRIPTION, threads=2)
    judged = [each for each in read_index(crops) if each.held_out]
    answers = ask(reader, crops, judged)
    rows = {name: part(reader, judged, answers, trait, sources) for name, trait, sources in PARTS}
    return {name: row for name, row in rows.items() if row}


def ask(reader: TraitReader, folder: Path, crops: Sequence[Crop]) -> Answers:
    """The probabilities of every trait on the crops."""
    parts = [reader.look(squares(folder, crops[n : n + BATCH])) for n in range(0, len(crops), BATCH)]
    return {trait: np.concatenate([part[trait] for part in parts]) for trait in Trait}


def part(
    reader: TraitReader, crops: Sequence[Crop], answers: Answers, trait: Trait, sources: Collection[str]
) -> dict[str, Any]:
    """The figures of one trait on the crops of some sources; empty where there is none."""
    rows = _rows(crops, trait, sources)
    if not len(rows):
        return {}
    truth = _truth(crops, trait)[rows]
    said = answers[trait][rows].argmax(axis=1)
    sure = np.array([reader.answer(trait, each)[0] for each in answers[trait][rows]])
    right = {State(s).name.lower(): round(float((said[truth == s] == s).mean()), 4) for s in sorted({*truth.tolist()})}
    return {
        "crops": len(rows),
        "of_each": {State(s).name.lower(): int((truth == s).sum()) for s in sorted({*truth.tolist()})},
        "right": right,
        "accuracy": round(float((said == truth).mean()), 4),
        "balanced_accuracy": round(float(np.mean(list(right.values()))), 4),
        **_alarms(truth, sure, BROKEN[trait]),
    }


def _alarms(truth: States, sure: States, broken: Collection[State]) -> dict[str, Any]:
    """Precision and recall of the states that break a rule, and the share that is answered at all, once sure enough."""
    bad, called = np.isin(truth, list(broken)), np.isin(sure, list(broken))
    both = int((bad & called).sum())
    visible = truth != State.NOT_VISIBLE
    return {
        "precision": round(both / int(called.sum()), 4) if called.any() else None,
        "recall": round(both / int(bad.sum()), 4) if bad.any() else None,
        "answered": round(float((sure[visible] != State.NOT_VISIBLE).mean()), 4) if visible.any() else None,
    }


def choose_sureness(crops: Sequence[Crop], answers: Answers) -> dict[Trait, float]:
    """Per trait the lowest sureness that keeps alarms on the real crops right often enough, if one does."""
    return {trait: choose_threshold(_ranked(crops, answers, trait), WANTED, LOWEST, HIGHEST) for trait in Trait}


def _ranked(crops: Sequence[Crop], answers: Answers, trait: Trait) -> Ranked:
    sources = {source for _, of, names in PARTS for source in names if of is trait} - {"renders"}
    rows = _rows(crops, trait, sources)
    said = answers[trait][rows].argmax(axis=1)
    truth, scores = _truth(crops, trait)[rows], answers[trait][rows].max(axis=1)
    called = np.isin(said, list(BROKEN[trait]))
    return rank(
        scores[called].tolist(), (said == truth)[called].tolist(), int(np.isin(truth, list(BROKEN[trait])).sum())
    )


def mean_accuracy(crops: Sequence[Crop], answers: Answers) -> float:
    """Balanced accuracy on all real crops, the mean of the traits."""
    sources = {each.source for each in crops} - {"renders"}
    values = []
    for trait in Trait:
        rows = _rows(crops, trait, sources)
        truth, said = _truth(crops, trait)[rows], answers[trait][rows].argmax(axis=1)
        if len(rows):
            values.append(np.mean([(said[truth == s] == s).mean() for s in {*truth.tolist()}]))
    return float(np.mean(values))


def _rows(crops: Sequence[Crop], trait: Trait, sources: Collection[str]) -> NDArray[np.intp]:
    return np.flatnonzero([each.source in sources and each.states[trait] != UNKNOWN for each in crops])


def _truth(crops: Sequence[Crop], trait: Trait) -> States:
    return np.array([each.states[trait] for each in crops], dtype=np.int64)
