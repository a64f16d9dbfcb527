"""In a real browser: the queue is worked off by keyboard, and a choice of it is kept as a view."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, busy_day
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, DESK, picture_of
from tests.servers import PATIENCE_S

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Debian's chromium package")


@asynccontextmanager
async def _visitor(browser: Browser, address: str, login: str, complaints: list[str]) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=address, locale="en", viewport=DESK, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_S * 1000)
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/login")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await expect(page.locator("[data-live].on")).to_be_visible()
    yield page
    await context.close()


def _status(world: World, name: str) -> str:
    with psycopg.connect(world.dsn) as connection:
        row = connection.execute("SELECT status FROM alert WHERE id = %s", (world.alerts[name],)).fetchone()
    assert row is not None
    return str(row[0])


async def _operator(page: Page, world: World) -> None:
    """The gravest first: acknowledged by a key, ticked by another; keys can be switched off."""
    second = await page.locator(".row").nth(1).get_attribute("data-id")
    await page.keyboard.press("j")
    await expect(page.locator(f".row[data-id='{world.alerts['fire']}'] a")).to_be_focused()
    await page.keyboard.press("x")
    await expect(page.locator("[name=chosen]:checked")).to_have_count(1)
    await page.keyboard.press("a")
    await expect(page.locator("[data-said]")).to_contain_text(f"#{world.alerts['fire']}")
    assert _status(world, "fire") == "acknowledged"
    await expect(page.locator(f".row[data-id='{second}'] a")).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.locator("[data-keys]")).to_be_visible()
    await picture_of(page, "keys")
    await page.locator("[data-keys-on]").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.locator("[data-keys]")).to_be_hidden()


async def _regulator(page: Page, world: World) -> None:
    """A report is sent back with a reason; a filter becomes a view."""
    row = page.locator(f".row[data-id='{world.alerts['phone']}'] a")
    await row.focus()
    await page.keyboard.press("r")
    await page.keyboard.type("jar: the locker is not shown")  # keys are letters while one types
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-said]")).to_contain_text("已退回")
    assert _status(world, "phone") == "acknowledged"
    await page.keyboard.press("a")  # on whatever has the focus now: nothing that a regulator could accept
    await expect(page.locator("[data-said]")).to_contain_text("不能这样处理")
    await page.click(".filters summary")
    await page.select_option("[name=severity]", "3")
    await page.fill(".keep-view [name=name]", "Class III")
    await page.click(".keep-view button")
    await expect(page.locator(".views [aria-current]")).to_have_text("Class III")
    await page.goto("/")
    await page.click(".views a")
    await expect(page.locator("[name=severity]")).to_have_value("3")
    await page.click(".views form button")
    await expect(page.locator(".views")).to_have_count(0)


@pytest.mark.slow
async def test_the_queue_is_worked_off_by_keyboard(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        busy_day(world)
        add_alert(world, "smoking", "smoking", camera="canteen-2-stove", zone="prep", status="acknowledged")
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        async with _visitor(browser, address, "canteen", complaints) as page:
            await _operator(page, world)
        async with _visitor(browser, address, "yuexiu", complaints) as page:
            await _regulator(page, world)
        await browser.close()
    assert complaints == []
