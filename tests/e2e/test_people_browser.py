"""In a real browser on a phone: an admin lets somebody in, who logs in, makes a token and is put out at once."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.console_client import served
from tests.console_world import PASSWORD
from tests.e2e.look import look
from tests.outside_world import furnished
from tests.servers import PATIENCE_S

expect.set_options(timeout=PATIENCE_S * 1000)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(not Path(_CHROMIUM).exists(), reason="needs Debian's chromium package")


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield browser
        await browser.close()


async def _phone(browser: Browser, address: str, login: str, password: str, complaints: list[str]) -> Page:
    """A phone of one's own, logged in; what the browser complains of is kept."""
    context = await browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", base_url=address)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", password)
    await page.click("button.main")
    await expect(page.locator("a.who")).to_be_visible()
    return page


async def test_somebody_is_let_in_and_put_out(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, _world), _browser() as browser:
        admin = await _phone(browser, address, "admin", PASSWORD, complaints)
        await admin.locator("nav a[href='/people']").evaluate("a => a.click()")  # wherever the menu has it
        await _makes_a_role(admin)
        password = await _lets_in(admin)

        person = await _phone(browser, address, "li.na", password, complaints)
        secret = await _makes_a_token(person)
        async with httpx.AsyncClient(
            base_url=address, headers={"authorization": f"Bearer {secret}"}, timeout=PATIENCE_S
        ) as program:
            assert (await program.get("/api/v1/me")).json()["login"] == "li.na"
            await person.click("[data-revoke]")
            await expect(person.locator("[data-tokens]")).to_contain_text("已撤销")
            assert (await program.get("/api/v1/me")).status_code == 401

        await admin.goto("/people")
        await admin.click("text=李娜")
        await look(admin, "person")
        await admin.click("[data-disable]")
        await expect(admin.locator("[data-enable]")).to_be_visible()
        await person.goto("/me")
        await expect(person).to_have_url(re.compile("/login"))

        await admin.goto("/audit?check=1")
        await expect(admin.locator("[data-chain].good")).to_contain_text("完整")
        await expect(admin.locator("[data-entries]")).to_contain_text("停用人员")
        await look(admin, "audit")
    assert complaints == []


async def test_a_vendor_and_a_maintenance_firm_on_their_phones(dsn: str, tmp_path: Path) -> None:
    complaints: list[str] = []
    async with served(dsn, tmp_path) as (address, world), _browser() as browser:
        there = await furnished(world)
        admin = await _phone(browser, address, "admin", PASSWORD, complaints)
        vendor = await _outsider(browser, admin, address, "vendor", "vendor:acme", complaints)
        await look(vendor, "supply")
        await vendor.click("text=cold-base/cold-1")
        await expect(vendor.locator("main")).to_contain_text("bad message of acme")
        await look(vendor, "supply-device")
        await vendor.click("summary.quiet")
        await vendor.click("[data-rotate]")
        await expect(vendor.locator("[data-password]")).not_to_be_empty()
        await vendor.goto("/supply/reports")
        await look(vendor, "supply-reports")
        await vendor.click("a.who")
        await expect(vendor.locator("[data-sessions]")).to_be_visible()

        firm = f"firm:{there.firms['maintainer-1']}"
        keeper = await _outsider(browser, admin, address, "maintainer", firm, complaints)
        await look(keeper, "upkeep")
        await keeper.click("[data-answered]")
        await expect(keeper.locator("[data-answered]")).to_have_count(0)
        await keeper.click("text=一号电梯")
        await keeper.click("[data-add]")
        await keeper.fill("[name=note]", "半月保养")
        await look(keeper, "upkeep-equipment")
        await keeper.click("details[open] button.main")
        await expect(keeper.locator("#records")).to_contain_text("半月保养")
    assert complaints == []


async def _outsider(browser: Browser, admin: Page, address: str, role: str, place: str, complaints: list[str]) -> Page:
    """An account that the admin makes; the phone of whoever has it, at home."""
    await admin.goto("/people")
    await admin.click("[data-add]")
    await admin.fill("[name=login]", f"their.{role}")
    await admin.fill("[name=name]", "周师傅")
    await admin.select_option("[name=role]", role)
    await admin.select_option("[name=place]", place)
    await admin.click("details[open] button.main")
    return await _phone(browser, address, f"their.{role}", await admin.inner_text("[data-password]"), complaints)


async def _makes_a_role(admin: Page) -> None:
    await admin.click(".tabs a[href='/roles']")
    await admin.click("[data-add]")
    await admin.fill("details[open] [name=zh]", "值班员")
    await admin.fill("details[open] [name=en]", "Duty officer")
    await admin.select_option("details[open] [name=base]", "regulator")
    await admin.check("details[open] [value='alert.review']")
    await look(admin, "roles")
    await admin.click("details[open] button.main")
    await expect(admin.locator("main")).to_contain_text("值班员")


async def _lets_in(admin: Page) -> str:
    """Returns the password as it is shown."""
    await admin.click(".tabs a[href='/people']")
    await look(admin, "people")
    await admin.click("[data-add]")
    await admin.fill("[name=login]", "li.na")
    await admin.fill("[name=name]", "李娜")
    await admin.select_option("[name=role]", label="值班员（监管人员）")
    await admin.select_option("[name=place]", "authority:gz.yx")
    await look(admin, "people-add")
    await admin.click("details[open] button.main")
    await look(admin, "password")
    return await admin.inner_text("[data-password]")


async def _makes_a_token(person: Page) -> str:
    await person.click("a.who")
    await person.click("[data-add]")
    await person.fill("[name=name]", "夜间导出")
    await person.check("[value='alert.review']")
    await look(person, "token-add")
    await person.click("details[open] button.main")
    await look(person, "token")
    return await person.inner_text("[data-token]")
