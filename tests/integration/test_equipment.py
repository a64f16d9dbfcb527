"""Special equipment in the console: registry, due inspections to the day, records, lists, labels."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from tests.alert_world import count
from tests.console_client import Console, console

ORDER = {"site": "tower", "code": "3110-1", "kind": "elevator", "zh": "1 号客梯", "en": "Lift 1", "device": "lift-1"}


def at(house: Console, moment: datetime) -> None:
    """Let the console's clock stand."""
    house.app.state.desk = dataclasses.replace(house.app.state.desk, clock=lambda: moment)


async def test_the_due_list_follows_the_sites_own_calendar(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator:
        dates = {"a": "2026-11-25", "b": "2026-11-26", "c": "2026-12-26", "d": "2026-12-27", "e": None}
        for code, day in dates.items():
            answer = await regulator.put("/api/v1/equipment", json={**ORDER, "code": code, "next_inspection": day})
            assert answer.status_code == 200, answer.text
        with psycopg.connect(dsn) as connection:  # the same dates west of Greenwich
            connection.execute(
                "UPDATE site SET schedule = jsonb_set(schedule, '{timezone}', '\"America/Los_Angeles\"')"
                " WHERE code = 'canteen-1'"
            )
        west = {**ORDER, "site": "canteen-1", "code": "w", "device": None, "next_inspection": "2026-11-25"}
        assert (await regulator.put("/api/v1/equipment", json=west)).status_code == 200

        async def due() -> dict[str, tuple[str, int]]:
            found = (await regulator.get("/api/v1/equipment/due")).json()
            return {one["code"]: (one["standing"], one["days"]) for one in found}

        at(house, datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC))  # 23:59:59 in Shanghai
        assert await due() == {"a": ("due", 0), "w": ("due", 0), "b": ("due", 1)}
        at(house, datetime(2026, 11, 25, 16, 0, 0, tzinfo=UTC))  # the next day there, 08:00 in Los Angeles
        assert await due() == {"a": ("overdue", -1), "w": ("due", 0), "b": ("due", 0), "c": ("due", 30)}
        page = (await regulator.get("/equipment")).text
        assert "已超 1 天" in page
        assert "今天到期" in page
        assert ">d<" not in page


async def test_records_are_added_and_set_the_next_date(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("cold") as operator:
        at(house, datetime(2026, 11, 26, 4, tzinfo=UTC))
        made = (await regulator.put("/api/v1/equipment", json={**ORDER, "next_inspection": "2026-11-01"})).json()
        way = f"/api/v1/equipment/{made['id']}/records"
        passed = {"kind": "inspection", "day": "2026-11-20", "done_by": "检测院", "next_inspection": "2027-11-30"}
        assert (await operator.post(way, json=passed)).status_code == 403
        assert (await regulator.post(way, json={**passed, "day": "2026-11-27"})).status_code == 422  # tomorrow
        assert (await regulator.post(way, json={**passed, "result": "failed"})).status_code == 422
        assert (await regulator.post(way, json=passed)).status_code == 201
        # Written down late: it was replaced before.
        assert (
            await regulator.post(way, json={**passed, "day": "2025-11-20", "next_inspection": "2026-11-20"})
        ).status_code == 201
        kept = {"kind": "maintenance", "day": "2026-11-25", "done_by": "维保公司", "note": "<script>alert(1)</script>"}
        assert (await operator.post(way, json=kept)).status_code == 201
        found = (await operator.get(f"/api/v1/equipment/{made['id']}")).json()
        assert (found["standing"], found["next_inspection"], found["last_inspection"], found["last_maintenance"]) == (
            "in_order", "2027-11-30", "2026-11-20", "2026-11-25",
        )  # fmt: skip
        page = await operator.get(f"/equipment/{made['id']}")
        assert "<script>alert" not in page.text
        failed = {"kind": "inspection", "day": "2026-11-26", "done_by": "检测院", "result": "failed"}
        assert (await regulator.post(way, json=failed)).status_code == 201
        assert [one["standing"] for one in (await regulator.get("/api/v1/equipment/due")).json()] == ["failed"]
        with psycopg.connect(dsn) as connection:
            connection.execute("SET ROLE mingchu_api")
            for statement in ("DELETE FROM equipment_record", "UPDATE equipment_record SET note = ''"):
                try:
                    connection.execute(statement.encode())
                except psycopg.errors.InsufficientPrivilege:
                    connection.rollback()
                    connection.execute("SET ROLE mingchu_api")
                else:
                    raise AssertionError(statement)
    assert count(dsn, "SELECT count(*) FROM audit WHERE action = 'equipment_record'") == 4


async def test_a_list_is_imported_line_by_line(dsn: str, tmp_path: Path) -> None:
    text = (
        "site,code,kind,zh,next_inspection,device\n"
        "tower,E1,电梯,1 号客梯,2027-03-01,lift-1\ntower,E2,boiler,锅炉,,nothing\n"
        "market-1,E3,elevator,别家的电梯,,\ntower,E4,rocket,火箭,,\n"
    )
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator:
        way, files = "/api/v1/equipment/import", {"file": ("list.csv", text.encode("gb18030"))}
        lines = (await regulator.post(way, files=files)).json()
        assert [(line["line"], line["result"]) for line in lines] == [
            (2, "added"), (3, "refused"), (4, "refused"), (5, "refused"),
        ]  # fmt: skip
        assert "nothing" in lines[1]["reason"]["en"]
        assert "market-1" in lines[2]["reason"]["en"]  # another authority's: as if it were not there
        again = (await regulator.post(way, files=files)).json()
        assert again[0]["result"] == "same"
        page = await regulator.post(
            "/equipment/import", files={"file": ("list.csv", text.replace("1 号客梯", "一号客梯").encode())}
        )
        assert "新增 0，更新 1，未变 0，拒绝 3。" in page.text
        broken = await regulator.post(way, files={"file": ("list.csv", b"\x00\xff,what")})
        assert (broken.status_code, broken.json()["code"]) == (422, "equipment_list")
        async with house.as_("cold") as operator:
            assert (await operator.post(way, files=files)).status_code == 403
        sheet = await regulator.get("/equipment/labels?site=" + str(house.world.sites["tower"]))
        assert sheet.text.count('<div class="code">') == 1
        assert "style=" not in sheet.text
        assert 'href="/equipment/labels.pdf?site=' in sheet.text
        made = [await regulator.get("/equipment/labels.pdf") for _ in range(2)]
        assert made[0].headers["content-type"] == "application/pdf"
        assert made[0].content.startswith(b"%PDF")
        assert made[0].content == made[1].content, "the same labels are the same file"
    assert count(dsn, "SELECT count(*) FROM equipment") == 1


async def test_forms_add_change_and_remove(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator:
        assert "没有登记的设备" in (await regulator.get("/equipment")).text, (
            "nothing due is not the same as nothing there"
        )
        refused = await regulator.post("/equipment", data={**ORDER, "device": "none", "zh": "旧名"})
        assert refused.status_code == 422
        assert 'value="旧名"' in refused.text
        assert (await regulator.post("/equipment", data={**ORDER, "kind": "rocket"})).status_code == 422
        made = await regulator.post("/equipment", data=ORDER)
        assert made.status_code == 303
        way = made.headers["location"]
        assert "1 台设备没有登记下次检验日期" in (await regulator.get("/equipment")).text
        assert 'value="3110-1"' in (await regulator.get(f"{way}/edit")).text
        day = {"kind": "inspection", "day": "2026-01-01", "done_by": "检测院", "next_inspection": "2027-01-01"}
        assert (await regulator.post(f"{way}/records", data=day)).status_code == 303
        assert (await regulator.post(f"{way}/records", data={**day, "day": "never"})).status_code == 422
        public = (await regulator.get("/api/v1/equipment")).json()[0]["public"]
        async with house.visitor() as phone:
            assert (await phone.get(public)).status_code == 200
            assert (await regulator.post(f"{way}/remove")).status_code == 303
            assert (await phone.get(public)).status_code == 404
        assert (await regulator.get(way)).status_code == 404
