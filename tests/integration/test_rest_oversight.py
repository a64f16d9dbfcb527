"""What only pages could do, by REST and with an API token: inspections, saved views, risk, complaints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg

from domain.period import ZONE
from tests.console_client import Console, console
from tests.console_world import add_public, drawn, now
from tests.integration.test_phone import signed
from tests.integration.test_risk import install, scored

PHOTO = {"photos": ("a.jpg", drawn("photo"), "image/jpeg")}


@asynccontextmanager
async def program(house: Console, login: str, *scopes: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program with that person's token."""
    async with house.as_(login) as client, house.visitor() as bare:
        made = await client.post("/api/v1/me/tokens", json={"name": "x", "scopes": ["data.read", *scopes], "days": 1})
        assert made.status_code == 201, made.text
        bare.headers["authorization"] = f"Bearer {made.json()['secret']}"
        yield bare


async def test_an_inspection_from_assigned_to_signed(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path) as house,
        program(house, "yuexiu", "alert.review") as regulator,
        program(house, "cold", "alert.handle") as operator,
        program(house, "yuexiu") as reader,
        program(house, "market", "alert.handle") as stranger,
    ):
        codes = [one["code"] for one in (await reader.get("/api/v1/checklists")).json()]
        assert "cold-store-weekly" in codes
        wanted = {"site": house.world.sites["cold-base"], "checklist": "cold-store-weekly",
                  "day": f"{now().astimezone(ZONE).date()}"}  # fmt: skip
        assert (await reader.post("/api/v1/inspections", json=wanted)).json()["code"] == "token_scope"
        assert (await operator.post("/api/v1/inspections", json=wanted)).status_code == 403
        key = {"idempotency-key": "one"}
        made = [await regulator.post("/api/v1/inspections", json=wanted, headers=key) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201], made[0].text
        at = f"/api/v1/inspections/{made[0].json()['id']}"
        assert made[0].content == made[1].content
        assert (await stranger.get(at)).status_code == 404
        listed = (await operator.get("/api/v1/inspections")).json()
        assert [one["id"] for one in listed] == [made[0].json()["id"]]

        early = await operator.post(f"{at}/answers", data={"item": "seal", "value": "yes"})
        assert (early.status_code, early.json()["code"]) == (422, "inspection_order")
        for item in made[0].json()["steps"]:
            value = "-20" if item["kind"] == "number" else "yes"
            told = await operator.post(f"{at}/answers", data={"item": item["code"], "value": value}, files=PHOTO)
            assert told.status_code == 200, told.text
        assert told.json()["next"] == len(made[0].json()["steps"])
        for client, side in ((operator, "operator"), (regulator, "authority")):
            signature = {"signature": ("s.png", signed(), "image/png")}
            done = await client.post(f"{at}/signatures/{side}", data={"name": "王敏"}, files=signature)
            assert done.status_code == 200, done.text
        assert (done.json()["intact"], done.json()["sha256"] is not None) == (True, True)
        assert (await operator.post(f"{at}/answers", data={"item": "seal", "value": "no"})).status_code == 409
        found = (await reader.get("/api/v1/inspections", params={"done": True})).json()
        assert [one["id"] for one in found] == [made[0].json()["id"]]

        plan = await regulator.post("/api/v1/inspection-plans", json={**wanted, "every": "week"})
        assert plan.status_code == 204, plan.text
        (kept,) = (await operator.get("/api/v1/inspection-plans")).json()
        ended = [await regulator.post(f"/api/v1/inspection-plans/{kept['id']}/end") for _ in range(1)]
        assert [answer.status_code for answer in ended] == [204]
        assert (await operator.get("/api/v1/inspection-plans")).json() == []


async def test_views_risk_and_complaints(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path) as house,
        program(house, "yuexiu", "alert.review") as regulator,
        program(house, "market") as stranger,
    ):
        kept = await regulator.put("/api/v1/views/一级", json={"severity": 1, "overdue": True})
        assert (kept.status_code, kept.json()["address"]) == (200, "/?tab=unfinished&severity=1&overdue=1"), kept.text
        assert [one["name"] for one in (await regulator.get("/api/v1/views")).json()] == ["一级"]
        assert (await stranger.get("/api/v1/views")).json() == []
        assert (await regulator.delete(f"/api/v1/views/{kept.json()['id']}")).status_code == 204

        assert (await regulator.get("/api/v1/risk")).json() == []
        await install(dsn)
        await scored(house.world)
        ranked = (await regulator.get("/api/v1/risk", params={"limit": 2})).json()
        site = house.world.sites["cold-base"]
        assert [one["score"] for one in ranked] == sorted((one["score"] for one in ranked), reverse=True)
        mine = (await regulator.get(f"/api/v1/sites/{site}/risk")).json()
        assert sum(term["weight"] for term in mine["terms"]) == 100
        assert len(mine["trend"]) == 1
        assert (await stranger.get(f"/api/v1/sites/{site}/risk")).status_code == 404
        device = house.world.devices["cold-1"]
        assert (await regulator.get(f"/api/v1/devices/{device}/risk")).status_code == 200
        assert (await stranger.get(f"/api/v1/devices/{device}/risk")).status_code == 404

        with psycopg.connect(dsn) as connection:
            _, complaint = add_public(connection, site, house.world.people["yuexiu"])
        at = f"/api/v1/complaints/{complaint}"
        assert (await regulator.get(at)).json()["words"] == "help"
        assert (await stranger.get(at)).status_code == 404
        assert (await regulator.get("/api/v1/complaints", params={"site": site + 1})).json() == []
        answered = await regulator.post(f"{at}/answer", json={"words": "处理完毕", "closes": True})
        assert answered.json()["closed"] is not None, answered.text
