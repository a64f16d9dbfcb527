"""Take the pictures of the docs anew: `make pictures`, or `python -m tests.e2e.pictures queue alert` for some of them.

A whole house with simulated cameras and devices runs meanwhile, in the English of `tests/e2e/city.py`.
"""

import asyncio
import io
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from mingchu.settings import Settings
from tests.console_world import World
from tests.e2e import city
from tests.e2e.house import House, waited
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, log_in, photo
from tests.servers import PATIENCE_S

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DESK, PHONE, SCREEN = (1280, 800), (390, 780), (1600, 900)
_ALERTS = ("phone", "fire-unattended", "smoking", "lift-entrapment", "scale-cover-opened")
_HEAVIEST = 100_000  # bytes
# Where no Chinese font is installed, the other language's words would be boxes.
_NO_GLYPHS = """() => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) words.currentNode.data = words.currentNode.data.replace(/[\u3000-\uffee]+( · )?/g, "");
  for (const one of document.querySelectorAll("input, textarea")) {
    if (/[\u3000-\uffee]/.test(one.value)) one.value = one.value.replace(/[\u3000-\uffee]+/g, "");
    one.placeholder = one.placeholder.replace(/[\u3000-\uffee]/g, ": ");
  }
}"""
Take = Callable[[Page, "Scene"], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """The house, its world, and the alerts that were raised before our eyes, by rule."""

    house: House
    world: World
    alerts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who sees what, on what screen. `ready` brings the page to where it tells most."""

    name: str
    login: str
    way: str
    size: tuple[int, int] = DESK
    dark: bool = False
    ready: Take = lambda _page, _scene: None


def _plays(page: Page, _scene: Scene) -> None:
    page.wait_for_function("() => [...document.querySelectorAll('.wall figure')].length > 0")
    page.wait_for_timeout(8000)  # looks come in one by one


def _mapped(page: Page, _scene: Scene) -> None:
    expect(page.locator("[data-canvas] path").first).to_be_visible()


def _previewed(page: Page, _scene: Scene) -> None:
    page.fill("[name=for_s]", "180")
    page.locator("[name=for_s]").press("Tab")
    page.select_option("[name=days]", "1")
    page.click("[data-run]")
    expect(page.locator("[data-answer]")).to_be_visible()
    page.locator("[data-preview]").evaluate("part => scrollBy(0, part.getBoundingClientRect().top - 250)")


def _zoned(page: Page, _scene: Scene) -> None:
    page.wait_for_timeout(4000)


def _pushed(page: Page, _scene: Scene) -> None:
    page.locator("article", has=page.locator("footer", has_text="operator")).first.evaluate(
        "one => scrollTo(0, one.offsetTop - 60)"
    )


def _photographed(page: Page, _scene: Scene) -> None:
    page.get_by_text("I know; begin to put it right").tap()
    expect(page.locator("[data-guide][data-ready]")).to_be_visible()
    page.locator("[data-next]").tap()
    page.locator("[data-take]").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(page.locator("[data-photos] img").first).to_be_visible()


SHOTS = (
    Shot("queue", "regulator", "/"),
    Shot("queue-phone-dark", "regulator", "/", PHONE, dark=True),
    Shot("alert", "regulator", "/alerts/{fire-unattended}"),
    Shot("alert-dark", "regulator", "/alerts/{phone}", dark=True),
    Shot("map", "admin", "/map", ready=_mapped),
    Shot("rollups", "admin", "/map?at=yunhai.lincheng#table", ready=_mapped),
    Shot("wall", "regulator", "/wall", ready=_plays),
    Shot("big-screen", "admin", "/big", SCREEN, ready=_mapped),
    Shot("site", "regulator", "/sites/{kitchen-site-1}"),
    Shot("device", "regulator", "/devices/{cold-1}"),
    Shot("risk", "regulator", "/risk"),
    Shot("report", "regulator", "/reports/{report}"),
    Shot("rule", "admin", "/rules/cold-door-open", ready=_previewed),
    Shot("zones", "admin", "/cameras/{stove-1}/settings", ready=_zoned),
    Shot("operations", "admin", "/operations"),
    Shot("equipment", "regulator", "/equipment/{equipment}"),
    Shot("public-lift", "", "/p/e/{lift}?lang=en", PHONE),
    Shot("public-kitchen", "", "/p/s/{kitchen}?lang=en", PHONE),
    Shot("push-phone", "", "{pushes}", PHONE, ready=_pushed),
    Shot("home-phone", "operator", "/home", PHONE),
    Shot("alert-phone", "operator", "/alerts/{phone}", PHONE),
    Shot("guide-phone", "operator", "/alerts/{phone}/guide", PHONE, ready=_photographed),
    Shot("inspection-phone", "operator", "/inspections/{inspection}/steps/1", PHONE),
)


def main(wanted: list[str]) -> None:
    """Take them all, or those that are named; the raw ones lie in a folder that is told at the end."""
    raw = Path(tempfile.mkdtemp(prefix="mingchu-pictures-"))
    with _city() as scene, sync_playwright() as playwright:
        more = [*ARGUMENTS, "--allow-loopback-in-peer-connection"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=more)
        for shot in SHOTS:
            if not wanted or shot.name in wanted:
                _take(browser, scene, shot, raw)
        browser.close()
    print(f"the same, not reduced: {raw}")


@contextmanager
def _city() -> Iterator[Scene]:
    """The house in English with its month behind it and today's alerts raised."""
    with tempfile.TemporaryDirectory(prefix="mingchu-city-") as root:
        Path(root).chmod(0o711)  # the servers' own account passes through
        house = House(Path(root, "data"), "--scenario", str(Path(__file__).with_name("pictures.toml")))
        try:
            house.wait_until_ready()
            world = asyncio.run(city.rename(Settings(data_dir=house.root)))
            asyncio.run(city.remember(world))
            with house.visitor("regulator") as client:
                alerts = waited(lambda: _raised(client), "the alerts", patience_s=3 * PATIENCE_S)
            yield Scene(house, world, alerts)
        finally:
            house.end(signal.SIGINT)


def _raised(client: httpx.Client) -> dict[str, int] | None:
    """Today's, once all that the scenario leads to are there with their evidence."""
    found = client.get("/api/v1/alerts", params={"limit": 100}).json()["items"]
    alerts = {one["rule"]["code"]: int(one["id"]) for one in found if one["status"] == "open"}
    return alerts if set(_ALERTS) <= set(alerts) else None


def _ways(house: House, world: World) -> dict[str, str]:
    """What is known by its id or its secret only."""
    queries = {
        "report": "SELECT id FROM report WHERE span = 'week' AND authority = 'yunhai.lincheng.minghu'",
        "equipment": "SELECT id FROM equipment WHERE en = 'Lift 1'",
        "lift": "SELECT token FROM equipment WHERE en = 'Lift 1'",
        "kitchen": "SELECT token FROM site_public JOIN site ON site.id = site_id WHERE code = 'kitchen-site-1'",
        "inspection": "SELECT max(id) FROM inspection",
    }
    with psycopg.connect(world.dsn) as connection:
        rows = {name: connection.execute(query.encode()).fetchone() for name, query in queries.items()}
    found = {name: str(row[0]) for name, row in rows.items() if row is not None}
    return found | {"pushes": str(house.welcome["pushes"])}


def _take(browser: Browser, scene: Scene, shot: Shot, raw: Path) -> None:
    phone = shot.size is PHONE
    context = browser.new_context(
        viewport=ViewportSize(width=shot.size[0], height=shot.size[1]),
        locale="en",
        base_url=scene.house.console,
        has_touch=phone,
        reduced_motion="reduce",
        color_scheme="dark" if shot.dark else "light",
    )
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": "mingchu_lang", "value": "en", "url": scene.house.console}])
    page = _logged_in(context, scene, shot.login)
    page.goto(_way(shot.way, scene))
    page.wait_for_load_state("load")
    page.wait_for_timeout(1500)
    shot.ready(page, scene)
    page.wait_for_timeout(500)
    if phone and page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        print(f"{shot.name}: sticks out", file=sys.stderr)
    page.evaluate(_NO_GLYPHS)
    seen = page.screenshot()
    (raw / f"{shot.name}.png").write_bytes(seen)
    (FOLDER / f"{shot.name}.webp").write_bytes(_reduced(seen))
    context.close()


def _logged_in(context: BrowserContext, scene: Scene, login: str) -> Page:
    page = context.new_page()
    if login:
        page.goto("/login")
        log_in(page, login, scene.house.password(login))
        page.wait_for_url(re.compile("/(home)?$"))
    return page


def _way(template: str, scene: Scene) -> str:
    known = (
        scene.world.sites | scene.world.devices | scene.world.cameras | scene.alerts | _ways(scene.house, scene.world)
    )
    return re.sub(r"{([\w-]+)}", lambda found: str(known[found[1]]), template)


def _reduced(png: bytes) -> bytes:
    """As WebP, as good as it may be."""
    with Image.open(io.BytesIO(png)) as image:
        for quality in range(90, 30, -5):
            out = io.BytesIO()
            image.convert("RGB").save(out, "WEBP", quality=quality, method=6)
            if out.tell() < _HEAVIEST * 0.8:
                break
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
