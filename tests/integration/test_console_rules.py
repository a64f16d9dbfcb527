"""Rules in the console: versions, validation with its place, who may, what ships, off, and previews of two tenants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg

from alerts import rulebook
from domain import rule_text
from domain.rule import Rule
from store import rules
from store.connection import connect
from tests.console_client import Console, console
from tests.console_world import add_alert

CODE = "cold-plain"
PATH = f"/api/v1/rules/{CODE}"
WHY = "按 −17 ℃ 执行"
SHIPPED = msgspec.structs.replace(
    next(rule for rule in rulebook.default() if rule.code == "cold-frozen-warm"),
    code=CODE,
    version=1,
    predicate="air_temp > -15 and set_point <= -10 and not defrost",
    guards=(),
    incident=None,
)


@asynccontextmanager
async def ruled(dsn: str, folder: Path) -> AsyncIterator[Console]:
    """The console with one more rule that shipped, which stays as it is when the product's own change."""
    async with console(dsn, folder) as house:
        async with await connect(dsn, autocommit=True) as owner:
            await rules.install(owner, [SHIPPED])
        yield house


async def _state(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    state: dict[str, Any] = answer.json()
    return state


async def _refused(client: httpx.AsyncClient, toml: str) -> dict[str, Any]:
    answer = await client.post("/api/v1/rules/check", json={"code": CODE, "toml": toml})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem: dict[str, Any] = answer.json()
    return problem


def _rows(house: Console, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(house.world.dsn, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_a_change_is_the_next_version_and_the_old_one_stays(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house, house.as_("admin") as client:
        listed = {one["code"]: one for one in (await client.get("/api/v1/rules")).json()}
        assert (listed[CODE]["version"], listed[CODE]["person"], listed[CODE]["enabled"]) == (1, None, True)
        state = await _state(client)
        assert state["draft"]["numbers"][0] == {"label": "air_temp >", "value": -15.0}
        numbers = [-17.0, -10.0]
        order = {"version": 1, "why": WHY, "fields": {"numbers": numbers, "for_s": 900, "severity": 1}}
        saved = await client.put(PATH, json=order)
        assert (saved.status_code, saved.headers["etag"]) == (200, '"2"')
        assert saved.json()["predicate"] == "air_temp > -17 and set_point <= -10 and not defrost"
        newest, oldest = saved.json()["versions"]
        assert (newest["person"], newest["why"], newest["current"]) == ("系统管理员", WHY, True)
        assert (oldest["shipped"], oldest["current"]) == (1, False)
        said = [change["zh"] for change in newest["changes"]]
        assert "持续秒数：1800 → 900" in said
        assert "等级：2 → 1" in said
        assert (await client.put(PATH, json=order)).status_code == 409
        assert (await client.put(PATH, json={**order, "version": None})).status_code == 428
        back = await client.post(f"{PATH}/restore", json={"version": 2, "to": 1, "why": "误报"})
        assert (back.json()["version"], back.json()["versions"][0]["restores"]) == (3, 1)
        assert back.json()["draft"]["toml"].replace("version = 3", "version = 1") == oldest["toml"]
        assert (await client.get(f"/rules/{CODE}")).status_code == 200
        audited = _rows(house, "SELECT action, detail->>'version' FROM audit WHERE action LIKE 'rule%' ORDER BY id")
        assert audited == [("rule_changed", "2"), ("rule_restored", "3")]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET ROLE mingchu_api")
            for setting in ("authority", "configures", "person"):
                value = {"authority": "gz", "configures": "on", "person": str(house.world.people["admin"])}[setting]
                connection.execute("SELECT set_config(%s, %s, false)", (f"mingchu.{setting}", value))
            try:  # even the api's own role cannot rewrite what was released
                connection.execute("UPDATE rule SET body = '{}'")
                raise AssertionError("a released version was changed")
            except psycopg.errors.InsufficientPrivilege:
                pass


async def test_a_fault_is_named_with_its_place(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house, house.as_("admin") as client:
        toml = (await _state(client))["draft"]["toml"]
        for old, new, place, field, word in (
            ("severity = 2", "severity = x", (7, 12), "rule", "TOML"),
            ("severity = 2", 'severity = "x"', (7, 12), "rule.severity", "等级"),
            ("for_s", "fors", (13, 8), "rule.fors", "没有"),
            ("air_temp > -15", "air_temp >> -15", (12, 14), "rule.predicate", "第 1 个字符"),
            ("not defrost", "not defrosting", (12, 58), "rule.predicate", "defrosting"),
            ('"cold-store"', '"cold-stove"', (9, 12), "rule.profiles", "cold-stove"),
            ('kind = "threshold"', 'kind = "event"', (1, 1), "rule.codes", "代码"),
            (f'code = "{CODE}"', 'code = "other"', (2, 8), "rule.code", "编号"),
        ):
            assert old in toml
            problem = await _refused(client, toml.replace(old, new, 1))
            fault = problem["faults"][0]
            assert ((fault["line"], fault["column"]), fault["place"]) == (place, field), problem
            assert word in problem["detail"]
        defect = await _refused(client, toml.replace("not defrost", "not defrosting"))
        assert defect["faults"][0]["position"] == 45
        misplaced = await _refused(client, f'{toml}scene = "PHONE"\n')
        assert (misplaced["faults"][0]["place"], "场景" in misplaced["detail"]) == ("rule.scene", True)
        stove = (await client.get("/api/v1/rules/kitchen-stove-unattended")).json()["draft"]["toml"]
        zoned = {"code": "kitchen-stove-unattended", "toml": f'{stove}zones = ["stove"]\n'}
        beside = (await client.post("/api/v1/rules/check", json=zoned)).json()
        assert 'scene = "FIRE_UNATTENDED"' in beside["toml"]
        assert (beside["previewable"], "场景" in beside["unpreviewable"]["zh"]) == (False, True)
        sound = await client.post("/api/v1/rules/check", json={"code": CODE, "fields": {"for_s": 60}})
        assert sound.json()["for_s"] == 60.0


async def test_who_may(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house:
        order = {"version": 1, "why": WHY, "fields": {"for_s": 60}}
        async with house.as_("yuexiu") as client:
            assert (await _state(client))["may_change"] is False
            for answer in (
                await client.put(PATH, json=order),
                await client.post(f"{PATH}/switch", json={"version": 1, "enabled": False, "why": WHY}),
                await client.post(f"{PATH}/restore", json={"version": 1, "to": 1, "why": WHY}),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "may_not_govern")
            assert CODE in (await client.get("/rules")).text
            found = (await client.get("/rules", params={"find": "lift door"})).text
            assert ("lift-door-open" in found, CODE in found) == (True, False)
            assert (await client.get("/rules/new")).status_code == 403
        async with house.as_("canteen") as client:
            for path in ("/api/v1/rules", PATH, "/rules", f"/rules/{CODE}"):
                assert (await client.get(path)).status_code == 403
        with psycopg.connect(dsn, autocommit=True) as connection:  # an admin of a part only is none of the whole
            connection.execute("UPDATE person SET authority = 'gz.yx' WHERE login = 'admin'")
        async with house.as_("admin") as client:
            assert (await client.put(PATH, json=order)).status_code == 403


async def test_a_rule_is_added_and_nobody_takes_its_code(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house, house.as_("admin") as client:
        assert (await client.get("/rules/new")).status_code == 200
        begun = (await client.get("/rules/new?like=cold-frozen-warm")).text
        assert "code = &#34;cold-frozen-warm-2&#34;" in begun, "a new rule begins as another one, under its own code"
        assert (await client.get("/rules/new?like=nothing")).status_code == 404
        assert '"air_temp": "' in (await client.get("/rules/cold-frozen-warm")).text
        toml = (await _state(client))["draft"]["toml"].replace(CODE, "cold-ours").replace("-15", "-16")
        added = await client.post("/api/v1/rules", json={"toml": toml, "why": "新增"})
        assert (added.status_code, added.json()["version"]) == (201, 1)
        assert (await client.post("/api/v1/rules", json={"toml": toml, "why": "x"})).status_code == 409


async def test_what_ships_later_does_not_replace_what_people_changed(dsn: str, tmp_path: Path) -> None:
    later = msgspec.structs.replace(SHIPPED, version=2, for_s=1200.0)
    other = msgspec.structs.replace(next(rule for rule in rulebook.default() if rule.code == "pest"), version=2)
    async with ruled(dsn, tmp_path) as house, house.as_("admin") as client:
        await client.put(PATH, json={"version": 1, "why": WHY, "fields": {"for_s": 900}})
        owner = await connect(dsn, autocommit=True)
        async with owner:
            assert await rules.install(owner, [later, other, *rulebook.default()]) == 2
            assert await rules.install(owner, [later, other]) == 0
            known = {rule.code: rule for rule in await rules.active(owner)}
        assert (known[CODE].version, known[CODE].for_s, known["pest"].version) == (2, 900.0, 2)
        state = await _state(client)
        assert (state["version"], state["offered"]) == (2, 3)
        assert "1200" in state["versions"][0]["changes"][0]["zh"]
        taken = await client.post(f"{PATH}/restore", json={"version": 2, "to": 3, "why": "采用新版"})
        assert (taken.json()["draft"]["for_s"], taken.json()["offered"]) == (1200.0, None)


async def test_off_releases_what_is_open_and_stays_off(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house, house.as_("admin") as client:
        alert = add_alert(house.world, "warm", CODE, device="cold-1")
        off = await client.post(f"{PATH}/switch", json={"version": 1, "enabled": False, "why": "检修"})
        assert (off.json()["enabled"], off.json()["versions"][0]["changes"]) == (
            False,
            [{"zh": "停用", "en": "Switched off"}],
        )
        assert _rows(house, "SELECT rule_code, rule_version, value, why FROM signal WHERE handled IS NULL") == [
            (CODE, 2, False, "the rule does not look here any more")
        ]
        owner = await connect(dsn, autocommit=True)
        async with owner:
            await rules.install(owner, [msgspec.structs.replace(SHIPPED, version=7)])
            assert CODE not in {rule.code for rule in await rules.active(owner)}
        on = await client.post(f"{PATH}/switch", json={"version": 2, "enabled": True, "why": "完成"})
        assert on.json()["enabled"] is True
        assert (await client.get(f"/alerts/{alert}")).status_code == 200


async def test_a_narrower_scope_releases_the_devices_outside(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house, house.as_("admin") as client:
        add_alert(house.world, "quiet", "lift-door-open", device="lift-1")
        state = (await client.get("/api/v1/rules/lift-door-open")).json()
        wanted = msgspec.json.decode(
            _rows(house, "SELECT body::text FROM rule WHERE code = 'lift-door-open'")[0][0], type=Rule
        )
        narrow = msgspec.structs.replace(wanted, profiles=("cold-store",), predicate="air_temp > 0")
        order = {"version": state["version"], "why": WHY, "toml": rule_text.write(narrow)}
        assert (await client.put("/api/v1/rules/lift-door-open", json=order)).status_code == 200
        assert [row[0] for row in _rows(house, "SELECT device_id FROM signal")] == [house.world.devices["lift-1"]]


async def test_a_preview_is_its_authoritys(dsn: str, tmp_path: Path) -> None:
    async with ruled(dsn, tmp_path) as house:
        async with house.as_("yuexiu") as client:
            asked = await client.post("/api/v1/rules/previews", json={"code": CODE, "days": 7})
            assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
            path = asked.headers["location"]
            assert (await client.get(path)).status_code == 200
            silent = await client.post("/api/v1/rules/previews", json={"code": "device-offline"})
            assert (silent.status_code, silent.json()["code"]) == (422, "rule_unpreviewable")
            again = await client.post("/api/v1/rules/previews", json={"code": CODE})
            assert again.status_code == 202
            assert (await client.get(path)).status_code == 404  # taken back
        async with house.as_("tianhe") as client:
            assert (await client.get(again.headers["location"])).status_code == 404
        async with house.as_("admin") as client:
            assert (await client.get(again.headers["location"])).status_code == 200
        async with house.as_("canteen") as client:
            assert (await client.post("/api/v1/rules/previews", json={"code": CODE})).status_code == 403
            assert (await client.get(again.headers["location"])).status_code == 404
