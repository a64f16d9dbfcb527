"""What the teachers find in the pictures that crops are cut from, remembered in a file."""

import json
from pathlib import Path

import numpy as np

from models.boxes import Box
from models.crop_index import read_picture
from models.face_teacher import FaceTeacher
from models.teacher import Teacher

ANY = 0.2
"""The lowest score that is asked for."""

Scored = list[tuple[Box, float]]


class Teachers:
    """Who finds persons and faces where a source does not box them."""

    def __init__(self, things: Teacher, faces: FaceTeacher, memory: Path) -> None:
        """memory: a file of a JSON line per answer, which may hold those of earlier calls."""
        self._things, self._faces, self._memory = things, faces, memory
        lines = memory.read_text(encoding="utf-8").splitlines() if memory.exists() else []
        self._known: dict[tuple[str, str], Scored] = {}
        for what, path, boxes in map(json.loads, lines):
            self._known[what, path] = [(Box(*box), score) for *box, score in boxes]

    def persons(self, path: Path, least: float) -> Scored:
        """Persons of at least the score, each with its score."""
        return self._ask("persons", path, least)

    def faces(self, path: Path, least: float) -> Scored:
        """Faces of at least the score, each with its score."""
        return self._ask("faces", path, least)

    def _ask(self, what: str, path: Path, least: float) -> Scored:
        key = what, f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
        if key not in self._known:
            picture = np.ascontiguousarray(read_picture(path)[:, :, ::-1])
            found = (
                self._faces.label(picture, ANY)
                if what == "faces"
                else self._things.label_scored(picture, ["person"], ANY)
            )
            self._remember(key, found)
        return [(box, score) for box, score in self._known[key] if score >= least]

    def _remember(self, key: tuple[str, str], found: Scored) -> None:
        self._known[key] = found
        boxes = [(b.label, *(round(v, 5) for v in (b.x, b.y, b.w, b.h)), round(score, 4)) for b, score in found]
        with self._memory.open("a", encoding="utf-8") as file:
            file.write(json.dumps([*key, boxes]) + "\n")
