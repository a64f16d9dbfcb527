"""The model card: what the shipped models are, learned from, reach and miss, written from the measured report."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.evaluate import ClassFigures
from models.manifest import Manifest
from models.weights_file import LICENCE, Origin

CARD = Path(__file__).with_name("MODEL_CARD.md")

METHOD = """\
Pictures that look alike (correlation of 24 × 24 colour thumbnails above 0.85, chained) or whose names carry one
video's number form a stem; whole stems are held out, never single frames. `labels/trained.txt` has a fingerprint of
every picture that was learned from: `mingchu model evaluate` leaves those out. A class is judged on the pictures of
the sources that box all of it, and on pictures known not to show it (a cat is not a rat). Boxes match at IoU 0.5.
`bin` counts an open bin as well, since the source does not tell lids; `bin_open` is judged by labels made by eye.
Persons are judged against the teacher's (score ≥ 0.5; what it is unsure of from 0.25 counts neither way).
AP50 is drawn from every score above 0.01; precision and recall are at the shipped threshold. Each threshold is the
lowest from 0.30 to 0.60 with a precision of at least 0.9 on the held-out pictures, or the one of the best F0.5 (rats:
at most 0.45, since their rule wants several sightings): so precision and recall there are slightly flattered. AP50 is
flattered only by the choice among three means of the last two checkpoints, which these pictures made.
"""

LABELS = """\
By eye, on contact sheets, one pass, one reader: `labels/heads.csv` (cooks' heads with and without a hat, besides the
source's own hat_labels.csv), `labels/clothes.csv` (kitchen work wear: jacket, tunic or apron; or other clothes),
`labels/bins.csv` (lidded, open, unclear). What a reader could not tell is left out. By two teacher networks: persons,
phones, cats and dogs (YOLOX), faces with and without a mask (an SSD). What a teacher is unsure of, and whatever a
source may show unlabelled, is veiled: the loss leaves it alone (`models/veil.py`).
"""

WEAK_SPOTS = """\
* No picture of a true kitchen camera was learned from or measured on: expect worse figures there than here, and
  measure on your own cameras before you act on an alert without a person's look.
* Persons are labelled by the teacher network, not by people: their figures say how well the detector agrees with it.
* `bin_open` was learned from 151 boxes and is hardly found; BIN_OPEN lives from overflowing bins.
* Other clothes on cooks and waiters are told from work wear in six of ten only; on other trades in eight of ten.
* A tall white hat seen small or from the side is sometimes called none: the clips `walkby` and `phone` raise NO_HAT
  where it is asked for. A rendered open bin is called overflowing, and a rendered cat at night nothing at all.
* A mask worn below the nose counts as `without_mask`.
* Bins stand in streets more than in kitchens; few of them are open.
* `cigarette` comes from film stills, mostly close up. At a camera's distance a cigarette has a few pixels.
* `rat` comes from few videos; pictures that look alike were kept on one side of the split, but a video whose scenes
  differ may be on both.
* Uniforms are those of cooks posing for photographs; bare torsos are boxers'. Renders fill in, and count apart.
* Phones and persons that other sources show unlabelled may appear among the false positives.
"""


def write_card(
    origin: Origin,
    crops: Origin,
    manifest: Manifest,
    report: Mapping[str, Any],
    rendered: Mapping[str, ClassFigures],
    *,
    cost: str,
    path: Path = CARD,
) -> None:
    """Write the card from the report of `mingchu model evaluate`; `cost` tells the latency in a sentence."""
    model = report["model"]
    parts = [
        f"# {origin.name} {origin.version}\n",
        "Two models: a detector that looks at the whole picture once, and a classifier for the crops of heads and",
        f"persons that it found ([why](../docs/adr/0009-two-models.md)). Licence {LICENCE}.\n",
        f"* `weights/detector.onnx`, {model['input']}, SHA-256 `{model['sha256']}`",
        f"* `weights/traits.onnx` ({crops.name} {crops.version}), SHA-256 `{model['crops']['sha256']}`\n",
        f"{cost}\n",
        f"## Start point and training\n\nDetector: started from {origin.started_from}. {origin.training}\n",
        f"Classifier: started from {crops.started_from}. {crops.training}\n",
        "## Figures on real pictures held out\n\n`mingchu model evaluate --data DIR --json FILE`\n",
        _table(report["classes"]),
        _crops(report),
        f"False positives per 1,000 pictures of other sources, in one look: {_alarms(report)}.\n",
        _sceneless(report),
        f"## Figures on rendered pictures held out\n\n{_table(_plain(rendered))}" if rendered else "",
        f"## Method\n\n{METHOD}",
        f"## Labels\n\n{LABELS}",
        f"## Known weak spots\n\n{WEAK_SPOTS}",
        f"## Sources\n\n{_sources(manifest)}",
        f"Teachers: {manifest.teacher_name} ({manifest.teacher_licence}); {manifest.teacher_faces}",
        f"{manifest.teacher_note}\n",
        "No picture of these sources is part of this repository or of its packages.\n",
    ]
    path.write_text("\n".join(part for part in parts if part), encoding="utf-8")


def _plain(rows: Mapping[str, ClassFigures]) -> dict[str, dict[str, Any]]:
    return {name: json.loads(json.dumps(row.__dict__)) for name, row in rows.items()}


def _table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    head = "| class | pictures judged | showing it | boxes | AP50 | threshold | precision | recall |\n"
    return f"{head}|---|---|---|---|---|---|---|---|\n{''.join(_row(*row) for row in figures.items())}"


def _row(name: str, f: Mapping[str, Any]) -> str:
    scores = f"{_number(f['ap50'])} | {f['threshold']:.2f} | {_number(f['precision'])} | {_number(f['recall'])}"
    return f"| {name} | {f['judged']} | {f['pictures']} | {f['boxes']} | {scores} |\n"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _crops(report: Mapping[str, Any]) -> str:
    rows = ""
    for what, unit in (("hat", "heads"), ("mask_crops", "pictures"), ("clothes", "persons")):
        told = report[what]
        each = ", ".join(f"{label} {row['right']:.3f} of {row[unit]}" for label, row in told["of_each"].items())
        rows += f"| {what} | {told[unit]} | {_fine(told['accuracy'])} | {_fine(told['balanced_accuracy'])} | "
        rows += f"{_fine(told['when_forced']['balanced_accuracy'])} | {each} |\n"
    head = "| crops | number | accuracy | balanced accuracy | balanced, when forced to choose | right of each |\n"
    return f"{head}|---|---|---|---|---|---|\n{rows}"


def _fine(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _alarms(report: Mapping[str, Any]) -> str:
    return ", ".join(f"{scene} {value:.1f}" for scene, value in report["false_positives_per_1000"].items())


def _sceneless(report: Mapping[str, Any]) -> str:
    told = report.get("sceneless")
    if told is None:
        return ""
    return (
        f"Of {told['pictures']} pictures without a scene {len(told['raise_in_one_look'])} raise one in one look, and "
        f"{len(told['raise_when_held'])} when held for a minute as a panned clip (`--held`).\n"
    )


def _sources(manifest: Manifest) -> str:
    head = "| source | origin | commit | licence | classes |\n|---|---|---|---|---|\n"
    rows = (
        f"| {s.name} | {s.origin} | {s.commit} | {s.licence} | "
        f"{', '.join(sorted({n for n in s.classes.values() if n and n[0] != '~'})) or '(backgrounds, persons)'} |\n"
        for s in manifest.sources
    )
    return head + "".join(rows)
