"""Map, site, wall, tour and big screen in a real browser: drawn without outside services, worked by keyboard."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Page, async_playwright, expect

from edge.config import LiveLimits
from tests.clips import encode
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, busy_day
from tests.live_kitchen import Kitchen, kitchen
from tests.live_viewer import loopback
from tests.servers import PATIENCE_S, PrivateBroker

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--allow-loopback-in-peer-connection",
]  # fmt: skip
PHONE, DESK, WALL = (360, 740), (1280, 900), (1920, 1080)
STOVE, PREP = "canteen-1-stove", "canteen-1-prep"

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@pytest.fixture
def place(broker: PrivateBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    loopback(monkeypatch)
    clips = {
        code: encode(tmp_path / f"{code}.mp4", pictures=100, size=(320, 180), gop=50, shade=shade)
        for code, shade in ((STOVE, 90), (PREP, 150))
    }
    with kitchen(broker, clips, tmp_path, LiveLimits(silent_s=5, look_s=0.2)) as open_:
        yield open_


@asynccontextmanager
async def _browser(address: str, login: str, complaints: list[str]) -> AsyncIterator[Page]:
    """Somebody logged in; what the browser complains of (errors, refusals of the content policy) is kept."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        page = await browser.new_page(viewport={"width": DESK[0], "height": DESK[1]}, locale="zh-CN")
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith((address, "blob:")) else complaints.append(asked.url)
        )
        await page.goto(f"{address}/")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await page.wait_for_url(f"{address}/")
        yield page
        await browser.close()


async def _fits(page: Page, size: tuple[int, int], name: str) -> None:
    """The page is not wider than the screen; a picture of it is kept where the environment names a folder."""
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    if folder := os.environ.get("MINGCHU_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=size != WALL)


def _placed(world: World) -> None:
    with psycopg.connect(world.dsn) as connection:
        for code, longitude, latitude in (
            ("canteen-1", 113.2644, 23.1291),
            ("canteen-2", 113.2815, 23.1208),
            ("cold-base", 113.2602, 23.1079),
            ("tower", 113.2699, 23.1265),
        ):
            where = (longitude, latitude, code)
            connection.execute("UPDATE site SET longitude = %s, latitude = %s WHERE code = %s", where)


async def test_the_map_is_drawn_from_here_alone_and_follows_the_alerts(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world):
        busy_day(world)
        _placed(world)
        async with _browser(address, "admin", complaints) as page:
            await page.goto(f"{address}/map")
            rows = page.locator("[data-list] li")
            await expect(rows).to_have_count(5)
            await expect(rows.first).to_contain_text("百味餐厅中山五路店")  # the gravest
            await expect(page.locator(".leaflet-control-scale-line")).to_contain_text("m")
            await expect(page.locator("[data-count]")).to_contain_text("1 个没有坐标")
            assert await page.locator(".map-cell").count() > 4
            for size, name in ((DESK, "map-desk"), (PHONE, "map-phone")):
                await _fits(page, size, name)
            await page.select_option("[name=kind]", "cold_store")
            await expect(rows).to_have_count(1)
            await expect(page.locator("[data-canvas] path")).to_have_count(1)
            await page.select_option("[name=kind]", "")
            await page.select_option("[name=worst]", "0")
            await expect(rows).to_have_count(1)
            add_alert(world, "fire-2", "fire-unattended", camera="canteen-2-stove")
            await expect(rows).to_have_count(0)  # it is no longer calm; nobody has touched the page
            await page.select_option("[name=worst]", "1")
            await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
            await page.locator("[data-list] li", has_text="第七中学食堂").locator("button").click()
            picked = page.locator("[data-list] li.picked", has_text="第七中学食堂")
            for _ in range(100):  # a change that is just coming draws the points anew
                await page.locator("[data-canvas] path").last.click()
                await page.wait_for_timeout(300)
                if await picked.count():
                    break
            await expect(picked).to_be_visible()

            await page.click("td a[href='/map?at=gz.yx#table']")
            await expect(page.locator(".levels")).to_contain_text("广州市市场监督管理局 / 越秀区市场监督管理局")

            await page.goto(f"{address}/sites/{world.sites['market-1']}")  # nobody has said where it is
            await page.locator("[data-site-map]").click(position={"x": 120, "y": 100})
            await expect(page.locator("[data-site-map] path")).to_have_count(1)
            await page.click(".place-form button")
            await page.wait_for_url("**/sites/*#place")
            assert await page.input_value("[name=longitude]")
            await page.goto(f"{address}/sites/{world.sites['canteen-1']}")
            await expect(page.locator("[data-site-map] path")).to_have_count(1)
            for size, name in ((DESK, "site-desk"), (PHONE, "site-phone")):
                await _fits(page, size, name)
    assert complaints == []


async def test_the_big_screen_shows_what_happens_by_itself(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world):
        busy_day(world)
        _placed(world)
        async with _browser(address, "yuexiu", complaints) as page:
            await page.set_viewport_size({"width": WALL[0], "height": WALL[1]})
            await page.goto(f"{address}/big")
            await expect(page.locator("[data-live].on")).to_be_visible()
            await expect(page.locator("[data-canvas] path").first).to_be_visible()
            await page.wait_for_function("() => document.querySelector('.shot-small img')?.naturalWidth > 0")
            await _fits(page, WALL, "big")
            assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
            add_alert(world, "smoke", "smoking", camera=PREP)
            await expect(page.locator(".last li").first).to_contain_text("切配间")
            await _fits(page, PHONE, "big-phone")
    assert complaints == []


@pytest.mark.slow
async def test_a_wall_and_a_tour_through_a_real_kitchen(
    dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen
) -> None:
    complaints: list[str] = []
    async with (
        served(dsn, tmp_path / "vault", broker) as (address, world),
        _browser(address, "yuexiu", complaints) as page,
    ):
        await page.goto(f"{address}/wall")
        await page.click("[data-choose]")
        for code in (STOVE, PREP):
            await page.check(f"[data-choices] [value='{world.cameras[code]}']")
        await page.fill("[data-name]", "热厨")
        await page.click("[data-save]")
        tiles = page.locator(".tile-camera")
        await expect(tiles).to_have_count(2)
        for code in (STOVE, PREP):
            await page.wait_for_function(
                "id => document.querySelector(`[data-camera='${id}'] img`)?.naturalWidth === 320",
                arg=world.cameras[code],
            )
        await expect(tiles.first).to_contain_text("人脸已遮挡")
        await page.click("[data-go-live]")
        await page.check("[data-purpose] [value=safety]")
        await page.click("[data-purpose] button.main")
        await expect(page.locator(".tile-camera .live.on")).to_have_count(2)
        await page.wait_for_function(
            "() => [...document.querySelectorAll('.tile-camera video')].every((one) => one.currentTime > 0.5)"
        )
        for size, name in ((DESK, "wall-desk"), (PHONE, "wall-phone")):
            await _fits(page, size, name)
        await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        await page.reload()
        await expect(tiles).to_have_count(2)  # the layout is kept
        await expect(page.locator("[data-layout]")).to_have_value("热厨")

        await page.goto(f"{address}/tours")
        await page.select_option("[name=plan]", "list:热厨")
        await page.click(".sift button")
        await _shown(page)
        await expect(page.locator("[data-went-text]")).to_have_text("看了 1 / 2 路")
        await page.keyboard.press("c")
        await expect(page.locator("[data-said]")).to_have_text("画面已留存。")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("[data-went-text]")).to_have_text("看了 2 / 2 路")
        await page.keyboard.press("f")
        await page.keyboard.type("刀具未归位")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("[data-found] li")).to_contain_text("刀具未归位")
        for size, name in ((DESK, "tour-desk"), (PHONE, "tour-phone")):
            await _fits(page, size, name)
        await page.click("[action$='/end'] button")
        await expect(page.locator(".tiles")).to_contain_text("2/2")
        await page.wait_for_function("() => document.querySelector('.cards img')?.naturalWidth === 320")
        await _fits(page, PHONE, "tour-report-phone")
    # Refusals that the wall turns into words: no purpose is stated yet.
    assert [said for said in complaints if "403" not in said] == []


async def _shown(page: Page) -> None:
    await page.wait_for_function("() => document.querySelector('[data-picture]')?.naturalWidth === 320")
