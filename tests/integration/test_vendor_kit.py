"""The vendor kit before real connections: simulated devices of a sound and of a careless vendor."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from importlib.resources import files
from pathlib import Path

import pytest

from ingest.library import profiles
from mingchu.conformance import report as reports
from mingchu.conformance.case import Case, open_case
from mingchu.conformance.fact import Heard
from mingchu.conformance.finding import Verdict
from mingchu.conformance.kit import Kit, KitConfig
from mingchu.conformance.report import Report, ReportError
from simulators import alone
from simulators.alone import AloneConfig
from simulators.mqtt_client import Login
from simulators.scenario_file import DeviceRole
from tests.ingest_world import speaking
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

SHIPPED = {one.code: one for one in profiles()}
SAMPLES = Path(str(files("mingchu").joinpath("samples")))
CARELESS = frozenset({"qos-0", "no-will", "foreign-topic", "undeclared-unit"})


Run = Callable[[str, str], Coroutine[None, None, None]]


async def watch(code: str, profile: str, run: Run) -> Case:
    """Let a device live at a kit of its own; `run` gets its port and code, and is cancelled at the end."""
    config = KitConfig(
        SHIPPED[profile], "s", code, "secret", wait_s=PATIENCE_S, quiet_s=2, outage_s=2, after_s=12, settle_s=5
    )
    invited: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def tell(text: str) -> None:
        if not invited.done():
            invited.set_result(text)

    kit = asyncio.create_task(Kit(config, tell).run())
    port = (await invited).partition("127.0.0.1:")[2].partition(",")[0]
    device = asyncio.create_task(run(port, code))
    facts, ended = await kit
    device.cancel()
    await asyncio.gather(device, return_exceptions=True)
    return open_case(config.profile, ("s", code), facts, ended)


def lift(out: Path, mischiefs: frozenset[str] = frozenset()) -> Run:
    """A simulated lift."""

    async def run(port: str, code: str) -> None:
        login = Login(f"mqtt://127.0.0.1:{port}", f"s.{code}", "secret")
        role = DeviceRole("elevator", "s", code, 0.5)
        await alone.run(AloneConfig(role, login, out / f"{code}.jsonl", mischiefs), asyncio.Event())

    return run


async def sample(port: str, code: str) -> None:
    """The sample client in Python."""
    words = ("--site", "s", "--device", code, "--password", "secret", "--port", port, "--every", "0.3")
    process = await asyncio.create_subprocess_exec(sys.executable, str(SAMPLES / "device.py"), *words)
    try:
        await process.wait()
    finally:
        process.kill()


def checks(report: Report, verdict: Verdict) -> set[str]:
    return {one.check for one in report.findings if one.verdict is verdict}


@pytest.mark.slow
async def test_sound_and_careless_devices_are_told_apart_and_the_sample_is_sound(tmp_path: Path) -> None:
    cases = await asyncio.gather(
        watch("lift", "elevator-gbt24476", lift(tmp_path)),
        watch("room", "cold-store", sample),
        watch("cheap", "elevator-gbt24476", lift(tmp_path, CARELESS)),
    )
    *sound, poor = [reports.make(case, "test") for case in cases]
    for good in sound:
        failed = [f"{one.check}: {one.detail}" for one in good.findings if one.verdict is Verdict.FAIL]
        assert (good.device, failed) == (good.device, [])
        wanted = {"login", "topics", "qos", "will", "will-words", "presence", "reconnect", "replay", "sequence"}
        assert wanted <= checks(good, Verdict.PASS)
    assert not poor.conforms
    assert {"qos", "will", "topics"} <= checks(poor, Verdict.FAIL)


def test_the_plain_commands_are_taken(broker: PrivateBroker) -> None:
    user, secret = broker.add_device("market-1", "scale-2")
    place = {"PORT": str(broker.broker.port), "SITE": "market-1", "DEVICE": "scale-2", "PASSWORD": secret}
    with speaking(broker, "mingchu", f"mc/v1/{user.replace('.', '/')}/#") as listener:
        subprocess.run(
            ("sh", str(SAMPLES / "device.sh")), check=True, timeout=PATIENCE_S, env={"PATH": "/usr/bin:/bin", **place}
        )
        wait_for(lambda: len(listener.heard) >= 5)
        facts = [Heard(time.time(), one.topic, bytes(one.payload)) for one in listener.heard]
    case = open_case(SHIPPED["scale-jjg1204"], ("market-1", "scale-2"), facts, time.time())
    assert case.unread == []
    assert case.unnamed == []
    assert len(case.spoken) == 5


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
