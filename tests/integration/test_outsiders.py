"""Accounts of vendors and of maintenance firms: each sees its own and nothing else, by the database alone too."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from mingchu.conformance import report
from mingchu.conformance.finding import Finding, Verdict
from tests.console_client import Console, console
from tests.integration.test_console_scope import TABLES, populate, routes
from tests.outside_world import furnished, let_in

_VIEWS = ("vendor_device", "vendor_letter", "vendor_presence", "firm_equipment", "firm_rescue", "firm_rescue_step")

_SUPPLY, _UPKEEP = "/api/v1/supply", "/api/v1/upkeep"


@asynccontextmanager
async def _program(house: Console, person: httpx.AsyncClient, *scopes: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a token of that person's."""
    made = await person.post("/api/v1/me/tokens", json={"name": "t", "scopes": scopes, "days": 1})
    assert made.status_code == 201, made.text
    async with house.visitor() as bare:
        bare.headers["authorization"] = f"Bearer {made.json()['secret']}"
        yield bare


async def test_a_vendor_sees_its_own_devices_and_nothing_of_another(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        await furnished(house.world)
        own, others = house.world.devices["cold-1"], house.world.devices["scale-1"]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE device SET online = false WHERE code IN ('cold-1', 'scale-1')")
        async with let_in(house, admin, "acme-1", "vendor", vendor="acme") as client:
            assert (await client.get("/")).headers["location"] == "/supply"
            for path in ("/supply", "/supply/letters", f"/supply/devices/{own}"):
                answer = await client.get(path)
                assert answer.status_code == 200, path
                assert "cold-1" in answer.text
                for foreign in ("scale-1", "bolt", "南方冷链"):  # another vendor's, and the operator's name
                    assert foreign not in answer.text, (path, foreign)
            page = (await client.get(f"/supply/devices/{own}")).text
            assert "secret of acme" in page
            assert 'class="cause' in page  # nothing of it came within the day
            for strange in (others, house.world.devices["cold-2"], 2**62):
                assert (await client.get(f"/supply/devices/{strange}")).status_code == 404
                assert (await client.post(f"/supply/devices/{strange}/credential")).status_code == 404


async def test_a_vendor_replaces_a_credential_of_its_own_but_not_a_revoked_one(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        await furnished(house.world)
        own = house.world.devices["cold-1"]
        with psycopg.connect(dsn, autocommit=True) as connection:
            before = connection.execute("SELECT credential FROM device WHERE id = %s", (own,)).fetchone()
            async with let_in(house, admin, "acme-1", "vendor", vendor="acme") as client:
                made = await client.post(f"/supply/devices/{own}/credential")
                assert made.status_code == 201
                shown = re.search("data-password>([^<]+)<", made.text)
                assert shown is not None
                after = connection.execute("SELECT credential FROM device WHERE id = %s", (own,)).fetchone()
                assert after != before
                assert shown.group(1) not in str(after)
                await admin.post(f"/api/v1/devices/{own}/revoke")
                assert (await client.post(f"/supply/devices/{own}/credential")).status_code == 409
            logged = str(connection.execute("SELECT action, detail FROM audit").fetchall())
        assert "device_rotated" in logged
        assert shown.group(1) not in logged


async def test_a_firm_maintains_its_own_and_answers_for_who_is_trapped(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        there = await furnished(house.world)
        async with (
            let_in(house, admin, "anshun", "maintainer", firm=there.firms["maintainer-1"]) as lifts,
            let_in(house, admin, "hengli1", "maintainer", firm=there.firms["hengli"]) as boilers,
        ):
            home = (await lifts.get("/upkeep")).text
            assert "一号电梯" in home
            assert "正佳大厦" in home
            assert "蒸汽锅炉" not in (await lifts.get("/upkeep?all=1")).text
            assert "蒸汽锅炉" in (await boilers.get("/upkeep?all=1")).text
            assert "data-call" not in (await boilers.get("/upkeep")).text

            done = {"day": "2026-01-05", "done_by": "周师傅", "note": "半月保养"}
            way = f"/upkeep/equipment/{there.lift}/records"
            assert (await boilers.post(way, data=done)).status_code == 404
            assert (await boilers.get(f"/upkeep/equipment/{there.lift}")).status_code == 404
            assert (await lifts.post(way, data={**done, "day": "2999-01-01"})).status_code == 422
            assert (await lifts.post(way, data={**done, "kind": "inspection"})).status_code == 303
            assert "半月保养" in (await lifts.get(f"/upkeep/equipment/{there.lift}")).text

            answer = f"/upkeep/rescues/{there.alert}/answered"
            assert (await boilers.post(answer)).status_code == 404
            assert (await lifts.post(answer)).headers["location"] == "/upkeep?said=done"
            assert (await lifts.post(answer)).headers["location"] == "/upkeep?said=again"
        with psycopg.connect(dsn) as connection:
            kinds = connection.execute("SELECT kind FROM equipment_record").fetchall()
            steps = connection.execute("SELECT role, action FROM rescue_step").fetchall()
            audited = connection.execute("SELECT count(*) FROM audit WHERE action = 'rescue_answered'").fetchone()
        assert kinds == [("maintenance",)]  # whatever the form said: inspections are the authority's
        assert steps == [("maintainer", "answered")]
        assert audited == (1,)


async def test_an_admin_names_the_firm_of_equipment_that_no_device_watches(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, house.as_("cold") as operator:
        there = await furnished(house.world)
        way = f"/equipment/{there.boiler}/firm"
        firm = {"firm": str(there.firms["maintainer-1"])}
        assert (await operator.post(way, data=firm)).status_code == 403
        assert (await admin.post(way, data={"firm": "999999"})).status_code == 404
        assert (await admin.post(way, data=firm)).status_code == 303
        async with let_in(house, admin, "anshun", "maintainer", firm=there.firms["maintainer-1"]) as lifts:
            assert "蒸汽锅炉" in (await lifts.get("/upkeep?all=1")).text


async def test_a_vendors_system_sees_to_its_own_devices(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        await furnished(house.world)
        own, others = house.world.devices["cold-1"], house.world.devices["scale-1"]
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE device SET online = false WHERE id IN (%s, %s)", (own, others))
        async with (
            let_in(house, admin, "acme-1", "vendor", vendor="acme") as people,
            _program(house, people) as reader,
            _program(house, people, "supply.rotate") as system,
        ):
            assert [one["code"] for one in (await reader.get(f"{_SUPPLY}/devices")).json()] == ["cold-1"]
            assert (await reader.get(f"{_SUPPLY}/devices?search=scale")).json() == []
            one = (await reader.get(f"{_SUPPLY}/devices/{own}")).json()
            assert (one["site"], one["admitted"], one["letters"]) == ("cold-base", True, 1)
            assert [each["cause"] for each in (await reader.get(f"{_SUPPLY}/devices/{own}/gaps")).json()]
            first = await reader.get(f"{_SUPPLY}/devices/{own}/presence?limit=1")
            then = (await reader.get(first.links["next"]["url"])).json()
            assert [each["online"] for each in (*first.json(), *then)] == [False, True]
            letters = (await reader.get(f"{_SUPPLY}/dead-letters")).json()
            assert [each["reason"] for each in letters] == ["bad message of acme"]
            assert (await reader.get(f"{_SUPPLY}/dead-letters?device={others}")).json() == []
            assert (await reader.post(f"{_SUPPLY}/devices/{own}/credential")).json()["code"] == "token_scope"
            key = {"idempotency-key": "one"}
            made = [await system.post(f"{_SUPPLY}/devices/{own}/credential", headers=key) for _ in range(2)]
            assert [answer.status_code for answer in made] == [201, 201], made[0].text
            assert made[0].json() == made[1].json()
            assert made[0].json()["user"] == "cold-base.cold-1"
            for strange in (others, house.world.devices["cold-2"], 2**62):
                for path in ("", "/gaps", "/presence"):
                    answer = await system.get(f"{_SUPPLY}/devices/{strange}{path}")
                    assert answer.status_code == 404, (strange, path)
                assert (await system.post(f"{_SUPPLY}/devices/{strange}/credential")).status_code == 404
            for path in ("/alerts", "/devices", "/upkeep/rescues", "/vendors"):
                assert (await system.get(f"/api/v1{path}")).status_code == 403, path
            revoked = (await people.get("/api/v1/me/tokens")).json()[0]["id"]
            assert (await people.delete(f"/api/v1/me/tokens/{revoked}")).status_code == 204
            assert (await system.get(f"{_SUPPLY}/devices")).status_code == 401


async def test_a_firms_system_keeps_its_equipment_and_answers_calls(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        there = await furnished(house.world)
        scopes = ("upkeep.record", "upkeep.rescue")
        async with (
            let_in(house, admin, "anshun", "maintainer", firm=there.firms["maintainer-1"]) as fitters,
            let_in(house, admin, "hengli1", "maintainer", firm=there.firms["hengli"]) as stokers,
            _program(house, fitters, *scopes) as lifts,
            _program(house, fitters) as reader,
            _program(house, stokers, *scopes) as boilers,
        ):
            (lift,) = (await reader.get(f"{_UPKEEP}/equipment")).json()
            assert (lift["id"], lift["zh"], lift["site"]["zh"]) == (there.lift, "一号电梯", "正佳大厦")
            assert [one["id"] for one in (await boilers.get(f"{_UPKEEP}/equipment")).json()] == [there.boiler]

            way, done = f"{_UPKEEP}/equipment/{there.lift}", {"day": "2026-01-05", "done_by": "周师傅"}
            assert (await reader.post(f"{way}/records", json=done)).json()["code"] == "token_scope"
            for path, body in ((way, None), (f"{way}/records", None), (f"{way}/records", done)):
                answer = await boilers.request("GET" if body is None else "POST", path, json=body)
                assert answer.status_code == 404, path
            assert (await lifts.post(f"{way}/records", json={**done, "kind": "inspection"})).status_code == 422
            late = await lifts.post(f"{way}/records", json={**done, "day": "2999-01-01"})
            assert late.json()["code"] == "equipment_future"
            made = (await lifts.post(f"{way}/records", json=done)).json()
            assert (made["kind"], made["done_by"]) == ("maintenance", "周师傅")
            before = await lifts.post(f"{way}/records", json={**done, "day": "2025-12-20"})
            assert before.json()["day"] == "2025-12-20"
            kept = (await reader.get(f"{way}/records?limit=1")).json()
            assert [one["id"] for one in kept] == [made["id"]]
            assert (await reader.get(way)).json()["last_maintenance"] == "2026-01-05"

            (call,) = (await reader.get(f"{_UPKEEP}/rescues?unfinished=true")).json()
            assert (call["alert"], call["lift"]["zh"], call["answered"]) == (there.alert, "1 号客梯", None)
            assert (await boilers.get(f"{_UPKEEP}/rescues")).json() == []
            answered = f"{_UPKEEP}/rescues/{there.alert}/answered"
            assert (await boilers.post(answered)).status_code == 404
            assert (await reader.post(answered)).json()["code"] == "token_scope"
            assert (await lifts.post(answered, json={"latitude": 23.1})).status_code == 422
            told = [(await lifts.post(answered, json={"latitude": 23.1, "longitude": 113.3})).json() for _ in range(2)]
            assert [one["said"] for one in told] == ["done", "again"]
            assert told[0]["call"]["answered"] is not None


async def test_outsiders_go_nowhere_else_and_nobody_else_goes_there(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        there = await furnished(house.world)
        ids = {**populate(house), "alert_id": there.alert, "device_id": house.world.devices["cold-1"]}
        wanted = [("GET", path) for path in ("/sites", "/rules", "/risk", "/map", "/operations", "/people", "/audit",
                                             "/vendors", "/api/v1/alerts", "/api/v1/rules", "/api/v1/events",
                                             "/api/v1/sites")]  # fmt: skip
        for login, role, place in (
            ("acme-1", "vendor", {"vendor": "acme"}),
            ("anshun", "maintainer", {"firm": there.firms["maintainer-1"]}),
        ):
            async with let_in(house, admin, login, role, **place) as client:
                for verb, path in [*wanted, *routes(house)]:
                    if path.startswith(("/me/", "/api/v1/me/")):
                        continue  # one's own account: 404 for what is another's
                    address = re.sub(r"{(\w+)}", lambda found: str(ids[found.group(1)]), path)
                    answer = await client.request(verb, address, json={} if verb != "GET" else None)
                    assert answer.status_code in (403, 422) if verb != "GET" else answer.status_code == 403, (
                        login, verb, path, answer.status_code,
                    )  # fmt: skip
                assert (await client.get("/me")).status_code == 200
                assert (await client.get("/upkeep" if role == "vendor" else "/supply")).status_code == 403
        for login in ("admin", "yuexiu", "canteen"):
            async with house.as_(login) as client:
                for path in ("/supply", "/supply/letters", "/supply/reports", "/upkeep", f"{_SUPPLY}/devices",
                             f"{_SUPPLY}/reports", f"{_UPKEEP}/equipment", f"{_UPKEEP}/rescues"):  # fmt: skip
                    assert (await client.get(path)).status_code == 403, (login, path)


async def test_the_database_alone_shows_outsiders_nothing_but_their_views(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        populate(house)
        there = await furnished(house.world)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO conformance_report (vendor_code, sha256, profile, version, device, conforms, failed, made,"
                " key, page, person_id) SELECT 'acme', repeat('0', 64), 'p', 1, 'd', true, 0, now(), '', '', id"
                " FROM person WHERE login = 'admin'"
            )
            connection.execute("SET ROLE mingchu_api")
            firms = there.firms.values()
            for name, value in [("vendor", "acme"), ("vendor", "bolt"), *(("firm", str(one)) for one in firms)]:
                connection.execute(
                    "SELECT set_config('mingchu.vendor', '', false), set_config('mingchu.firm', '', false)"
                )
                for view in _VIEWS:
                    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(view))
                    assert connection.execute(count).fetchone() == (0,), f"{view} without a scope"
                connection.execute("SELECT set_config(%s, %s, false)", (f"mingchu.{name}", value))
                for table in {*TABLES, "conformance_report"}:
                    count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
                    seen = 1 if (table, value) == ("conformance_report", "acme") else 0
                    assert connection.execute(count).fetchone() == (seen,), f"{table} of {value}"
            connection.execute("SELECT set_config('mingchu.firm', '', false)")
            connection.execute("SELECT set_config('mingchu.vendor', 'bolt', false)")
            cursor = connection.execute("SELECT DISTINCT topic FROM vendor_letter")
            assert cursor.fetchall() == [("mc/v1/market-1/scale-1/telemetry",)]
            own = house.world.devices["cold-1"]
            assert connection.execute("SELECT vendor_station(%s)", (own,)).fetchone() == (None,)
            assert connection.execute("SELECT vendor_rotate(%s, 'x')", (own,)).fetchone() == (False,)


async def test_only_who_is_above_all_of_it_lets_outsiders_in(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, house.visitor() as district:
        there = await furnished(house.world)
        made = await admin.post(
            "/api/v1/people", json={"login": "yx-admin", "name": "y", "role": "admin", "authority": "gz.yx"}
        )
        words = {"login": "yx-admin", "password": made.json()["password"]}
        assert (await district.post("/api/v1/login", json=words)).status_code == 200
        for role, place, status in (
            ("vendor", {"vendor": "acme"}, 201),  # its device is in Yuexiu
            ("vendor", {"vendor": "bolt"}, 404),  # its scale is in Tianhe
            ("vendor", {"vendor": "nobody"}, 404),
            ("vendor", {"authority": "gz.yx"}, 422),
            ("vendor", {"firm": there.firms["hengli"]}, 422),
            ("regulator", {"vendor": "acme"}, 422),
            ("maintainer", {"firm": there.firms["maintainer-1"]}, 201),
            ("maintainer", {"firm": 10**6}, 404),
        ):
            order = {"login": f"{role}-{status}-{len(str(place))}", "name": "x", "role": role, **place}
            answer = await district.post("/api/v1/people", json=order)
            assert answer.status_code == status, (role, place, answer.text)
        async with let_in(house, admin, "bolt-1", "vendor", vendor="bolt"):
            logins = {one["login"] for one in (await district.get("/api/v1/people")).json()}
            assert "bolt-1" not in logins
            assert "vendor-201-18" in logins
        page = (await district.get("/people")).text
        assert "vendor:acme" in page
        assert "vendor:bolt" not in page


@pytest.mark.parametrize("changed", [False, True])
async def test_a_report_is_kept_as_it_was_signed(dsn: str, tmp_path: Path, changed: bool) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        await furnished(house.world)
        finding = Finding("pace", Verdict.FAIL, "节奏", "Pace", "too slow")
        said = report.Report(
            made=house.app.state.desk.clock(), tool="1", profile="cold-store", profile_version=1, profile_sha256="0",
            site="cold-base", device="cold-1", watched_s=60.0, messages=60, conforms=False, findings=(finding,),
        )  # fmt: skip
        written = report.sign(said, report.key_of("a vendor's secret"))
        if changed:
            written = written.replace(b'"conforms":false', b'"conforms":true')
        async with let_in(house, admin, "acme-1", "vendor", vendor="acme") as client:
            files = {"file": ("report.json", written)}
            answer = await client.post("/supply/reports", files=files)
            if changed:
                assert answer.status_code == 422
                return
            assert answer.status_code == 303
            assert (await client.post("/supply/reports", files=files)).status_code == 409
            page = (await client.get("/supply/reports")).text
            way = re.search(r"/supply/reports/\d+", page)
            assert way is not None
            assert (await client.get(way.group())).content == written
            (kept,) = (await client.get(f"{_SUPPLY}/reports")).json()
            assert (kept["device"], kept["conforms"]) == ("cold-base/cold-1", False)
            assert (await client.get(f"{_SUPPLY}/reports/{kept['id']}")).content == written
            again = await client.post(f"{_SUPPLY}/reports", files=files)
            assert (again.status_code, again.json()["code"]) == (409, "kit_report_twice")
        async with let_in(house, admin, "bolt-12", "vendor", vendor="bolt") as other:
            assert (await other.get(way.group())).status_code == 404
            assert (await other.get(f"/api/v1{way.group()}")).status_code == 404
        seen = (await admin.get("/vendors/acme")).text
        assert "cold-base/cold-1" in seen
        theirs = way.group().replace("/supply/", "/vendors/acme/")
        assert (await admin.get(theirs)).content == written
        assert (await admin.get(f"/api/v1{theirs}")).content == written
        assert [one["id"] for one in (await admin.get("/api/v1/vendors/acme/reports")).json()] == [kept["id"]]
        assert (await admin.get(f"/api/v1{theirs.replace('acme', 'bolt')}")).status_code == 404
