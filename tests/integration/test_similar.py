"""Alerts like one: the same rule at the same site, the same place first, and what became of them."""

from datetime import timedelta
from pathlib import Path

from store import similar
from store.connection import connect
from tests.console_client import console
from tests.console_world import add_alert


async def test_alike_is_what_one_rule_said_of_one_site_in_a_month(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world, rule = house.world, "fire-unattended"
        this = add_alert(world, "this", rule, camera="canteen-1-stove", zone="stove")
        here = add_alert(
            world, "here", rule, camera="canteen-1-stove", zone="stove", status="dismissed", began=timedelta(days=9)
        )
        beside = add_alert(world, "beside", rule, camera="canteen-1-prep", zone="prep", began=timedelta(days=2))
        add_alert(world, "old", rule, camera="canteen-1-stove", zone="stove", status="closed", began=timedelta(days=40))
        add_alert(world, "other rule", "phone", camera="canteen-1-stove", zone="stove")
        add_alert(world, "other site", rule, camera="canteen-2-stove", zone="stove")
        async with await connect(dsn) as owner:
            found = await similar.of(owner, this)
        assert [(row.id, row.here, row.status) for row in found] == [
            (here, True, "dismissed"),
            (beside, False, "open"),
        ]
        assert {(row.all, row.at_place, row.dismissed, row.closed) for row in found} == {(2, 1, 1, 0)}
        async with house.as_("canteen") as client:
            page = (await client.get(f"/alerts/{this}")).text
        assert f'href="/alerts/{here}"' in page
        assert f'href="/alerts/{beside}"' in page
