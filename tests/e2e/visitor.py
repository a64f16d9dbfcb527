"""A person at a browser: a fresh Chromium profile, what is looked at, and what the browser complains of."""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Page as AsyncPage
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from tests.e2e.house import House, waited
from tests.servers import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1366, height=860)


@contextmanager
def opened() -> Iterator[Browser]:
    """Debian's Chromium; `make setup` installs it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, house: House, login: str, viewport: ViewportSize, *, faults: int = 0) -> Iterator[Page]:
    """A fresh profile, logged in at the queue. What the browser complains of fails the test, but `faults` refusals."""
    phone = viewport is PHONE
    scale = 2 if phone else 1
    context = browser.new_context(
        viewport=viewport, locale="zh-CN", base_url=house.console, device_scale_factor=scale, has_touch=phone
    )
    context.set_default_timeout(PATIENCE_S * 1000)
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    expect(page).to_have_url(re.compile("/login$"))
    log_in(page, login, house.password(login))
    expect(page.locator("[data-live].on")).to_be_visible()
    yield page
    context.close()
    refusals = [said for said in complaints if "status of 4" in said]
    assert [said for said in complaints if said not in refusals] == []
    assert len(refusals) <= faults, refusals


def log_in(page: Page, login: str, password: str) -> None:
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("button.main")


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the page where the environment names a folder for it."""
    folder = os.environ.get("MINGCHU_TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)


async def picture_of(page: AsyncPage, name: str) -> None:
    """The same of a page of the asynchronous browser, whole."""
    folder = os.environ.get("MINGCHU_TEST_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def photo() -> bytes:
    """A photo as a phone takes it: large, JPEG."""
    image = Image.new("RGB", (1600, 1200), (196, 204, 210))
    draw = ImageDraw.Draw(image)
    draw.rectangle((240, 120, 1360, 1150), fill=(226, 231, 235), outline=(120, 130, 140), width=12)
    draw.rectangle((620, 260, 980, 420), fill=(18, 28, 34))
    draw.text((650, 270), "-20.5", fill=(90, 220, 160), font_size=120)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def seen(element: Locator) -> None:
    """Assert that a picture is really there and not a broken one."""
    expect(element).to_be_visible()
    waited(lambda: element.evaluate("image => image.complete && image.naturalWidth > 0"), "a picture's bytes")


def fits(page: Page) -> bool:
    """Nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def shot(page: Page, name: str) -> Locator:
    """One of the evidence pictures, chosen by its tab and really there."""
    page.locator(".stage").get_by_text(name, exact=True).click()
    image = page.locator(f".stage label:text-is('{name}') + figure img")
    seen(image)
    return image


def plays(video: Locator) -> None:
    """Assert that the browser decodes the clip and that its time moves on."""
    video.evaluate("video => video.play()")
    waited(lambda: video.evaluate("video => video.readyState >= 2 && video.currentTime > 0.5"), "the clip to play")
    assert video.evaluate("video => video.error") is None
    assert video.evaluate("video => video.videoWidth") > 0
    assert video.evaluate("video => video.duration") > 10
