"""The split into training and validation: by source stem and by video, never by frame."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

ALIKE = 0.85
"""Correlation of two 24 × 24 colour thumbnails above which two pictures count as frames of one scene. Chosen by the
sizes of the groups it makes: lower, and sources of single pictures (trash, phone) begin to run together; higher, and
the neighbours in the fire source fall apart."""

LARGEST_VALIDATION_STEM = 0.03
"""A stem holding more than this share of its source's pictures stays in training, lest one video decide the figures."""


def signature(image: NDArray[np.uint8]) -> FloatArray:
    """Centred unit vector of a picture's blurred 24 × 24 thumbnail; BGR (h, w, 3) in, (1728,) out."""
    small = cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), dtype=np.float32)
    centred = (small - small.mean(axis=(0, 1))).ravel()
    return np.asarray(centred / (np.linalg.norm(centred) + 1e-6), dtype=np.float32)


def stems_by_picture(names: Sequence[str], signatures: FloatArray, alike: float = ALIKE) -> dict[str, str]:
    """Stem of every picture: pictures that are alike, directly or by a chain, share the first one's name."""
    parent = list(range(len(names)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    linked = np.triu(signatures @ signatures.T > alike, 1)
    for i, j in zip(*np.nonzero(linked), strict=True):
        a, b = sorted((root(int(i)), root(int(j))))
        parent[b] = a
    return {name: names[root(i)] for i, name in enumerate(names)}


def stems_by_name(names: Sequence[str], pattern: str) -> dict[str, str]:
    """Stem of every picture: the pattern's match in its file name (a video's number), else the whole name."""
    return {name: m.group(0) if (m := re.search(pattern, name)) else name for name in names}


def validation_names(source: str, stems: Mapping[str, str], share: float) -> set[str]:
    """Pictures for validation: whole stems in an order fixed by their hash, until the share is reached."""
    sizes = Counter(stems.values())
    members: dict[str, list[str]] = defaultdict(list)
    for name, stem in stems.items():
        members[stem].append(name)
    largest = max(1.0, LARGEST_VALIDATION_STEM * len(stems))
    chosen: set[str] = set()
    for stem in sorted(sizes, key=lambda s: hashlib.sha256(f"{source}/{s}".encode()).digest()):
        if len(chosen) >= share * len(stems):
            break
        if sizes[stem] <= largest:
            chosen.update(members[stem])
    return chosen
