"""One-time links: short, ours alone, and for one push each."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from domain import action_link

KEY = b"k" * 32


def test_a_link_names_its_push_and_is_short() -> None:
    push = uuid4()
    made = action_link.token(KEY, push)
    assert action_link.opened(KEY, made) == push
    assert len(made) == 38
    assert made.replace("-", "").replace("_", "").isalnum()


@given(st.integers(0, 2**128 - 1), st.integers(0, 28 * 8 - 1))
def test_no_bit_of_it_can_be_changed(number: int, bit: int) -> None:
    made = action_link.token(KEY, UUID(int=number))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = bit // 6
    letter = alphabet[alphabet.index(made[place]) ^ (1 << (5 - bit % 6))]
    changed = made[:place] + letter + made[place + 1 :]
    assert action_link.opened(KEY, changed) is None
    assert action_link.opened(b"another", made) is None


def test_what_is_no_link_is_none() -> None:
    for text in ("", "x", "é" * 38, "A" * 37, "A" * 38, "A" * 400, "=" * 38):
        assert action_link.opened(KEY, text) is None
