"""In a real browser, at a phone's size: the operator's home, the guided report over a lost line, an inspection."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from PIL import Image
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, async_playwright, expect

from domain.scene import Scene
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, add_readings, add_scene, now
from tests.e2e.look import look
from tests.servers import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PHONE = ViewportSize(width=360, height=740)

pytestmark = [
    pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package"),
    pytest.mark.slow,
]

# The size of the draft's photo, which is what is sent.
_KEPT = """() => new Promise((done) => {
  const opened = indexedDB.open("mingchu-drafts", 1);
  opened.onsuccess = () => {
    const asked = opened.result.transaction("report").objectStore("report").getAll();
    asked.onsuccess = () => done(asked.result[0].photos[0].blob.size);
  };
})"""


def photo(megabytes: float = 4.0) -> FilePayload:
    """A photo as a phone's camera makes it, with EXIF, of about that size."""
    image = Image.effect_noise((3200, 2400), 40).convert("RGB")
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: "2026:11:20 10:11:12", 0x9011: "+08:00"})
    for quality in range(60, 100, 5):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, exif=exif)
        if out.tell() >= megabytes * 1e6:
            break
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@asynccontextmanager
async def visiting(browser: Browser, address: str, login: str, complaints: list[str]) -> AsyncIterator[Page]:
    """A fresh profile on a phone, logged in."""
    context = await browser.new_context(
        viewport=_PHONE, has_touch=True, device_scale_factor=2, locale="zh-CN", base_url=address
    )
    context.set_default_timeout(PATIENCE_S * 1000)
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/login?next=/home" if login != "yuexiu" else "/login?next=/inspections")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.main")
    await page.wait_for_url(re.compile("/(home|inspections)$"))
    yield page
    await context.close()


async def draw(page: Page, canvas: str = "[data-sign]") -> None:
    """A signature of some strokes."""
    await page.locator(canvas).first.scroll_into_view_if_needed()
    box = await page.locator(canvas).first.bounding_box()
    assert box is not None
    for offset in (0.3, 0.6):
        await page.mouse.move(box["x"] + 30, box["y"] + box["height"] * offset)
        await page.mouse.down()
        for step in range(1, 9):
            await page.mouse.move(box["x"] + 30 + 25 * step, box["y"] + box["height"] * (offset + 0.1 * (step % 2)))
        await page.mouse.up()


def fire(world: World) -> int:
    event = add_scene(world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="明火持续 184 秒，灶台区内无人")
    return add_alert(
        world, "fire", "fire-unattended", camera="canteen-1-stove", zone="stove", scene_event=event,
        due=timedelta(minutes=25), why="明火持续 184 秒，灶台区内无人（20 个样本）",
    )  # fmt: skip


async def installable(context: BrowserContext, page: Page) -> None:
    """What Chromium asks of an app: a manifest with icons, a worker that is there, nothing that hinders."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session = await context.new_cdp_session(page)
    found = await session.send("Page.getAppManifest")
    assert found["errors"] == []
    assert '"display":"standalone"' in found["data"].replace(" ", "")
    hindrances = await session.send("Page.getInstallabilityErrors")
    names = {one["errorId"] for one in hindrances["installabilityErrors"]} - {"in-incognito"}
    assert names == set()


async def test_a_report_survives_a_lost_line_and_is_one(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        alert = fire(world)
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        async with visiting(browser, address, "canteen", complaints) as page:
            await look(page, "phone-home")
            await installable(page.context, page)
            await page.locator(".urgent .go").first.tap()
            await expect(page.locator(".wrong")).to_be_visible()
            await page.get_by_text("我已知晓，开始整改").tap()
            await expect(page.locator("[data-guide][data-ready]")).to_be_visible()
            await look(page, "phone-guide-what")
            await page.locator("[data-next]").tap()
            await page.locator("[data-next]").tap()
            await expect(page.locator("[data-kept].warn")).to_contain_text("请先拍一张照片")
            await page.locator("[data-take]").set_input_files(photo())
            await expect(page.locator("[data-photos] small")).to_contain_text("2026/11/20 10:11:12")
            assert await page.evaluate(_KEPT) <= 400 * 1024
            await look(page, "phone-guide-photo")
            await page.locator("[data-next]").tap()
            await page.locator("[data-suggest]").first.tap()
            await look(page, "phone-guide-words")
            await page.locator("[data-next]").tap()
            await draw(page)
            await look(page, "phone-guide-sign")
            await page.locator("[data-next]").tap()
            await expect(page.locator("[data-review-signature]")).to_be_visible()
            await page.reload()  # the draft is kept
            await expect(page.locator("[data-review-text]")).to_contain_text("已关火")
            await look(page, "phone-guide-review")
            await page.context.set_offline(True)
            await page.locator("[data-send]").tap()
            await expect(page.locator("[data-waiting]")).to_be_visible()
            await look(page, "phone-guide-waiting")
            await page.goto("/home")
            await expect(page.locator(".sorry [data-waiting] b")).to_have_text("1")
            await look(page, "phone-offline")
            await page.context.set_offline(False)
            await expect(page.locator(".home")).to_be_visible()  # by itself
            await page.goto(f"/alerts/{alert}/guide")
            await expect(page.locator(".result")).to_contain_text("手机所称拍摄时间")
            await expect(page.locator(".result .signed")).to_be_visible()
            await look(page, "phone-guide-result")
        await browser.close()
    assert [said for said in complaints if "ERR_INTERNET_DISCONNECTED" not in said] == []
    with psycopg.connect(dsn) as connection:
        kept = connection.execute(
            "SELECT kind, claimed_by, claimed AT TIME ZONE 'UTC' = '2026-11-20 02:11:12'"
            " FROM rectification_photo ORDER BY kind"
        ).fetchall()
        assert kept == [("photo", "exif", True), ("signature", None, None)]
        assert connection.execute("SELECT count(*) FROM rectification").fetchone() == (1,)


async def test_an_inspection_is_assigned_done_and_signed_on_a_phone(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        alert = add_alert(world, "warm", "cold-frozen-warm", device="cold-1")
        add_readings(world, "cold-1", "air_temp", [(now(), -12.5)])
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        async with visiting(browser, address, "yuexiu", complaints) as page:
            await page.get_by_text("指派检查").tap()
            form = page.locator("form[action='/inspections']")
            await form.locator("[name=site]").select_option(label="南方冷链一号库区")
            await form.locator("[name=checklist]").select_option("cold-store-weekly")
            await look(page, "phone-inspections")
            await form.locator("button").tap()
            await expect(page.locator(".lines").first).to_contain_text("冷库每周检查")
        async with visiting(browser, address, "cold", complaints) as page:
            await look(page, "phone-home-cold")
            await page.get_by_text("冷库每周检查").tap()
            await page.locator(".tools a").tap()
            await page.fill("[name=value]", "-12.5")
            await page.fill("[name=note]", "门封条漏冷，已报修")
            await page.locator("[name=alert]").select_option(str(alert))
            await page.locator("[data-photos-input]").set_input_files(photo(1.0))
            await expect(page.locator("[data-photos-input][data-ready]")).to_be_attached()
            await look(page, "phone-inspection-number")
            await page.locator("button.big").tap()
            for place in (1, 2, 3, 4):
                await expect(page.locator(".step .small").first).to_contain_text(f"第 {place + 1} 项")
                await page.locator("[value=yes]").check()
                if place == 3:
                    await page.locator("[data-photos-input]").set_input_files(photo(1.0))
                    await expect(page.locator("[data-photos-input][data-ready]")).to_be_attached()
                    await look(page, "phone-inspection-yes")
                await page.locator("button.big").tap()
            for signer in ("陈刚", "李强"):
                form = page.locator("[data-signing]").first
                await form.locator("[name=name]").fill(signer)
                await draw(page)
                await look(page, f"phone-inspection-sign-{signer}")
                await form.locator("button.main").tap()
                await expect(page.locator("body")).to_contain_text(f"{signer} 已签名")
            await expect(page.locator(".findings .failed")).to_contain_text("门封条漏冷")
            await expect(page.locator("body")).to_contain_text("与审计日志一致")
            await look(page, "phone-inspection-done")
            await page.emulate_media(media="print")
            await look(page, "phone-inspection-print")
        await browser.close()
    assert complaints == []
