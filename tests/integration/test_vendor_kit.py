"""The vendor kit before real connections: simulated devices of a sound and of a careless vendor."""

import asyncio
from pathlib import Path

import pytest

from ingest.library import profiles
from mingchu.conformance import report as reports
from mingchu.conformance.case import Case, open_case
from mingchu.conformance.finding import Verdict
from mingchu.conformance.kit import Kit, KitConfig
from mingchu.conformance.report import ReportError
from simulators import alone
from simulators.alone import AloneConfig
from simulators.mqtt_client import Login
from simulators.scenario_file import DeviceRole

SHIPPED = {one.code: one for one in profiles()}
CARELESS = frozenset({"qos-0", "no-will", "foreign-topic", "undeclared-unit"})


async def watch(code: str, out: Path, mischiefs: frozenset[str] = frozenset(), fault: str = "") -> Case:
    """A simulated lift at a kit of its own."""
    config = KitConfig(
        SHIPPED["elevator-gbt24476"], "s", code, "secret", wait_s=30, quiet_s=2, outage_s=2, after_s=5, settle_s=2
    )
    invited: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def tell(text: str) -> None:
        if not invited.done():
            invited.set_result(text.split(" ")[4].rstrip(","))

    kit = asyncio.create_task(Kit(config, tell).run())
    login = Login(await invited, f"s.{code}", "secret")
    stop = asyncio.Event()
    role = DeviceRole("elevator", "s", code, 0.5)
    device = asyncio.create_task(alone.run(AloneConfig(role, login, out / f"{code}.jsonl", mischiefs), stop))
    facts, ended = await kit
    stop.set()
    await device
    return open_case(config.profile, ("s", code), facts, ended)


@pytest.mark.slow
async def test_a_sound_and_a_careless_device_are_told_apart(tmp_path: Path) -> None:
    sound, careless = await asyncio.gather(watch("lift", tmp_path), watch("cheap", tmp_path, CARELESS))
    good, poor = reports.make(sound, "test"), reports.make(careless, "test")
    failed = [f"{one.check}: {one.detail}" for one in good.findings if one.verdict is Verdict.FAIL]
    assert failed == []
    passed = {one.check for one in good.findings if one.verdict is Verdict.PASS}
    assert {"login", "topics", "qos", "will", "will-words", "presence", "reconnect", "replay", "sequence"} <= passed
    assert not poor.conforms
    assert {"qos", "will", "topics"} <= {one.check for one in poor.findings if one.verdict is Verdict.FAIL}


def report() -> bytes:
    case = open_case(SHIPPED["cold-store"], ("s", "<b>"), [], 0.0)
    return reports.sign(reports.make(case, "test"), reports.key_of("secret"))


def test_a_report_and_its_page_verify_and_name_their_key() -> None:
    signed = report()
    for written in (signed, reports.page(signed)):
        found = reports.verify(written)
        assert found.key == reports.public(reports.key_of("secret"))
        assert found.report.device == "<b>"
    assert b"<b>" not in reports.page(signed)


@pytest.mark.parametrize("before, after", [(b'"fail"', b'"pass"'), (b"cold-store", b"cold-stare")])
def test_a_changed_report_is_found_out(before: bytes, after: bytes) -> None:
    with pytest.raises(ReportError, match="the signature does not hold"):
        reports.verify(report().replace(before, after))


def test_a_page_that_shows_something_else_is_found_out() -> None:
    page = reports.page(report())
    with pytest.raises(ReportError, match="the page does not show what was signed"):
        reports.verify(page.replace("不符合 does not conform".encode(), "符合 conforms".encode()))
    with pytest.raises(ReportError, match="this is no report of the vendor kit"):
        reports.verify(b"<html></html>")
