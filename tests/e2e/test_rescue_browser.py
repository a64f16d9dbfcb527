"""In a real browser: a rescuer's phone opens the link, answers, arrives and releases; the regulator sees it happen."""

import shutil
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.console_client import served
from tests.console_world import PASSWORD, World
from tests.e2e.look import look
from tests.rescue_world import trapped
from tests.servers import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PHONE = ViewportSize(width=390, height=844)

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@pytest.mark.slow
async def test_a_rescuer_reports_from_a_phone_and_the_regulator_sees_it(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        way = await trapped(world)
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        desk = await browser.new_page(base_url=address, locale="zh-CN")
        phone = await browser.new_context(
            viewport=_PHONE,
            has_touch=True,
            locale="zh-CN",
            base_url=address,
            permissions=["geolocation"],
            geolocation={"latitude": 23.12908, "longitude": 113.26436},
        )
        page = await phone.new_page()
        for one in (desk, page):
            one.set_default_timeout(PATIENCE_S * 1000)
            one.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
            one.on("pageerror", lambda error: complaints.append(str(error)))
        await _opens_the_alert(desk, world)
        await page.goto(way)
        await look(page, "rescue-phone")
        button = await page.locator("button.huge").first.bounding_box()
        assert button is not None
        assert button["height"] >= 70
        assert button["width"] >= 340
        await page.locator("button.answered").tap()
        await expect(page.locator(".notice.good")).to_contain_text("已记录：应答")
        await page.locator("[data-place] input").check()
        await page.wait_for_timeout(200)  # the position has to come first; without it the report is as good
        await page.locator("button.arrived").tap()
        await expect(page.locator(".notice.good")).to_contain_text("已记录：到场")
        await page.locator("button.released").tap()
        await expect(page.locator("button.huge")).to_have_count(0)
        await page.go_back()
        await expect(page.locator(".reported")).to_have_count(3)  # a page from the browser's memory is no second report
        await look(page, "rescue-phone-done")
        # The alert's page follows by itself: answered too late, the rest in time.
        await expect(desk.locator(".rescue-bars .late")).to_have_count(1)
        await expect(desk.locator(".rescue-bars .met")).to_have_count(2)
        await expect(desk.locator(".timeline")).to_contain_text("维保单位已到场")
        await look(desk, "rescue-desk")
        await browser.close()
    assert complaints == []
    with psycopg.connect(dsn) as connection:
        steps = connection.execute("SELECT action, claimed IS NOT NULL FROM rescue_step ORDER BY at").fetchall()
        assert steps == [("answered", True), ("arrived", True), ("released", True)]


async def _opens_the_alert(desk: Page, world: World) -> None:
    await desk.goto("/")
    await desk.fill("[name=login]", "yuexiu")
    await desk.fill("[name=password]", PASSWORD)
    await desk.click("button.main")
    await expect(desk.locator("[data-live].on")).to_be_visible()
    await desk.goto(f"/alerts/{world.alerts['trapped']}")
    await expect(desk.locator(".rescue-bars .missed")).to_have_count(1)
    await expect(desk.locator(".rescue-bars .running")).to_have_count(2)
