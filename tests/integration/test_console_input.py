"""Hostile input: no parameter of any route reaches the database as code, breaks an answer, or is told a traceback."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute

import api
from tests.console_client import console
from tests.console_world import add_alert

_CORPUS = (
    "'", "1 OR 1=1", "1; DROP TABLE alert; --", "1' UNION SELECT password FROM person --", "\x00", "\ud800", "%00",
    "%s", "{0}", "${7*7}", "{{7*7}}", "-1", "0", "9223372036854775807", "9223372036854775808", "1e400",
    "NaN", "[]", "null",
    "../../etc/passwd", "<script>alert(1)</script>", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "A" * 1500, "明厨",
)  # fmt: skip


async def _attack(
    client: httpx.AsyncClient, verb: str, path: str, operation: dict[str, Any], text: str
) -> httpx.Response:
    escaped = text.encode("utf-8", "surrogatepass")
    quoted = "".join(f"%{byte:02X}" for byte in escaped)
    query: list[str] = []
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quoted)
        elif parameter["in"] == "query":
            query.append(f"{parameter['name']}={quoted}")
    return await client.request(verb, f"{path}?{'&'.join(query)}")


async def test_no_parameter_breaks_a_route(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        document = house.app.openapi()
        with_parameters = [
            (verb, path, operation)
            for path, verbs in document["paths"].items()
            for verb, operation in verbs.items()
            if operation.get("parameters") and not path.endswith("/events") and not path.startswith("/edge/")
        ]
        assert len(with_parameters) > 15
        for verb, path, operation in with_parameters:
            for text in _CORPUS:
                answer = await _attack(client, verb.upper(), path, operation, text)
                assert answer.status_code < 500, (verb, path, text[:40], answer.text[:200])
                assert "psycopg" not in answer.text
        # One parameter at a time too, so that a bad neighbour does not hide it.
        device = f"/api/v1/devices/{house.world.devices['cold-1']}/series"
        for text in _CORPUS:
            for query in ({"metric": text}, {"metric": "air_temp", "to": text}, {"metric": "air_temp", "from": text}):
                if "\ud800" not in text:
                    assert (await client.get(device, params=query)).status_code < 500, query
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT count(*) FROM alert").fetchone() == (1,)


async def test_no_parameter_breaks_a_page(dsn: str, tmp_path: Path) -> None:
    """The console's pages, which the OpenAPI document does not name."""
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        modules = [f"api.{one.name}" for one in pkgutil.iter_modules(api.__path__) if one.name.startswith("pages_")]
        pages = [
            route
            for name in modules
            for route in importlib.import_module(name).router.routes
            if isinstance(route, APIRoute) and "GET" in (route.methods or ())
        ]
        tried = 0
        for route in pages:
            names = [one.alias for one in route.dependant.query_params]
            for text in ("1' OR '1'='1' --", "1; DROP TABLE alert; --", "\x00", "9223372036854775808"):
                path = re.sub(r"{[^}]+}", quote(text, safe=""), route.path)
                answer = await client.get(path, params=dict.fromkeys(names, text))
                assert answer.status_code < 500, (path, text, answer.text[:200])
                assert "psycopg" not in answer.text
                tried += 1
        assert tried > 200


async def test_no_body_breaks_an_action(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.visitor() as nobody:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        for text in _CORPUS[:-2]:
            if "\ud800" in text:
                continue
            for action in ("reject", "accept"):
                answer = await regulator.post(f"/api/v1/alerts/{alert}/{action}", json={"version": 1, "reason": text})
                assert answer.status_code in (409, 422), text
            page = await regulator.post(f"/alerts/{alert}/reject", data={"version": "1", "reason": text})
            assert page.status_code in (409, 422), text
            assert (await nobody.post("/api/v1/login", json={"login": text, "password": text})).status_code in (
                401,
                422,
                429,
            )
        for body in (b"", b"{", b"[1]", b'{"version": 1e400}', b'{"reason": "\\ud800"}', b"\xff\xfe"):
            answer = await regulator.post(
                f"/api/v1/alerts/{alert}/dismiss", content=body, headers={"content-type": "application/json"}
            )
            assert answer.status_code in (422, 428), body


async def test_what_nobody_foresaw_is_one_sentence(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_connection: object) -> None:
        raise RuntimeError("marker of the inside")

    async with console(dsn, tmp_path) as house, house.visitor() as client:
        monkeypatch.setattr("store.people.ping", broken)
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert "marker" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
