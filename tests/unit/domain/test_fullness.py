"""How long a disk counts as full after it refused a write."""

from domain.fullness import HOLDS_S, Fullness


def test_a_refusal_holds_for_a_while_and_a_new_one_prolongs_it() -> None:
    now = 100.0
    fullness = Fullness(lambda: now)
    assert fullness.now == 0
    fullness.refuse()
    now += HOLDS_S - 1
    assert fullness.now == 1
    fullness.refuse()
    now += HOLDS_S - 1
    assert fullness.now == 1
    now += 1
    assert fullness.now == 0
