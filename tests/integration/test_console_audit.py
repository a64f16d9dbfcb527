"""The audit log in the console: in scope, by who, what and when; and whether the whole chain holds."""

from pathlib import Path

import psycopg

from tests.console_client import console


async def test_each_reads_what_those_whom_one_governs_have_done(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as city, house.visitor() as district:
        made = await city.post(
            "/api/v1/people", json={"login": "yx", "name": "y", "role": "admin", "authority": "gz.yx"}
        )
        await district.post("/api/v1/login", json={"login": "yx", "password": made.json()["password"]})
        for login in ("canteen", "market", "tianhe"):
            async with house.as_(login):
                pass
        await city.post("/api/v1/login", json={"login": "nobody", "password": "wrong"})
        whole = (await city.get("/api/v1/audit")).json()
        assert {entry["login"] for entry in whole} == {"admin", "yx", "canteen", "market", "tianhe", None}
        assert [entry["id"] for entry in whole] == sorted((entry["id"] for entry in whole), reverse=True)
        seen = (await district.get("/api/v1/audit")).json()
        assert {entry["login"] for entry in seen} == {"yx", "canteen"}
        for query in ({"who": "market"}, {"who": "tianhe"}, {"action": "login_refused"}):
            assert (await district.get("/api/v1/audit", params=query)).json() == []
        assert len((await city.get("/api/v1/audit", params={"who": "market", "action": "log"})).json()) == 1
        assert (await city.get("/api/v1/audit", params={"until": whole[-1]["at"]})).json() == []
        walked, address = list[dict[str, int]](), "/api/v1/audit?limit=2"
        while address:
            page = await city.get(address)
            walked += page.json()
            address = page.links.get("next", {}).get("url", "")
        assert [entry["id"] for entry in walked] == [entry["id"] for entry in whole]
        assert (await city.get("/audit", params={"who": "market"})).text.count('<small class="soft">market') == 1
        assert (await city.get("/audit", params={"since": "9999-12-31", "until": "9999-12-31"})).status_code == 200
        async with house.as_("yuexiu") as regulator:
            assert (await regulator.get("/api/v1/audit")).status_code == 403
            assert (await regulator.get("/api/v1/audit/chain")).status_code == 403


async def test_an_edited_entry_shows(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as city, house.as_("market"):
        chain = (await city.get("/api/v1/audit/chain")).json()
        assert chain == {"entries": 2, "intact": True, "broken": None}
        assert "data-chain>哈希链完整：共 2 条" in (await city.get("/audit?check=1")).text
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE audit SET person_id = 1 WHERE id = (SELECT min(id) FROM audit)")
            row = connection.execute("SELECT min(id) FROM audit").fetchone()
        assert row is not None
        chain = (await city.get("/api/v1/audit/chain")).json()
        assert (chain["intact"], chain["broken"]) == (False, row[0])
        assert "断开" in (await city.get("/audit?check=1")).text


async def test_row_security_shows_no_log_without_a_scope(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen"):
        with psycopg.connect(dsn) as connection:
            connection.execute("SET ROLE mingchu_api")
            connection.execute("SELECT set_config('mingchu.audits', 'on', false)")
            count = "SELECT count(*) FROM audit"
            assert connection.execute(count).fetchone() == (0,)
            connection.execute("SELECT set_config('mingchu.authority', 'gz.th', false)")
            assert connection.execute(count).fetchone() == (0,)
            connection.execute("SELECT set_config('mingchu.authority', 'gz.yx', false)")
            assert connection.execute(count).fetchone() == (1,)
