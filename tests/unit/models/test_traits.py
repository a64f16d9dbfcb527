"""The crop classifier's description and figures; where torch is installed, its loss and its network too."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inference import trait_weights
from inference.trait_reader import TraitReader
from inference.traits import State, Trait
from models.crop_index import GROUPS, UNKNOWN, Crop, states_of
from models.trait_export import NETWORK, describe, write_description
from models.trait_figures import BROKEN, choose_sureness, mean_accuracy, part

SURENESS = {Trait.HAT: 0.6, Trait.MASK: 0.5, Trait.CLOTHES: 0.55, Trait.CIGARETTE: 0.7}


def crops(trait: Trait, *states: State, source: str = "heads") -> list[Crop]:
    return [Crop("f", "head", source, "p", True, 1.0, (0, 0, 1, 1), states_of({trait: state})) for state in states]


def answers(trait: Trait, *rows: tuple[float, ...]) -> dict[Trait, Any]:
    """Those of one trait; of the others each state is as likely."""
    said = {t: np.full((len(rows), len(states)), 1 / len(states)) for t, states in GROUPS.items()}
    return {**said, trait: np.array(rows, dtype=np.float32)}


def test_the_reader_loads_what_the_export_describes(tmp_path: Path) -> None:
    (tmp_path / NETWORK).write_bytes(b"network")
    manifest = describe(b"network", SURENESS, "1.2.3")
    write_description(manifest, tmp_path)
    assert trait_weights.load(tmp_path / "traits.toml") == (manifest, b"network")
    assert manifest.states == GROUPS
    assert manifest.outputs == 13


def test_a_part_counts_each_state_and_the_alarms() -> None:
    session = SimpleNamespace(get_inputs=lambda: [SimpleNamespace(name="crops")])
    reader = TraitReader(describe(b"", SURENESS, "1"), session)
    known = crops(Trait.HAT, State.WORN, State.WORN, State.MISSING, State.MISSING, State.NOT_VISIBLE)
    said = answers(Trait.HAT, (0.1, 0.8, 0.1), (0.1, 0.2, 0.7), (0.1, 0.0, 0.9), (0.1, 0.4, 0.5), (0.9, 0.1, 0.0))
    row = part(reader, known, said, Trait.HAT, {"heads"})
    assert row["right"] == {"not_visible": 1.0, "worn": 0.5, "missing": 1.0}
    assert (row["crops"], row["accuracy"], row["balanced_accuracy"]) == (5, 0.8, 0.8333)
    # Of four visible ones three are answered; of two alarms one is true, and one of two bare heads is found.
    assert (row["answered"], row["precision"], row["recall"]) == (0.75, 0.5, 0.5)
    assert part(reader, known, said, Trait.HAT, {"mask"}) == {}


def test_sureness_rises_until_alarms_are_right() -> None:
    known = crops(Trait.HAT, *[State.MISSING] * 8, State.WORN, State.WORN)
    said = answers(Trait.HAT, *[(0.0, 0.1, 0.9)] * 8, (0.0, 0.355, 0.645), (0.0, 0.9, 0.1))
    assert choose_sureness(known, said)[Trait.HAT] == pytest.approx(0.65)


def test_the_mean_accuracy_is_of_the_traits_that_were_judged() -> None:
    known = crops(Trait.CLOTHES, State.BARE, State.WORN, source="clothes")
    said = answers(Trait.CLOTHES, (0, 0, 0, 1), (0, 0, 1, 0))
    assert mean_accuracy(known, said) == 0.5


def test_a_cigarette_breaks_a_rule_when_it_is_there() -> None:
    assert BROKEN[Trait.CIGARETTE] == {State.WORN}


def test_what_is_unknown_teaches_nothing() -> None:
    torch = pytest.importorskip("torch")
    from models.train_traits import masked_loss

    states = torch.tensor([[1, UNKNOWN, UNKNOWN, UNKNOWN], [UNKNOWN, UNKNOWN, 3, UNKNOWN]])
    raw = torch.zeros(2, 13, requires_grad=True)
    masked_loss(raw, states, 0.0).backward()
    assert raw.grad is not None
    assert (raw.grad.abs() > 0).nonzero().tolist() == [[0, n] for n in range(3)] + [[1, n] for n in range(6, 10)]
    assert float(masked_loss(raw, torch.full((2, 4), UNKNOWN), 0.0)) == 0.0


def test_the_fused_network_answers_alike() -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("ultralytics")
    from models.trait_net import TraitNet, fuse

    network = TraitNet().eval()
    x = torch.rand(2, 3, 128, 128)
    with torch.no_grad():
        before = network(x)
        assert before.shape == (2, 13)
        assert torch.allclose(fuse(network)(x), before, atol=1e-4)
