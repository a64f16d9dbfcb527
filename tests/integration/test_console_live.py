"""Live updates over a real connection: within the reader's scope only, resumed by id, ended by a logout."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg

from domain.scene import Scene
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, add_scene
from tests.servers import PATIENCE_S


async def _log_in(client: httpx.AsyncClient, login: str) -> None:
    assert (await client.post("/api/v1/login", json={"login": login, "password": PASSWORD})).status_code == 200


@asynccontextmanager
async def _visitors(address: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    async with (
        httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as one,
        httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as other,
    ):
        yield one, other


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, dict[str, object], str]]:
    """Kind, data and id of each event."""
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields.get("event", ""), json.loads(fields["data"]), fields.get("id", "")
            fields = {}


def _alert(world: World, device: str) -> int:
    return add_alert(world, device, "device-offline", device=device)


async def test_each_reader_hears_what_is_his(dsn: str, tmp_path: Path) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        served(dsn, tmp_path) as (address, world),
        _visitors(address) as (cold, market),
    ):
        await _log_in(cold, "cold")
        await _log_in(market, "market")
        async with cold.stream("GET", "/api/v1/events") as mine, market.stream("GET", "/api/v1/events") as theirs:
            assert mine.headers["content-type"].startswith("text/event-stream")
            my_events, their_events = _events(mine), _events(theirs)
            first = _alert(world, "cold-1")
            _kind, data, mark = await anext(my_events)
            assert data["id"] == first
            second = _alert(world, "scale-1")
            _kind, other, _ = await anext(their_events)
            assert other["id"] == second  # the first thing that the market hears is its own
            third = _alert(world, "cold-2")
            _kind, data, _ = await anext(my_events)
            assert data["id"] == third
        async with cold.stream("GET", "/api/v1/events", headers={"last-event-id": mark}) as again:
            resumed = _events(again)
            assert {(await anext(resumed))[1]["id"] for _ in range(2)} == {first, third}


async def test_an_alert_is_told_before_its_picture_is_there(dsn: str, tmp_path: Path) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        served(dsn, tmp_path) as (address, world),
        _visitors(address) as (client, _),
    ):
        await _log_in(client, "canteen")
        async with client.stream("GET", "/api/v1/events") as stream:
            event = add_scene(world, "canteen-1-prep", Scene.PHONE, "prep", why="w", uploaded=False)
            alert = add_alert(world, "phone", "phone", camera="canteen-1-prep", scene_event=event)
            _kind, data, _ = await anext(_events(stream))
            assert (data["id"], data["picture"], data["picture_awaited"]) == (alert, None, True)


async def test_a_logout_ends_the_stream(dsn: str, tmp_path: Path) -> None:
    async with (
        asyncio.timeout(PATIENCE_S),
        served(dsn, tmp_path) as (address, world),
        _visitors(address) as (client, _),
    ):
        await _log_in(client, "cold")
        async with client.stream("GET", "/api/v1/events") as stream:
            events = _events(stream)
            alert = _alert(world, "cold-1")
            assert (await anext(events))[1]["id"] == alert
            with psycopg.connect(dsn) as connection:
                connection.execute("DELETE FROM session")
            _alert(world, "cold-2")
            assert [event async for event in events] == []
        assert (await client.get("/api/v1/events")).status_code == 401
