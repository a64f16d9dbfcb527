"""The training set: pictures of every source, mapped, completed by the teacher and split, in YOLO layout."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models import veil
from models.boxes import Box, corners, from_corners, map_classes, read_labels, write_labels
from models.face_teacher import FaceTeacher
from models.labelling import BinLabels, Surety, Teachers, complete
from models.manifest import Manifest, Source, load_manifest
from models.split import signature, stems_by_name, stems_by_picture, validation_names
from models.teacher import Teacher

LARGEST_EXTRA_SHARE = 0.25
"""Rendered pictures are at most this share of the training list: more, and the detector learns the renderer."""

EXTRA = "extra-"
WINDOW = (384, 448)

Image = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]


class DataError(Exception):
    """The training pictures are not where they were said to be: check the path."""


@dataclass(frozen=True)
class Picture:
    """One picture of a source: its file, the folder it lay in and the boxes its source states (source's names)."""

    path: Path
    folder: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Prepared:
    """What was written: pictures and boxes per class of either part, and the file that ultralytics trains from."""

    data_file: Path
    pictures: dict[str, int]
    boxes: dict[str, dict[str, int]]


def prepare(
    data: Path,
    out: Path,
    teachers: Teachers,
    manifest: Manifest | None = None,
    progress: Progress = lambda source, done, of: None,
) -> Prepared:
    """Write the YOLO data set of all sources below `data` into `out`, and its data file.

    The teachers label what a source leaves out. A source that is complete in `out` is kept: an interrupted call goes
    on where it stopped. Raises DataError if a folder is missing.
    """
    manifest = manifest or load_manifest()
    for part in ("train", "val"):
        (out / "images" / part).mkdir(parents=True, exist_ok=True)
        (out / "labels" / part).mkdir(parents=True, exist_ok=True)
    work = _Work(data, out, teachers, BinLabels(), manifest, progress)
    listed: dict[str, list[str]] = {"train": [], "val": []}
    for source in manifest.sources:
        done = out / f"{source.name}.json"
        if not done.exists():
            entries = _write_source(source, work)
            done.write_text(json.dumps(entries), encoding="utf-8")
        for part, entries in json.loads(done.read_text(encoding="utf-8")).items():
            listed[part] += entries
    return write_lists(out, listed, manifest.classes)


def open_teachers(things: Path, faces: Path, manifest: Manifest) -> Teachers:
    """Open both teachers with the manifest's scores; raises TeacherError where OpenCV cannot read the faces'."""
    surety = {name: Surety(*scores) for name, scores in manifest.surety.items()}
    return Teachers(Teacher(things), FaceTeacher(faces), surety)


@dataclass(frozen=True)
class _Work:
    """From where to where, and with whose help."""

    data: Path
    out: Path
    teachers: Teachers
    bins: BinLabels
    manifest: Manifest
    progress: Progress


def _write_source(source: Source, work: _Work) -> dict[str, list[str]]:
    """Write one source's pictures and labels; returns their list entries of either part."""
    listed: dict[str, list[str]] = {"train": [], "val": []}
    pictures = {p.path.name: p for p in read_source(work.data, source)}
    names = sorted(pictures)
    images = {name: _read(pictures[name].path) for name in names}
    held_out = _held_out(source, names, images, work.manifest.validation_share)
    for number, name in enumerate(names, 1):
        work.progress(source.name, number, len(names))
        boxes = _boxes(pictures[name], images[name], source, work)
        if boxes is None:
            continue
        part = "val" if name in held_out else "train"
        stem = f"{source.name}-{Path(name).stem}"
        shutil.copyfile(pictures[name].path, work.out / "images" / part / f"{stem}.jpg")
        write_labels(work.out / "labels" / part / f"{stem}.txt", boxes, veil.label_names(work.manifest.classes))
        listed[part] += [f"./images/{part}/{stem}.jpg"] * (source.repeat if part == "train" else 1)
    return listed


def _held_out(source: Source, names: Sequence[str], images: Mapping[str, Image], share: float) -> set[str]:
    if source.stem == "picture":
        stems = stems_by_picture(names, np.stack([signature(images[name]) for name in names]))
    else:
        stems = stems_by_name(names, source.stem)
    return validation_names(source.name, stems, share)


def _boxes(picture: Picture, image: Image, source: Source, work: _Work) -> list[Box] | None:
    """A picture's rows; None where it shows nothing of its folder's class."""
    stated = work.bins.told(picture.path.name, map_classes(picture.boxes, source.classes))
    boxes = complete(stated, image, source, work.teachers)
    wanted = source.classes.get(picture.folder, "")
    if source.layout == "folders" and wanted and wanted not in {box.label for box in boxes}:
        return None
    return boxes


def read_source(data: Path, source: Source) -> list[Picture]:
    """Pictures of one source with its own boxes, at most the cap: the same ones every time, chosen by hash."""
    root = data / source.name
    if not root.is_dir():
        raise DataError(f"no folder {root}: give the folder that holds the sources of models/manifest.toml")
    pictures = list(_yolo(root) if source.layout == "yolo" else _plain(root, source))
    pictures.sort(key=lambda p: hashlib.sha256(p.path.name.encode()).digest())
    return pictures[: source.cap] if source.cap else pictures


def _yolo(root: Path) -> Iterator[Picture]:
    names = (root / "classes.txt").read_text(encoding="utf-8").split()
    for path in (root / "images").glob("*.jpg"):
        yield Picture(path, "", tuple(read_labels(root / "labels" / f"{path.stem}.txt", names)))


def _plain(root: Path, source: Source) -> Iterator[Picture]:
    for folder in sorted(source.classes) or [""]:
        whole = (Box(folder, 0.5, 0.5, 0.98, 0.98),) if source.layout == "crops" else ()
        for path in (root / folder).glob("*.jpg"):
            yield Picture(path, folder, whole)


def add_extra(dataset: Path, extra: Path, classes: Sequence[str], repeat: int = 1) -> Prepared:
    """Join rendered pictures (plain YOLO layout) to the training part of a written set, in place of earlier ones.

    Every picture gives three windows at the scale of the shipped input or closer (see `windows`), each listed
    `repeat` times;
    together they are at most a quarter of the whole. Raises DataError if `extra` is no such folder.
    """
    names_file = extra / "classes.txt"
    if not names_file.exists():
        raise DataError(f"no {names_file}: --extra wants a folder with images/, labels/ and classes.txt")
    names = names_file.read_text(encoding="utf-8").split()
    listed = {part: (dataset / f"{part}.txt").read_text(encoding="utf-8").split() for part in ("train", "val")}
    real = [entry for entry in listed["train"] if not Path(entry).name.startswith(EXTRA)]
    paths = [p for p in (extra / "images").glob("*.jpg") if (extra / "labels" / f"{p.stem}.txt").exists()]
    paths.sort(key=lambda p: hashlib.sha256(p.name.encode()).digest())
    most = int(len(real) * LARGEST_EXTRA_SHARE / (1 - LARGEST_EXTRA_SHARE))
    entries = [entry for path in paths[:most] for entry in _write_extra(path, extra, names, dataset, classes)]
    listed["train"] = real + (entries * repeat)[:most]
    return write_lists(dataset, listed, classes)


def _write_extra(path: Path, extra: Path, names: Sequence[str], dataset: Path, classes: Sequence[str]) -> list[str]:
    """The windows of one rendered picture and their labels; returns their list entries."""
    boxes = map_classes(read_labels(extra / "labels" / f"{path.stem}.txt", names), {c: c for c in classes})
    unnamed = veil.whole(name for name in classes if name not in names)
    entries = []
    for side, (image, seen) in zip("lrc", windows(_read(path), boxes), strict=False):
        name = f"{EXTRA}{path.stem}-{side}"
        cv2.imwrite(str(dataset / "images" / "train" / f"{name}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
        write_labels(dataset / "labels" / "train" / f"{name}.txt", [*seen, *unnamed], veil.label_names(classes))
        entries.append(f"./images/train/{name}.jpg")
    return entries


def windows(image: Image, boxes: Sequence[Box]) -> list[tuple[Image, list[Box]]]:
    """The left and the right 448 × 384 window of a wide picture shrunk to 384 lines, with the boxes seen there.

    Small things keep the size that they have in the shipped input, which a whole picture shrunk to a square training
    input would take from them. The third window, where there is a box, is cut unshrunk around the smallest one: the
    same thing seen from closer. A box of which less than 40 % lies in a window is left out.
    """
    height, width = WINDOW
    wide = max(width, round(image.shape[1] * height / image.shape[0]))
    small = np.asarray(cv2.resize(image, (wide, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    views = [_window(small, boxes, start, 0) for start in (0, wide - width)]
    if boxes:
        box = min(boxes, key=lambda b: b.w * b.h)
        left, top = box.x * image.shape[1] - width / 2, box.y * image.shape[0] - height / 2
        views.append(_window(image, boxes, round(left), round(top)))
    return views


def _window(image: Image, boxes: Sequence[Box], left: int, top: int) -> tuple[Image, list[Box]]:
    """The window at a place (moved into the picture) and what is seen of the boxes there."""
    left = max(0, min(left, image.shape[1] - WINDOW[1]))
    top = max(0, min(top, image.shape[0] - WINDOW[0]))
    part = image[top : top + WINDOW[0], left : left + WINDOW[1]]
    shift = np.array([left, top, left, top], dtype=np.float64)
    pixels = corners(boxes) * np.tile(np.array(image.shape[1::-1], dtype=np.float64), 2) - shift
    inside = np.clip(pixels, 0, np.tile(np.array(part.shape[1::-1], dtype=np.float64), 2))
    areas = np.prod(pixels[:, 2:] - pixels[:, :2], axis=1)
    shares = np.prod(inside[:, 2:] - inside[:, :2], axis=1) / areas
    size = np.tile(np.array(part.shape[1::-1], dtype=np.float64), 2)
    seen = [
        from_corners(box.label, *(float(value) for value in row / size))
        for box, row, share in zip(boxes, inside, shares, strict=True)
        if share >= 0.4
    ]
    return part, seen


def write_lists(out: Path, listed: dict[str, list[str]], classes: Sequence[str]) -> Prepared:
    """Write train.txt, val.txt and data.yaml; count what they list."""
    boxes: dict[str, dict[str, int]] = {}
    for part, entries in listed.items():
        (out / f"{part}.txt").write_text("".join(entry + "\n" for entry in entries), encoding="utf-8")
        labels = (out / "labels" / part / f"{Path(entry).stem}.txt" for entry in entries)
        counts = Counter(box.label for path in labels for box in read_labels(path, veil.label_names(classes)))
        boxes[part] = {name: counts[name] for name in classes}
    names = "".join(f'  {number}: "{name}"\n' for number, name in enumerate(veil.label_names(classes)))
    data_file = out / "data.yaml"
    data_file.write_text(f"path: {out.resolve()}\ntrain: train.txt\nval: val.txt\nnames:\n{names}", encoding="utf-8")
    return Prepared(data_file, {part: len(entries) for part, entries in listed.items()}, boxes)


def _read(path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"{path} is no picture that OpenCV can read")
    return np.asarray(image, dtype=np.uint8)
