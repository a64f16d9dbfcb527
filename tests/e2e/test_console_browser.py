"""The console in a real browser: alerts and pictures arrive by themselves, an alert is reported with a photo."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, Route, async_playwright, expect

from domain import claim_code
from domain.scene import Scene
from store import provisioning
from store.connection import connect
from tests.console_client import served
from tests.console_world import PASSWORD, add_alert, add_scene, busy_day, drawn, hidden
from tests.servers import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@asynccontextmanager
async def _phone(complaints: list[str]) -> AsyncIterator[Page]:
    """A small phone; what the browser complains of (errors, refusals of the content policy) is kept."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="zh-CN")
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()


async def _log_in(page: Page, address: str, login: str) -> None:
    await page.goto(f"{address}/")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")


async def test_an_operator_works_on_a_phone(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), _phone(complaints) as page:
        busy_day(world)
        await _log_in(page, address, "cold")
        await expect(page.locator("[data-live].on")).to_be_visible()
        await expect(page.locator(".row")).to_have_count(2)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        alert = add_alert(world, "trapped", "cold-person-trapped", device="cold-2", why="trapped = 1")
        arrived = page.locator(f".row[data-id='{alert}']")
        await expect(arrived).to_be_visible()
        assert (await page.title()).startswith("(2)")

        await arrived.locator("a").click()
        await page.click("[action$='/acknowledge'] button")
        await expect(page.locator(".notice.good")).to_contain_text("已签收")
        await page.fill("textarea[name=text]", "人员已安全离开，按钮已复位。")
        await page.click("[data-report] button")
        await expect(page.locator(".notice.bad")).to_contain_text("照片")
        await expect(page.locator("textarea[name=text]")).to_have_value("人员已安全离开，按钮已复位。")
        photo = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=drawn("repair"))
        await page.set_input_files("[type=file]", files=[photo])
        await expect(page.locator("[data-preview] img")).to_have_count(1)
        await page.click("[data-report] button")
        await expect(page.locator(".notice.good")).to_contain_text("等待复核")
        await expect(page.locator(".report .photos img")).to_have_count(1)

        await page.goto(f"{address}/devices/{world.devices['cold-1']}")
        await expect(page.locator("[data-plots] canvas").first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.click("button.lang")
        await expect(page.locator("h1")).to_have_text("Freezer 1")
    assert [said for said in complaints if "422" not in said] == []


async def test_a_picture_appears_once_its_bytes_are_there(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    frame, boxed = drawn("prep"), drawn("prep", (0.4, 0.3, 0.6, 0.8))
    async with served(dsn, tmp_path) as (address, world), _phone(complaints) as page:
        scene = add_scene(
            world, "canteen-1-prep", Scene.PHONE, "prep", why="w", frame=frame, boxed=boxed, uploaded=False
        )
        add_alert(world, "phone", "phone", camera="canteen-1-prep", scene_event=scene)
        await _log_in(page, address, "canteen")
        await expect(page.locator(".row .thumb[data-awaited]")).to_be_visible()
        await page.evaluate("window.untouched = true")
        world.keep(hidden(boxed))
        await _shows(page, ".row .thumb img")
        assert await page.evaluate("window.untouched")

        await page.goto(f"{address}/sites/{world.sites['canteen-1']}")
        await expect(page.locator(".camera [data-awaited]")).to_be_visible()
        await page.evaluate("window.untouched = true")
        world.keep(hidden(frame))
        await _shows(page, ".camera img")
        assert await page.evaluate("window.untouched")
    assert complaints == []


async def _shows(page: Page, selector: str) -> None:
    """Wait for a picture that the browser has decoded."""
    await expect(page.locator(selector)).to_be_visible()
    await page.wait_for_function("selector => document.querySelector(selector)?.naturalWidth > 0", arg=selector)


async def test_faces_are_shown_after_a_purpose_is_stated(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), _phone(complaints) as page:
        scene = add_scene(world, "canteen-1-prep", Scene.PHONE, "prep", why="w", frame=drawn("prep"))
        alert = add_alert(world, "phone", "phone", camera="canteen-1-prep", scene_event=scene)
        original, redacted = (
            f"[src$='{world.evidence[f'canteen-1-prep {kind}']}']" for kind in ("boxed", "boxed_redacted")
        )
        await _log_in(page, address, "canteen")
        await page.goto(f"{address}/alerts/{alert}")
        await _shows(page, f".stage {redacted}")
        await expect(page.locator(f".stage {original}")).to_have_count(0)

        await page.click("[data-unblur]")
        await page.check("dialog.purpose [value=other]")
        await page.click("dialog.purpose button.main")
        await expect(page.locator("dialog.purpose [role=alert]")).to_contain_text("用途")
        await page.check("dialog.purpose [value=other]")
        await page.fill("dialog.purpose [name=words]", "辨认当班人员")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.click("dialog.purpose button.main")
        await expect(page.locator("[data-until]")).to_contain_text("未遮挡，查看已记录，用途：其他用途")
        await _shows(page, f".stage {original}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [said for said in complaints if "422" not in said] == []


async def test_what_happened_before_the_line_stood_is_shown(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    async with served(dsn, tmp_path) as (address, world), _phone(complaints) as page:
        await page.route("**/api/v1/events", hold)
        async with page.expect_request("**/api/v1/events"):
            await _log_in(page, address, "cold")
        await expect(page.locator(".empty")).to_be_visible()
        alert = add_alert(world, "trapped", "cold-person-trapped", device="cold-2", why="trapped = 1")
        go_on.set()
        await expect(page.locator(f".row[data-id='{alert}']")).to_be_visible()
    assert complaints == []


async def test_a_device_is_claimed_on_a_phone_by_its_qr_code(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, _), _phone(complaints) as page:
        code = claim_code.generate()
        connection = await connect(dsn, autocommit=True)
        await provisioning.put_vendor(connection, "acme", "顶点", "Acme", "")
        await provisioning.offer_claim(connection, code, "acme", "cold-store", "A7")
        await connection.close()

        await page.goto(claim_code.address(address, code))  # what the camera opens, before anybody is logged in
        await page.fill("[name=login]", "admin")
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await expect(page.locator(".facts")).to_contain_text("A7")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for field, text in (("site", "cold-base"), ("code", "room-5"), ("zh", "五号冷库")):
            await page.fill(f"[name={field}]", text)
        await page.click("main button.main")
        await expect(page.locator("[data-password]")).to_have_text(re.compile(r"^\S{32}$"))
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.click(".crumbs a")
        await expect(page.locator("h1")).to_have_text("五号冷库")

        await page.click(".confirm details:last-child summary")
        await page.click("[action$='/revoke'] button")
        await expect(page.locator(".health.bad", has_text="已撤销")).to_be_visible()
    assert complaints == []
