"""Each shipped clip, seen by the shipped models and judged by the nine scenes' rules, raises what its truth says."""

import pytest

from domain.scene import Scene
from mingchu.bench import sights

VIOLATING = [
    "no-hat",
    "no-mask",
    "no-uniform",
    "smoking",
    "bin-open",
    "rat-night",
    "flame-unattended",
    "intrusion-night",
]
LOOK_ALIKES = [
    "quiet",
    "hairnet-cap",
    "tasting",
    "aprons",
    "cold-antechamber",
    "flame-watched",
    "steam",
    "order-tablet",
    "cat-night",
    "disposing",
    "store-day",
]


def raised(clip: str) -> dict[Scene, tuple[float, str]]:
    """Which scenes a clip raises, at which second first, and why; looked at as an edge looks."""
    found: dict[Scene, tuple[float, str]] = {}
    for second, violation in sights.by_edge(clip).violations:
        found.setdefault(violation.scene, (second, violation.why))
    return found


@pytest.mark.parametrize("clip", VIOLATING)
def test_a_violating_clip_raises_its_scene_and_no_other(clip: str) -> None:
    scenes = [Scene(each["scene"]) for each in sights.truth(clip)["scene"]]
    found = raised(clip)
    assert scenes[0] in found
    assert set(found) <= set(scenes), found
    first = sights.truth(clip)["scene"][0]
    assert first["begin_s"] <= found[scenes[0]][0] <= first["end_s"] + 1


@pytest.mark.parametrize("clip", LOOK_ALIKES)
def test_a_look_alike_raises_nothing(clip: str) -> None:
    assert raised(clip) == {}


def test_the_edge_sees_what_the_usual_loop_sees_with_a_fifth_of_the_looks() -> None:
    edge, loop = sights.by_edge("rat-night"), sights.by_loop("rat-night")
    assert edge.scenes == loop.scenes == {Scene.PEST}
    assert edge.looks <= loop.looks / 5
