"""Saved views of the queue: a person's own, as tabs, at most so many."""

from pathlib import Path

from domain.period import ZONE
from store.saved_views import MOST
from tests.console_client import console
from tests.console_world import add_alert, now


async def test_a_view_is_kept_under_its_name_and_nobody_else_sees_it(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        async with house.as_("yuexiu") as client:
            made = await client.post("/views?tab=rectified&severity=2&mine=1", data={"name": "  二级  待复核 "})
            assert (made.status_code, made.headers["location"]) == (303, "/?tab=rectified&severity=2&mine=1")
            page = (await client.get("/?tab=rectified&severity=2&mine=1")).text
            assert 'aria-current="true">二级 待复核</a>' in page
            await client.post("/views?tab=open", data={"name": "二级 待复核"})  # the same name: another choice
            page = (await client.get("/")).text
            assert 'href="/?tab=open" >二级 待复核</a>' in page
            assert "severity=2" not in page
        for other in ("tianhe", "canteen"):
            async with house.as_(other) as client:
                assert "二级 待复核" not in (await client.get("/")).text


async def test_a_view_keeps_every_filter_on_the_page_and_by_rest(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as client:
        device = house.world.devices["cold-1"]
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        day = f"{now().astimezone(ZONE).date()}"
        wanted = {"rule": "cold-frozen-warm", "device": device, "from_day": day, "to_day": day}
        kept = (await client.put("/api/v1/views/冷库", json=wanted)).json()
        query = f"tab=unfinished&rule=cold-frozen-warm&device={device}&from_day={day}&to_day={day}"
        assert kept["address"] == f"/?{query}"
        assert wanted.items() <= kept.items()
        page = (await client.get(kept["address"])).text
        assert f'data-queue="/queue?{query.replace("&", "&amp;")}"' in page
        assert 'aria-current="true">冷库</a>' in page
        assert f'data-id="{alert}"' in page
        for other in ("rule=pest", "device=1", "camera=1", "from_day=2200-01-01", "to_day=2000-01-02"):
            assert f'data-id="{alert}"' not in (await client.get(f"/?{other}")).text, other
        for odd in ("from_day=0001-01-01", "to_day=x", "device=²", "camera=99999999999999999999", "rule="):
            assert f'data-id="{alert}"' in (await client.get(f"/?{odd}")).text, odd
        listed = f"/api/v1/alerts?rule=cold-frozen-warm&device={device}&from={day}T00:00:00%2B08:00"
        assert [one["id"] for one in (await client.get(listed)).json()["items"]] == [alert]
        assert (await client.get(f"/api/v1/alerts?to={day}T00:00:00%2B08:00")).json()["items"] == []
        assert (await client.get(f"/api/v1/alerts?to={day}")).status_code == 422  # of which time zone?


async def test_names_and_numbers_are_limited(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as client:
        for wrong in ("", "   ", "x" * 41):
            assert (await client.post("/views?tab=open", data={"name": wrong})).status_code == 422
        for number in range(MOST):
            assert (await client.post("/views?tab=open", data={"name": f"v{number}"})).status_code == 303
        assert (await client.post("/views?tab=open", data={"name": "one more"})).status_code == 422
        assert (await client.post("/views?tab=finished", data={"name": "v0"})).status_code == 303
        first = (await client.get("/?tab=finished")).text.split('action="/views/')[1].split("/")[0]
        assert (await client.post(f"/views/{first}/drop")).status_code == 303
        assert (await client.post(f"/views/{first}/drop")).status_code == 404
        assert (await client.post("/views?tab=open", data={"name": "one more"})).status_code == 303
