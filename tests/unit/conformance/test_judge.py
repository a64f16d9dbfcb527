"""The judge of the vendor kit: each vendor's mischief and each fault of the field is named, a sound device passes."""

import msgspec
import pytest

from domain.profile import DeviceProfile, Sampling
from mingchu.conformance.case import open_case
from mingchu.conformance.finding import Verdict
from mingchu.conformance.judge import CHECKS, LIMITS, conforms, judge
from mingchu.conformance.wording import chinese
from simulators.scenario_file import FaultRole
from simulators.vendor_double import MISCHIEFS
from tests.vendor_life import SHIPPED, faults_of, verdicts, watch

SOUND = ["elevator", "scale", "cold_store", "fridge", "gas_detector"]

# What each mischief must be called, by check; on the kind of device that shows it.
NAMED = {
    "qos-0": ("elevator", {"qos"}),
    "retained-data": ("elevator", {"retain"}),
    "no-will": ("elevator", {"will"}),
    "will-elsewhere": ("elevator", {"will", "will-words"}),
    "no-presence": ("elevator", {"presence"}),
    "foreign-topic": ("elevator", {"topics"}),
    "unknown-metric": ("cold_store", {"metrics"}),
    "undeclared-unit": ("elevator", {"ranges"}),
    "wrong-unit": ("cold_store", {"units"}),
    "inverted": ("elevator", {"polarity"}),
    "odd-status": ("elevator", {"codes"}),
    "unknown-code": ("elevator", {"events"}),
    "local-time": ("elevator", {"payload"}),
    "no-seq": ("cold_store", {"sequence"}),
    "stuck-seq": ("elevator", {"reuse"}),
    "gaps": ("elevator", {"sequence"}),
    "whole-minutes": ("elevator", {"times"}),
    "wrong-sum": ("scale", {"sales"}),
    "forgets": ("elevator", {"replay"}),
    "restamps": ("elevator", {"replay"}),
}
EVENT = (FaultRole(20, "alarm-button", 20),)


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_device_conforms(kind: str) -> None:
    findings = judge(watch(kind))
    assert [f"{one.check}: {one.detail} {one.samples}" for one in findings if one.verdict is Verdict.FAIL] == []
    assert conforms(findings)
    passed = {one.check for one in findings if one.verdict is Verdict.PASS}
    assert {
        "login",
        "topics",
        "qos",
        "will",
        "will-words",
        "payload",
        "units",
        "ranges",
        "clock",
        "reconnect",
    } <= passed


def test_the_second_dialect_conforms_to_its_own_profile_and_not_to_the_other() -> None:
    assert conforms(judge(watch("elevator", spoken="second-list")))
    other = watch("elevator", spoken="second-list", profile=SHIPPED["elevator-gbt24476"])
    assert verdicts(other)["polarity"] is Verdict.FAIL


def test_every_mischief_is_tried() -> None:
    assert set(NAMED) == set(MISCHIEFS)


@pytest.mark.parametrize("mischief", sorted(NAMED))
def test_every_mischief_is_named(mischief: str) -> None:
    kind, wanted = NAMED[mischief]
    faults = EVENT if mischief == "unknown-code" else ()
    assert wanted <= faults_of(watch(kind, mischief, faults=faults))
    assert not wanted & faults_of(watch(kind, faults=faults))


@pytest.mark.parametrize("mischief", ["", *sorted(NAMED)])
def test_every_sentence_of_a_report_is_there_in_chinese(mischief: str) -> None:
    kind = NAMED[mischief][0] if mischief else "scale"
    details = [one.detail for one in judge(watch(kind, *filter(None, [mischief]), quiet_s=120.0))]
    assert [detail for detail in (*details, *LIMITS) if chinese(detail) == detail] == []


def profile_of(kind: str) -> DeviceProfile:
    """The kind's usual profile, which asks for a status every 60 s."""
    code = {"elevator": "elevator-gbt24476", "cold_store": "cold-store"}[kind]
    return msgspec.structs.replace(SHIPPED[code], sampling=Sampling(period_s=60.0))


@pytest.mark.parametrize(
    "fault, by, wanted",
    [
        ("silent", None, "sampling"),
        ("record-gap", None, "sampling"),
        ("clock-skew", -3600, "clock"),
        ("clock-skew", 4000, "clock"),
        ("clock-skew", -30, "clock"),
        ("duplicates", 0.5, "repeats"),
        ("reordering", 20, "order"),
        ("loss", 0.5, "order"),
        ("late", 900, "clock"),
        ("outage", None, "sampling"),
        ("cut-off", None, "connection"),
        ("garbage", 0.2, "payload"),
    ],
)
def test_every_fault_of_terminal_and_link_is_named(fault: str, by: float | None, wanted: str) -> None:
    """They begin after a while and stay to the end; the profile asks for a status every 60 s."""
    lasts = 150 if fault in ("cut-off", "outage", "silent", "record-gap") else 2000
    role = FaultRole(20, fault, lasts, by)
    quiet = 1500.0 if fault == "late" else 300.0
    kind = "cold_store" if fault == "record-gap" else "elevator"
    assert wanted in faults_of(watch(kind, faults=[role], profile=profile_of(kind), quiet_s=quiet))


def test_a_unit_that_was_not_said_is_guessed() -> None:
    (finding,) = [one for one in judge(watch("elevator", "undeclared-unit")) if one.check == "ranges"]
    assert any("sent in mm/s without saying so?" in sample for sample in finding.samples)


def test_a_device_that_never_came_is_not_praised() -> None:
    findings = judge(open_case(SHIPPED["cold-store"], ("s", "d"), [], 100.0))
    assert {one.check for one in findings if one.verdict is Verdict.FAIL} == {"login"}
    assert not [one.check for one in findings if one.verdict is Verdict.PASS]
    assert len(findings) == len(CHECKS)
