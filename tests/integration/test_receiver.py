"""The push receiver over HTTP, as a sender and a person see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from simulators import receiver as receivers
from simulators.inbox import signature
from simulators.listening import ListeningError
from simulators.receiver import PushReceiver, ReceiverConfig
from tests.servers import PATIENCE_S

BODY = {"title": "鼠患", "text": "后厨 3 号", "picture": "https://console.example/evidence/1.jpg"}


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[PushReceiver]:
    running = PushReceiver(ReceiverConfig(port=0, journal=tmp_path / "pushes.jsonl"))
    await running.open()
    yield running
    await running.close()


@pytest.fixture
async def client(receiver: PushReceiver) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=receiver.url, timeout=PATIENCE_S) as opened:
        yield opened


async def test_repeats_of_a_push_are_counted_once(
    receiver: PushReceiver, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    for key in ("a", "a", "b", "a"):
        response = await client.post("/push/kitchen", json=BODY, headers={"Idempotency-Key": key})
        assert (response.status_code, response.json()) == (200, {"ok": True})
    listing = (await client.get("/pushes.json")).json()
    assert [(push["key"], push["deliveries"], len(push["received_at"])) for push in listing["pushes"]] == [
        ("a", 3, 3),
        ("b", 1, 1),
    ]
    assert listing["counts"]["duplicates"] == 2
    assert listing["pushes"][0]["body"] == BODY
    journal = (tmp_path / "pushes.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["key"] for line in journal] == ["a", "a", "b", "a"]
    page = (await client.get("/")).text
    assert page.count("鼠患") == 2
    assert "重复 ×3" in page
    assert receiver.pushes[0].channel == "kitchen"


async def test_faults_are_answered_as_ordered_and_end(client: httpx.AsyncClient) -> None:
    async def push() -> int:
        return (await client.post("/push/k", json=BODY, headers={"Idempotency-Key": "x"})).status_code

    for mode in ("500", "400"):
        assert (await client.post("/fault", json={"mode": mode})).status_code == 200
        assert await push() == int(mode)
    await client.post("/fault", json={"mode": "timeout"})
    hanging = asyncio.create_task(push())
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/push/k", json=BODY, timeout=httpx.Timeout(PATIENCE_S, read=0.2))
    assert not hanging.done()
    await client.post("/fault", json={"mode": "timeout", "for_s": 0.1})
    assert await hanging == 503
    async with asyncio.timeout(PATIENCE_S):
        while (await client.get("/pushes.json")).json()["fault"] != "ok":
            await asyncio.sleep(0.02)
    assert await push() == 200
    counts = (await client.get("/pushes.json")).json()["counts"]
    assert (counts["pushes"], counts["duplicates"], counts["faulted"]) == (1, 0, 4)


async def test_what_is_no_push_is_refused_with_a_sentence(client: httpx.AsyncClient) -> None:
    for content, status in [(b"{", 400), (b"[1]", 400), (b"\xff", 400), (b" " * (4 * 1024 * 1024 + 1), 413)]:
        response = await client.post("/push/k", content=content)
        assert (response.status_code, response.json()["ok"]) == (status, False)
        assert response.json()["error"]
    assert (await client.post("/fault", json={"mode": "nonsense"})).status_code == 400
    assert (await client.get("/pushes.json")).json()["counts"]["refused"] == 4


async def test_a_secret_asks_for_signed_pushes() -> None:
    receiver = PushReceiver(ReceiverConfig(port=0, secret="shared"))
    await receiver.open()
    body = json.dumps(BODY).encode()
    async with httpx.AsyncClient(base_url=receiver.url, timeout=PATIENCE_S) as client:
        answers = [
            (await client.post("/push/k", content=body, headers=headers)).status_code
            for headers in ({}, {"X-Mingchu-Signature": "0" * 64}, {"X-Mingchu-Signature": signature("shared", body)})
        ]
    await receiver.close()
    assert answers == [401, 401, 200]
    assert len(receiver.pushes) == 1


async def test_a_busy_port_gets_a_sentence(receiver: PushReceiver, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ListeningError, match="in use"):
        await PushReceiver(ReceiverConfig(port=receiver.port)).open()
    assert await asyncio.to_thread(receivers.main, ["--port", str(receiver.port)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
