"""The trait reader: a closer look at each person's head and torso by the crop classifier, in one batch a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from inference import crop, heads, torso, trait_weights
from inference.detections import Detections, Floats, Image
from inference.detector import options
from inference.traits import State, Trait

MOST = 12  # persons looked at in one picture, the largest first
HEAD = 24  # pixels: a lower head says nothing of hat, mask or cigarette (DOMAIN §1)
FACE = 20  # pixels: nor a lower face of a mask
TORSO = 0.5  # share of the torso that must be visible

Rows = NDArray[np.intp]

AT_HEAD = (Trait.HAT, Trait.MASK, Trait.CIGARETTE)


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """What one crop is asked: the row of its person, the part of the picture, and the traits that it shows."""

    row: int
    box: Floats  # (4,)
    traits: tuple[Trait, ...]


class TraitReader:
    """One session. Not shared between threads that read at the same time: open one for each."""

    def __init__(self, manifest: trait_weights.TraitManifest, session: ort.InferenceSession) -> None:
        self.manifest, self.session = manifest, session
        self._input: str = session.get_inputs()[0].name
        self._groups = manifest.states
        self._least = {Trait[name.upper()]: value for name, value in manifest.sureness.items()}

    @classmethod
    def open(cls, path: Path, threads: int = 1) -> "TraitReader":
        """Load by the manifest's path; raises weights.WeightsError when the file is missing or was changed."""
        return cls.of(*trait_weights.load(path), threads)

    @classmethod
    def of(cls, manifest: trait_weights.TraitManifest, body: bytes, threads: int = 1) -> "TraitReader":
        """A reader of an ONNX file's bytes."""
        return cls(manifest, ort.InferenceSession(body, options(threads), providers=["CPUExecutionProvider"]))

    @property
    def sha256(self) -> str:
        return self.manifest.sha256

    def read(self, image: Image, seen: Detections, classes: tuple[str, ...], wanted: frozenset[Trait]) -> Detections:
        """The same detections with the wanted traits of persons filled in; image RGB (height, width, 3).

        What is too small, hidden or not sure enough stays NOT_VISIBLE.
        """
        crops = plan(seen, classes, wanted, (image.shape[0], image.shape[1]))
        if not crops:
            return seen
        answers = self.look([crop.cut(image, each.box, self.manifest.input.size) for each in crops])
        traits, sureness = seen.traits.copy(), seen.sureness.copy()
        for index, each in enumerate(crops):
            for trait in each.traits:
                state, sure = self.answer(trait, answers[trait][index])
                traits[each.row, trait], sureness[each.row, trait] = state, sure
        return seen.with_traits(traits, sureness)

    def states(self, part: Image, trait: Trait) -> tuple[State, State]:
        """One trait of one crop of any size, RGB, that is already cut as `plan` would.

        The answer, and the likeliest of the visible states, however sure.
        """
        whole = np.array((0, 0, 1, 1), dtype=np.float32)
        probabilities = self.look([crop.cut(part, whole, self.manifest.input.size)])[trait][0]
        shown = [index for index, state in enumerate(self._groups[trait]) if state is not State.NOT_VISIBLE]
        return self.answer(trait, probabilities)[0], self._groups[trait][max(shown, key=probabilities.__getitem__)]

    def look(self, crops: Sequence[Image]) -> dict[Trait, Floats]:
        """Probabilities (n, states) of each trait's states on n square crops of the input's size, RGB."""
        raw = self.infer(crops)
        answers, first = {}, 0
        for trait, states in self._groups.items():
            answers[trait] = _softmax(raw[:, first : first + len(states)])
            first += len(states)
        return answers

    def infer(self, crops: Sequence[Image]) -> Floats:
        """The network's raw output (n, outputs) on n square crops of the input's size, RGB."""
        raw: Floats = self.session.run(None, {self._input: planes(crops)})[0]
        return raw

    def answer(self, trait: Trait, probabilities: Floats) -> tuple[State, float]:
        """The likeliest state and its probability; NOT_VISIBLE and that state's where it is not sure enough."""
        states = self._groups[trait]
        best = int(probabilities.argmax())
        if probabilities[best] < self._least[trait]:
            best = states.index(State.NOT_VISIBLE)
        return states[best], float(probabilities[best])


def planes(crops: Sequence[Image]) -> Floats:
    """n RGB squares as the network takes them: (n, 3, size, size), 0..1."""
    return np.ascontiguousarray(np.stack(crops).transpose(0, 3, 1, 2), dtype=np.float32) * np.float32(1 / 255)


def plan(seen: Detections, classes: tuple[str, ...], wanted: frozenset[Trait], size: tuple[int, int]) -> list[Crop]:
    """The crops that the wanted traits need of the largest persons, after the pixel gates; size: height, width."""
    if "person" not in classes or not wanted:
        return []
    rows = np.flatnonzero(seen.classes == classes.index("person"))
    areas = (seen.boxes[rows, 2:] - seen.boxes[rows, :2]).prod(axis=1)
    rows = rows[np.argsort(-areas, kind="stable")][:MOST]
    found, people, aspect = heads.find(seen, classes), seen.boxes[rows], size[1] / size[0]
    owned = heads.link(people, found.boxes, aspect)
    result = _head_crops(rows, owned, found, wanted, size[0])
    if Trait.CLOTHES in wanted:
        result += _person_crops(rows, people, _boxes(owned, found), aspect)
    return result


def _head_crops(rows: Rows, owned: Rows, found: heads.Heads, wanted: frozenset[Trait], height: int) -> list[Crop]:
    regions = crop.head_region(found.boxes)
    tall = (found.boxes[:, 3] - found.boxes[:, 1]) * height
    result = []
    for row, head in zip(rows.tolist(), owned.tolist(), strict=True):
        if head == heads.NOBODY or tall[head] < HEAD:
            continue
        has_face = found.faces[head] * height >= FACE
        asked = tuple(t for t in AT_HEAD if t in wanted and (t is not Trait.MASK or has_face))
        if asked:
            result.append(Crop(row, regions[head], asked))
    return result


def _person_crops(rows: Rows, people: Floats, owned: Floats, aspect: float) -> list[Crop]:
    shown = torso.visible(people, owned, aspect) >= TORSO
    regions = crop.upper_body(people, aspect)
    return [Crop(int(rows[n]), regions[n], (Trait.CLOTHES,)) for n in np.flatnonzero(shown)]


def _boxes(owned: Rows, found: heads.Heads) -> Floats:
    """(n, 4): each person's head, nan where there is none."""
    boxes = np.full((len(owned), 4), np.nan, dtype=np.float32)
    has_head = owned != heads.NOBODY
    boxes[has_head] = found.boxes[owned[has_head]]
    return boxes


def _softmax(raw: Floats) -> Floats:
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result
