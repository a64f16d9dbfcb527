"""Every fault by its name: it shows in what is published within its time, not before, and not after its end."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from domain.wire import EventPhase
from simulators import device_fault
from simulators.device_fault import FAULTS, BadAmountError, Layer, UnknownFaultError
from simulators.market import PRODUCTS
from tests.device_life import Said, born, events, sales, telemetry

Evidence = Callable[[Sequence[Said]], bool]
PRICES = {product.name: product.unit_price for product in PRODUCTS}
QUIET_S, AFTER_S = 120.0, 180.0


def shows(**wanted: float) -> Evidence:
    """Some status has all these values."""
    return lambda said: any(
        all(one.values.get(name) == value for name, value in wanted.items()) for one in telemetry(said)
    )


def passes(name: str, test: Callable[[float], bool]) -> Evidence:
    """Some status has a value that passes."""
    return lambda said: any(name in one.values and test(one.values[name]) for one in telemetry(said))


def reports(code: str, times: int = 1) -> Evidence:
    """An event began, or happened at once."""
    return lambda said: sum(one.code == code and one.phase is not EventPhase.END for one in events(said)) >= times


def apart(name: str, other: str, by: float) -> Evidence:
    return lambda said: any(abs(one.values[name] - one.values[other]) > by for one in telemetry(said))


def jumps(name: str, by: float) -> Evidence:
    return lambda said: any(abs(b.values[name] - a.values[name]) > by for a, b in pairwise(telemetry(said)))


def stays(name: str, seconds: float) -> Evidence:
    """The value is the same in all statuses for so long."""

    def same(said: Sequence[Said]) -> bool:
        seen = telemetry(said)
        began = None
        for before, now in pairwise(seen):
            began = (began or before.ts) if now.values[name] == before.values[name] else None
            if began is not None and (now.ts - began).total_seconds() >= seconds:
                return True
        return False

    return same


def door_stands_open(said: Sequence[Said]) -> bool:
    began = None
    for one in telemetry(said):
        began = None if one.values["door_closed"] else began or one.ts
        if began is not None and (one.ts - began).total_seconds() > 20:
            return True
    return False


def gaps(said: Sequence[Said]) -> bool:
    return any(later.seq - earlier.seq > 1 for earlier, later in pairwise(sales(said)))


EVIDENCE: dict[tuple[str, str], Evidence] = {
    ("elevator", "entrapment"): shows(car_status=0, door_closed=True, passenger_present=True, door_zone=False),
    ("elevator", "stopped-off-floor"): reports("4"),
    ("elevator", "door-blocked"): door_stands_open,
    ("elevator", "door-close-fault"): reports("2"),
    ("elevator", "door-open-fault"): reports("3"),
    ("elevator", "unintended-movement"): lambda said: reports("5")(said) and shows(car_status=1, door_closed=0)(said),
    ("elevator", "safety-circuit"): reports("1"),
    ("elevator", "overspeed"): reports("1"),
    ("elevator", "motor-limiter"): lambda said: reports("6")(said) and shows(car_status=1, speed=0.0)(said),
    ("elevator", "position-lost"): shows(car_floor=0),
    ("elevator", "power-loss"): lambda said: reports("41")(said) and shows(service_mode=5)(said),
    ("elevator", "inspection"): lambda said: reports("43")(said) and shows(service_mode=2)(said),
    ("elevator", "alarm-button"): reports("90"),
    ("elevator", "repeated-faults"): reports("8", times=3),
    ("scale", "cover-opened"): lambda said: reports("cover_opened")(said) and shows(cover=1)(said),
    ("scale", "seal-broken"): reports("seal_broken"),
    ("scale", "adjusted"): lambda said: reports("adjusted")(said) and shows(adjust_counter=4)(said),
    ("scale", "firmware-changed"): lambda said: any("sha256" in one.text for one in events(said)),
    ("scale", "verification-expired"): passes("verification_days", lambda days: days < 0),
    ("scale", "zero-drift"): passes("zero_offset", lambda offset: abs(offset) > 2.5),
    ("scale", "amount-mismatch"): lambda said: any(
        abs(sale.amount - sale.net_g * sale.unit_price / 1000) > 1 for sale in sales(said)
    ),
    ("scale", "sequence-gap"): gaps,
    ("scale", "price-outlier"): lambda said: any(sale.unit_price > 2.5 * PRICES[sale.product] for sale in sales(said)),
    ("scale", "sensor-fault"): reports("sensor_fault"),
    ("scale", "low-battery"): passes("battery", lambda battery: battery < 10),
    ("cold_store", "compressor-failure"): passes("air_temp", lambda air: air > -16),
    ("cold_store", "compressor-fault"): reports("compressor_fault"),
    ("cold_store", "stuck-probe"): stays("air_temp", 120),
    ("cold_store", "probes-disagree"): apart("air_temp", "product_temp", 3),
    ("cold_store", "probe-jumps"): jumps("air_temp", 5),
    ("cold_store", "probe-fault"): reports("probe_fault"),
    ("cold_store", "door-left-open"): shows(door_open=True),
    ("cold_store", "defrost-overrun"): shows(defrost=True),
    ("cold_store", "power-loss"): lambda said: reports("power_lost")(said) and shows(power=False)(said),
    ("cold_store", "trapped-person"): lambda said: reports("trapped")(said) and shows(trapped=True)(said),
    ("cold_store", "refrigerant-leak"): passes("refrigerant_leak", lambda leak: leak > 50),
    ("cold_store", "calibration-expired"): passes("calibration_days", lambda days: days < 0),
}
EVIDENCE |= {
    ("morning_check", "fever"): lambda said: reports("fever")(said) and passes("body_temp", lambda t: t > 37.3)(said),
    ("morning_check", "certificate-expired"): passes("certificate_days", lambda days: days < 0),
    ("morning_check", "hand-wound"): lambda said: reports("hand_wound")(said) and shows(hand_ok=False, passed=0)(said),
    ("morning_check", "unchecked"): reports("unchecked"),
    ("label_printer", "underweight"): passes("sample_weight", lambda weight: weight < 125),
    ("label_printer", "sample-missing"): reports("sample_missing"),
    ("label_printer", "discarded-early"): reports("discarded_early"),
    ("label_printer", "paper-out"): lambda said: reports("paper_out")(said) and shows(paper=0.0)(said),
    ("receiving_scale", "short-delivery"): lambda said: any(
        one.values["net"] < 0.95 * one.values["ordered"] for one in telemetry(said) if "net" in one.values
    ),
    ("receiving_scale", "warm-delivery"): lambda said: any(
        one.values["surface_temp"] > one.values["surface_limit"] for one in telemetry(said) if "net" in one.values
    ),
    ("receiving_scale", "trace-missing"): reports("trace_missing"),
    ("fridge", "compressor-failure"): passes("air_temp", lambda air: air > 5.5),
    **{("fridge", name): EVIDENCE["cold_store", name] for name in FAULTS["fridge"] if ("cold_store", name) in EVIDENCE
       and name != "compressor-failure"},
    ("gas_detector", "gas-on"): shows(valve_open=True),
    ("gas_detector", "leak"): lambda said: reports("gas_leak")(said) and shows(valve_open=False, fan=True)(said),
    ("gas_detector", "leak-at-meter"): reports("gas_leak"),
    ("gas_detector", "bad-burning"): reports("carbon_monoxide"),
    ("gas_detector", "fire"): lambda said: reports("smoke")(said) and shows(smoke=True)(said),
    ("gas_detector", "sensor-fault"): reports("sensor_fault"),
    ("gas_detector", "sensor-expired"): passes("sensor_days", lambda days: days < 0),
}  # fmt: skip
RECOVERY_S = {"compressor-failure": 3600.0, "refrigerant-leak": 900.0, "amount-mismatch": 0.0}
STEP_S = {"elevator": 0.25}  # the others are slow, or come by themselves
BODY_FAULTS = [
    (kind, name) for kind, faults in FAULTS.items() for name, fault in faults.items() if fault.layer is Layer.BODY
]
LIVES = [(*fault, seed) for fault in BODY_FAULTS for seed in ((1, 7, 32) if fault[0] == "elevator" else (1,))]


def test_every_fault_of_a_body_has_its_evidence_here() -> None:
    assert set(BODY_FAULTS) == set(EVIDENCE)


@pytest.mark.parametrize("kind, name, seed", LIVES)
def test_a_fault_shows_within_its_time_not_before_and_not_after(kind: str, name: str, seed: int) -> None:
    step = STEP_S.get(kind, 1.0)
    fault, evidence = FAULTS[kind][name], EVIDENCE[kind, name]
    life = born(kind, seed=seed, door_every_s=float("inf")) if kind == "fridge" else born(kind, seed=seed)
    assert not evidence(life.live(QUIET_S, step))
    life.device.body.begin(name)
    during = life.live(fault.shows_s + 1, step)
    assert evidence(during)
    life.device.body.end(name)
    ended = life.live(RECOVERY_S.get(name, 60.0), step)
    assert not evidence(life.live(AFTER_S, step))
    begun = [one.code for one in events(during) if one.phase is EventPhase.BEGIN]
    over = [one.code for one in events([*during, *ended]) if one.phase is EventPhase.END]
    assert sorted(begun) == sorted(over)


def test_an_unknown_fault_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownFaultError, match="kind scale has no fault 'flood'; it has cover-opened, "):
        device_fault.find("scale", "flood")


@pytest.mark.parametrize("name, by", [("zero-drift", 1e9), ("zero-drift", float("nan")), ("cover-opened", 1.0)])
def test_an_amount_outside_its_range_is_refused(name: str, by: float) -> None:
    with pytest.raises(BadAmountError, match=name):
        device_fault.find("scale", name).amount(by)


def test_defaults_lie_within_their_ranges() -> None:
    for faults in FAULTS.values():
        for fault in faults.values():
            assert fault.by is None or fault.amount(fault.by.default) == fault.by.default
