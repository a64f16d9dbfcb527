"""Inspections through the pages: assigned, planned, answered in order, signed, closed for good; two tenants."""

from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from domain.period import ZONE
from store import inspections
from store.connection import ServiceRole, connect
from tests.console_client import Console, console
from tests.console_world import add_alert, drawn, now
from tests.integration.test_phone import signed


def _today() -> str:
    return f"{now().astimezone(ZONE).date()}"


async def _assigned(house: Console, regulator: httpx.AsyncClient, checklist: str = "cold-store-weekly") -> int:
    wanted = {"site": str(house.world.sites["cold-base"]), "checklist": checklist, "day": _today()}
    assert (await regulator.post("/inspections", data=wanted)).status_code == 303
    with psycopg.connect(house.world.dsn) as connection:
        row = connection.execute("SELECT max(id) FROM inspection").fetchone()
    assert row is not None
    return int(row[0])


async def _answer(client: httpx.AsyncClient, task: int, place: int, item: str, **told: str) -> httpx.Response:
    photo = {"photos": ("a.jpg", drawn(item), "image/jpeg")} if told.pop("photo", "") else None
    return await client.post(f"/inspections/{task}/steps/{place}/report", data={"item": item, **told}, files=photo)


def _sign(client: httpx.AsyncClient, task: int, side: str, name: str):  # type: ignore[no-untyped-def]
    return client.post(
        f"/inspections/{task}/sign/{side}/report",
        data={"name": name},
        files={"signature": ("s.png", signed(), "image/png")},
    )


async def test_each_item_in_its_turn_then_both_sign_and_nothing_changes_any_more(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold, house.as_("yuexiu") as regulator:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        task = await _assigned(house, regulator)
        assert (await cold.get(f"/inspections/{task}/steps/3")).headers["location"] == f"/inspections/{task}/steps/0"
        early = await _answer(cold, task, 1, "seal", value="yes")
        assert (early.status_code, "请先完成前面的项目" in early.text) == (422, True)
        bare = await _answer(cold, task, 0, "frozen", value="-20")
        assert (bare.status_code, "必须拍照" in bare.text) == (422, True)
        mute = await _answer(cold, task, 0, "frozen", value="-12.5", photo="1")
        assert (mute.status_code, "请说明" in mute.text) == (422, True)
        failed = await _answer(cold, task, 0, "frozen", value="-12.5", note="门封条漏冷", alert=str(alert), photo="1")
        assert failed.headers["location"] == f"/inspections/{task}/steps/1"
        too_soon = await _sign(cold, task, "operator", "陈刚")
        assert too_soon.status_code in (303, 422)
        for place, (item, photo) in enumerate((("seal", ""), ("release", ""), ("floor", "1"), ("ice", "")), start=1):
            assert (await _answer(cold, task, place, item, value="yes", photo=photo)).status_code == 303, item
        first = await _sign(cold, task, "operator", "陈刚")
        assert first.headers["location"] == f"/inspections/{task}/steps/5"
        last = await _sign(regulator, task, "authority", "李强")
        assert last.headers["location"] == f"/inspections/{task}"
        page = (await regulator.get(f"/inspections/{task}")).text
        assert "与审计日志一致" in page
        assert f"/alerts/{alert}" in page
        assert (await _answer(cold, task, 0, "frozen", value="-20", photo="1")).status_code == 409
        assert (await _sign(cold, task, "operator", "陈刚")).status_code == 409
        with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="is done"):
            connection.execute("UPDATE inspection_answer SET value = '-20' WHERE inspection_id = %s", (task,))
        with psycopg.connect(dsn) as connection:
            connection.execute("SET session_replication_role = replica")  # somebody at the database itself
            connection.execute("UPDATE inspection_answer SET value = '-20' WHERE item = 'frozen'")
        assert "与审计日志不一致" in (await regulator.get(f"/inspections/{task}")).text


async def test_only_a_regulator_assigns_and_only_to_his_own_sites(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        site = str(house.world.sites["cold-base"])
        wanted = {"site": site, "checklist": "kitchen-daily", "day": _today(), "every": "day"}
        for login, status in (("cold", 403), ("admin", 403), ("tianhe", 404), ("market", 404)):
            async with house.as_(login) as client:
                for path in ("/inspections", "/inspections/plans"):
                    assert (await client.post(path, data=wanted)).status_code == status, (login, path)
        async with house.as_("yuexiu") as regulator:
            past = await regulator.post("/inspections", data={**wanted, "day": "2020-01-01"})
            assert (past.status_code, "不能早于今天" in past.text) == (422, True)
            assert (await regulator.post("/inspections", data={**wanted, "checklist": "none"})).status_code == 422
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT count(*) FROM inspection").fetchone() == (0,)
            connection.execute("SELECT set_config('mingchu.operator', operator_id::text, false) FROM site LIMIT 1")
            connection.execute("SET ROLE mingchu_api")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO inspection (site_id, body, due) SELECT id, '{}', now() FROM site LIMIT 1"
                )


async def test_what_comes_again_is_there_once_an_occurrence_and_overdue_when_it_is(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator:
        site = str(house.world.sites["cold-base"])
        wanted = {"site": site, "checklist": "kitchen-daily", "day": _today(), "every": "day"}
        assert (await regulator.post("/inspections/plans", data=wanted)).status_code == 303
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            assert await inspections.come_due(connection, now()) == 0  # it was made with the plan
            assert await inspections.come_due(connection, now() + timedelta(days=1)) == 1
            assert await inspections.come_due(connection, now() + timedelta(days=1)) == 0
        with psycopg.connect(dsn) as plain:
            plain.execute(
                "UPDATE inspection SET due = now() - interval '1 hour' WHERE id = (SELECT min(id) FROM inspection)"
            )
        page = (await regulator.get("/inspections")).text
        assert "1 项逾期" in page
        async with house.as_("market") as stranger:
            assert "厨房每日自查" not in (await stranger.get("/inspections")).text
        assert (await regulator.post("/inspections/plans/1/end")).status_code == 303
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            assert await inspections.come_due(connection, now() + timedelta(days=2)) == 0
