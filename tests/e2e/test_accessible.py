"""Every page of the console holds WCAG 2.2 AA as far as axe-core can tell: in the light and dark, on phone and desk."""

import importlib
import pkgutil
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

import api
from alerts import reporting, risk
from api import oidc
from domain import action_link, claim_code
from store import draws, provisioning
from store import risk as scores
from store.connection import ServiceRole, connect
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_papers, add_public, add_tour, busy_day
from tests.e2e.visitor import ARGUMENTS, CHROMIUM
from tests.rescue_world import trapped
from tests.servers import PATIENCE_S

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Debian's chromium package")

_PHONE, _DESK = ViewportSize(width=360, height=740), ViewportSize(width=1366, height=860)
_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RUN = "([part, rules]) => axe.run(part ?? document, { resultTypes: ['violations'], runOnly: rules })"
_STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on colours and sizes, and is therefore looked at twice.
_LOOKS = ["color-contrast", "link-in-text-block", "target-size", "link-name", "button-name"]
# What a page has folded away is looked at too.
_UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true"
# Answers that are no pages: a script, parts of pages, a file.
_NO_PAGES = {
    "/sw.js",
    "/manifest.webmanifest",
    "/queue",
    "/big/part",
    "/devices/{device_id}/readings",
    "/reports/{report_id}/workbook",
    "/vendors/{vendor_code}/reports/{report_id}",
    "/reports/{report_id}/pdf",
    "/r/{token}/{kind}",
    "/login/oidc",
    oidc.CALLBACK,
}
# Pages that need something of their kind, or a role, that is not furnished here yet.
_NOT_YET = ("/inspections/{", "/alerts/{alert_id}/guide", "/p/", "/supply", "/upkeep")


def _ways() -> list[str]:
    """Every page's way: a new page is looked at by itself, or asks for the value of its parameter."""
    modules = [f"api.{one.name}" for one in pkgutil.iter_modules(api.__path__) if one.name.startswith("pages_")]
    routers = [importlib.import_module(name).router for name in modules]
    ways = {way for router in routers for way in _read(router)} - _NO_PAGES
    return sorted(way for way in ways if not way.startswith(_NOT_YET) and "{token}" not in way)


def _read(router: APIRouter) -> list[str]:
    return [route.path for route in router.routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())]


async def _furnish(world: World) -> dict[str, str]:
    """Something of each kind, so that no page is empty; the pages' parameters by name."""
    busy_day(world)
    campaign = add_papers(world, world.alerts["phone"], "canteen", "yuexiu")
    async with await connect(world.dsn, autocommit=True) as owner:
        await scores.install(owner, risk.shipped())
        await provisioning.put_vendor(owner, "acme", "顶点", "Acme", "")
        await provisioning.offer_claim(owner, claim_code.generate(), "acme", "cold-store", "A7")
        await owner.execute(
            "INSERT INTO report_subscription (channel_id, span, authority, person_id, since) SELECT channel.id, 'day',"
            " channel.authority, person.id, now() - interval '9 days' FROM channel, person"
            " WHERE channel.authority = 'gz.yx' AND login = 'yuexiu'"
        )
    async with await connect(world.dsn, ServiceRole.ALERTS, autocommit=True) as alerts:
        await risk.keep(alerts, datetime.now(UTC))
        await reporting.keep(alerts, datetime.now(UTC))
    async with await connect(world.dsn, autocommit=True) as owner:
        draw = await draws.perform(owner, None, "gz", "seed", sites=3, inspectors=1)
    with psycopg.connect(world.dsn) as connection:
        connection.execute(
            "INSERT INTO legal_hold (alert_id, person_id, why) VALUES (%s, %s, 'w')",
            (world.alerts["rat"], world.people["admin"]),
        )
        report = connection.execute("SELECT max(id) FROM report").fetchone()
        equipment, _ = add_public(connection, world.sites["canteen-1"], world.people["yuexiu"])
        tour = add_tour(connection, world.people["admin"], world.cameras["canteen-1-stove"])["tour_id"]
    assert report is not None
    return {
        "equipment_id": str(equipment),
        "tour_id": str(tour),
        "alert_id": str(world.alerts["phone"]),
        "site_id": str(world.sites["canteen-1"]),
        "camera_id": str(world.cameras["canteen-1-stove"]),
        "device_id": str(world.devices["cold-1"]),
        "edge_id": str(world.edges["edge-yx"]),
        "campaign_id": str(campaign),
        "draw_id": str(draw),
        "report_id": str(report[0]),
        "code": "cold-frozen-warm",
        "vendor_code": "acme",
        "person_id": str(world.people["canteen"]),
        "profile_code": "cold-store",
    }


async def _links(world: World) -> list[str]:
    """The ways that nobody has to log in for: a rescuer's, a push's, and a report's."""
    way = await trapped(world)
    with psycopg.connect(world.dsn) as connection:
        found = connection.execute(
            "SELECT key, push.id FROM link_key, push JOIN channel ON channel.id = channel_id WHERE alert_id = %s"
            " AND operator_id IS NOT NULL",
            (world.alerts["trapped"],),
        ).fetchone()
        report = connection.execute("SELECT id FROM push WHERE report_id IS NOT NULL").fetchone()
    assert found is not None
    assert report is not None
    key = str(found[0]).encode()
    return [way, f"/a/{action_link.token(key, found[1])}", f"/r/{action_link.token(key, report[0])}"]


async def _visitor(browser: Browser, address: str, login: str | None) -> Page:
    context = await browser.new_context(base_url=address, reduced_motion="reduce", locale="en")
    context.set_default_timeout(PATIENCE_S * 1000)
    page = await context.new_page()
    if login is not None:
        await page.goto("/login")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await page.wait_for_url(f"{address}/")
    return page


async def _faults(page: Page, way: str, part: str | None = None) -> list[str]:
    """What axe finds against a page, or a part of it, each fault in a line."""
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(_PHONE)
    found = await _looked_at(page, f"{way} phone, light", part, _STANDARD)
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append(f"{way} phone: sticks out")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(_DESK)
    return found + await _looked_at(page, f"{way} desk, dark", part, _LOOKS)


async def _looked_at(page: Page, place: str, part: str | None, rules: list[str]) -> list[str]:
    results = await page.evaluate(_RUN, [part, rules])
    return [
        f"{place}: {fault['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
        for fault in results["violations"]
        for node in fault["nodes"]
    ]


async def _walk(page: Page, ways: list[str]) -> list[str]:
    found: list[str] = []
    for way in ways:
        answer = await page.goto(way)
        assert answer is not None
        assert answer.status < 400 or way == "/nowhere", way
        await page.evaluate(_UNFOLD)
        await page.evaluate(_AXE)
        found += await _faults(page, way)
        if await page.locator("dialog").count():
            await page.evaluate("document.querySelector('dialog').showModal()")
            found += await _faults(page, f"{way} dialog", "dialog")
    return found


@pytest.mark.slow
async def test_every_page_is_accessible(dsn: str, tmp_path: Path) -> None:
    async with served(dsn, tmp_path) as (address, world), async_playwright() as playwright:
        values = await _furnish(world)
        open_ways = ["/login", *await _links(world)]
        ways = [re.sub(r"{(\w+)}", lambda found: values[found.group(1)], way) for way in _ways() if way != "/login"]
        deeds = ["/", *(f"/alerts/{world.alerts[name]}" for name in ("fire", "warm", "phone"))]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        found = await _walk(await _visitor(browser, address, None), open_ways)
        found += await _walk(await _visitor(browser, address, "admin"), [*ways, "/nowhere"])
        found += await _walk(await _visitor(browser, address, "yuexiu"), [deeds[0], deeds[-1]])
        found += await _walk(await _visitor(browser, address, "canteen"), deeds[:2])
        await browser.close()
    assert not found, "\n".join(found)
