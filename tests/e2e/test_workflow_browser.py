"""The workflow in depth in a real browser: an appeal on a phone, its verdict, and several alerts at once."""

import shutil
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from domain.scene import Scene
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, add_papers, add_report, add_scene, drawn
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, picture_of
from tests.servers import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)
pytestmark = pytest.mark.skipif(not shutil.which(CHROMIUM), reason="needs Debian's chromium package")


async def _visit(browser: Browser, address: str, login: str, complaints: list[str], *, width: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{address}/")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await expect(page.locator("[data-live].on")).to_be_visible()
    return page


def _rechecked(world: World) -> int:
    """An alert that was reported on and looked at again."""
    event = add_scene(world, "canteen-1-prep", Scene.SMOKING, "prep", why="w")
    alert = add_alert(
        world, "smoke", "smoking", camera="canteen-1-prep", zone="prep", scene_event=event, status="rectified"
    )
    add_report(world, alert, "canteen", "已清理", [drawn("repair")], timedelta(minutes=20))
    add_papers(world, alert, "canteen", "yuexiu")
    with psycopg.connect(world.dsn) as connection:
        connection.execute("UPDATE appeal SET decided = now(), decided_by = person_id, verdict = 'rejected'")
        connection.execute(
            "UPDATE recheck SET result = 'clear', ended = now(), next_look = NULL, clear_since = began,"
            " why = 'watched for 600 s, nothing seen'"
        )
    return alert


async def test_an_appeal_and_its_verdict_and_several_at_once(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        alerts = [add_alert(world, code, "cold-frozen-warm", device=code) for code in ("cold-1", "cold-2")]
        rechecked = _rechecked(world)
        phone = await _visit(browser, address, "cold", complaints, width=360)
        await phone.click("details.bulk summary")
        for alert in alerts:
            await phone.check(f".row[data-id='{alert}'] [name=chosen]")
        await picture_of(phone, "bulk-phone")
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await phone.click("details.bulk button")
        await expect(phone.locator(".notice.good")).to_contain_text("已处理 2 条")

        await phone.goto(f"{address}/alerts/{alerts[0]}")
        await phone.click("summary:has-text('申诉')")
        await phone.fill("[name=words]", "传感器在校准")
        await phone.click("[action$='/appeal'] button")
        await expect(phone.locator(".notice.good")).to_contain_text("申诉已提交")
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await picture_of(phone, "appeal-phone")

        desk = await _visit(browser, address, "yuexiu", complaints, width=1366)
        await desk.goto(f"{address}/alerts/{alerts[0]}")
        await picture_of(desk, "verdict-desk")
        await desk.fill("[action$='/deny'] [name=reason]", "校准未报备")
        await desk.click("[action$='/deny'] button:has-text('驳回')")
        await expect(desk.locator(".notice.good")).to_contain_text("期限已顺延")
        await expect(phone.locator("h2 small")).to_contain_text(["申诉驳回"])  # the other page has heard of it

        await desk.goto(f"{address}/alerts/{rechecked}")
        await expect(desk.locator(".beside .look.clear")).to_be_visible()
        await expect(desk.locator(".beside img")).to_have_count(2)
        await picture_of(desk, "recheck-desk")
        await desk.goto(f"{address}/campaigns")
        await picture_of(desk, "campaigns-desk")
        await phone.goto(f"{address}/")
        await expect(phone.locator(".row")).to_have_count(2)
        await browser.close()
    assert complaints == []
