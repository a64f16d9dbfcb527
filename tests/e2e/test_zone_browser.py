"""In a real browser: an edge is added by its code, a camera beside it, a zone drawn on its picture and followed."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import FloatRect, Page, ViewportSize, async_playwright, expect

from domain.camera import EdgeConfig, Point, Zone
from mingchu.settings import Settings
from tests.clips import encode
from tests.console_world import PASSWORD
from tests.e2e.look import look
from tests.enrolled_edge import Platform, agent, enrol, platform
from tests.ingest_world import eventually
from tests.live_kitchen import cameras
from tests.servers import PATIENCE_S, PrivateBroker

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_BOW = ((0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8))

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@asynccontextmanager
async def _phone(place: Platform, complaints: list[str]) -> AsyncIterator[Page]:
    """A phone, logged in as the district's regulator."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        context = await browser.new_context(
            viewport=ViewportSize(width=390, height=844), has_touch=True, locale="zh-CN", base_url=place.address
        )
        context.set_default_timeout(PATIENCE_S * 1000)
        page = await context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/")
        await page.fill("[name=login]", "yuexiu")
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await expect(page.locator("[data-live].on")).to_be_visible()
        yield page
        await browser.close()


@pytest.mark.slow
async def test_a_zone_is_drawn_on_a_phone_and_followed_by_the_edge(
    dsn: str, tmp_path: Path, broker: PrivateBroker
) -> None:
    clip = encode(tmp_path / "door.mp4", pictures=50, size=(320, 180), gop=25, shade=90)
    settings, complaints = Settings(data_dir=tmp_path / "machine"), list[str]()
    with cameras({"door": clip}) as urls:
        async with platform(dsn, tmp_path, broker) as place, _phone(place, complaints) as page:
            await _enrols(page, place, settings)
            with agent(settings) as folder:
                await expect(page.locator("[data-fresh]")).to_contain_text("在线")
                await _adds_a_camera(page, place, urls["door"])
                await _draws(page)
                await _until(lambda: [zone.code for zone in _zones(folder)] == ["zone-1"])
                drawn = _zones(folder)[0].polygon
                assert drawn[1] == pytest.approx((0.5, 0.1), abs=0.02)
                assert drawn[3] == pytest.approx((0.2, 0.8), abs=0.02)
                await _moves_a_point_by_keys(page)
                await _until(lambda: _zones(folder)[0].polygon[0] == pytest.approx((drawn[0][0] + 0.05, drawn[0][1])))
                await _goes_back(page)
                await _until(lambda: _zones(folder)[0].polygon == drawn)
    told = ("409", "422", "503")  # a taken code, two faults, a camera without a picture yet
    assert [said for said in complaints if not any(code in said for code in told)] == []


async def _until(condition: Callable[[], bool]) -> None:
    """The platform runs in this very loop: waiting must not stop it."""

    async def holds() -> bool:
        return condition()

    await eventually(holds, PATIENCE_S)


def _zones(folder: Path) -> tuple[Zone, ...]:
    """What the edge keeps of its one camera, on its disk."""
    config = msgspec.json.decode((folder / "config.json").read_bytes(), type=EdgeConfig)
    return config.cameras[0].zones if config.cameras else ()


async def _enrols(page: Page, place: Platform, settings: Settings) -> None:
    await page.goto(f"/sites/{place.world.sites['canteen-1']}")
    await page.click("text=添加边缘节点")
    await page.fill("[name=code]", "edge-yx")
    await page.click("form.card button.main")
    await expect(page.locator(".notice.bad")).to_contain_text("edge-yx 已被使用")
    await page.fill("[name=code]", "edge-door")
    await page.click("form.card button.main")
    code = await page.locator("[data-code]").inner_text()
    await expect(page.locator(".qr svg")).to_be_visible()
    await expect(page.locator(".command").first).to_have_text(f"mingchu edge enroll {code} --api-url {place.address}")
    await look(page, "code")
    async with page.expect_navigation(url="**/edges/*"):  # by itself, once the machine has used it
        await enrol(place, settings, code)


async def _adds_a_camera(page: Page, place: Platform, url: str) -> None:
    await page.goto(f"/sites/{place.world.sites['canteen-1']}/cameras/new")
    await page.fill("[name=code]", "door")
    await page.fill("[name=zh]", "后门")
    await page.fill("[name=en]", "Door")
    await page.select_option("[name=edge_id]", label="百味餐厅中山五路店边缘节点 (edge-door)")
    await page.fill("[name=address]", url)
    await look(page, "new-camera")
    await page.click("[data-save]")
    await expect(page.locator("h1")).to_have_text("后门")
    await expect(page.locator("[data-follows=applied]")).to_contain_text("已生效")
    await expect(page.locator("[data-picture]")).to_be_visible()  # the edge's own picture


async def _draws(page: Page) -> None:
    """A crossed polygon by touch, refused with its place; one point dragged, and it is taken."""
    canvas = page.locator("[data-svg]")
    await page.click("[data-draw]")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box is not None
    for x, y in _BOW:
        await page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    await page.click("[data-finish]")
    await page.click("[data-save]")
    await expect(page.locator("[data-said].bad")).to_contain_text("没有选择场景")
    await page.check("[data-scene=INTRUSION]")
    await page.click("[data-save]")
    await expect(page.locator("[data-said].bad")).to_contain_text("第 1 条边与第 3 条边相交")
    await canvas.scroll_into_view_if_needed()
    box = await canvas.bounding_box()
    assert box is not None
    before = await page.evaluate("scrollY")
    await _drags(page, box, (0.8, 0.8), (0.5, 0.1))
    assert await page.evaluate("scrollY") == before  # the finger moves the point, not the page
    await page.evaluate("scrollTo(0, 0)")
    await look(page, "zone")
    await page.click("[data-save]")
    await expect(page.locator("[data-said].good")).to_contain_text("已保存")
    await expect(page.locator("[data-follows=applied]")).to_contain_text("已生效")


async def _drags(page: Page, box: FloatRect, begin: Point, end: Point) -> None:
    """One finger, from one place of the picture to another."""
    fingers = await page.context.new_cdp_session(page)
    for step in range(6):
        x, y = (a + (b - a) * step / 5 for a, b in zip(begin, end, strict=True))
        touch = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if step else "touchStart"
        await fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [touch]})
    await fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def _moves_a_point_by_keys(page: Page) -> None:
    await page.focus("[data-point='0']")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator("[data-point='0']")).to_be_focused()
    await page.click("[data-save]")
    await expect(page.locator("[data-said].good")).to_contain_text("已保存")


async def _goes_back(page: Page) -> None:
    await page.click("text=历史版本")
    await expect(page.locator(".timeline > li")).to_have_count(3)
    await expect(page.locator(".timeline > li").first).to_contain_text("区域“区域 1”：轮廓")
    await look(page, "history")
    await page.locator(".timeline > li").nth(1).locator("button").click()
    await expect(page.locator("[data-follows=applied]")).to_contain_text("已生效")
