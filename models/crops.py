"""Crops of heads and persons for the crop classifier, cut from every source once, each on one side of the split."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from inference import crop
from inference.detections import Floats, Image
from models.crop_index import Corners, Crop, read_picture, states_of, write_index
from models.crop_sources import View, every, hidden
from models.crop_teachers import Teachers
from models.face_teacher import FaceTeacher
from models.split import signature, stems_by_picture
from models.teacher import Teacher

AROUND = 0.2
"""Surroundings kept on each side of a crop, by its size: training moves and scales the crop in them."""
LONGEST = 192
"""Pixels of a cached picture's longer side at most."""
HELD_OUT = 0.12
ALIKE = 0.95
"""Correlation of thumbnails (models.split) above which two pictures count as one: all faces are a little alike."""

Progress = Callable[[str, int], None]


def gather(
    data: Path,
    out: Path,
    things_teacher_path: Path,
    face_teacher_path: Path,
    renders: Path | None = None,
    *,
    dataset: Path | None = None,
    progress: Progress = lambda source, count: None,
) -> list[Crop]:
    """Cut the crops of all sources below `data` into `out` and write its index; returns what it says.

    `dataset`: what models.prepare wrote; a picture stays on the side that it has there. What the teachers say is kept
    in `out`, so that gathering again is quick. Raises TeacherError where OpenCV cannot read the face teacher.
    """
    out.mkdir(parents=True, exist_ok=True)
    teachers = Teachers(Teacher(things_teacher_path), FaceTeacher(face_teacher_path), out / "teachers.jsonl")
    views: list[View] = []
    for name, source in every(data, teachers, renders).items():
        found = list(source())
        progress(name, len(found))
        views += found
    views += hidden(views)
    return cache(views, out, held_out({view.path for view in views}, dataset))


def cache(views: Sequence[View], out: Path, validation: set[Path]) -> list[Crop]:
    """Cut the views into small pictures below `out`, which exists, and write its index."""
    by_path: dict[Path, list[View]] = defaultdict(list)
    for view in views:
        by_path[view.path].append(view)
    numbers: Counter[str] = Counter()
    crops = [
        each for path in sorted(by_path) for each in _cut_all(path, by_path[path], out, numbers, path in validation)
    ]
    write_index(out, crops)
    return crops


def _cut_all(path: Path, views: Iterable[View], out: Path, numbers: Counter[str], is_held_out: bool) -> Iterator[Crop]:
    image = read_picture(path)
    for view in views:
        numbers[view.source] += 1
        file = f"{view.source}-{numbers[view.source]:05}.jpg"
        part, corners = excerpt(image, region(view, image), view.shrink)
        cv2.imwrite(str(out / file), part[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        picture, states = f"{path.parent.name}/{path.name}", states_of(view.states)
        yield Crop(file, view.kind, view.source, picture, is_held_out, view.trust, corners, states)


def region(view: View, image: Image) -> Floats:
    """(4,): the part of the picture that the classifier sees of a view."""
    boxes = np.array([view.corners], dtype=np.float32)
    if not view.is_box:
        return boxes.reshape(4)
    aspect = image.shape[1] / image.shape[0]
    grown = crop.head_region(boxes) if view.kind == "head" else crop.upper_body(boxes, aspect)
    return grown.reshape(4)


def excerpt(image: Image, box: Floats, shrink: int = 0) -> tuple[Image, Corners]:
    """A box of a picture with its surroundings, shrunk if it is large, and where the box lies in that.

    shrink: the box's height in pixels then, 0 = as it is.
    """
    margin = AROUND * np.tile(box[2:] - box[:2], 2) * np.array((-1, -1, 1, 1), dtype=np.float32)
    inner = crop.pixels(image, box)
    left, top, right, bottom = crop.pixels(image, (box + margin).astype(np.float32))
    part = image[top:bottom, left:right]
    size = (right - left, bottom - top)
    corners = tuple((v - first) / n for v, first, n in zip(inner, (left, top) * 2, size * 2, strict=True))
    scale = min(1.0, LONGEST / max(size), shrink / (inner[3] - inner[1]) if shrink else 1.0)
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    if small != size:
        part = np.asarray(cv2.resize(part, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    x0, y0, x1, y1 = corners
    return part, (x0, y0, x1, y1)


def held_out(paths: Iterable[Path], dataset: Path | None) -> set[Path]:
    """The pictures for validation: those of the detector's set, and about as many of what it does not hold.

    Pictures that look alike stay together.
    """
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted(paths):
        folders[path.parent].append(path)
    return {path for folder in folders.values() for path in _held_out(folder, dataset)}


def _held_out(paths: Sequence[Path], dataset: Path | None) -> list[Path]:
    sides = {path.name: side for path in paths if (side := _side(path, dataset)) is not None}
    if len(sides) < len(paths):
        sides = _completed(sides, paths)
    return [path for path in paths if sides[path.name]]


def _completed(sides: dict[str, bool], paths: Sequence[Path]) -> dict[str, bool]:
    """Pictures without a side take that of one that looks alike, else that of their stem's hash."""
    names = [path.name for path in paths]
    signatures = np.stack([signature(read_picture(path)) for path in paths])
    stems = stems_by_picture(names, signatures, ALIKE)
    known = {stems[name]: side for name, side in sides.items()}
    return {name: sides.get(name, known.get(stem, _chosen(stem))) for name, stem in stems.items()}


def _chosen(stem: str) -> bool:
    """By a hash of its own: pictures were already chosen by that of their names."""
    return int.from_bytes(hashlib.sha256(f"crops/{stem}".encode()).digest()[:4]) / 2**32 < HELD_OUT


def _side(path: Path, dataset: Path | None) -> bool | None:
    """Whether the detector's set validates on a picture; None where it does not hold it."""
    if dataset is None:
        return None
    source = next((p.name for p in path.parents if (dataset / f"{p.name}.json").exists()), path.parent.name)
    places = (dataset / "images" / part / f"{source}-{path.stem}.jpg" for part in ("val", "train"))
    return next((side for side, place in zip((True, False), places, strict=True) if place.exists()), None)
