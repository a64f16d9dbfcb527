"""An alert about a site on the pages, in REST and in the export: what is silent, since when, and what is back."""

import io
import zipfile
from pathlib import Path

import httpx
import psycopg

from tests.console_client import console
from tests.console_world import World


def _outage(world: World) -> int:
    """Of the cold store's site: one room is back, one is not."""
    with psycopg.connect(world.dsn) as connection:
        row = connection.execute(
            "INSERT INTO alert (rule_code, rule_version, site_id, severity, condition, status, began, due, why)"
            " SELECT 'site-offline', 1, %s, 2, 'ACTIVE', 'open', now(), now() + interval '1 hour',"
            " '3 of 4 of the site silent since 2026-07-01 04:00:00 UTC' RETURNING id",
            (world.sites["cold-base"],),
        ).fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO outage_member (alert_id, device_id, since, back) VALUES (%s, %s, now(), NULL),"
            " (%s, %s, now(), now())",
            (row[0], world.devices["cold-1"], row[0], world.devices["cold-2"]),
        )
        connection.execute(
            "INSERT INTO alert_history (alert_id, action, target, condition) VALUES (%s, 'raised', 'open', 'ACTIVE')",
            (row[0],),
        )
    return int(row[0])


async def _page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, path
    return answer.text


async def test_a_sites_alert_stands_in_queue_page_rest_and_export(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        alert = _outage(house.world)
        async with house.as_("cold") as client:
            body = (await client.get(f"/api/v1/alerts/{alert}")).json()
            assert (body["subject"]["kind"], body["subject"]["code"]) == ("site", "cold-base")
            assert [(one["code"], one["back"] is None) for one in body["members"]] == [
                ("cold-1", True),
                ("cold-2", False),
            ]
            page = await _page(client, f"/alerts/{alert}")
            assert "2 台中仍有 1 台失联" in page
            assert "该场所 4 台设备和摄像机中有 3 台自 2026-07-01 12:00:00 起失联" in page
            assert f'href="/alerts/{alert}"' in await _page(client, "/")
            await _page(client, f"/alerts/{alert}/guide")
            await _page(client, "/home")
        async with house.as_("market") as client:
            assert (await client.get(f"/api/v1/alerts/{alert}")).status_code == 404
        async with house.as_("yuexiu") as client:
            export = await client.get(f"/api/v1/alerts/{alert}/export")
            assert export.status_code == 200, export.text
            with zipfile.ZipFile(io.BytesIO(export.content)) as archive:
                report = archive.read(next(name for name in archive.namelist() if name.endswith(".html"))).decode()
            assert "cold-base" in report
            assert "cold-1" in report
