"""What a folder of labelled pictures says: its sources, and the boxes, classes and heads that are known of each."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.boxes import Box, map_classes, read_labels
from models.labelling import LABELS, BinLabels
from models.manifest import Manifest, Source
from models.veil import MARK, is_veil

Image = NDArray[np.uint8]
TRAINED = LABELS / "trained.txt"
PICTURES = (".jpg", ".jpeg", ".png")


class DataError(Exception):
    """The pictures are not where they were said to be: check the path."""


@dataclass(frozen=True)
class Labelled:
    """A picture of a source with its truth.

    known: the classes whose every instance is boxed or known to be absent. Boxes that are veils mark where a
    detection of their class counts neither as a hit nor as a false alarm.
    """

    path: Path
    source: str
    boxes: tuple[Box, ...]
    known: frozenset[str]


def read_picture(path: Path) -> Image:
    """BGR (h, w, 3); raises DataError where OpenCV cannot read the file."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"{path} is no picture that OpenCV can read")
    return np.asarray(image, dtype=np.uint8)


def fingerprint(source: str, name: str) -> str:
    """Eight hexadecimal digits for a picture of a source, by its file name."""
    return hashlib.sha256(f"{source}/{name}".encode()).hexdigest()[:8]


def trained(path: Path = TRAINED) -> frozenset[str]:
    """Fingerprints of the pictures that the shipped detector has learned from."""
    return frozenset(path.read_text(encoding="ascii").split()) if path.exists() else frozenset()


def write_trained(entries: Iterable[str], path: Path = TRAINED) -> None:
    """Write the fingerprints, nine to a line."""
    marks = sorted(set(entries))
    rows = (" ".join(marks[start : start + 9]) for start in range(0, len(marks), 9))
    path.write_text("".join(row + "\n" for row in rows), encoding="ascii")


def pictures(data: Path, manifest: Manifest, seen: frozenset[str] = frozenset()) -> Iterator[Labelled]:
    """All pictures of the sources below `data` of which anything is known, but the `seen` ones.

    A source is a folder with images/, labels/ and classes.txt (YOLO), with a folder per class, or with pictures only.
    What its classes are called is read from the manifest; of a source that the manifest does not name, classes called
    as ours count. Raises DataError where `data` holds none.
    """
    sources = {source.name: source for source in manifest.sources}
    folders = sorted(path for path in data.iterdir() if path.is_dir()) if data.is_dir() else []
    found = False
    for folder in folders:
        for labelled in _of_source(folder, sources.get(folder.name), manifest):
            found = True
            if labelled.known and fingerprint(folder.name, labelled.path.name) not in seen:
                yield labelled
    if not found:
        raise DataError(f"no source of pictures below {data}: give the folder that holds one folder a source")


def pictures_of(data: Path, name: str, manifest: Manifest) -> list[Labelled]:
    """The pictures of one source below `data`; none where there is no such folder."""
    source = next((s for s in manifest.sources if s.name == name), None)
    return list(_of_source(data / name, source, manifest)) if (data / name).is_dir() else []


def _of_source(folder: Path, source: Source | None, manifest: Manifest) -> Iterator[Labelled]:
    if (folder / "classes.txt").exists():
        yield from _yolo(folder, source, manifest)
    else:
        known = frozenset(source.negatives if source else ())
        for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES):
            yield Labelled(path, folder.name, (), known)


def _yolo(folder: Path, source: Source | None, manifest: Manifest) -> Iterator[Labelled]:
    names = (folder / "classes.txt").read_text(encoding="utf-8").split()
    mapping: Mapping[str, str] = (
        source.classes if source else {name: name for name in names if name in manifest.classes}
    )
    known = frozenset(mapping.values()) - {""} | frozenset(source.negatives if source else ())
    known = frozenset(name for name in known if not name.startswith(MARK))
    bins = BinLabels() if "bin" in known and source is not None else None
    for path in sorted(p for p in (folder / "images").iterdir() if p.suffix.lower() in PICTURES):
        boxes = map_classes(read_labels(folder / "labels" / f"{path.stem}.txt", names), mapping)
        if bins is not None:
            boxes = bins.told(path.name, boxes)
        yield Labelled(path, folder.name, tuple(boxes), known | ({"bin_open"} if bins else frozenset()))


def plain(folder: Path, manifest: Manifest) -> Iterator[Labelled]:
    """Pictures of a plain YOLO folder (images/, labels/, classes.txt) that boxes all of the classes it names."""
    names = (folder / "classes.txt").read_text(encoding="utf-8").split()
    known = frozenset(names) & frozenset(manifest.classes)
    for path in sorted((folder / "images").glob("*.jpg")):
        boxes = read_labels(folder / "labels" / f"{path.stem}.txt", names)
        yield Labelled(path, folder.name, tuple(box for box in boxes if box.label in known), known)


def merged(boxes: Iterable[Box], alike: Mapping[str, str]) -> list[Box]:
    """Boxes with classes renamed (an open bin is a bin too); veils stay."""
    return [b if is_veil(b) else Box(alike.get(b.label, b.label), b.x, b.y, b.w, b.h) for b in boxes]


@dataclass(frozen=True)
class Crop:
    """A place in a picture and what it is labelled there; corners relative, or None for the whole picture.

    is_person: the box of a whole person, of which the classifier is shown the upper body only.
    """

    path: Path
    label: str
    corners: tuple[float, float, float, float] | None
    is_person: bool = False


def hat_crops(data: Path) -> list[Crop]:
    """The heads of professions/hat_labels.csv below `data`, labelled hat or no_hat; none without that file."""
    file = data / "professions" / "hat_labels.csv"
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as rows:
        return [_crop(data / "professions", row, "head_") for row in csv.DictReader(rows)]


def clothes_crops(data: Path, path: Path = LABELS / "clothes.csv") -> list[Crop]:
    """The persons that labels/clothes.csv names, where their pictures lie below `data`, and the bare torsos."""
    with path.open(encoding="utf-8", newline="") as rows:
        crops = [replace(_crop(data / "professions", row, ""), is_person=True) for row in csv.DictReader(rows)]
    bare = data / "bare_torso"
    if (bare / "classes.txt").exists():
        names = (bare / "classes.txt").read_text(encoding="utf-8").split()
        for image in sorted((bare / "images").glob("*.jpg")):
            boxes = read_labels(bare / "labels" / f"{image.stem}.txt", names)
            crops += [Crop(image, "bare", box.corners) for box in boxes]
    return [crop for crop in crops if crop.path.exists()]


def _crop(root: Path, row: Mapping[str, str], prefix: str) -> Crop:
    x0, y0, x1, y1 = (float(row[f"{prefix}{side}"]) for side in ("x0", "y0", "x1", "y1"))
    return Crop(root / row["image"], row["label"], (x0, y0, x1, y1))


def class_crops(folder: Path) -> list[Crop]:
    """Whole pictures labelled by the folder that they lie in (mask_crops/with_mask, …)."""
    return [
        Crop(path, path.parent.name, None) for path in sorted(folder.glob("*/*")) if path.suffix.lower() in PICTURES
    ]
