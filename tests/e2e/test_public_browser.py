"""The public on a phone: from a lift's code to a complaint and to the regulator's answer; a kitchen's page."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, ViewportSize, async_playwright, expect

from domain.wire import LivePicture
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, drawn, now
from tests.e2e.look import look
from tests.servers import PATIENCE_S

_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PHONE, _DESK = ViewportSize(width=390, height=844), ViewportSize(width=1366, height=860)

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


async def _opened(browser: Browser, address: str, size: ViewportSize, complaints: list[str], login: str = "") -> Page:
    context = await browser.new_context(viewport=size, has_touch=size is _PHONE, locale="zh-CN", base_url=address)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    if login:
        await page.goto("/login")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await expect(page.locator("[data-live].on")).to_be_visible()
    return page


@asynccontextmanager
async def _elsewhere(html: str) -> AsyncIterator[str]:
    """Somebody else's page, on another site."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n"
        writer.write((head + html).encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}"


async def _registered(desk: Page, world: World) -> str:
    """The regulator registers a lift by form and one by a list; returns the public address that the first code says."""
    await desk.goto("/equipment/new")
    await look(desk, "equipment-new-desk")
    await desk.select_option("[name=site]", "tower")
    typed = {"code": "31104401", "zh": "1 号客梯", "registration": "梯11粤A00001(19)", "device": "lift-1"}
    for name, value in {**typed, "maintainer": "某维保公司", "hotline": "020-12345678"}.items():
        await desk.fill(f"[name={name}]", value)
    await desk.fill("[name=next_inspection]", (now() + timedelta(days=12)).date().isoformat())
    await desk.click("button.main")
    await expect(desk.locator(".qr svg")).to_be_visible()
    await look(desk, "equipment-one-desk")
    way = await desk.locator("a[href*='/p/e/']").get_attribute("href")
    assert way is not None
    await desk.goto("/equipment/new")
    lines = "site,code,kind,zh,next_inspection\ntower,E2,电梯,2 号客梯,2026-01-01\ntower,E3,boiler,锅炉,never\n"
    upload = FilePayload(name="list.csv", mimeType="text/csv", buffer=lines.encode())
    await desk.set_input_files("[name=file]", upload)
    await desk.get_by_role("button", name="导入").click()
    await expect(desk.locator("table")).to_contain_text("next_inspection")
    await desk.goto("/equipment")
    await expect(desk.locator(".standing.overdue")).to_have_count(1)
    await look(desk, "equipment-due-desk")
    await desk.locator("[name=id]").first.check()
    await desk.get_by_role("button", name="打印").click()
    await expect(desk.locator(".labels li")).to_have_count(1)
    await desk.goto("/equipment/labels")
    await desk.emulate_media(media="print")
    await look(desk, "equipment-labels")
    await desk.emulate_media(media="screen")
    return way


@pytest.mark.slow
async def test_from_the_code_in_the_lift_to_the_answer(dsn: str, tmp_path: Path) -> None:
    said: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        alert = add_alert(world, "trapped", "lift-entrapment", device="lift-1")
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        desk = await _opened(browser, address, _DESK, said, "yuexiu")
        phone = await _opened(browser, address, _PHONE, said)
        await phone.goto(await _registered(desk, world))
        await expect(phone.locator(".standing")).to_have_text("在检验有效期内")
        await look(phone, "public-lift-phone")
        await phone.get_by_label("有人被困").check()
        await phone.fill("[name=words]", "电梯停在 5 楼和 6 楼之间，里面有两个人。")
        await phone.fill("[name=phone]", "13800000000")
        upload = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=drawn("lift"))
        await phone.set_input_files("[name=photos]", upload)
        await phone.click("button.main")
        await expect(phone.locator(".notice.good")).to_contain_text("已收到")
        await look(phone, "public-receipt-phone")
        await desk.goto(f"/alerts/{alert}")
        await expect(desk.locator(".complaint.trapped")).to_contain_text("里面有两个人")
        await look(desk, "complaint-alert-desk")
        await desk.goto(f"/sites/{world.sites['tower']}")
        await expect(desk.locator(".complaint.trapped")).to_contain_text("里面有两个人")
        await desk.goto("/complaints")
        await look(desk, "complaints-desk")
        await desk.locator("summary.button").click()
        await desk.fill("[name=words]", "救援已经到场。")
        await desk.check("[name=closes]")
        await desk.get_by_role("button", name="发送答复").click()
        await expect(desk.locator(".empty")).to_be_visible()
        await phone.reload()
        await expect(phone.locator(".answer")).to_contain_text("救援已经到场")
        assert await phone.context.cookies() == []
        await browser.close()
    assert said == []


@pytest.mark.slow
async def test_a_kitchens_page_and_badge(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(_line: object, _edge: str, request: object, _patience_s: float) -> LivePicture:
        return LivePicture(getattr(request, "id", ""), now(), drawn("kitchen"), True)

    monkeypatch.setattr("api.edge_line.EdgeLine.ask", ask)
    said: list[str] = []
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        desk = await _opened(browser, address, _DESK, said, "yuexiu")
        await desk.goto(f"/sites/{world.sites['canteen-1']}")
        await desk.get_by_role("link", name="对外公开").click()
        await desk.check("[name=published]")
        await desk.locator("[name=cameras]").first.check()
        await desk.select_option("[name=grade]", "A")
        await desk.click("button.main")
        await expect(desk.locator(".notice.good")).to_be_visible()
        await look(desk, "publicity-desk")
        way = await desk.locator(".col a[href*='/p/s/']").get_attribute("href")
        assert way is not None
        phone = await _opened(browser, address, _PHONE, said)
        await phone.goto(way)
        await expect(phone.locator(".badge.active")).to_have_text("实时可见")
        picture = phone.locator(".public-camera img")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 960
        await look(phone, "public-site-phone")
        await phone.get_by_text("English").click()
        await expect(phone.locator(".badge.active")).to_have_text("live")
        async with _elsewhere(f'<link rel="icon" href="data:,"><img src="{way}/badge.svg">') as page:
            other = await _opened(browser, page, _PHONE, said)
            await other.goto("/")
            assert await other.locator("img").evaluate("image => image.decode().then(() => image.naturalHeight)") == 24
            await look(other, "badge")
        assert await phone.context.cookies() == []
        await browser.close()
    assert said == []
