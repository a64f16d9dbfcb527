"""The eye: both models as one. A look at a picture, and a closer one at its persons where a scene asks for it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from domain.scene import Scene
from inference import heads
from inference.detections import Detections, Floats, Image
from inference.detector import Detector
from inference.trait_reader import TraitReader
from inference.traits import Trait

TRAITS = "traits.toml"  # beside the detector's description

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
        """Load by the detector's description, the classifier's lies beside it; raises WeightsError (PROMISES S12)."""
        return cls(Detector.open(path, threads), TraitReader.open(path.with_name(TRAITS), threads))

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

    def _shows(self, seen: Detections, name: str) -> bool:
        return name in self.classes and bool((seen.classes == self.classes.index(name)).any())


def traits_for(scenes: Iterable[Scene]) -> frozenset[Trait]:
    """The traits that those scenes need to be judged."""
    return frozenset(NEEDS[scene] for scene in scenes if scene in NEEDS)
