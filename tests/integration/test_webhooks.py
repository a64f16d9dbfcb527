"""Webhooks: facts become signed events of those who may read them; broken receivers, storms, people's hands."""

import asyncio
import base64
import hmac
import json
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import psycopg
import pytest
from pydantic import TypeAdapter

from alerts import deliverer
from alerts.config import AlertsConfig
from alerts.counters import Counters
from api import webhook_event_model as model
from domain.budget import Bucket
from domain.webhook import MISSED, PING, EventKind
from store import retention
from store.connection import connect
from store.retention import Kept
from tests import alert_world as world
from tests.console_client import Console, console
from tests.console_world import add_alert, add_inspection, add_public
from tests.servers import wait_for
from tests.web_receiver import Receiver, Request

_EVENTS = (
    model.AlertEvent, model.DeviceEvent, model.CameraEvent, model.EdgeEvent, model.ReportEvent, model.ComplaintEvent,
    model.InspectionEvent, model.PingEvent, model.MissedEvent,
)  # fmt: skip
_TYPES = {told: kind for kind in _EVENTS for told in get_args(kind.model_fields["type"].annotation)}
_ALL = [kind.value for kind in EventKind]


@asynccontextmanager
async def delivering(dsn: str, *, allow_private: bool = True) -> AsyncIterator[Counters]:
    """A deliverer at work."""
    stop, counters = asyncio.Event(), Counters()
    config = AlertsConfig(dsn, "https://console/", Path(), allow_private)
    task = asyncio.create_task(deliverer.deliver(config, counters, stop))
    try:
        yield counters
    finally:
        stop.set()
        await task


@asynccontextmanager
async def receiving(**answers: int) -> AsyncIterator[Receiver]:
    """A web server of somebody else's; paths by the status that they are answered with."""
    receiver = Receiver(status={f"/{path}": status for path, status in answers.items()})
    await receiver.open()
    try:
        yield receiver
    finally:
        await receiver.close()


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it was made."""

    id: int
    secret: str


async def _made(client: httpx.AsyncClient, url: str, kinds: list[str]) -> Hook:
    answer = await client.post("/api/v1/webhooks", json={"name": "ERP", "url": url, "kinds": kinds})
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert url not in answer.text
    return Hook(said["webhook"]["id"], said["secret"])


async def _until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_for, condition)


async def _done(dsn: str) -> None:
    """All events were handed on, and nothing waits."""
    query = (
        "SELECT (SELECT count(*) FROM webhook_event WHERE NOT spread)"
        " + (SELECT count(*) FROM webhook_delivery WHERE next_try IS NOT NULL)"
    )
    await _until(lambda: world.count(dsn, query) == 0)


def _signed_by(request: Request, secret: str) -> bool:
    """As the specification of Standard Webhooks says it, by a program that is none of ours."""
    program = shutil.which("openssl")
    assert program is not None
    key = base64.b64decode(secret.removeprefix("whsec_")).hex()
    named = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    command = [program, "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"]
    made = subprocess.run(command, input=named + request.body, capture_output=True, check=True).stdout
    return f"v1,{base64.b64encode(made).decode()}" in request.headers["webhook-signature"].split()


def _as_documented(request: Request, secret: str) -> bool:
    """By the function that docs/API.md gives to those who receive."""
    text = (Path(__file__).parents[2] / "docs" / "API.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"(?m)^def is_ours.*?(?=^```)", text, re.DOTALL)
    space: dict[str, Any] = {"base64": base64, "hmac": hmac, "time": time}
    exec(code, space)
    return bool(space["is_ours"](secret, request.headers, request.body))


def _event(request: Request) -> dict[str, Any]:
    """What came; it fits what the OpenAPI document says of it."""
    found: dict[str, Any] = json.loads(request.body)
    TypeAdapter(_TYPES[found["type"]]).validate_json(request.body, strict=False)
    assert request.headers["content-type"].startswith("application/cloudevents+json")
    assert request.headers["webhook-id"] == found["id"]
    return found


def _kinds(requests: list[Request]) -> list[str]:
    return sorted(str(json.loads(one.body)["type"]).removeprefix("mingchu.") for one in requests)


def _execute(dsn: str, *queries: str) -> None:
    with psycopg.connect(dsn) as connection:
        for query in queries:
            connection.execute(query.encode())


_FACTS = (
    "UPDATE device SET online = NOT online WHERE code = 'cold-1'",
    "UPDATE camera SET health = 'OFFLINE', health_at = now(), health_why = 'w' WHERE code = 'canteen-1-stove'",
    "UPDATE camera SET health = 'BLACK', health_at = now() WHERE code = 'canteen-1-stove'",
    "UPDATE camera SET health = 'OK', health_at = now() WHERE code = 'canteen-1-stove'",
    "UPDATE edge SET online = NOT online WHERE code = 'edge-yx'",
    "INSERT INTO report (span, begin_at, end_at, closed, authority, body, sha256)"
    " VALUES ('day', now(), now(), now(), 'gz.yx', '{}', repeat('0', 64))",
    "INSERT INTO report (span, begin_at, end_at, closed, site_id, body, sha256)"
    " SELECT 'day', now(), now(), now(), id, '{}', repeat('0', 64) FROM site WHERE code = 'canteen-1'",
    "INSERT INTO complaint (site_id, topic, words) SELECT id, 'hygiene', 'nobody-reads-this' FROM site"
    " WHERE code = 'canteen-1'",
    "UPDATE inspection SET done = now(), digest = repeat('0', 64) WHERE done IS NULL",
)


async def _workflow(house: Console) -> int:
    """An alert that is opened, acknowledged, appealed against and dismissed."""
    alert = add_alert(house.world, "phone", "phone", camera="canteen-1-stove")
    way = f"/api/v1/alerts/{alert}"
    async with house.as_("canteen") as operator, house.as_("yuexiu") as regulator:
        told = (await operator.post(f"{way}/acknowledge", json={"version": 1})).json()
        answer = await operator.post(f"{way}/appeal", data={"version": str(told["version"]), "text": "误报"})
        assert answer.status_code == 200, answer.text
        answer = await regulator.post(f"{way}/uphold", json={"version": answer.json()["version"], "reason": "是误报"})
        assert answer.status_code == 200, answer.text
    return alert


def _kinds_of_the_database(dsn: str) -> set[str]:
    written = {str(kind) for (kind,) in world.rows(dsn, "SELECT kind FROM webhook_turn")}
    sources = world.rows(dsn, "SELECT prosrc FROM pg_proc WHERE proname LIKE 'webhook\\_%%'")
    return written | {found for (text,) in sources for found in re.findall(r"'([a-z]+\.[a-z]+)'", str(text))}


async def _nobody_listens(house: Console, url: str) -> None:
    """Facts of which no webhook wants to hear leave nothing behind."""
    dsn = house.world.dsn
    _execute(dsn, *_FACTS[:4])
    async with house.as_("canteen") as client:
        hook = await _made(client, url, ["alert.opened"])
        _execute(dsn, *_FACTS[:4])
        await client.patch(f"/api/v1/webhooks/{hook.id}", json={"enabled": False})
        add_alert(house.world, "rat", "pest", camera="canteen-1-stove")
        await client.delete(f"/api/v1/webhooks/{hook.id}")
    assert world.count(dsn, "SELECT count(*) FROM webhook_event") == 0


async def test_facts_become_signed_events_of_those_who_may_read_them(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, receiving() as receiver:
        assert _kinds_of_the_database(dsn) == set(_ALL)
        assert {told.removeprefix("mingchu.") for told in _TYPES} - {PING, MISSED} == set(_ALL)
        await _nobody_listens(house, f"{receiver.url}/x")
        hooks = dict[str, Hook]()
        for login in ("canteen", "yuexiu", "tianhe"):
            async with house.as_(login) as client:
                hooks[login] = await _made(client, f"{receiver.url}/{login}", _ALL)
        alert = await _workflow(house)
        add_inspection(house.world, "canteen-1", "canteen", "yuexiu", alert)
        with psycopg.connect(dsn) as connection:
            add_public(connection, house.world.sites["canteen-1"], house.world.people["yuexiu"])
        _execute(dsn, *_FACTS)
        async with delivering(dsn):
            await _done(dsn)
        turns = ["alert.acknowledged", "alert.dismissed", "alert.opened", "appeal.decided", "appeal.filed"]
        cameras = ["camera.impaired", "camera.offline", "camera.online"]
        his = ["report.ready", "inspection.finished", "complaint.received"]  # that somebody is trapped
        assert _kinds(receiver.of("/canteen")) == sorted([*turns, *cameras, *his])
        device = [kind for kind in _kinds(receiver.of("/yuexiu")) if kind.startswith("device.")]
        assert len(device) == 1  # the cold store is another operator's, under the same district
        others = [*his, "report.ready", "complaint.received"]
        edge = [kind for kind in _kinds(receiver.of("/yuexiu")) if kind.startswith("edge.")]
        assert _kinds(receiver.of("/yuexiu")) == sorted([*turns, *cameras, *others, *device, *edge])
        assert len(edge) == 1
        assert receiver.of("/tianhe") == []
        for login in ("canteen", "yuexiu"):
            for request in receiver.of(f"/{login}"):
                event = _event(request)
                assert _signed_by(request, hooks[login].secret)
                assert not _signed_by(request, hooks["tianhe"].secret)
                assert _as_documented(request, hooks[login].secret)
                assert event["source"] == "https://console"
        opened = next(one for one in map(_event, receiver.of("/canteen")) if one["type"] == "mingchu.alert.opened")
        assert opened["subject"] == f"alerts/{alert}"
        async with house.as_("canteen") as client:  # the subject is its resource, too
            case = (await client.get(f"/api/v1/{opened['subject']}")).json()
        assert (case["id"], case["site"]["id"]) == (alert, opened["data"]["site"]["id"])
        assert not any(b"nobody-reads-this" in one.body for one in receiver.requests)
        # No ladder knows of them: a person is told over a channel.
        assert world.count(dsn, "SELECT count(*) FROM channel WHERE url LIKE '%%/canteen'") == 0


def _burst(dsn: str, n: int) -> None:
    """Facts of one device, which comes and goes."""
    _execute(
        dsn, "INSERT INTO presence_change SELECT device.id, now(), n % 2 = 0 FROM device, generate_series(1, "
        f"{n}) AS n WHERE code = 'cold-1'",
    )  # fmt: skip


async def test_a_broken_receiver_holds_up_nobody_and_gets_the_same_later(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, receiving(broken=503) as receiver, house.as_("yuexiu") as client:
        receiver.held["/hanging"] = asyncio.Event()
        for path in ("broken", "hanging", "well"):
            await _made(client, f"{receiver.url}/{path}", ["device.offline", "device.online"])
        _burst(dsn, 30)
        async with delivering(dsn):
            await _until(lambda: len(receiver.of("/well")) == 30)
            assert len(receiver.of("/hanging")) < 30
            await _until(lambda: bool(receiver.of("/broken")))
            tried = {one.headers["webhook-id"]: one.body for one in receiver.of("/broken")}
            assert tried
            receiver.status.clear()
            receiver.held["/hanging"].set()
            await _done(dsn)
        for path in ("/broken", "/hanging"):
            assert {one.headers["webhook-id"] for one in receiver.of(path)} == {
                one.headers["webhook-id"] for one in receiver.of("/well")
            }
        again = [one for one in receiver.of("/broken") if one.headers["webhook-id"] in tried]
        assert len(again) > len(tried)
        assert all(one.body == tried[one.headers["webhook-id"]] for one in again)


async def test_a_storm_is_bounded_counted_and_told_as_one(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliverer, "BACKLOG", 40)
    monkeypatch.setattr(deliverer, "RATE", Bucket(20, 1000))
    async with console(dsn, tmp_path) as house, receiving(x=503) as receiver, house.as_("yuexiu") as client:
        hook = await _made(client, f"{receiver.url}/x", ["device.offline", "device.online"])
        _burst(dsn, 1500)
        async with delivering(dsn) as counters:
            await _until(lambda: world.count(dsn, "SELECT count(*) FROM webhook_event WHERE NOT spread") == 0)
            assert world.count(dsn, "SELECT count(*) FROM webhook_event") == 40  # what nobody gets is not kept
            assert counters.totals()["webhook_dropped"] == 1460
            receiver.status.clear()
            await _until(lambda: "webhook.missed" in _kinds(receiver.requests))
            await _done(dsn)
        kept = {one.headers["webhook-id"] for one in receiver.requests}
        missed = next(one for one in map(_event, receiver.requests) if one["type"] == "mingchu.webhook.missed")
        assert (len(kept), missed["data"]["count"]) == (41, 1460)
        said = (await client.get(f"/api/v1/webhooks/{hook.id}")).json()
        assert (said["dropped"], said["waiting"], said["state"]) == (1460, 0, "working")


async def test_what_nothing_reaches_is_given_up_and_a_ping_tries_it_again(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, receiving(x=500, gone=410) as receiver, house.as_("yuexiu") as client:
        hook = await _made(client, f"{receiver.url}/x", ["device.offline", "device.online"])
        gone = await _made(client, f"{receiver.url}/gone", ["device.offline"])
        way = f"/api/v1/webhooks/{hook.id}"
        _execute(
            dsn, f"UPDATE webhook SET failures = 9, failing_since = now() - interval '49 hours' WHERE id = {hook.id}"
        )
        _burst(dsn, 8)
        async with delivering(dsn):
            await _until(lambda: world.count(dsn, "SELECT count(*) FROM webhook WHERE dead IS NOT NULL") == 2)
            assert (await client.get(way)).json()["state"] == "dead"
            told = world.rows(dsn, "SELECT authority::text, reason FROM push JOIN channel ON channel.id = channel_id")
            assert told == [("gz.yx", "webhook_dead")] * 2
            assert (await client.get(f"/api/v1/webhooks/{gone.id}")).json()["last_error"].startswith("HTTP 410")
            before = len(receiver.requests)
            _burst(dsn, 2)  # nothing is kept for it meanwhile
            assert world.count(dsn, "SELECT count(*) FROM webhook_event WHERE NOT spread") == 0
            receiver.status.clear()
            assert (await client.post(f"{way}/ping")).status_code == 202
            await _until(lambda: "webhook.missed" in _kinds(receiver.requests[before:]))
        assert _kinds(receiver.requests[before:]) == ["webhook.missed", "webhook.ping"]
        (missed,) = [one for one in map(_event, receiver.requests[before:]) if one["type"].endswith("missed")]
        assert missed["data"]["count"] == 8


async def test_people_keep_webhooks_by_rest(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, receiving() as receiver, house.as_("canteen") as client:
        hook = await _made(client, f"{receiver.url}/x", ["alert.opened"])
        way = f"/api/v1/webhooks/{hook.id}"
        ping = (await client.post(f"{way}/ping")).json()
        query = "SELECT count(*) FROM webhook_delivery WHERE last_error LIKE '%%public address%%'"
        async with delivering(dsn, allow_private=False):
            await _until(lambda: world.count(dsn, query) == 1)
        assert receiver.requests == []
        async with delivering(dsn):
            await client.post(f"{way}/deliveries/{ping['id']}/redeliver")
            await _done(dsn)
            sent = (await client.get(f"{way}/deliveries/{ping['id']}")).json()
            assert (sent["state"], sent["status"], sent["tries"]) == ("sent", 200, 1)
            fresh = (await client.post(f"{way}/secret")).json()["secret"]
            answer = await client.post(f"{way}/deliveries/{ping['id']}/redeliver")
            assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
            await _done(dsn)
        first, second = receiver.requests
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == ping["event"]
        assert _signed_by(first, hook.secret)
        assert _signed_by(second, hook.secret)  # for a day
        assert _signed_by(second, fresh)
        assert [one["id"] for one in (await client.get(f"{way}/deliveries")).json()] == [ping["id"]]
        changed = await client.patch(way, json={"url": "https://other.example/secret-path", "enabled": False})
        assert (changed.json()["place"], changed.json()["state"]) == ("other.example", "off")
        assert changed.json()["kinds"] == ["alert.opened"]
        assert (await client.post(f"{way}/ping")).json()["code"] == "webhook_off"
        wrong: tuple[dict[str, object], ...] = (
            {"url": "ftp://h/x"}, {"url": "http://"}, {"kinds": []}, {"kinds": ["no.such"]}, {"secret": "x"},
        )  # fmt: skip
        for bad in wrong:
            assert (await client.patch(way, json=bad)).status_code == 422, bad
        _execute(dsn, "UPDATE webhook_event SET at = at - interval '15 days'")
        async with await connect(dsn, autocommit=True) as owner:
            assert await retention.forget(owner, Kept.WEBHOOK_EVENT) == 1
        assert (await client.get(f"{way}/deliveries")).json() == []
        for _ in range(19):
            await _made(client, "https://h.example/", ["alert.opened"])
        more = {"name": "n", "url": "https://h.example/", "kinds": ["alert.opened"]}
        assert (await client.post("/api/v1/webhooks", json=more)).json()["code"] == "webhook_many"
        assert (await client.delete(way)).status_code == 204
        assert (await client.get(way)).status_code == 404
        audited = [str(one) for (one,) in world.rows(dsn, "SELECT action FROM audit WHERE action LIKE 'webhook%%'")]
        assert {"webhook_added", "webhook_pinged", "webhook_secret", "webhook_redelivered", "webhook_changed",
                "webhook_removed"} == set(audited)  # fmt: skip
        assert world.count(dsn, "SELECT count(*) FROM audit WHERE detail::text ~ 'whsec_|secret-path'") == 0


async def test_people_keep_webhooks_by_the_console(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        assert 'href="/webhooks"' in (await client.get("/channels")).text
        typed = {"name": "中台", "url": "https://h.example/very-secret", "kinds": ["alert.opened", "edge.offline"]}
        bad = await client.post("/webhooks", data={**typed, "kinds": []})
        assert bad.status_code == 422
        assert "very-secret" in bad.text  # what was typed stays
        made = await client.post("/webhooks", data=typed)
        assert made.status_code == 201
        (secret,) = re.findall(r"data-secret>(whsec_[^<]+)<", made.text)
        (hook,) = [one["id"] for one in (await client.get("/api/v1/webhooks")).json()]
        way = f"/webhooks/{hook}"
        assert secret not in (await client.get(way)).text
        assert "very-secret" not in (await client.get(way)).text
        assert (await client.post(f"{way}/ping")).headers["location"] == f"{way}?done=pinged"
        page = (await client.get(f"{way}?done=pinged")).text
        assert "webhooks/" in page
        changed = {"name": "新名", "url": "", "kinds": ["edge.offline"], "enabled": "1"}
        assert (await client.post(way, data=changed)).status_code == 303
        said = (await client.get(f"/api/v1{way}")).json()
        assert (said["name"], said["place"], said["kinds"]) == ("新名", "h.example", ["edge.offline"])
        assert (await client.post(way, data={**changed, "kinds": []})).status_code == 422
        assert "whsec_" in (await client.post(f"{way}/secret")).text
        _execute(dsn, "UPDATE webhook_delivery SET failed = now(), next_try = NULL")
        delivery = (await client.get(f"/api/v1{way}/deliveries")).json()[0]["id"]
        assert (await client.post(f"{way}/deliveries/{delivery}/redeliver")).status_code == 303
        assert (await client.post(f"{way}/remove")).status_code == 303
        assert (await client.get(way)).status_code == 404
