"""An alert from open to closed through REST and through the pages, with every gate tried."""

from datetime import timedelta
from pathlib import Path

import psycopg
from PIL import Image

from tests.console_client import console
from tests.console_world import add_alert, busy_day, drawn, now
from tests.rolled import settle_whatever_is_there


async def test_from_open_to_closed_by_rest(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold, house.as_("yuexiu") as regulator:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}"
        seen = (await cold.get(at)).json()
        assert (seen["status"], seen["actions"], seen["version"]) == (
            "open", ["acknowledge", "appeal", "assign", "comment"], 1,
        )  # fmt: skip
        assert (await cold.post(f"{at}/acknowledge", json={})).status_code == 428
        stale = await cold.post(f"{at}/acknowledge", json={"version": 7}, headers={"accept-language": "en"})
        assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
        acknowledged = await cold.post(f"{at}/acknowledge", json={}, headers={"if-match": '"1"'})
        assert (acknowledged.json()["status"], acknowledged.json()["version"]) == ("acknowledged", 2)
        again = await cold.post(f"{at}/acknowledge", json={"version": 2})
        assert (again.status_code, again.json()["code"]) == (409, "no-such-move")

        bare = await cold.post(f"{at}/report", data={"version": "2", "text": "修好了"})
        assert (bare.status_code, bare.json()["code"]) == (422, "photo-missing")
        picture = {"photos": ("a.jpg", drawn("repair"), "image/jpeg")}
        mute = await cold.post(f"{at}/report", data={"version": "2", "text": " "}, files=picture)
        assert (mute.status_code, mute.json()["code"]) == (422, "text-missing")
        vector = {"photos": ("a.svg", b"<svg/>", "image/svg+xml")}
        refused = await cold.post(f"{at}/report", data={"version": "2", "text": "x"}, files=vector)
        assert (refused.status_code, refused.json()["code"]) == (422, "photo")
        reported = await cold.post(f"{at}/report", data={"version": "2", "text": "修好了"}, files=picture)
        assert reported.status_code == 200, reported.text
        assert reported.json()["status"] == "rectified"

        photo = reported.json()["rectifications"][0]["photos"][0]
        with Image.open(tmp_path / photo[:2] / photo) as kept:
            assert kept.format == "JPEG"
        assert (await regulator.get(f"/api/v1/evidence/{photo}")).headers["content-type"] == "image/jpeg"

        active = await regulator.post(f"{at}/accept", json={"version": 3}, headers={"accept-language": "en"})
        assert (active.status_code, active.json()["code"]) == (422, "still-active")
        assert "detected" in active.json()["detail"]
        silent = await regulator.post(f"{at}/reject", json={"version": 3})
        assert (silent.status_code, silent.json()["code"]) == (422, "reason-missing")
        rejected = await regulator.post(f"{at}/reject", json={"version": 3, "reason": "看不清"})
        assert (rejected.json()["status"], rejected.json()["reviews"][0]["verdict"]) == ("acknowledged", "reject")
        second = {"photos": ("b.jpg", drawn("repair again"), "image/jpeg")}
        await cold.post(f"{at}/report", data={"version": "4", "text": "重拍"}, files=second)

        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE alert SET condition = 'CLEARED', cleared = now() - interval '1 hour'")
            connection.execute("UPDATE rectification SET at = now() - interval '1 hour'")
        closed = (await regulator.post(f"{at}/accept", json={"version": 5})).json()
        assert (closed["status"], closed["actions"]) == ("closed", [])
        assert [step["action"] for step in closed["history"]] == [
            "raised", "acknowledge", "report", "reject", "report", "accept",
        ]  # fmt: skip
        assert {push["reason"] for push in closed["pushes"]} == {"raised", "rectified", "rejected", "closed"}


async def test_a_deadline_that_waits_for_an_appeal_is_no_countdown(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        disputed = add_alert(house.world, "warm", "cold-chilled-warm", device="cold-1")
        pages = ("/", "/home", f"/alerts/{disputed}")
        for way in pages:
            assert "时限暂停（申诉中）" not in (await cold.get(way)).text, way
        sent = await cold.post(f"/alerts/{disputed}/appeal", data={"version": "1", "words": "门封刚换过"})
        assert sent.status_code == 303, sent.text
        for way in pages:
            assert "时限暂停（申诉中）" in (await cold.get(way)).text, way


async def test_the_pages_say_a_closed_gate_in_words_and_keep_what_was_typed(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        done = await cold.post(f"/alerts/{alert}/acknowledge", data={"version": "1"})
        assert (done.status_code, done.headers["location"]) == (303, f"/alerts/{alert}?done=acknowledge")
        assert "已签收。" in (await cold.get(done.headers["location"])).text
        page = await cold.post(f"/alerts/{alert}/report", data={"version": "2", "text": "换了 <门封条>"})
        assert page.status_code == 422
        assert "照片" in page.text
        assert "换了 &lt;门封条&gt;</textarea>" in page.text
        picture = {"photos": ("a.jpg", drawn("repair"), "image/jpeg")}
        late = await cold.post(f"/alerts/{alert}/report", data={"version": "1", "text": "换了"}, files=picture)
        assert late.status_code == 409
        assert "他人" in late.text


async def test_the_queue_in_order_and_page_by_page(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        for number in range(7):
            with psycopg.connect(dsn) as connection:
                connection.execute(
                    "INSERT INTO device (site_id, code, profile_code, zh, en) VALUES (%s, %s, 'cold-store', 'x', 'x')",
                    (house.world.sites["cold-base"], f"more-{number}"),
                )
                row = connection.execute("SELECT max(id) FROM device").fetchone()
            assert row is not None
            house.world.devices[f"more-{number}"] = row[0]
            rule = ("cold-frozen-warm", "cold-person-trapped", "cold-door-open")[number % 3]
            add_alert(house.world, f"n{number}", rule, device=f"more-{number}", began=timedelta(minutes=number))
        async with house.as_("cold") as client:
            rows, cursor = [], None
            while True:
                params = {"limit": "3"} | ({"after": cursor} if cursor else {})
                page = (await client.get("/api/v1/alerts", params=params)).json()
                rows += [(row["severity"], -row["id"]) for row in page["items"]]
                cursor = page["next"]
                if cursor is None:
                    break
            assert len(rows) == 7
            assert rows == sorted(rows)
            only = (await client.get("/api/v1/alerts", params={"severity": "1", "status": "open"})).json()["items"]
            assert {row["severity"] for row in only} == {1}
            newest = (await client.get("/api/v1/alerts", params={"newest": "true"})).json()["items"]
            assert [row["id"] for row in newest] == sorted((row["id"] for row in newest), reverse=True)
            bad = await client.get("/api/v1/alerts", params={"after": "nonsense"})
            assert (bad.status_code, bad.headers["content-type"]) == (422, "application/problem+json")
            assert sum(row["n"] for row in (await client.get("/api/v1/alerts/counts")).json()) == 7


async def test_every_page_of_a_busy_day_in_both_languages(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        world = house.world
        busy_day(world, clip=b"no real clip")
        paths = [
            "/", "/?tab=finished", "/?tab=open&severity=1", "/queue?tab=unfinished", "/sites", "/operations",
            *(f"/alerts/{alert}" for alert in world.alerts.values()),
            *(f"/sites/{site}" for site in world.sites.values()),
            *(f"/devices/{device}" for device in world.devices.values()),
        ]  # fmt: skip
        for lang in ("zh", "en"):
            client.cookies.set("mingchu_lang", lang)
            for path in paths:
                page = await client.get(path)
                assert page.status_code == 200, (path, page.text[:300])
                assert 'style="' not in page.text
                assert "onclick" not in page.text
        series = await client.get(f"/api/v1/devices/{world.devices['cold-1']}/series", params={"metric": "air_temp"})
        assert series.json()["resolution"] == "raw"
        assert 100 < len(series.json()["time"]) <= 2000


async def test_series_by_span(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as client:
        busy_day(house.world)
        at = f"/api/v1/devices/{house.world.devices['cold-1']}/series"
        begin = now() - timedelta(days=30)
        for since, span, resolution in (
            (begin, timedelta(hours=6), "raw"),
            (begin, timedelta(days=7), "1m"),
            (begin - timedelta(days=300), timedelta(hours=6), "1h"),  # readings are not kept so long
            (begin, timedelta(days=30), "1h"),
            (begin - timedelta(days=300), timedelta(days=300), "1d"),
        ):
            query = {"metric": "air_temp", "from": since.isoformat(), "to": (since + span).isoformat()}
            assert (await client.get(at, params=query)).json()["resolution"] == resolution
        await settle_whatever_is_there(dsn)
        two_years = {"metric": "air_temp", "from": (now() - timedelta(days=729)).isoformat()}
        whole = (await client.get(at, params=two_years)).json()
        assert 1 <= len(whole["time"]) <= 2000
        assert whole["low"][0] <= whole["mean"][0] <= whole["high"][0]
        assert (await client.get(at, params={"metric": "nothing"})).status_code == 404
        backwards = {"metric": "air_temp", "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
        assert (await client.get(at, params=backwards)).json()["code"] == "span"
