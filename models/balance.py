"""How often each crop is shown in training, so that rare states are seen enough."""

from collections import Counter
from collections.abc import Sequence

from inference.traits import State, Trait
from models.crop_index import UNKNOWN, Crop

RENDERED_SHARE = 0.2
"""Rendered crops are at most this share of what is shown: more, and the network learns the renderer."""

RARITY = 0.75
"""0: every crop is shown as often; 1: every state is."""

OFTENER = {("clothes", int(Trait.CLOTHES), int(State.MISSING)): 3.0}
"""Crops of a source that show this state are shown so many times as often: plain clothes in a kitchen are what the
scene is about, and nearly all other plain clothes are worn elsewhere."""


def weights(crops: Sequence[Crop]) -> list[float]:
    """How often each crop is shown: by its trust, and the oftener the rarer its rarest state is."""
    counts = Counter((trait, state) for each in crops for trait, state in _known(each))
    raw = [each.weight * max((_odds(each, counts, key) for key in _known(each)), default=0.0) for each in crops]
    rendered = sum(value for value, each in zip(raw, crops, strict=True) if each.source == "renders")
    most = RENDERED_SHARE / (1 - RENDERED_SHARE) * (sum(raw) - rendered)
    share = min(1.0, most / rendered) if rendered else 1.0
    return [value * (share if each.source == "renders" else 1.0) for value, each in zip(raw, crops, strict=True)]


def _odds(each: Crop, counts: Counter[tuple[int, int]], key: tuple[int, int]) -> float:
    return float(counts[key] ** -RARITY) * OFTENER.get((each.source, *key), 1.0)


def _known(each: Crop) -> list[tuple[int, int]]:
    return [(trait, state) for trait, state in enumerate(each.states) if state != UNKNOWN]
