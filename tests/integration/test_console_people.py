"""People and roles in the console: who may let in whom, two tenants, nobody gives what he may not, out at once."""

from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from domain.permission import Permission
from tests.console_client import Console, console
from tests.console_world import PASSWORD, add_alert

_DISTRICT = "yx-admin"


async def _let_in(client: httpx.AsyncClient, login: str, role: str, **more: object) -> dict[str, Any]:
    answer = await client.post("/api/v1/people", json={"login": login, "name": login, "role": role, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _log_in(client: httpx.AsyncClient, login: str, password: str) -> int:
    return (await client.post("/api/v1/login", json={"login": login, "password": password})).status_code


async def _with_district_admin(house: Console, client: httpx.AsyncClient) -> None:
    """`client` becomes the admin of Yuexiu."""
    async with house.as_("admin") as city:
        made = await _let_in(city, _DISTRICT, "admin", authority="gz.yx")
    assert await _log_in(client, _DISTRICT, made["password"]) == 200


async def test_an_account_from_its_making_to_its_end(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, house.visitor() as client:
        made = await _let_in(admin, "wang.li", "regulator", authority="gz.yx.bj")
        identity = made["account"]["id"]
        assert made["account"]["place"]["zh"] == "北京街市场监管所"
        assert await _log_in(client, "wang.li", made["password"]) == 200
        assert (await client.get("/api/v1/people")).status_code == 403

        change = {"name": "王丽", "role": "admin", "lang": "en"}
        assert (await admin.put(f"/api/v1/people/{identity}", json=change)).json()["role"] == "admin"
        assert (await client.get("/api/v1/me")).json()["role"] == "admin"  # from the next request on

        again = (await admin.post(f"/api/v1/people/{identity}/password")).json()["password"]
        assert (await client.get("/api/v1/me")).status_code == 401
        assert await _log_in(client, "wang.li", made["password"]) == 401
        assert await _log_in(client, "wang.li", again) == 200

        assert (await admin.post(f"/api/v1/people/{identity}/disable")).json()["enabled"] is False
        assert (await client.get("/api/v1/me")).status_code == 401
        assert await _log_in(client, "wang.li", again) == 401
        assert (await admin.post(f"/api/v1/people/{identity}/enable")).status_code == 200
        assert (await client.get("/api/v1/me")).status_code == 401  # the old session stays ended
        with psycopg.connect(dsn) as connection:
            logged = str(connection.execute("SELECT action, detail FROM audit").fetchall())
        for action in ("person_added", "person_changed", "password_reset", "person_disabled", "person_enabled"):
            assert action in logged
        assert made["password"] not in logged
        assert again not in logged


async def test_each_manages_within_the_scope_only(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as district:
        await _with_district_admin(house, district)
        listed = {one["login"] for one in (await district.get("/api/v1/people")).json()}
        # The market is Tianhe's; the canteen's and the cold store's sites are all in Yuexiu.
        assert listed == {"canteen", "cold", "yuexiu", _DISTRICT}
        for stranger in ("tianhe", "market", "admin"):
            address = f"/api/v1/people/{house.world.people[stranger]}"
            change = {"name": "x", "role": "regulator"}
            for verb, path, body in (
                ("GET", address, None), ("PUT", address, change), ("POST", f"{address}/disable", None),
                ("POST", f"{address}/enable", None), ("POST", f"{address}/password", None),
            ):  # fmt: skip
                assert (await district.request(verb, path, json=body)).status_code == 404, (stranger, verb, path)
            for path in (f"/people/{house.world.people[stranger]}",):
                assert (await district.get(path)).status_code == 404
        for place in ({"authority": "gz"}, {"authority": "gz.th"}, {"authority": "gz.nowhere"}):
            answer = await district.post(
                "/api/v1/people", json={"login": "spy", "name": "s", "role": "regulator", **place}
            )
            assert answer.status_code == 404, place
        with psycopg.connect(dsn) as connection:
            market = connection.execute("SELECT operator_id FROM person WHERE login = 'market'").fetchone()
        assert market is not None
        spy = {"login": "spy", "name": "s", "role": "operator", "operator": market[0]}
        assert (await district.post("/api/v1/people", json=spy)).status_code == 404


async def test_an_operator_of_two_districts_is_above_each(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as district:
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE site SET authority = 'gz.th' WHERE code = 'canteen-2'")
        await _with_district_admin(house, district)
        assert (await district.get(f"/api/v1/people/{house.world.people['canteen']}")).status_code == 404
        async with house.as_("admin") as city:
            assert (await city.get(f"/api/v1/people/{house.world.people['canteen']}")).status_code == 200


async def test_roles_of_ones_own(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, house.visitor() as client:
        looks = {"zh": "值班员", "en": "Duty officer", "base": "regulator", "permissions": ["evidence.unblurred"]}
        role = (await admin.post("/api/v1/roles", json=looks)).json()
        assert role["permissions"] == ["data.read", "evidence.unblurred"]
        made = await _let_in(admin, "duty", "regulator", own_role=role["id"], authority="gz.yx")
        assert await _log_in(client, "duty", made["password"]) == 200
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1", status="rectified")
        assert (await client.get(f"/api/v1/alerts/{alert}")).json()["actions"] == []
        order = {"version": 1, "reason": "x"}
        refused = await client.post(f"/api/v1/alerts/{alert}/reject", json=order)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_lacks")
        assert (await client.get(f"/api/v1/alerts/{alert}/export")).status_code == 403
        camera = f"/api/v1/cameras/{house.world.cameras['canteen-1-stove']}"
        assert (await client.get(f"{camera}/settings")).json()["may_change"] is False
        settings = {"zh": "x", "en": "x", "zones": [], "version": 1}
        assert (await client.put(f"{camera}/settings", json=settings)).status_code == 403
        assert (await client.get("/")).status_code == 200

        wider = {**looks, "permissions": ["alert.review", "people.manage"]}
        assert (await admin.put(f"/api/v1/roles/{role['id']}", json=wider)).status_code == 200
        assert (await client.post(f"/api/v1/alerts/{alert}/reject", json=order)).status_code == 200
        assert (await client.get("/people")).status_code == 200
        listed = {one["login"]: one for one in (await client.get("/api/v1/people")).json()}
        # Nobody gets more than the manager may give: this one configures no cameras, so appoints no regulator.
        assert listed["canteen"]["may_change"] is True
        assert listed["yuexiu"]["may_change"] is False
        assert listed["duty"]["may_change"] is False
        for path, body in (
            (f"/api/v1/people/{house.world.people['yuexiu']}/password", None),
            (f"/api/v1/people/{listed['duty']['id']}/password", None),
            ("/api/v1/people", {"login": "helper", "name": "h", "role": "regulator", "authority": "gz.yx"}),
            ("/api/v1/people", {"login": "helper", "name": "h", "role": "admin", "authority": "gz.yx"}),
            ("/api/v1/roles", {**wider, "zh": "大", "permissions": ["audit.read"]}),
        ):
            assert (await client.post(path, json=body)).status_code == 403, path
        # Nor more for oneself, by way of one's own role.
        refused = await client.put(f"/api/v1/roles/{role['id']}", json=wider)
        assert (refused.status_code, refused.json()["code"]) == (403, "own_account")


async def test_an_operators_own_manager(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, house.as_("canteen") as head:
        manages = {"zh": "店长", "en": "Head", "base": "operator", "permissions": ["alert.handle", "people.manage"]}
        role = (await admin.post("/api/v1/roles", json=manages)).json()
        path = f"/api/v1/people/{house.world.people['canteen']}"
        choice = {"name": "王敏", "role": "operator", "own_role": role["id"]}
        employer = (await admin.put(path, json=choice)).json()["operator"]
        listed = (await head.get("/api/v1/people")).json()
        assert [one["login"] for one in listed] == ["canteen"]
        assert (await head.get("/people")).status_code == 200
        made = await _let_in(head, "cook", "operator", operator=employer)
        assert made["account"]["place"]["en"] == "Baiwei Catering"
        for stranger in ("cold", "yuexiu", "admin"):
            assert (await head.get(f"/api/v1/people/{house.world.people[stranger]}")).status_code == 404
        for refused in ({"operator": employer + 1}, {"operator": employer, "role": "admin"}, {"authority": "gz"}):
            wanted = {"login": "spy", "name": "s", "role": "operator", **refused}
            assert (await head.post("/api/v1/people", json=wanted)).status_code in (404, 422)
        assert (await head.post("/api/v1/roles", json={**manages, "zh": "x"})).status_code == 403
        assert (await head.get("/audit")).status_code == 403


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"role": "operator", "authority": "gz"}, 422),
        ({"role": "regulator", "operator": 1}, 422),
        ({"role": "regulator"}, 422),
        ({"role": "king", "authority": "gz"}, 422),
        ({"role": "regulator", "authority": "gz.'; DROP TABLE person"}, 422),
        ({"role": "regulator", "authority": "gz", "own_role": 9999}, 404),
    ],
)
async def test_what_does_not_fit_is_refused(dsn: str, tmp_path: Path, given: dict[str, object], status: int) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        answer = await admin.post("/api/v1/people", json={"login": "new", "name": "n", **given})
        assert answer.status_code == status, answer.text


async def test_row_security_has_the_last_word(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET ROLE mingchu_api")
            connection.execute("SELECT set_config('mingchu.authority', 'gz.yx', false)")
            connection.execute("SELECT set_config('mingchu.person', (SELECT id::text FROM person LIMIT 1), false)")
            rename = "UPDATE person SET name = 'x' WHERE login = %s"
            assert connection.execute(rename, ("canteen",)).rowcount == 0  # without the right
            connection.execute("SELECT set_config('mingchu.manages', 'on', false)")
            assert connection.execute(rename, ("cold",)).rowcount == 1
            assert connection.execute(rename, ("market",)).rowcount == 0
            own = "UPDATE person SET role = 'admin' WHERE id = current_setting('mingchu.person')::bigint"
            assert connection.execute(own).rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO person (login, name, role, password, authority) VALUES ('s', 's', 'admin', 'x', 'gz')"
                )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO role (authority, zh, en, base, permissions) VALUES ('gz', 's', 's', 'admin', '{}')"
                )


async def test_ones_own_account(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, house.as_("canteen") as other:
        own = {one["own"]: one["id"] for one in (await client.get("/api/v1/me/sessions")).json()}
        assert (await client.delete(f"/api/v1/me/sessions/{own[True]}")).status_code == 409
        assert (await client.delete(f"/api/v1/me/sessions/{own[False]}")).status_code == 204
        assert (await other.get("/api/v1/me")).status_code == 401
        for old, new, status in (
            ("wrong", "a pass phrase that is new", 403),
            (PASSWORD, "short", 422),
            (PASSWORD, PASSWORD, 422),
            (PASSWORD, "a pass phrase that is new", 204),
        ):
            answer = await client.post("/api/v1/me/password", json={"old": old, "new": new})
            assert answer.status_code == status, answer.text
        assert (await client.get("/api/v1/me")).status_code == 200
        assert await _log_in(other, "canteen", PASSWORD) == 401
        assert await _log_in(other, "canteen", "a pass phrase that is new") == 200
        assert (await client.get("/me")).status_code == 200


async def test_the_pages_of_people_and_roles(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        evil = "<script>alert(1)</script>"
        form = {"login": "li.na", "name": evil, "role": "regulator", "place": "authority:gz.yx", "lang": "zh"}
        made = await admin.post("/people", data=form)
        assert made.status_code == 201
        assert evil not in made.text
        twice = await admin.post("/people", data=form)
        assert (twice.status_code, "此账号名已被使用" in twice.text) == (409, True)
        wrong = await admin.post("/people", data={**form, "login": "new", "place": ""})
        assert wrong.status_code == 422
        patrol = {"zh": "巡查员", "en": "Patrol", "base": "regulator", "permissions": [Permission.ALERT_REVIEW]}
        role = await admin.post("/roles", data=patrol)
        assert role.status_code == 303
        page = (await admin.get("/roles")).text
        assert "巡查员" in page
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT id, (SELECT id FROM role) FROM person WHERE login = 'li.na'").fetchone()
        assert row is not None
        changed = {"name": "李娜", "role": f"own:{row[1]}", "lang": "zh"}
        assert (await admin.post(f"/people/{row[0]}", data=changed)).status_code == 303
        assert "巡查员" in (await admin.get(f"/people/{row[0]}")).text
        assert (await admin.post(f"/people/{row[0]}/password")).status_code == 201
        assert (await admin.post(f"/people/{row[0]}/disable")).status_code == 303
        async with house.as_("yuexiu") as regulator:
            for path in ("/people", "/roles", f"/people/{row[0]}", "/audit"):
                assert (await regulator.get(path)).status_code == 403
