"""The draw of the sampled audit: the same for everybody, near its share, and different by seed."""

from hypothesis import given
from hypothesis import strategies as st

from domain import audit_sample
from domain.authority import covers


@given(st.text(max_size=20), st.integers(1, 10**12))
def test_anybody_can_draw_again(seed: str, alert: int) -> None:
    assert audit_sample.drawn(seed, alert) == audit_sample.drawn(seed, alert)
    assert 0.0 <= audit_sample.drawn(seed, alert) < 1.0
    assert audit_sample.human(seed, alert, 0.0)
    assert not audit_sample.human(seed, alert, 1.0)


def test_the_sample_has_its_share_and_depends_on_the_seed() -> None:
    chosen = [alert for alert in range(1, 10_001) if audit_sample.human("spring", alert, 0.8)]
    assert 1_880 < len(chosen) < 2_120  # 2,000 ± 3 sigma
    assert chosen != [alert for alert in range(1, 10_001) if audit_sample.human("autumn", alert, 0.8)]
    # Fixed for ever: an audit of years ago is drawn again by the same numbers.
    assert f"{audit_sample.drawn('spring', 17):.6f}" == "0.588532"


def test_an_authority_covers_itself_and_what_is_below() -> None:
    assert covers("gz", "gz.yx")
    assert covers("gz.yx", "gz.yx")
    assert not covers("gz.yx", "gz")
    assert not covers("gz.y", "gz.yx")
