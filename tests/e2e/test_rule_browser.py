"""In a real browser: a rule is edited, tried over stored readings, saved, and a device's message raises by it."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest
from paho.mqtt import MQTTException, publish
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from alerts import engine, rulebook
from alerts.config import AlertsConfig
from ingest import replay
from store import rules
from store.connection import connect
from tests.console_world import PASSWORD, World, add_alert, add_readings, now
from tests.enrolled_edge import Platform, platform
from tests.ingest_world import ago, eventually
from tests.servers import PATIENCE_S, PrivateBroker

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_DESK, _PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@asynccontextmanager
async def _admin(place: Platform, complaints: list[str]) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        context = await browser.new_context(viewport=_DESK, locale="zh-CN", base_url=place.address)
        context.set_default_timeout(PATIENCE_S * 1000)
        page = await context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/rules")
        await page.fill("[name=login]", "admin")
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        yield page
        await browser.close()


@asynccontextmanager
async def _deciding(dsn: str, folder: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    working = asyncio.create_task(engine.run(AlertsConfig(dsn, "http://console", folder), stop, replay.portions))
    yield
    stop.set()
    await working


async def _look(page: Page, name: str) -> None:
    """Nothing sticks out, on a desk and on a phone; pictures are kept where the environment names a folder for them."""
    for size, kind in ((_PHONE, "phone"), (_DESK, "desk")):
        await page.set_viewport_size(size)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, kind)
        folder = os.environ.get("MINGCHU_TEST_PICTURES")
        if folder:
            await page.screenshot(path=Path(folder) / f"{name}-{kind}.png", full_page=True)


def _warm_night(world: World) -> None:
    """An hour at −16.5 °C, which the rule that ships allows; and one at −10 °C, of which there was an alert."""
    times = [now() - timedelta(hours=20) + n * timedelta(minutes=1) for n in range(1100)]
    warm = {**dict.fromkeys(range(300, 360), -16.5), **dict.fromkeys(range(700, 760), -10.0)}
    add_readings(world, "cold-1", "air_temp", [(at, warm.get(n, -20.0)) for n, at in enumerate(times)])
    for metric, value in (("set_point", -18.0), ("defrost", 0.0)):
        add_readings(world, "cold-1", metric, [(times[0], value)])
    began = now() - times[700]
    add_alert(world, "warm", "cold-plain", device="cold-1", began=began, condition="CLEARED", status="closed")


async def _ship(dsn: str) -> None:
    """A rule that stays as it is when the product's own change."""
    shipped = next(rule for rule in rulebook.default() if rule.code == "cold-frozen-warm")
    plain = msgspec.structs.replace(
        shipped,
        code="cold-plain",
        version=1,
        predicate="air_temp > -15 and set_point <= -10 and not defrost",
        guards=(),
        incident=None,
    )
    async with await connect(dsn, autocommit=True) as owner:
        await rules.install(owner, [plain])


async def _says(place: Platform, air_temp: float) -> bool:
    """The freezer's message; False while the broker does not know it yet."""
    values = {"air_temp": air_temp, "set_point": -18.0, "defrost": False}
    message = json.dumps({"ts": ago(), "values": values})
    port, topic = place.broker.broker.port, "mc/v1/cold-base/cold-1/telemetry"

    def say() -> None:
        publish.single(topic, message, qos=1, port=port, auth={"username": "cold-base.cold-1", "password": "x"})

    try:
        await asyncio.to_thread(say)
    except (MQTTException, OSError):
        return False
    return True


def _raised(dsn: str) -> bool:
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("SELECT FROM alert WHERE rule_code = 'cold-plain' AND rule_version = 2")
        return found.fetchone() is not None


@pytest.mark.slow
async def test_a_rule_is_edited_tried_saved_and_followed(dsn: str, tmp_path: Path, broker: PrivateBroker) -> None:
    complaints: list[str] = []
    async with platform(dsn, tmp_path, broker) as place, _deciding(dsn, tmp_path), _admin(place, complaints) as page:
        await _ship(dsn)
        await page.reload()
        _warm_night(place.world)
        await expect(page.locator("a[href='/rules/cold-plain']")).to_be_visible()
        await _look(page, "rules")
        await page.click("a[href='/rules/cold-plain']")
        document = page.locator("[name=toml]")
        await expect(document).to_have_value(_has("air_temp > -15"))
        await page.locator("[data-number]").first.fill("-17")
        await expect(document).to_have_value(_has("air_temp > -17"))
        await page.locator("[data-number]").first.press("Tab")
        text = await document.input_value()
        await document.fill(text.replace("not defrost", "not defrosting"))
        await expect(page.locator("[data-fault]")).to_contain_text("第 12 行，条件的第 45 个字符")
        await expect(page.locator("[data-save]")).to_be_disabled()
        await _look(page, "fault")
        await document.fill(text)
        await expect(page.locator("[data-fault]")).to_have_text("文档无误")
        await page.select_option("[name=days]", "1")
        await page.click("[data-run]")
        for verdict, count in (("new", 1), ("same", 1), ("gone", 0)):
            await expect(page.locator(f"[data-count={verdict}]")).to_have_text(str(count))
        await expect(page.locator(".spells li.new")).to_contain_text("-16.5")
        await _look(page, "preview")
        await page.fill("[name=for_s]", "0")
        await page.fill("[name=why]", "按 −17 ℃ 执行")
        await page.click("[data-save]")
        await page.wait_for_url("**/rules/cold-plain?done=saved")
        await expect(page.locator("#history li").first).to_contain_text("持续秒数：1800 → 0")
        await _look(page, "saved")
        await eventually(lambda: _says(place, -16.5), PATIENCE_S)

        async def raised() -> bool:
            return _raised(dsn)

        await eventually(raised, PATIENCE_S)
    assert [said for said in complaints if "422" not in said] == []


def _has(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))
