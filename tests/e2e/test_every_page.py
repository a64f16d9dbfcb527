"""One walk through every page that the app has: each is whole, fits a phone, and holds WCAG 2.2 AA as axe sees it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from fastapi.routing import APIRoute
from playwright.async_api import (
    Browser,
    CDPSession,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    async_playwright,
)

from alerts import reporting, risk
from api import language, oidc
from api.app import create_app
from api.config import ApiConfig
from domain import action_link, claim_code
from domain.webhook import EventKind
from store import draws, provisioning
from store import risk as scores
from store.connection import ServiceRole, connect
from tests.console_client import served
from tests.console_world import (
    PASSWORD,
    World,
    add_inspection,
    add_papers,
    add_public,
    add_tour,
    busy_day,
    drawn,
)
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
_WORDS = """() => [document.body.textContent, ...[...document.querySelectorAll('*')].flatMap(
  (one) => [...one.attributes].map((said) => said.value))].join('\\n')"""
_PAGE_BYTES = 100_000  # over the wire, compressed, nothing cached, pictures apart
# Answers that are no pages: machines' ones, a script, parts of pages, files.
_MACHINES = ("/api/", "/edge/", "/healthz", "/readyz", "/metrics")
_NO_PAGES = {
    "/sw.js",
    "/manifest.webmanifest",
    "/queue",
    "/big/part",
    "/devices/{device_id}/readings",
    "/reports/{report_id}/workbook",
    "/reports/{report_id}/pdf",
    "/equipment/labels.pdf",
    "/r/{token}/{kind}",
    "/vendors/{vendor_code}/reports/{report_id}",
    "/supply/reports/{report_id}",
    "/p/s/{token}/badge.svg",
    "/p/s/{token}/{place}.jpg",
    "/login/oidc",
    oidc.CALLBACK,
}
# What is refused here by right, and said in words: no edge runs that could send a still, no purpose is stated.
_REFUSED = ("/still", "/ticket")
# An answer that is refused is noted as such; the worker would keep what the weighing counts.
_SAID_ELSEWHERE = ("Failed to load resource", "Service Worker registration blocked")
# Who sees most of a page; the others are the administrator's.
_NOBODY = ("/login", "/offline", "/p/", "/a/", "/r/", "/rescue/")
_VENDOR, _FIRM = "/supply", "/upkeep"
_OPERATOR = ("/home", "/alerts/{alert_id}/guide", "/inspections/{")


def _ways() -> Iterator[str]:
    """Every page's way: a new page is walked to by itself, or asks for the value of its parameter."""
    app = create_app(ApiConfig("", Path(), "http://console.test"))
    for included in app.routes:
        for route in getattr(included, "original_router", app.router).routes:
            if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()):
                continue
            if not route.path.startswith(_MACHINES) and route.path not in _NO_PAGES:
                yield route.path


async def _furnish(world: World) -> dict[str, str]:
    """Something of each kind, so that no page is empty; the pages' parameters by name."""
    busy_day(world)
    campaign = add_papers(world, world.alerts["phone"], "canteen", "yuexiu")
    inspection = add_inspection(world, "canteen-1", "canteen", "yuexiu", world.alerts["fire"])["inspection_id"]
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
        webhook = connection.execute(
            "WITH hook AS (INSERT INTO webhook (authority, name, url, secret, kinds, person_id)"
            "  SELECT authority, 'ERP', 'https://erp.example/h', 's', '{alert.opened}', id FROM person"
            "  WHERE login = 'admin' RETURNING id),"
            " event AS (INSERT INTO webhook_event (kind, subject, data, webhook_id)"
            "  SELECT 'alert.opened', 'alerts/1', '{\"alert\": 1}', id FROM hook RETURNING id, webhook_id)"
            " INSERT INTO webhook_delivery (webhook_id, event_id, tries, status, last_error, failed)"
            " SELECT webhook_id, id, 3, 503, 'HTTP 503', now() FROM event RETURNING webhook_id"
        ).fetchone()
        report = connection.execute("SELECT max(id) FROM report").fetchone()
        equipment, _ = add_public(connection, world.sites["canteen-1"], world.people["yuexiu"])
        tour = add_tour(connection, world.people["admin"], world.cameras["canteen-1-stove"])["tour_id"]
        for table in (b"tour_picture", b"complaint_photo"):
            connection.execute(b"UPDATE " + table + b" SET sha256 = %s", (world.keep(drawn("seen")),))
    assert report is not None
    assert webhook is not None
    return {
        "webhook_id": str(webhook[0]),
        "equipment_id": str(equipment),
        "tour_id": str(tour),
        "inspection_id": str(inspection),
        "place": "0",
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
    } | await _tokens(world)


async def _let_in_outsiders(world: World, equipment: int) -> None:
    """A vendor's and a maintenance firm's account, and something of each; the firm is one of the rescuers."""
    async with await connect(world.dsn, autocommit=True) as owner:
        await owner.execute("UPDATE device SET vendor_code = 'acme', serial = 'A1' WHERE code = 'cold-1'")
        await owner.execute(
            "INSERT INTO dead_letter (topic, payload, reason)"
            " VALUES ('mc/v1/cold-base/cold-1/telemetry', '{', 'no JSON')"
        )
        await owner.execute(
            "WITH firm AS (UPDATE equipment SET firm_id = (SELECT min(id) FROM rescuer) WHERE id = %s"
            "  RETURNING firm_id)"
            " INSERT INTO person (login, name, role, password, vendor_code, firm_id)"
            " SELECT place.role, place.role, place.role, password, vendor, firm"
            " FROM person, (SELECT 'vendor', 'acme', NULL UNION ALL SELECT 'maintainer', NULL, firm_id FROM firm)"
            " AS place (role, vendor, firm) WHERE login = 'admin'",
            (equipment,),
        )


async def _tokens(world: World) -> dict[str, str]:
    """The secrets of the ways that nobody has to log in for, by the route."""
    rescue = (await trapped(world)).rpartition("/")[2]
    queries = {
        "/p/e/{token}": "SELECT token FROM equipment",
        "/p/s/{token}": "SELECT token FROM site_public",
        "/p/c/{token}": "SELECT receipt FROM complaint",
    }
    with psycopg.connect(world.dsn) as connection:
        rows = {way: connection.execute(query.encode()).fetchone() for way, query in queries.items()}
        push = connection.execute(
            "SELECT key, push.id FROM link_key, push JOIN channel ON channel.id = channel_id WHERE alert_id = %s"
            " AND operator_id IS NOT NULL",
            (world.alerts["trapped"],),
        ).fetchone()
        report = connection.execute("SELECT id FROM push WHERE report_id IS NOT NULL").fetchone()
    assert push is not None
    assert report is not None
    key = str(push[0]).encode()
    links = {"/rescue/{token}": rescue, "/a/{token}": action_link.token(key, push[1])}
    return (
        {way: str(row[0]) for way, row in rows.items() if row}
        | links
        | {"/r/{token}": action_link.token(key, report[0])}
    )


def _filled(way: str, values: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: values[way if found[1] == "token" else found[1]], way)


@dataclass
class Visit:
    """A person at the browser, and what the browser tells: what fails, what is asked of whom, and how much comes."""

    page: Page
    wire: CDPSession
    own: str
    complaints: list[str] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)
    sizes: dict[str, float] = field(default_factory=dict)

    def forget(self) -> None:
        """Before the next page."""
        self.complaints.clear()
        self.sizes.clear()

    def listen(self) -> None:
        """Begin to hear of everything."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.wire.on("Network.responseReceived", self._kind)
        self.wire.on(
            "Network.loadingFinished", lambda told: self.sizes.update({told["requestId"]: told["encodedDataLength"]})
        )

    def bytes(self) -> int:
        """What came since, pictures apart."""
        return round(sum(size for request, size in self.sizes.items() if request not in self.pictures))

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not said.text.startswith(_SAID_ELSEWHERE):
            self.complaints.append(f"console: {said.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.own, "blob:", "data:")):
            self.complaints.append(f"asks somebody else: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a stream, when its page is left
            self.complaints.append(f"fails: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.url.endswith(_REFUSED):
            self.complaints.append(f"{response.status}: {response.url}")

    def _kind(self, told: dict[str, str]) -> None:
        if told["type"] in ("Image", "Media"):
            self.pictures.add(told["requestId"])


async def _visitor(browser: Browser, own: str, login: str | None) -> Visit:
    context = await browser.new_context(
        base_url=own, reduced_motion="reduce", locale="en", viewport=_PHONE, service_workers="block"
    )
    await context.add_cookies([{"name": language.COOKIE, "value": "en", "url": own}])
    context.set_default_timeout(PATIENCE_S * 1000)
    page = await context.new_page()
    if login is not None:
        await page.goto("/login")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", PASSWORD)
        await page.click("button.main")
        await page.wait_for_url(re.compile("/(home|supply|upkeep)?$"))
    wire = await context.new_cdp_session(page)
    await wire.send("Network.enable")
    await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    visit = Visit(page, wire, own)
    visit.listen()
    return visit


async def _walk(visit: Visit, ways: list[str]) -> list[str]:
    found: list[str] = []
    for way in ways:
        found += [f"{way} {fault}" for fault in await _faults_of(visit, way)]
    return found


async def _faults_of(visit: Visit, way: str) -> list[str]:
    """All that is wrong with a page, each fault in a line."""
    page, wanted = visit.page, 404 if way == "/nowhere" else 200
    await page.set_viewport_size(_PHONE)
    visit.forget()
    answer = await page.goto(way, wait_until="load")
    assert answer is not None
    found = [] if answer.status == wanted else [f"answers {answer.status}"]
    loads = await page.evaluate("performance.timeOrigin")
    if visit.bytes() > _PAGE_BYTES:
        found.append(f"weighs {visit.bytes()} bytes")
    found += await _plain_faults(page)
    await page.evaluate(_UNFOLD)
    await page.evaluate(_AXE)
    found += await _seen(page)
    if await page.locator("dialog").count():
        await page.evaluate("document.querySelector('dialog').showModal()")
        found += await _seen(page, "dialog")
    if await page.evaluate("performance.timeOrigin") != loads:
        found.append("loads itself anew")
    return found + [said for said in visit.complaints if wanted == 200]


async def _plain_faults(page: Page) -> list[str]:
    """A page has a heading, and all its words."""
    found = [] if await page.locator("h1").count() else ["has no heading"]
    keys = language.table(language.Language.EN).keys() - {
        kind.value for kind in EventKind
    }  # which are shown as they are
    words = set(re.findall(r"[\w-]+(?:\.[\w-]+)+", await page.evaluate(_WORDS)))
    return found + [f"untranslated: {key}" for key in sorted(words & set(keys))]


async def _seen(page: Page, part: str | None = None) -> list[str]:
    """What sticks out, and what axe finds: on the phone in light, on the desk in dark."""
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(_PHONE)
    found = await _axe(page, "phone, light", part, _STANDARD)
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("sticks out on the phone")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(_DESK)
    return found + await _axe(page, "desk, dark", part, _LOOKS)


async def _axe(page: Page, place: str, part: str | None, rules: list[str]) -> list[str]:
    results = await page.evaluate(_RUN, [part, rules])
    return [
        f"{place}: {fault['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
        for fault in results["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.slow
async def test_every_page(dsn: str, tmp_path: Path) -> None:
    async with served(dsn, tmp_path) as (own, world), async_playwright() as playwright:
        values = await _furnish(world)
        ways = sorted(_ways())
        opened = [way for way in ways if way.startswith(_NOBODY)]
        operator = [way for way in ways if way.startswith(_OPERATOR)]
        vendor, firm = ([way for way in ways if way.startswith(place)] for place in (_VENDOR, _FIRM))
        rest = [way for way in ways if way not in {*opened, *operator, *vendor, *firm}]
        alerts = [f"/alerts/{world.alerts[name]}" for name in ("fire", "warm", "trapped", "rat")]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        his = values | {"alert_id": str(world.alerts["fire"])}
        await _let_in_outsiders(world, int(values["equipment_id"]))
        walks = (
            (None, [_filled(way, values) for way in opened]),
            ("admin", [*(_filled(way, values) for way in rest), *alerts, "/nowhere"]),
            ("yuexiu", ["/", f"/alerts/{world.alerts['phone']}", "/inspections"]),
            ("vendor", [_filled(way, values) for way in vendor]),
            ("maintainer", [_filled(way, values) for way in firm]),
            ("canteen", [*(_filled(way, his) for way in operator), "/", alerts[0]]),
        )
        found = [
            f"{login}: {fault}"
            for login, way in walks
            for fault in await _walk(await _visitor(browser, own, login), way)
        ]
        await browser.close()
    assert not found, "\n".join(found)
