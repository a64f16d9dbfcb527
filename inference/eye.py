"""The eye: both models as one. A look at a picture, and a closer one at its persons where a scene asks for it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from domain.scene import Scene
from inference import heads, letterbox
from inference.detections import Detections, Floats, Image
from inference.detector import Detector
from inference.trait_reader import TraitReader
from inference.traits import Trait
from inference.weights import WeightsError

TRAITS = "traits.toml"  # beside the detector's description
_TRIAL = (1080, 1920)  # pixels of the picture

NEEDS: dict[Scene, Trait] = {
    Scene.NO_HAT: Trait.HAT,
    Scene.NO_MASK: Trait.MASK,
    Scene.NO_UNIFORM: Trait.CLOTHES,
    Scene.SMOKING: Trait.CIGARETTE,
}


class Eye:
    """One detector and one trait reader. One thread looks; `heads` may be asked for by others meanwhile."""

    def __init__(self, detector: Detector, reader: TraitReader) -> None:
        self._detector, self._reader = detector, reader

    @classmethod
    def open(cls, path: Path, threads: int = 1) -> "Eye":
        """Load by the detector's description, the classifier's lies beside it, and look once.

        Raises WeightsError when a file was changed (PROMISES S12) or the networks do not answer as their cards say.
        """
        eye = cls(Detector.open(path, threads), TraitReader.open(path.with_name(TRAITS), threads))
        eye._prove()
        return eye

    @property
    def sha256(self) -> str:
        """One digest of both files: SHA-256 over their two in hexadecimal."""
        return hashlib.sha256(f"{self._detector.sha256}{self._reader.sha256}".encode()).hexdigest()

    @property
    def classes(self) -> tuple[str, ...]:
        return self._detector.classes

    def look(self, image: Image, wanted: frozenset[Trait]) -> Detections:
        """What an RGB picture (height, width, 3) shows; its persons with the wanted traits.

        A second look for cigarettes needs a first one that found any.
        """
        (seen,) = self._detector.detect([image])
        if Trait.CIGARETTE in wanted and not self._shows(seen, "cigarette"):
            wanted -= {Trait.CIGARETTE}
        return self._reader.read(image, seen, self.classes, wanted) if wanted else seen

    def heads(self, image: Image) -> Floats:
        """(m, 4): wherever an RGB picture shows a head or may show one, relative; for hiding them (ADR 20)."""
        every, _ = self._detector.examine(image, min(heads.SUSPECTED.values()))
        return heads.suspected(every, self.classes, image.shape[1] / image.shape[0])

    def _prove(self) -> None:
        """A trial: what cannot look at a grey picture will not be trusted with a real one."""
        detector, reader = self._detector.manifest, self._reader.manifest
        shape = letterbox.shape(_TRIAL, detector.input.longest, detector.input.area)
        raw = self._detector.infer(np.full((1, 3, *shape), 0.5, dtype=np.float32))
        if raw.ndim != 3 or raw.shape[1] != 4 + len(detector.classes) or not np.isfinite(raw).all():
            raise WeightsError(f"the weights {detector.file} do not answer as their card says: {raw.shape}")
        answers = self._reader.infer([np.full((reader.input.size, reader.input.size, 3), 128, dtype=np.uint8)])
        if answers.shape != (1, reader.outputs) or not np.isfinite(answers).all():
            raise WeightsError(f"the weights {reader.file} do not answer as their card says: {answers.shape}")

    def _shows(self, seen: Detections, name: str) -> bool:
        return name in self.classes and bool((seen.classes == self.classes.index(name)).any())


def traits_for(scenes: Iterable[Scene]) -> frozenset[Trait]:
    """The traits that those scenes need to be judged."""
    return frozenset(NEEDS[scene] for scene in scenes if scene in NEEDS)
