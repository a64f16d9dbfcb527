"""A simulated scale charges what it weighs, counts what it sells and keeps the market's hours."""

import random
from itertools import pairwise
from statistics import median

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.market import PRODUCTS, bustle
from simulators.scale import Scale, amount
from simulators.utterance import Sale

BASE = {product.name: product.unit_price for product in PRODUCTS}


def scale(seed: int = 1, **given: float) -> Scale:
    return Scale(random.Random(seed), given)


def sales(one: Scale, seconds: int, step: float = 1.0) -> list[Sale]:
    words = [word for _ in range(round(seconds / step)) for word in one.step(step)]
    return [word for word in words if isinstance(word, Sale)]


def is_mismatch(sale: Sale) -> bool:
    return abs(sale.amount - sale.net_g * sale.unit_price / 1000) > 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), step=st.sampled_from([0.25, 1.0, 20.0, 600.0]))
def test_it_charges_net_times_price_and_counts_without_gaps(seed: int, step: float) -> None:
    made = sales(scale(seed), 1200, step)
    assert len(made) > 150
    assert [sale.seq for sale in made] == list(range(1, len(made) + 1))
    for sale in made:
        assert abs(sale.amount - sale.net_g * sale.unit_price / 1000) <= 0.5
        assert sale.gross_g == sale.net_g + sale.tare_g <= 15_000
        assert sale.net_g > 0
        assert sale.net_g % 5 == 0
        assert 0.8 * BASE[sale.product] <= sale.unit_price <= 1.2 * BASE[sale.product]


@given(st.integers(1, 15_000), st.integers(1, 100_000))
def test_an_amount_is_within_half_a_fen(net_g: int, price: int) -> None:
    assert abs(amount(net_g, price) - net_g * price / 1000) <= 0.5


def test_a_market_day_has_peaks_and_a_night() -> None:
    one = scale(day=1, hour=0, sale_every_s=20)
    by_hour = [len(sales(one, 3600, 60)) for _ in range(24)]
    assert by_hour[:5] == [0] * 5
    assert by_hour[20:] == [0] * 4
    assert max(by_hour) in by_hour[7:9]
    assert by_hour[17] > 2 * by_hour[13] > 0
    assert all(0.0 <= bustle(hour / 10) <= 1.0 for hour in range(480))


def test_at_night_it_sleeps_and_is_charged() -> None:
    one = scale(day=1, hour=12)
    one.step(6 * 3600)
    assert one.status()["state"] == 1
    worn = float(one.status()["battery"])
    one.step(3 * 3600)
    assert one.status()["state"] == 2
    assert float(one.status()["battery"]) > worn


def test_a_wrong_amount_hits_exactly_one_sale() -> None:
    one = scale()
    one.begin("amount-mismatch")
    wrong = [sale for sale in sales(one, 200) if is_mismatch(sale)]
    assert len(wrong) == 1
    assert wrong[0].amount - amount(wrong[0].net_g, wrong[0].unit_price) == 50


def test_missing_sales_leave_gaps_of_their_number_while_the_fault_is_on() -> None:
    one = scale()
    before = sales(one, 60)
    one.begin("sequence-gap", 4)
    during = sales(one, 60)
    one.end("sequence-gap")
    after = sales(one, 60)
    numbers = [sale.seq for sale in [before[-1], *during]]
    assert {later - earlier for earlier, later in pairwise(numbers)} == {5}
    numbers = [sale.seq for sale in [during[-1], *after]]
    assert {later - earlier for earlier, later in pairwise(numbers)} == {1}


def test_the_zero_creeps_with_the_fault_and_never_half_an_interval_without() -> None:
    one = scale()
    still = [abs(float(one.status()["zero_offset"])) for _ in range(3600) if one.step(1) is not None]
    assert max(still) < 2.5
    one.begin("zero-drift", 100)
    one.step(360)
    assert abs(float(one.status()["zero_offset"]) - 10) < 1.0
    one.end("zero-drift")
    assert abs(float(one.status()["zero_offset"])) < 1.0


def test_a_counter_that_went_up_stays_up_and_a_new_verification_lasts() -> None:
    one = scale()
    for fault in ("adjusted", "verification-expired"):
        one.begin(fault)
        one.end(fault)
    assert (one.status()["adjust_counter"], one.status()["verification_days"]) == (4, 365.0)


def test_a_stalls_prices_are_about_the_markets() -> None:
    ratios = [scale(seed).prices[product.name] / product.unit_price for seed in range(20) for product in PRODUCTS]
    assert 0.95 < median(ratios) < 1.05
    assert len({round(ratio, 2) for ratio in ratios}) > 5
