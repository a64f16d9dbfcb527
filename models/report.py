"""The report on the shipped models over a folder of labelled pictures: what `mingchu model evaluate` writes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.scene import Scene
from inference import crop as regions
from inference.detections import Detections
from inference.detector import Detector
from inference.eye import TRAITS, Eye
from inference.trait_reader import TraitReader
from inference.traits import State, Trait
from models import false_alarms, truth
from models.evaluate import PersonTruth, by_source, figures, tallies
from models.false_alarms import FalseAlarms
from models.manifest import Manifest, load_manifest
from models.truth import Crop, DataError, Labelled, read_picture
from models.weights_file import DESCRIPTION, WEIGHTS

Image = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Quiz:
    """Labelled crops whose state the reader must name: the figures' name, their unit, and the state of each label."""

    name: str
    unit: str
    trait: Trait
    states: dict[str, State]

    def told(self, reader: TraitReader, crops: Sequence[Crop], progress: Progress) -> dict[str, Any]:
        """How often the reader is right: in all, per label, and balanced over the labels.

        An answer that is not sure enough counts as wrong; `when_forced` counts the likeliest state instead.
        """
        right: dict[str, list[bool]] = {label: [] for label in self.states}
        likeliest: dict[str, list[bool]] = {label: [] for label in self.states}
        for number, crop in enumerate(crops, 1):
            progress(self.name, number, len(crops))
            said, best = reader.states(_cut(crop), self.trait)
            right[crop.label].append(said is self.states[crop.label])
            likeliest[crop.label].append(best is self.states[crop.label])
        return {
            self.unit: sum(len(hits) for hits in right.values()),
            **_shares(right),
            "of_each": {
                label: {self.unit: len(hits), "right": round(float(np.mean(hits)), 4)}
                for label, hits in right.items()
                if hits
            },
            "when_forced": _shares(likeliest),
        }


def _shares(right: dict[str, list[bool]]) -> dict[str, float | None]:
    """The share of right ones in all, and the mean of the labels' shares."""
    every = [hit for hits in right.values() for hit in hits]
    of_each = [float(np.mean(hits)) for hits in right.values() if hits]
    return {
        "accuracy": round(float(np.mean(every)), 4) if every else None,
        "balanced_accuracy": round(float(np.mean(of_each)), 4) if of_each else None,
    }


QUIZZES = (
    Quiz("hat", "heads", Trait.HAT, {"hat": State.WORN, "no_hat": State.MISSING}),
    Quiz("mask_crops", "pictures", Trait.MASK, {"with_mask": State.WORN, "without_mask": State.MISSING}),
    Quiz("clothes", "persons", Trait.CLOTHES, {"uniform": State.WORN, "other": State.MISSING, "bare": State.BARE}),
)


@dataclass(frozen=True)
class Models:
    """The two shipped models."""

    detector: Detector
    reader: TraitReader

    @classmethod
    def open(cls, folder: Path = WEIGHTS, threads: int = 1) -> "Models":
        """Open both; raises WeightsError where a file is missing or changed."""
        return cls(Detector.open(folder / DESCRIPTION, threads), TraitReader.open(folder / TRAITS, threads))

    def see(self, image: Image) -> Detections:
        """What both say of an RGB picture."""
        return Eye(self.detector, self.reader).look(image, frozenset(Trait))


def report(
    models: Models,
    data: Path,
    *,
    every: bool = False,
    persons: PersonTruth | None = None,
    progress: Progress = lambda what, done, of: None,
) -> dict[str, Any]:
    """Figures over the sources below `data`; pictures that the models have learned from are left out unless `every`.

    Raises DataError where `data` holds no source.
    """
    manifest = load_manifest()
    seen = frozenset() if every else truth.trained()
    pictures = list(truth.pictures(data, manifest, seen))
    alarms = FalseAlarms.none()

    def watch(picture: Labelled, said: Detections) -> None:
        scenes = false_alarms.absent(picture, manifest)
        alarms.count(scenes, false_alarms.in_one_look(said, models.detector.classes))

    counted = tallies(models.detector, _told("pictures", pictures, progress), persons, watch)
    rows = figures(counted, models.detector.manifest.thresholds)
    apart = by_source(counted, models.detector.manifest.thresholds)
    return {
        "classes": {name: asdict(row) for name, row in rows.items()},
        "by_source": {source: {name: asdict(row) for name, row in own.items()} for source, own in apart.items()},
        **{
            quiz.name: quiz.told(models.reader, _unseen(crops, data, seen), progress)
            for quiz, crops in zip(QUIZZES, _crops(data), strict=True)
        },
        "false_positives_per_1000": alarms.per_1000(),
        "pictures": len(pictures),
        "left_out_as_learned_from": len(list(truth.pictures(data, manifest))) - len(pictures) if seen else 0,
        "model": _model(models),
    }


def _model(models: Models) -> dict[str, Any]:
    one, two = models.detector.manifest, models.reader.manifest
    size = one.input
    return {
        "name": one.name,
        "version": one.version,
        "sha256": one.sha256,
        "input": f"{size.longest} px longest side, {size.area} px in all",
        "crops": {"name": two.name, "version": two.version, "sha256": two.sha256},
    }


def _told(what: str, pictures: Sequence[Labelled], progress: Progress) -> Iterator[Labelled]:
    for number, picture in enumerate(pictures, 1):
        progress(what, number, len(pictures))
        yield picture


def _unseen(crops: Iterable[Crop], data: Path, seen: frozenset[str]) -> list[Crop]:
    """The crops whose picture the models have not learned from."""
    return [c for c in crops if truth.fingerprint(c.path.relative_to(data).parts[0], c.path.name) not in seen]


def _crops(data: Path) -> tuple[list[Crop], ...]:
    """The crops of each quiz, in their order."""
    return truth.hat_crops(data), truth.class_crops(data / "mask_crops"), truth.clothes_crops(data)


def _cut(crop: Crop) -> Image:
    """The part of the picture that the runtime would show the classifier."""
    image = np.ascontiguousarray(read_picture(crop.path)[:, :, ::-1])
    if crop.corners is None:
        return image
    box = np.array([crop.corners], dtype=np.float32)
    if crop.is_person:
        box = regions.upper_body(box, image.shape[1] / image.shape[0])
    left, top, right, bottom = regions.pixels(image, box[0])
    return image[top:bottom, left:right]


def sceneless(data: Path, manifest: Manifest, most: int) -> list[Labelled]:
    """At most so many pictures without a scene, those first that were not learned from, evenly over the sources.

    Rooms, cats and dogs, and people of other trades (of whom only the scenes without people are judged).
    """
    order, learned = ("interiors", "pets", "professions"), truth.trained()
    found = [p for name in order for p in truth.pictures_of(data, name, manifest)]
    if not found:
        raise DataError(f"no pictures of {', '.join(order)} below {data}")
    unseen = [p for p in found if truth.fingerprint(p.source, p.path.name) not in learned]
    rest = [p for p in found if truth.fingerprint(p.source, p.path.name) in learned]
    chosen = unseen if len(unseen) <= most else [unseen[i * len(unseen) // most] for i in range(most)]
    return (chosen + rest)[:most]


def false_alarm_report(
    models: Models, pictures: Sequence[Labelled], persons: PersonTruth | None, progress: Progress
) -> dict[str, Any]:
    """On pictures without a scene: how many raise one in one look, and which do when held for a minute."""
    manifest = load_manifest()
    classes = models.detector.classes
    raised: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    for number, picture in enumerate(pictures, 1):
        progress("held pictures", number, len(pictures))
        picture_bgr = read_picture(picture.path)
        told = persons.told(picture, picture_bgr) if persons else picture
        scenes = false_alarms.absent(told, manifest)
        image = np.ascontiguousarray(picture_bgr[:, :, ::-1])
        in_one = false_alarms.in_one_look(models.see(image), classes) & scenes
        in_all = false_alarms.when_held(image, models.see, classes) & scenes
        raised += [_alarm(picture, in_one)] if in_one else []
        held += [_alarm(picture, in_all)] if in_all else []
    return {"pictures": len(pictures), "raise_in_one_look": raised, "raise_when_held": held}


def _alarm(picture: Labelled, scenes: set[Scene]) -> dict[str, Any]:
    return {"picture": f"{picture.source}/{picture.path.name}", "scenes": sorted(scenes)}
