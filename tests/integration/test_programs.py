"""What people do in the console, programs do by REST with a token for it: draws, holds, reports, registry, tours."""

from datetime import timedelta
from pathlib import Path

import psycopg

from domain import draw
from domain.draw import Candidate
from domain.period import ZONE
from tests.console_client import console
from tests.console_world import add_alert, add_inspection, add_public, now
from tests.integration.test_by_hand import a_tour
from tests.integration.test_rest_oversight import program

_REST = "/api/v1"


async def test_a_program_draws_by_lot_and_anybody_draws_the_same(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path) as house,
        program(house, "yuexiu", "alert.review") as regulator,
        program(house, "yuexiu") as reader,
        program(house, "canteen", "alert.handle") as operator,
        program(house, "tianhe", "alert.review") as stranger,
    ):
        wanted = {"sites": 2, "inspectors": 1, "seed": "07 12 19"}
        assert (await reader.post(f"{_REST}/draws", json=wanted)).json()["code"] == "token_scope"
        assert (await operator.post(f"{_REST}/draws", json=wanted)).status_code == 403
        for bad in ({"sites": 99}, {"sites": 0}, {"sites": 1, "inspectors": 999}):
            assert (await regulator.post(f"{_REST}/draws", json=bad)).json()["code"] == "draw", bad
        made = await regulator.post(f"{_REST}/draws", json=wanted)
        assert made.status_code == 201, made.text
        told = made.json()
        candidates = [Candidate(one["code"], one["lots"]) for one in told["candidates"]]
        assert draw.drawn("07 12 19", "site", candidates, 2) == tuple(one["code"] for one in told["drawn_sites"])
        assert (told["holds"], told["misweighted"]) == (True, [])
        assert [one["login"] for one in told["drawn_inspectors"]] == ["yuexiu"]
        assert (await regulator.post(f"{_REST}/draws", json={"sites": 1})).json()["seed"]  # the platform's own
        newest = (await reader.get(f"{_REST}/draws?limit=1")).json()
        older = await reader.get(f"{_REST}/draws?limit=1")
        following = (await reader.get(older.links["next"]["url"])).json()
        assert [one["id"] for one in (*newest, *following)] == [told["id"] + 1, told["id"]]
        assert (await reader.get(f"{_REST}/draws/{told['id']}")).json() == told
        assert (await stranger.get(f"{_REST}/draws/{told['id']}")).status_code == 404
        assert (await operator.get(f"{_REST}/draws/{told['id']}")).status_code == 404


async def test_a_program_holds_evidence_and_makes_reports(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path) as house,
        program(house, "yuexiu", "alert.review", "channel.manage") as regulator,
        program(house, "canteen", "alert.handle") as operator,
    ):
        alert = add_alert(house.world, "fire", "fire-unattended", camera="canteen-1-stove", zone="stove")
        site = house.world.sites["canteen-1"]
        on = f"{_REST}/alerts/{alert}/hold"
        assert (await operator.post(on, json={"why": "x"})).status_code == 403
        assert (await regulator.post(on, json={"why": "x", "until": "2001-01-01"})).json()["code"] == "hold_until"
        held = [
            (await regulator.post(way, json={"why": "案卷 1"})).json() for way in (on, f"{_REST}/sites/{site}/hold")
        ]
        assert [(one["alert"], one["site"]["id"], one["in_force"]) for one in held] == [
            (alert, site, True), (None, site, True),
        ]  # fmt: skip
        ids = [one["id"] for one in (await regulator.get(f"{_REST}/holds?alert={alert}")).json()]
        assert ids == [one["id"] for one in reversed(held)]
        lift = f"{_REST}/holds/{held[0]['id']}/lift"
        assert (await regulator.post(lift, json={"why": "结案"})).json()["in_force"] is False
        assert (await regulator.post(lift, json={"why": "结案"})).status_code == 409

        today = now().astimezone(ZONE).date()
        wanted = {"span": "day", "day": f"{today - timedelta(days=2)}"}
        early = await regulator.post(f"{_REST}/reports", json={**wanted, "day": f"{today}"})
        assert early.json()["code"] == "report_open"
        made = await regulator.post(f"{_REST}/reports", json=wanted)
        assert made.status_code == 201, made.text
        assert (await regulator.post(f"{_REST}/reports", json=wanted)).json() == made.json()
        at = f"{_REST}/reports/{made.json()['id']}"
        assert [one["id"] for one in (await regulator.get(f"{_REST}/reports?span=day")).json()] == [made.json()["id"]]
        assert made.json()["figures"]["span"] == "day"
        assert (await operator.get(at)).status_code == 404
        assert (await regulator.get(f"{at}/workbook")).content.startswith(b"PK")

        with psycopg.connect(dsn) as connection:
            channel = connection.execute("SELECT id FROM channel WHERE authority = 'gz.yx'").fetchone()
        assert channel is not None
        order = {"span": "week", "channel": channel[0]}
        subscribed = (await regulator.post(f"{_REST}/reports/subscriptions", json=order)).json()
        assert (await regulator.get(f"{_REST}/reports/subscriptions")).json() == [subscribed]
        ended = f"{_REST}/reports/subscriptions/{subscribed['id']}"
        assert [(await regulator.delete(ended)).status_code for _ in range(2)] == [204, 404]


async def test_a_program_makes_alerts_of_what_was_found(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path) as house,
        program(house, "yuexiu", "alert.review") as regulator,
        program(house, "canteen", "alert.handle") as operator,
    ):
        tour, finding, _ = a_tour(house.world, "yuexiu", "canteen-1-stove")
        other = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        inspection = add_inspection(house.world, "canteen-1", "canteen", "yuexiu", other)["inspection_id"]
        wanted = {"severity": 2, "hours": 48}
        for way in (
            f"{_REST}/tours/{tour}/findings/{finding}/alert",
            f"{_REST}/inspections/{inspection}/items/health/alert",
        ):
            assert (await operator.post(way, json=wanted)).status_code in (403, 404), way
            assert (await regulator.post(way, json={"severity": 2, "hours": 100})).json()["code"] == "by_hand", way
            made = await regulator.post(way, json=wanted)
            assert made.status_code == 201, made.text
            assert (made.json()["severity"], made.json()["rule"]["code"]) == (2, "by-hand")
            assert (await regulator.post(way, json=wanted)).status_code == 409


async def test_a_program_keeps_the_registry_and_goes_on_tours(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path) as house,
        program(house, "admin", "camera.configure", "device.provision") as registrar,
        program(house, "yuexiu", "alert.review") as regulator,
        program(house, "canteen") as reader,
    ):
        site = house.world.sites["canteen-1"]
        with psycopg.connect(dsn) as connection:
            equipment, _ = add_public(connection, site, house.world.people["yuexiu"])
            firm = connection.execute(
                "INSERT INTO rescuer (code, zh, en, phone) VALUES ('f', '维保', 'Firm', '1') RETURNING id"
            ).fetchone()
        assert firm is not None
        one = f"{_REST}/equipment/{equipment}"
        assert firm[0] in [each["id"] for each in (await registrar.get(f"{_REST}/firms")).json()]
        assert (await registrar.put(f"{one}/firm", json={"firm": firm[0]})).status_code == 200
        assert (await registrar.put(f"{one}/firm", json={"firm": 999_999})).status_code == 404
        assert (await reader.get(f"{_REST}/firms")).status_code == 403
        assert (await reader.put(f"{one}/firm", json={"firm": None})).json()["code"] in ("token_scope", "token_route")
        known = {"site": "canteen-1", "code": "P1", "kind": "pressure_vessel", "zh": "高压锅"}
        assert (await registrar.put(f"{_REST}/equipment", json=known)).status_code == 200
        record = {"kind": "maintenance", "day": "2026-01-01", "done_by": "x"}
        assert (await regulator.post(f"{one}/records", json=record)).status_code == 201
        listed = {"file": ("p.csv", b"code,longitude,latitude\ncanteen-1,113.3,23.1\nnowhere,1,1\n")}
        lines = (await registrar.post(f"{_REST}/map/import", files=listed)).json()
        assert [line["result"] for line in lines] == ["placed", "refused"]
        licence = {"kind": "food", "number": "JY1", "valid_until": "2030-01-01"}
        assert (await registrar.post(f"{_REST}/sites/{site}/licences", json=licence)).status_code == 204

        cameras = {"columns": 2, "cameras": [house.world.cameras["canteen-1-stove"]]}
        assert (await regulator.put(f"{_REST}/camera-lists/mine", json=cameras)).status_code == 200
        tour = await regulator.post(f"{_REST}/tours", json={"plan": "list", "name": "mine"})
        assert tour.status_code == 201, tour.text
        assert (await regulator.post(f"{_REST}/tours/{tour.json()['id']}/end")).status_code == 204
