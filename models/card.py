"""The model card: what the shipped detector is, learned from, reaches and misses, written from the figures."""

from collections.abc import Mapping
from pathlib import Path

from models.evaluate import ClassFigures
from models.manifest import Manifest
from models.weights_file import Detector

CARD = Path(__file__).with_name("MODEL_CARD.md")

WEAK_SPOTS = """\
* No picture of a true kitchen camera was learned from or measured on: expect worse figures there than here, and
  measure on your own cameras before you act on an alert without a person's look.
* Persons and (outside the phone sources) phones, cats and dogs were labelled by the teacher network, not by people:
  their figures say how well the detector agrees with the teacher, not how well it sees.
* Faces without a mask are boxed in the mask sources only; elsewhere they were taught as background, so
  `without_mask` misses more than its figures say. A mask worn below the nose counts as `without_mask`.
* `bin` mixes lidded and open bins, mostly in streets; the detector does not know a lid.
* `cigarette` comes from film stills, close up. At a camera's distance a cigarette has a few pixels and is missed.
* `rat` comes from few videos; pictures that look alike were kept on one side of the split, but a video whose scenes
  differ may still be on both.
* Hats, uniforms, bare torsos and gas bottles are not among the classes.
"""

METHOD = """\
Pictures that look alike (correlation of 24 × 24 colour thumbnails above 0.85, chained) or whose names carry one
video's number form a stem; whole stems go to validation, never single frames. A class is judged on the pictures of
those sources that box all of it, and on pictures known not to show it (a cat is not a rat). Boxes match at IoU 0.5.
Each threshold is the lowest from 0.20 to 0.50 with a precision of at least 0.9 on the real validation pictures; where
none reaches it and keeps half of the recall, the one of the best F0.5: the scene rules look at several frames, so a
single frame need not be sure, and a threshold above a half would leave phones unseen. For rats 0.40 is the highest,
at some cost in precision.
Precision and recall of the real pictures are slightly
flattered, since the thresholds were chosen on them. No rendered picture judged here was learned
from, but they come from the same renderer as those that were, and they and the demonstration clips were looked at when
the mean of two checkpoints was preferred to the last one and the highest threshold for rats was set.
"""


def write_card(
    detector: Detector,
    manifest: Manifest,
    real: Mapping[str, ClassFigures],
    rendered: Mapping[str, ClassFigures],
    *,
    training: str,
    path: Path = CARD,
) -> None:
    """Write the card; `training` tells start point, stages and time in sentences."""
    classes = ", ".join(f"`{name}`" for name in detector.classes)
    parts = [
        f"# {detector.name} {detector.version}\n",
        f"A YOLOv8n detector of {len(detector.classes)} classes: {classes}.\n",
        f"Input {detector.width} × {detector.height}, letterboxed; one file, `weights/detector.onnx`,",
        f"SHA-256 `{detector.sha256}`. Licence {detector.licence}.\n",
        f"## Start point and training\n\nStarted from {detector.started_from}.\n{training}\n",
        f"## Figures on real pictures (validation stems)\n\n{_table(real)}",
        f"## Figures on rendered pictures (held out)\n\n{_table(rendered)}" if rendered else "",
        f"## Method\n\n{METHOD}",
        f"## Known weak spots\n\n{WEAK_SPOTS}",
        f"## Sources\n\n{_sources(manifest)}",
        f"Teacher: {manifest.teacher_name} ({manifest.teacher_licence}). {manifest.teacher_note}\n",
        "No picture of these sources is part of this repository or of its packages.\n",
    ]
    path.write_text("\n".join(part for part in parts if part), encoding="utf-8")


def _table(figures: Mapping[str, ClassFigures]) -> str:
    head = "| class | pictures judged | showing it | boxes | AP50 | threshold | precision | recall |\n"
    rows = "".join(_row(name, figure) for name, figure in figures.items())
    return f"{head}|---|---|---|---|---|---|---|---|\n{rows}"


def _row(name: str, f: ClassFigures) -> str:
    scores = f"{_number(f.ap50)} | {f.threshold:.2f} | {_number(f.precision)} | {_number(f.recall)}"
    return f"| {name} | {f.judged} | {f.pictures} | {f.boxes} | {scores} |\n"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _sources(manifest: Manifest) -> str:
    head = "| source | origin | commit | licence | classes |\n|---|---|---|---|---|\n"
    rows = (
        f"| {s.name} | {s.origin} | {s.commit} | {s.licence} | "
        f"{', '.join(sorted({*s.classes.values()} - {''})) or '(backgrounds, persons)'} |\n"
        for s in manifest.sources
    )
    return head + "".join(rows)
