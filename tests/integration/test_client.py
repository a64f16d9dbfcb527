"""The Python client is what the api documents, and it works against the running api."""

import asyncio
from pathlib import Path

import httpx
import pytest

from api import openapi
from mingchu import client_command
from mingchu.client import Client, Event, File, Refused, model
from tests.console_client import served
from tests.console_world import PASSWORD, World, add_alert, drawn
from tests.servers import PATIENCE_S


def test_the_client_is_what_the_command_writes(tmp_path: Path) -> None:
    folder = Path(client_command.__file__).with_name("client")
    for name, text in client_command.texts().items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name}: run `mingchu client`"


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [
        ("get", "/api/v1/alerts", "get_alerts"),
        ("get", "/api/v1/alerts/{alert_id}", "get_alert"),
        ("post", "/api/v1/alerts/{alert_id}/acknowledge", "post_alert_acknowledge"),
        ("get", "/api/v1/people/{person_id}", "get_person"),
        ("get", "/api/v1/camera-lists", "get_camera_lists"),
    ],
)
def test_an_operations_name(verb: str, path: str, name: str) -> None:
    assert openapi.name_of(verb, path) == name


async def test_the_client_lists_acts_uploads_and_follows(dsn: str, tmp_path: Path) -> None:
    async with served(dsn, tmp_path) as (address, world):
        alerts = [add_alert(world, f"a{n}", "cold-frozen-warm", device="cold-1", zone=f"z{n}") for n in range(3)]
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as browser:
            await browser.post("/api/v1/login", json={"login": "cold", "password": PASSWORD})
            wanted = {"name": "client", "scopes": ["data.read", "alert.handle"], "days": 1}
            token = (await browser.post("/api/v1/me/tokens", json=wanted)).json()["secret"]
        await asyncio.to_thread(_work, address, token, world, alerts)


def _work(address: str, token: str, world: World, alerts: list[int]) -> None:
    with Client(address, token=token, language="en") as mingchu:
        assert mingchu.get_me().login == "cold"
        assert [one.id for one in mingchu.get_alerts(status=["open"], newest=True, limit=1)] == alerts[::-1]
        assert {site.code for site in mingchu.get_sites(limit=1)} == {"cold-base", "tower"}

        first, second, third = alerts
        events = mingchu.events("1")
        assert _versions(events, 3) == {(one, 1) for one in alerts}  # all that was missed
        taken = mingchu.post_alert_acknowledge(first, model.ActionOrder(version=1))
        assert (taken.status, taken.version) == ("acknowledged", 2)
        heard = _next(events, (first, 2))
        events.close()  # type: ignore[attr-defined]

        mingchu.post_alert_acknowledge(second, model.ActionOrder(version=1))
        resumed = mingchu.events(heard.id)  # what was missed while nobody listened
        _next(resumed, (second, 2))
        resumed.close()  # type: ignore[attr-defined]

        photo = File("repair.jpg", drawn("repair"))
        case = mingchu.post_alert_report(first, text="Door seal replaced", photos=[photo], version=2)
        (sha256,) = case.rectifications[0].photos
        assert mingchu.get_evidence(sha256)[:3] == b"\xff\xd8\xff"
        with pytest.raises(Refused, match="conflict") as refused:
            mingchu.post_alert_acknowledge(third, model.ActionOrder(version=9))
        assert (refused.value.status, "again" in refused.value.detail) == (409, True)
        with pytest.raises(Refused, match="404 not_found"):
            mingchu.get_device(world.devices["scale-1"])


def _told(event: Event) -> tuple[int, int]:
    import msgspec

    alert = msgspec.json.decode(event.data, type=model.AlertSummary)
    return alert.id, alert.version


def _versions(events: object, many: int) -> set[tuple[int, int]]:
    return {_told(next(events)) for _ in range(many)}  # type: ignore[call-overload]


def _next(events: object, wanted: tuple[int, int]) -> Event:
    """The event that tells of that version; what was told before may come again."""
    while _told(event := next(events)) != wanted:  # type: ignore[call-overload]
        pass
    assert isinstance(event, Event)
    return event


async def test_a_broken_line_is_tried_again_under_the_same_key() -> None:
    keys = list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ReadError("broken")
        if len(keys) == 2:
            return httpx.Response(409, json={"code": "idempotency_busy"}, headers={"retry-after": "0"})
        return httpx.Response(204)

    with Client("http://platform.test", token="mct_x", transport=httpx.MockTransport(answer)) as mingchu:
        mingchu.post_alert_still  # noqa: B018 - a method of the name that the path has
        mingchu.call("POST", "/api/v1/logout")
    assert len(keys) == 3
    assert len(set(keys)) == 1
