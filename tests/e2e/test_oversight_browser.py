"""In a real browser: who is first and why, a draw, a report, a hold; on a desk and on a phone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from alerts import reporting, risk
from domain.period import ZONE, midnight
from store import risk as table
from store.connection import ServiceRole, connect
from store.risk import Day, Score
from tests.console_client import served
from tests.console_world import PASSWORD, World, busy_day
from tests.e2e.look import look
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, DESK, PHONE

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Debian's chromium package")


async def _month(world: World) -> None:
    """Scores of a month, the newest by the job; and the reports that are due."""
    async with await connect(world.dsn, autocommit=True) as owner:
        await table.install(owner, risk.shipped())
    weights, now = risk.shipped(), datetime.now(UTC)
    today = now.astimezone(ZONE).date()
    with psycopg.connect(world.dsn) as connection:
        connection.execute("INSERT INTO camera_health (camera_id, state, at, why) SELECT id, health, now() -"
                           " interval '20 hours', '' FROM camera")  # fmt: skip
    async with await connect(world.dsn, ServiceRole.ALERTS, autocommit=True) as connection:
        for ago in range(29, 0, -1):
            day = today - timedelta(days=ago)
            row = [ago % 3, 1.0, 2.0, ago / 60, ago % 5, 0.1, 0.0, 90.0 - ago, 0.0]
            site = world.sites["canteen-1"]
            await table.put(connection, day, [Score(site, 0, weights.score(row), [float(one) for one in row])])
            await table.close(connection, Day(day, midnight(day + timedelta(days=1)), weights.version, 1))
        await risk.keep(connection, now)
        await reporting.keep(connection, now)


@asynccontextmanager
async def _page(browser: Browser, address: str, viewport: ViewportSize, complaints: list[str]) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport=viewport, locale="zh-CN", base_url=address)
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/")
    await page.fill("[name=login]", "yuexiu")
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await expect(page.locator("[data-live]")).to_be_visible()
    yield page
    await context.close()


async def _walk(page: Page, world: World, name: str) -> None:
    await page.locator("nav.nav a[href='/risk']").evaluate("a => a.click()")  # wherever the menu has it
    await expect(page.locator(".ranking .row").first).to_contain_text("南方冷链")
    await look(page, f"risk-{name}")
    await page.locator(".ranking .row", has_text="百味餐厅").locator("a").click()
    await expect(page.locator("#risk .trend rect")).to_have_count(30)
    await expect(page.locator("#risk meter")).to_have_count(9)
    await look(page, f"site-{name}")
    await page.goto("/draws")
    await page.fill("[name=sites]", "3")
    await page.fill("[name=inspectors]", "1")
    await page.click("button.main")
    await expect(page.locator(".notice.good")).to_contain_text("复核一致")
    await expect(page.locator(".drawn").first.locator("li")).to_have_count(3)
    await look(page, f"draw-{name}")
    await page.locator("nav.nav a[href='/reports']").evaluate("a => a.click()")
    await page.wait_for_url("**/reports")
    await page.click("#subscriptions summary")
    await page.select_option("#subscriptions [name=span]", "week")
    await page.click("#subscriptions button.main")
    await expect(page.locator("#subscriptions .notice.good")).to_contain_text("已订阅")
    await expect(page.locator("#subscriptions .lines li")).to_have_count(1)
    await look(page, f"reports-{name}")
    await page.locator("main > .lines a").first.click()
    await expect(page.locator("main h1")).to_contain_text("越秀区")
    await look(page, f"report-{name}")
    async with page.expect_download() as download:
        await page.locator(".tools a").first.click()
    assert (await download.value).suggested_filename.endswith(".pdf")
    await page.goto(f"/alerts/{world.alerts['rat']}")
    await page.click(".hold summary")
    await page.fill(".hold [name=why]", f"越秀区法院 4711 号案 ({name})")
    await page.click(".hold form button")
    await expect(page.locator(".hold")).to_contain_text("4711")
    await look(page, f"alert-{name}")
    await page.goto("/holds")
    await look(page, f"holds-{name}")
    await page.locator("form [name=why]").first.fill("结案")
    await page.locator("form button", has_text="解除保全").first.click()
    await expect(page.locator(".card.past").first).to_contain_text("结案")


@pytest.mark.slow
async def test_oversight_on_a_desk_and_on_a_phone(dsn: str, tmp_path: Path) -> None:
    complaints = list[str]()
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        busy_day(world)
        await _month(world)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, viewport in (("desk", DESK), ("phone", PHONE)):
            async with _page(browser, address, viewport, complaints) as page:
                await _walk(page, world, name)
        await browser.close()
    assert complaints == []
