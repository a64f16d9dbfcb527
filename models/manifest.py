"""The data manifest: which sources the detector learns from, under which licence, mapped and split how."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.veil import MARK

MANIFEST = Path(__file__).with_name("manifest.toml")
LAYOUTS = ("yolo", "folders", "crops", "plain")


class ManifestError(ValueError):
    """The data manifest contradicts itself: correct models/manifest.toml."""


@dataclass(frozen=True)
class Source:
    """One source of pictures.

    Layouts: "yolo" (images/, labels/, classes.txt), "folders" (a folder per class, boxes from the teacher),
    "crops" (a folder per class, the whole picture is the box), "plain" (pictures only).
    """

    name: str
    origin: str
    commit: str
    licence: str
    layout: str
    classes: dict[str, str]
    teacher: tuple[str, ...]
    stem: str
    cap: int
    repeat: int
    negatives: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()
    faces: bool = False
    heads: bool = False

    @property
    def known(self) -> frozenset[str]:
        """Our classes whose every instance is boxed in this source, or known to be absent: those it can judge."""
        named = {name for name in self.classes.values() if name and not name.startswith(MARK)}
        return frozenset({*named, *self.teacher, *self.negatives} - {*self.unlabelled})


@dataclass(frozen=True)
class Manifest:
    """The classes in the order of the network's outputs, the teacher and the sources."""

    classes: tuple[str, ...]
    validation_share: float
    teacher_name: str
    teacher_licence: str
    teacher_note: str
    teacher_faces: str
    surety: Mapping[str, tuple[float, float]]
    sources: tuple[Source, ...]


def load_manifest(path: Path = MANIFEST) -> Manifest:
    """Read and check the manifest; raises ManifestError where a source names an unknown class or layout."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    classes = tuple(data["classes"])
    teacher = data["teacher"]
    return Manifest(
        classes=classes,
        validation_share=float(data["validation_share"]),
        teacher_name=teacher["name"],
        teacher_licence=teacher["licence"],
        teacher_note=teacher["note"],
        teacher_faces=teacher["faces"],
        surety={name: (float(sure), float(doubtful)) for name, (sure, doubtful) in teacher["surety"].items()},
        sources=tuple(_source(row, classes) for row in data["source"]),
    )


def _source(row: dict[str, Any], classes: tuple[str, ...]) -> Source:
    source = Source(
        name=row["name"],
        origin=row["origin"],
        commit=row["commit"],
        licence=row["licence"],
        layout=row["layout"],
        classes=dict(row["classes"]),
        teacher=tuple(row["teacher"]),
        stem=row["stem"],
        cap=int(row.get("cap", 0)),
        repeat=int(row.get("repeat", 1)),
        negatives=tuple(row.get("negatives", ())),
        unlabelled=tuple(row.get("unlabelled", ())),
        faces=bool(row.get("faces", False)),
        heads=bool(row.get("heads", False)),
    )
    if source.layout not in LAYOUTS:
        raise ManifestError(f"source {source.name}: layout {source.layout!r} is none of {', '.join(LAYOUTS)}")
    unknown = (
        {name.removeprefix(MARK) for name in source.classes.values()} - {""}
        | {*source.teacher, *source.negatives, *source.unlabelled}
    ) - {*classes}
    if unknown:
        raise ManifestError(f"source {source.name} names unknown classes: {', '.join(sorted(unknown))}")
    return source
