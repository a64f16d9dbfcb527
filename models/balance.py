"""How often each crop is shown in training, so that rare states are seen enough."""

from collections import Counter
from collections.abc import Sequence

from models.crop_index import UNKNOWN, Crop

RENDERED_SHARE = 0.2
"""Rendered crops are at most this share of what is shown: more, and the network learns the renderer."""


def weights(crops: Sequence[Crop]) -> list[float]:
    """How often each crop is shown: by its trust, and the oftener the rarer its rarest state is."""
    counts = Counter((trait, state) for each in crops for trait, state in _known(each))
    raw = [each.weight * max((counts[key] ** -0.5 for key in _known(each)), default=0.0) for each in crops]
    rendered = sum(value for value, each in zip(raw, crops, strict=True) if each.source == "renders")
    most = RENDERED_SHARE / (1 - RENDERED_SHARE) * (sum(raw) - rendered)
    share = min(1.0, most / rendered) if rendered else 1.0
    return [value * (share if each.source == "renders" else 1.0) for value, each in zip(raw, crops, strict=True)]


def _known(each: Crop) -> list[tuple[int, int]]:
    return [(trait, state) for trait, state in enumerate(each.states) if state != UNKNOWN]
