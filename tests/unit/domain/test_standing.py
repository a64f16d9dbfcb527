"""How places stand, added up along the regulators' tree."""

from hypothesis import given
from hypothesis import strategies as st

from domain.standing import Standing, rolled_up, total

_COUNTS = st.builds(
    Standing,
    sites=st.just(1),
    class_1=st.integers(0, 9),
    overdue=st.integers(0, 9),
    met=st.integers(0, 9),
    told=st.integers(9, 20),
    cameras_ok=st.integers(0, 9),
)
_PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map(".".join)


@given(st.lists(st.tuples(_PATHS, _COUNTS), max_size=30))
def test_an_authority_is_the_sum_of_all_sites_at_or_below_it(sites: list[tuple[str, Standing]]) -> None:
    sums = rolled_up(sites)
    for path, standing in sums.items():
        below = [each for at, each in sites if at == path or at.startswith(f"{path}.")]
        assert standing == total(below)
    assert {path.split(".")[0] for path, _ in sites} == {path for path in sums if "." not in path}


def test_five_levels_from_the_province_to_the_site() -> None:
    one, other = Standing(sites=1, class_2=3), Standing(sites=1, class_1=1, class_2=2)
    sums = rolled_up([("p.c.d.s", one), ("p.c.d.t", other)])
    assert [sums[path].class_2 for path in ("p", "p.c", "p.c.d", "p.c.d.s", "p.c.d.t")] == [5, 5, 5, 3, 2]
    assert (sums["p.c.d.s"].worst, sums["p"].worst, Standing().worst) == (2, 1, None)


def test_on_time_is_a_share_of_what_was_due() -> None:
    assert Standing(met=3, told=4).on_time == 0.75
    assert Standing().on_time is None
    assert total([]) == Standing()
