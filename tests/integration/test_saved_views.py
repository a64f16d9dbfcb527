"""Saved views of the queue: a person's own, as tabs, at most so many."""

from pathlib import Path

from store.saved_views import MOST
from tests.console_client import console


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
