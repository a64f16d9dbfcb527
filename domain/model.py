"""A model version: what it is called, the hash of its pack, and what its card says in short."""

from typing import Annotated

import msgspec

MOST_BYTES = 64 * 1024 * 1024  # of a pack

Release = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`release`: name and version; `sha256`: of the pack that holds its files."""

    release: Release
    sha256: Sha256


class Card(msgspec.Struct, frozen=True):
    """What people are told of a version: its classes with their thresholds, and the traits that it reads."""

    thresholds: dict[str, float]
    traits: tuple[str, ...]
