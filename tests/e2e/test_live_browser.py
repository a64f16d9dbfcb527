"""The live view in a real browser on a phone's screen: pictures move; where they cannot, stills appear."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from edge.config import LiveLimits
from tests.clips import encode
from tests.console_client import served
from tests.console_world import PASSWORD, add_alert
from tests.live_kitchen import Kitchen, kitchen
from tests.live_viewer import loopback
from tests.servers import PATIENCE_S, PrivateBroker

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--allow-loopback-in-peer-connection",
]  # fmt: skip
# How often a new picture was shown, and how far the video's own clock has come.
_COUNT = """() => {
  const video = document.querySelector(".watching video");
  window.shown = 0;
  const count = () => { window.shown += 1; video.requestVideoFrameCallback(count); };
  video.requestVideoFrameCallback(count);
}"""
_WATCHED = """() => {
  const video = document.querySelector(".watching video");
  return window.shown > 30 && video.videoWidth === 320 && video.currentTime > 1;
}"""

STOVE, PREP = "canteen-1-stove", "canteen-1-prep"

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback(monkeypatch)


@pytest.fixture
def place(broker: PrivateBroker, tmp_path: Path) -> Iterator[Kitchen]:
    clips = {
        STOVE: encode(tmp_path / "stove.mp4", pictures=100, size=(320, 180), gop=50, shade=90),
        PREP: encode(tmp_path / "prep.mp4", pictures=50, size=(320, 180), gop=25, shade=90, codec="libx265"),
    }
    with kitchen(broker, clips, tmp_path, LiveLimits(silent_s=5, look_s=0.2)) as open_:
        yield open_


@asynccontextmanager
async def phone(complaints: list[str]) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="zh-CN")
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()


async def state_purpose(page: Page) -> None:
    await page.click("[data-purpose] summary")
    await page.click("[data-purpose] input[value=safety]")
    await keep(page, "watch-purpose")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.click("[data-purpose] button.main")


async def keep(page: Page, name: str) -> None:
    """Keep a picture of the page where the environment names a folder for it."""
    if folder := os.environ.get("MINGCHU_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.slow
async def test_a_kitchen_is_watched_on_a_phone(dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path / "vault", broker) as (address, world), phone(complaints) as page:
        await page.goto(f"{address}/")
        await page.fill("[name=login]", "canteen")
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await page.wait_for_url(f"{address}/")
        await page.goto(f"{address}/sites/{world.sites['canteen-1']}")
        button = page.locator(f"[data-watch='{world.cameras[STOVE]}']")
        await expect(button).to_have_text("实时画面")

        await button.click()
        await expect(page.locator("[data-said]")).to_contain_text("人脸已遮挡")
        await page.wait_for_function("() => document.querySelector('.watching img').naturalWidth === 320")
        await keep(page, "watch-hidden")
        await state_purpose(page)
        await page.evaluate(_COUNT)
        await expect(page.locator("[data-state].on")).to_have_text("实时")
        await expect(page.locator("[data-unblurred]")).to_contain_text("未遮挡，查看已记录，有效至")
        await page.wait_for_function(_WATCHED)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        async with page.expect_response(lambda answer: answer.request.method == "DELETE") as left:
            await page.click("[data-close]")
        assert (await left.value).status == 204

        await page.click(f"[data-watch='{world.cameras[PREP]}']")  # HEVC, made anew for the viewer
        await state_purpose(page)
        await page.evaluate(_COUNT)
        await page.wait_for_function(_WATCHED)
        await keep(page, "watch-hevc")
        await page.click("[data-close]")

        await page.click(f"[data-watch='{world.cameras['canteen-1-store']}']")  # its edge does not watch it
        await expect(page.locator("[data-again]")).to_be_visible()
        await expect(page.locator("[data-said]")).to_contain_text("没有在看这路摄像机")
        await page.click("[data-close]")

        alert = add_alert(world, "fire", "fire-unattended", camera=STOVE, zone="stove")
        await page.goto(f"{address}/alerts/{alert}")
        await page.click("[data-watch]")
        await page.evaluate(_COUNT)
        await page.wait_for_function(_WATCHED)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.evaluate("document.querySelector('.watching video').pause()")  # as when the camera falls silent
        await expect(page.locator("[data-said]")).to_have_text("画面中断了。")
        await expect(page.locator("[data-state].on")).to_have_count(0)
        await page.evaluate("() => { document.querySelector('.watching video').play(); }")
        await expect(page.locator("[data-state].on")).to_have_text("实时")
        place.configure(PREP, version=2)  # the edge ends the view
        await expect(page.locator("[data-said]")).to_have_text("播放已结束。")
        await expect(page.locator("[data-again]")).to_be_visible()
    # Refusals that the page turns into words: a purpose is needed, an edge does not watch a camera.
    assert [said for said in complaints if "403" not in said and "503" not in said] == []
