"""The map and the table of authorities, where sites are, licences, a site's page, and the policy for a tile server."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import msgspec
import psycopg
from psycopg.types.json import Jsonb

from alerts.risk import shipped
from api.app import create_app
from api.config import ApiConfig
from tests.console_client import ADDRESS, Console, console
from tests.console_world import add_alert, busy_day, moved


async def _place(client: httpx.AsyncClient, site: int, longitude: float | None, latitude: float | None) -> int:
    answer = await client.put(f"/api/v1/sites/{site}/place", json={"longitude": longitude, "latitude": latitude})
    return answer.status_code


def _act(house: Console, alert: int, status: str, ago: timedelta = timedelta(0)) -> None:
    """A step as the workflow writes it, on an alert whose deadline lies so far back."""
    with psycopg.connect(house.world.dsn) as connection:
        connection.execute("UPDATE alert SET due = now() - %s WHERE id = %s", (ago, alert))
        connection.execute("UPDATE alert SET status = %s WHERE id = %s", (status, alert))


def _due(house: Console, alert: int, ago: timedelta) -> None:
    with psycopg.connect(house.world.dsn) as connection:
        connection.execute("UPDATE alert SET due = now() - %s WHERE id = %s", (ago, alert))


def _numbers(answer: httpx.Response) -> list[int]:
    return [int(one["id"]) for one in answer.json()["items"]]


async def test_the_table_adds_up_along_the_tree_and_each_sees_his_part(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        busy_day(house.world)
        async with house.as_("admin") as client:
            whole = (await client.get("/api/v1/rollup")).json()
            assert whole["here"]["path"] == "gz"
            assert whole["above"] == whole["sites"] == []
            parts = {each["path"]: each["standing"] for each in whole["below"]}
            assert set(parts) == {"gz.yx", "gz.th"}
            top = whole["here"]["standing"]
            for name in ("sites", "overdue", "cameras", "cameras_ok", "devices", "devices_online"):
                assert top[name] == sum(each[name] for each in parts.values())
            assert top["classes"] == [sum(each["classes"][n] for each in parts.values()) for n in range(4)]
            assert (top["sites"], top["cameras"], top["cameras_ok"], top["devices"]) == (5, 5, 4, 4)
            assert top["overdue"] == 1
            district = (await client.get("/api/v1/rollup", params={"at": "gz.yx"})).json()
            assert [each["path"] for each in district["above"]] == ["gz"]
            assert [each["path"] for each in district["below"]] == ["gz.yx.bj"]
            assert [each["code"] for each in district["sites"]] == ["canteen-2", "cold-base"]
            assert (await client.get("/api/v1/rollup", params={"at": "gz.nowhere"})).status_code == 404
            page = await client.get("/map", params={"at": "gz.yx"})
            assert "北京街市场监管所" in page.text
        async with house.as_("yuexiu") as client:
            own = (await client.get("/api/v1/rollup")).json()
            assert (own["here"]["path"], own["above"]) == ("gz.yx", [])
            assert own["here"]["standing"] == parts["gz.yx"]
            for other in ("gz", "gz.th"):
                assert (await client.get("/api/v1/rollup", params={"at": other})).status_code == 404
                assert (await client.get("/map", params={"at": other})).status_code == 404
        async with house.as_("market") as client:
            assert [each["code"] for each in (await client.get("/api/v1/map")).json()] == ["market-1"]
            assert (await client.get("/api/v1/rollup")).status_code == 404  # an operator has no authority
            assert (await client.get("/map")).status_code == 200


async def test_points_have_the_newest_risk_where_there_is_one(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        async with house.as_("admin") as client:
            assert {each["band"] for each in (await client.get("/api/v1/map")).json()} == {None}
        with psycopg.connect(dsn) as connection:
            connection.execute("INSERT INTO risk_weights VALUES (1, %s)", (Jsonb(msgspec.to_builtins(shipped())),))
            connection.execute("INSERT INTO risk_day VALUES ('2026-11-25', now(), 1, 1)")
            connection.execute(
                "INSERT INTO risk_score VALUES (%s, 0, '2026-11-25', 100, array_fill(1.0, ARRAY[8]))",
                (house.world.sites["canteen-1"],),
            )
        async with house.as_("yuexiu") as client:
            bands = {each["code"]: each["band"] for each in (await client.get("/api/v1/map")).json()}
            assert (bands["canteen-1"], bands["canteen-2"]) == ("red", None)


async def test_on_time_counts_the_step_that_the_deadline_is_for(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world, day = house.world, timedelta(days=1)
        steps = (
            ("cold-person-trapped", "acknowledged", True),  # class I: to be acknowledged
            ("cold-frozen-warm", "acknowledged", None),  # the others: to be rectified
            ("cold-frozen-warm", "rectified", True),
        )
        for rule, status, met in steps:
            alert = add_alert(world, rule, rule, device="cold-1")
            _act(house, alert, status, -day)
            with psycopg.connect(dsn) as connection:
                row = connection.execute("SELECT met FROM alert WHERE id = %s", (alert,)).fetchone()
                assert row == (met,), (rule, status)
                connection.execute("DELETE FROM push WHERE alert_id = %s", (alert,))
                connection.execute("DELETE FROM alert_history WHERE alert_id = %s", (alert,))
                connection.execute("DELETE FROM alert WHERE id = %s", (alert,))
        kept = add_alert(world, "a", "cold-frozen-warm", device="cold-1")
        _act(house, kept, "rectified", -day)
        _due(house, kept, 2 * day)
        late = add_alert(world, "b", "cold-frozen-warm", device="cold-2")
        _act(house, late, "rectified", 3 * day)
        idle = add_alert(world, "c", "lift-door-open", device="lift-1", due=-day)  # nobody has done anything
        false = add_alert(world, "d", "cold-person-trapped", device="cold-1")
        _act(house, false, "dismissed", day)  # was never due
        add_alert(world, "e", "cold-person-trapped", device="cold-2", due=day)
        async with house.as_("admin") as client:
            standing = (await client.get("/api/v1/rollup")).json()["here"]["standing"]
            assert standing["on_time"] == 1 / 3
            assert standing["overdue"] == 1
            assert _numbers(await client.get("/api/v1/alerts?overdue=true")) == [idle]
            with psycopg.connect(world.dsn) as connection:
                connection.execute(
                    "INSERT INTO appeal (alert_id, person_id, text, due) VALUES (%s, %s, 'why', now())",
                    (idle, world.people["admin"]),
                )
            appealed = (await client.get("/api/v1/rollup")).json()["here"]["standing"]
            assert (appealed["overdue"], appealed["on_time"]) == (0, 1 / 2)
            assert _numbers(await client.get("/api/v1/alerts?overdue=true")) == []
            with psycopg.connect(world.dsn) as connection:
                connection.execute("DELETE FROM appeal WHERE alert_id = %s", (idle,))
        _act(house, late, "acknowledged", -day)  # sent back: the deadline begins anew
        async with house.as_("admin") as client:
            assert (await client.get("/api/v1/rollup")).json()["here"]["standing"]["on_time"] == 1 / 2
        moved(world, kept, "cold", "report", "acknowledged", "rectified", day)


async def test_who_may_configure_says_where_a_site_is(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        canteen = house.world.sites["canteen-1"]
        async with house.as_("yuexiu") as client:
            assert await _place(client, canteen, 113.2644, 23.1291) == 204
            assert await _place(client, canteen, 113.2644, None) == 422
            assert await _place(client, canteen, 200.0, 23.0) == 422
            form = {"longitude": "113.27", "latitude": "23.13"}
            assert (await client.post(f"/sites/{canteen}/place", data=form)).status_code == 303
            found = {each["code"]: each for each in (await client.get("/api/v1/map")).json()}
            assert (found["canteen-1"]["longitude"], found["canteen-1"]["latitude"]) == (113.27, 23.13)
            assert found["canteen-2"]["longitude"] is None
        async with house.as_("canteen") as client:
            assert await _place(client, canteen, 1.0, 1.0) == 403
        with psycopg.connect(dsn) as connection:  # and the database alone would not let him
            connection.execute("SET ROLE mingchu_api")
            connection.execute("SELECT set_config('mingchu.authority', 'gz.th', false)")
            connection.execute("SELECT set_config('mingchu.configures', 'on', false)")
            done = connection.execute("UPDATE site SET longitude = 1, latitude = 1 WHERE id = %s", (canteen,))
            assert done.rowcount == 0
            noted = connection.execute("RESET ROLE").connection.execute(
                "SELECT count(*) FROM audit WHERE action = 'site_placed'"
            )
            assert noted.fetchone() == (2,)


async def test_a_list_of_places_is_taken_line_by_line(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        written = b"code,longitude,latitude\ncanteen-1,113.26,23.12\nmarket-1,113.33,23.13\ncanteen-2,23.12,113.26\n"
        async with house.as_("yuexiu") as client:
            page = await client.post("/map/import", files={"file": ("places.csv", written)})
            assert "3 行中有 1 行已更新" in page.text
            assert "第 3 行" in page.text  # another district's
            assert "第 4 行" in page.text  # no place on Earth
            refused = await client.post("/map/import", files={"file": ("places.csv", b"nonsense")})
            assert refused.status_code == 422
            found = {each["code"]: each["longitude"] for each in (await client.get("/api/v1/map")).json()}
            assert (found["canteen-1"], found["canteen-2"]) == (113.26, None)
        async with house.as_("admin") as client:
            found = {each["code"]: each["longitude"] for each in (await client.get("/api/v1/map")).json()}
            assert found["market-1"] is None
        async with house.as_("canteen") as client:
            assert (await client.post("/map/import", files={"file": ("x.csv", written)})).status_code == 403
            assert (await client.get("/map/import")).status_code == 403


async def test_an_admin_keeps_licences_and_all_see_which_end(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        canteen = house.world.sites["canteen-1"]
        soon, later = (
            datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=9),
            datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=900),
        )
        async with house.as_("admin") as client:
            for number, until in (("JY1", later), ("JY1", soon), ("JY2", later)):  # the second is a correction
                wanted = {"kind": "food", "number": number, "valid_until": until.isoformat()}
                answer = await client.post(f"/api/v1/sites/{canteen}/licences", json=wanted)
                assert answer.status_code == 204
            form = {"kind": "fire", "number": "XF1", "valid_until": "yesterday"}
            assert (await client.post(f"/sites/{canteen}/licences", data=form)).status_code == 422
            form["valid_until"] = (datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=3)).isoformat()
            assert (await client.post(f"/sites/{canteen}/licences", data=form)).status_code == 303
        async with house.as_("canteen") as client:
            due = (await client.get("/api/v1/licences/due")).json()
            assert [(one["number"], one["days"]) for one in due] == [("XF1", -3), ("JY1", 9)]
            for path in ("/licences", f"/sites/{canteen}"):
                page = (await client.get(path)).text
                assert "JY1" in page
                assert "已过期 3 天" in page
            assert (await client.post(f"/api/v1/sites/{canteen}/licences", json=wanted)).status_code == 403
            assert (await client.delete(f"/api/v1/sites/{canteen}/licences/{due[0]['id']}")).status_code == 403
        async with house.as_("market") as client:
            assert (await client.get("/api/v1/licences/due")).json() == []
        async with house.as_("admin") as client:
            struck = f"/sites/{canteen}/licences/{due[0]['id']}/strike"
            assert (await client.post(struck)).status_code == 303
            assert (await client.post(struck)).status_code == 404
            left = (await client.get(f"/api/v1/sites/{canteen}/licences")).json()
            assert [one["number"] for one in left] == ["JY1", "JY2"]


async def test_a_sites_page_is_whole(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        busy_day(house.world)
        for login in ("canteen", "yuexiu", "admin"):
            async with house.as_(login) as client:
                page = (await client.get(f"/sites/{house.world.sites['canteen-1']}")).text
                assert "营业中" in page
                assert "近 30 天告警" in page
                assert "<rect" in page
                assert ("地图上点选" in page) is (login != "canteen")
                assert ("登记证照" in page) is (login == "admin")


async def test_the_big_screen_shows_todays_counts_within_the_scope(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        busy_day(house.world)
        async with house.as_("yuexiu") as client:
            for path in ("/big", "/big/part"):
                page = (await client.get(path)).text
                assert "百味餐厅中山五路店" in page
                assert "惠民农贸市场" not in page


async def test_a_tile_server_enters_the_policy(dsn: str, tmp_path: Path) -> None:
    config = ApiConfig(dsn, tmp_path, ADDRESS, tile_url="https://{s}.tiles.example/{z}/{x}/{y}.png")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(config)), base_url=ADDRESS) as client:
        policy = (await client.get("/healthz")).headers["content-security-policy"]
    assert "img-src 'self' blob: data: https://*.tiles.example;" in policy
    assert "connect-src 'self';" in policy
