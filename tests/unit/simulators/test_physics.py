"""The simulated devices obey physics, and their faults do what they are called."""

import random

import pytest

from simulators.cold_store import ColdStore
from simulators.elevator import FLOOR_M, SPEED, Elevator
from simulators.scale import Sale, Scale


def test_a_lift_never_moves_with_an_open_door_nor_faster_than_rated() -> None:
    car = Elevator(random.Random(1))
    floors = set()
    for _ in range(4000):
        before = car.position
        car.step(0.25)
        assert abs(car.position - before) <= SPEED * 0.25 + 1e-6
        assert car.speed == 0 or car.door <= 0
        assert -0.01 <= car.position <= (car.floors - 1) * FLOOR_M + 0.01
        floors.add(car.status()["car_floor"])
    assert len(floors) == car.floors
    assert car.trips > 20


def test_an_entrapment_stands_between_floors_with_somebody_inside_until_mended() -> None:
    car = Elevator(random.Random(1))
    car.begin("entrapment")
    for _ in range(200):
        car.step(0.25)
    status = car.status()
    assert (status["car_status"], status["door_closed"], status["passenger_present"], status["door_zone"]) == (
        0,
        True,
        True,
        False,
    )
    car.end()
    for _ in range(400):
        car.step(0.25)
    assert car.trips > 1


def test_a_blocked_door_stays_open() -> None:
    car = Elevator(random.Random(1))
    car.begin("door-blocked")
    for _ in range(400):
        car.step(0.25)
    assert car.status()["door_closed"] is False


def sales(scale: Scale, seconds: int) -> list[Sale]:
    return [sale for _ in range(seconds) if (sale := scale.step(1.0)) is not None]


def test_a_scale_charges_net_times_price_and_counts_without_gaps() -> None:
    made = sales(Scale(random.Random(1)), 2000)
    assert len(made) > 300
    assert [sale.seq for sale in made] == list(range(1, len(made) + 1))
    assert all(abs(sale.amount - sale.net_g * sale.unit_price / 1000) <= 0.5 for sale in made)
    assert all(sale.gross_g == sale.net_g + sale.tare_g for sale in made)


def test_amount_mismatch_hits_exactly_one_sale() -> None:
    scale = Scale(random.Random(1))
    assert scale.begin("amount-mismatch") is None
    wrong = [sale for sale in sales(scale, 200) if abs(sale.amount - sale.net_g * sale.unit_price / 1000) > 1]
    assert len(wrong) == 1


def test_an_opened_cover_reports_its_code() -> None:
    scale = Scale(random.Random(1))
    assert scale.begin("cover-opened") == "cover_opened"
    assert scale.status()["cover"] == 1
    scale.end()
    assert scale.status()["cover"] == 0


def test_a_frozen_store_keeps_its_band_and_warms_when_the_compressor_fails() -> None:
    room = ColdStore(random.Random(1), door_every_s=float("inf"))
    airs = []
    for _ in range(2000):
        room.step(10)
        airs.append(room.air)
    assert -21.5 < min(airs) < max(airs) < -18.5
    room.begin("compressor-failure")
    room.step(7200)
    assert room.air > -15
    assert room.air > room.product
    room.end()
    room.step(7200)
    assert room.air < -18


@pytest.mark.parametrize("step", [1.0, 60.0, 600.0])
def test_the_thermal_model_does_not_depend_on_the_step(step: float) -> None:
    room = ColdStore(random.Random(1), door_every_s=float("inf"))
    room.begin("compressor-failure")
    for _ in range(int(3600 / step)):
        room.step(step)
    assert room.air == pytest.approx(-12.8, abs=0.3)


@pytest.mark.parametrize("body", [Elevator(random.Random(1)), Scale(random.Random(1)), ColdStore(random.Random(1))])
def test_an_unknown_fault_is_refused(body: Elevator | Scale | ColdStore) -> None:
    with pytest.raises(ValueError, match="flood"):
        body.begin("flood")
