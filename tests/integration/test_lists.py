"""Every list of REST has pages; a walk through them shows all of it once, whatever comes meanwhile."""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg

from api.app import create_app
from api.config import ApiConfig
from tests.console_client import ADDRESS, Console, console
from tests.console_world import add_alert, add_inspection, add_papers, add_public, add_tour, busy_day
from tests.integration.test_console_scope import populate

# Lists that are as long as a rule of ours says, or as what was sent.
BOUNDED = {"/api/v1/purposes", "/api/v1/alerts/counts"}
# Vendors' and maintenance firms' own: test_outsiders.
OUTSIDE = ("/api/v1/supply/", "/api/v1/upkeep/")
SPAN = {"/api/v1/sales": {"from": "2026-01-01", "to": "2026-12-31"}}


def lists(document: dict[str, Any]) -> dict[str, set[str]]:
    """Paths whose GET answers a list, each with the names of its parameters."""
    found = {}
    for path, verbs in document["paths"].items():
        operation = verbs.get("get", {})
        content = operation.get("responses", {}).get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if schema.get("type") == "array":
            found[path] = {one["name"] for one in operation.get("parameters", [])}
    return found


def test_every_list_has_pages_and_says_where_the_next_one_is(tmp_path: Path) -> None:
    document = create_app(ApiConfig("", tmp_path, ADDRESS)).openapi()
    found = lists(document)
    assert len(found) > 30
    assert {path for path, names in found.items() if not {"after", "limit"} <= names} == BOUNDED
    for path in found.keys() - BOUNDED:
        assert "Link" in document["paths"][path]["get"]["responses"]["200"]["headers"], path


async def rows(
    client: httpx.AsyncClient,
    path: str,
    limit: int,
    query: Mapping[str, str] | None = None,
    between: Callable[[], Awaitable[None]] | None = None,
) -> list[Any]:
    """All rows of a list, `limit` at a time; `between` is called after each page."""
    found, address = list[Any](), str(httpx.URL(path, params={"limit": limit, **(query or {})}))
    while address:
        answer = await client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        page = answer.json()
        page = page if isinstance(page, list) else page["items"]
        assert len(page) <= limit
        found += page
        address = answer.links.get("next", {}).get("url", "")
        if between is not None and address:
            await between()
    return found


async def test_a_walk_row_by_row_shows_what_one_page_shows(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as yuexiu, house.as_("admin") as admin:
        places, walked = await _town(house), 0
        for path in {*lists(house.app.openapi()), "/api/v1/alerts"} - BOUNDED:
            if path.startswith(OUTSIDE):
                continue
            address, span = path.format_map(places), SPAN.get(path)
            client = yuexiu if (await admin.get(address, params=span)).is_error else admin
            whole, single = await rows(client, address, 200, span), await rows(client, address, 1, span)
            assert [named(row) for row in single] == [named(row) for row in whole], path
            walked += len(whole) > 1
        assert walked > 15  # lists with more than one page


def named(row: Any) -> Any:
    """A row by its name, where it has one: what stands beside it may move with the clock."""
    return row.get("id", row.get("alert_id", row.get("cause", row)))


async def _town(house: Console) -> dict[str, object]:
    world = house.world
    busy_day(world)
    alert = next(iter(world.alerts.values()))
    yuexiu, site = world.people["yuexiu"], world.sites["canteen-1"]
    add_papers(world, alert, "canteen", "yuexiu")
    add_inspection(world, "canteen-1", "canteen", "yuexiu", alert)
    with psycopg.connect(world.dsn) as connection:
        add_tour(connection, yuexiu, world.cameras["canteen-1-prep"])
        equipment, _ = add_public(connection, site, yuexiu)
        connection.execute(
            "INSERT INTO licence (site_id, kind, number, valid_until) SELECT %s, 'food', n::text, '2026-12-01'"
            " FROM generate_series(1, 3) AS n",
            (site,),
        )
        connection.execute("INSERT INTO vendor (code, zh, en) VALUES ('acme', '顶点', 'Acme')")
        webhook = connection.execute(
            "WITH hook AS (INSERT INTO webhook (authority, name, url, secret, kinds, person_id)"
            " SELECT 'gz', 'n', 'https://h.example', 's', '{alert.opened}', id FROM person WHERE login = 'admin'"
            " RETURNING id), event AS (INSERT INTO webhook_event (kind, subject, data, webhook_id, spread)"
            "  SELECT 'webhook.ping', 'webhooks/1', '{}', id, true FROM hook, generate_series(1, 3)"
            "  RETURNING id, webhook_id)"
            " INSERT INTO webhook_delivery (webhook_id, event_id) SELECT webhook_id, id FROM event RETURNING webhook_id"
        ).fetchone()
        assert webhook is not None
    return {
        "alert_id": alert, "site_id": site, "camera_id": world.cameras["canteen-1-prep"],
        "device_id": world.devices["cold-1"], "campaign_id": 1, "equipment_id": equipment, "profile_code": "cold-store",
        "webhook_id": webhook[0], "vendor_code": "acme",
    }  # fmt: skip


async def test_what_comes_meanwhile_is_neither_doubled_nor_hides_what_was_there(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        world, made, number = house.world, list[int](), count()

        async def come() -> None:
            if len(made) == 4:
                return
            made.append(add_alert(world, "new", "phone", camera="canteen-1-prep", zone=f"z{next(number)}"))
            with psycopg.connect(dsn) as connection:  # a place in front of the cursor, and one behind it
                for code in (f"a-{made[-1]}", f"zz-{made[-1]}"):
                    connection.execute(
                        "INSERT INTO site (code, kind, zh, en, address, authority, operator_id, schedule) SELECT %s,"
                        " kind, zh, en, address, authority, operator_id, schedule FROM site WHERE code = 'canteen-1'",
                        (code,),
                    )

        busy_day(world)
        for path, key in (("/api/v1/alerts", "id"), ("/api/v1/sites", "code")):
            before = [row[key] for row in await rows(admin, path, 200)]
            made.clear()
            seen = [row[key] for row in await rows(admin, path, 2, between=come)]
            assert made
            assert len(seen) == len(set(seen))
            assert set(before) <= set(seen)


async def test_what_is_no_cursor_is_refused_in_words(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        for path in ("/api/v1/alerts", "/api/v1/sites", "/api/v1/cameras"):
            answer = await admin.get(path, params={"after": "bm8"})
            assert (answer.status_code, answer.json()["faults"][0]["place"]) == (422, "query.after")


MADE_UP: tuple[list[object], ...] = (
    [], [-1], [10**30], [2**63, -(2**63)], ["\0"], ["x", 1], [1, "x"], ["9999-12-31T23:59:59-14:00", 1],
    ["0001-01-01", 1, 1],
)  # fmt: skip


async def test_a_made_up_cursor_is_no_error_of_ours(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        ids = {**populate(house), "device_id": house.world.devices["cold-1"], "code": "pest"}
        for path in lists(house.app.openapi()).keys() - BOUNDED:
            address = re.sub(r"{(\w+)}", lambda found: str(ids.get(found.group(1), 1)), path)
            for key in MADE_UP:
                cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
                answer = await client.get(address, params={"after": cursor, **SPAN.get(path, {})})
                assert answer.status_code in (200, 403, 404, 422), (path, key, answer.text)
