"""Tables as CSV and Parquet: the same rows, each reader's own, audited; GA/T 1400 names."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pyarrow import parquet

from api import rest_extracts, sheet
from tests.console_client import console
from tests.console_world import add_readings, busy_day, now
from tests.integration.test_risk import install, scored


def _span(days: int = 7) -> dict[str, str]:
    begin = now() - timedelta(days=days - 1)
    return {"from": begin.isoformat(), "to": (begin + timedelta(days=days)).isoformat()}


async def _csv(client: httpx.AsyncClient, table: str, **query: str | int) -> list[dict[str, str]]:
    answer = await client.get(f"/api/v1/exports/{table}", params={**_span(), **query})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def _parquet(client: httpx.AsyncClient, table: str, **query: str | int) -> list[Mapping[str, Any]]:
    answer = await client.get(f"/api/v1/exports/{table}", params={**_span(), "format": "parquet", **query})
    assert answer.status_code == 200, answer.text
    return parquet.read_table(io.BytesIO(answer.content)).to_pylist()  # type: ignore[no-any-return]


async def test_both_formats_have_each_row_once_and_only_ones_own(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_extracts, "_CHUNK", 2)  # every table has a boundary of chunks
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("market") as market:
        world = house.world
        busy_day(world)
        cold = world.devices["cold-1"]
        at = now() - timedelta(minutes=2)  # one reading came twice
        add_readings(world, "cold-2", "air_temp", [(at - timedelta(minutes=1), 4.5), (at, 5.5), (at, 5.5)])
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO transaction (device_id, tx_id, seq, time, product, gross_g, tare_g, net_g, unit_price,"
                " amount, pay, trace) SELECT %s, 'tx-' || n, n, now(), '=白菜,\"', 1500, 0, 1500, 600, 900, 'cash', ''"
                " FROM generate_series(1, 5) AS n",
                (world.devices["scale-1"],),
            )
        await install(dsn)
        await scored(world)
        alerts = await _csv(regulator, "alerts")
        listed = (await regulator.get("/api/v1/alerts", params={"limit": 200})).json()["items"]
        assert sorted(int(row["id"]) for row in alerts) == sorted(one["id"] for one in listed)
        assert {row["site"] for row in await _csv(market, "alerts")} == {"market-1"}
        readings = await _csv(regulator, "readings", device=world.devices["cold-2"])
        assert [row["value"] for row in readings if row["value"] in ("4.5", "5.5")] == ["4.5", "5.5"]
        assert len(readings) == len({tuple(row.values()) for row in readings})
        sold = await _csv(market, "transactions", device=world.devices["scale-1"])
        assert [(row["tx_id"], row["product"]) for row in sold] == [(f"tx-{n}", '=白菜,"') for n in range(1, 6)]
        for client, table, query in (
            (regulator, "alerts", {}), (regulator, "readings", {"device": cold}),
            (market, "transactions", {"device": world.devices["scale-1"]}), (regulator, "risk", {}),
        ):  # fmt: skip
            plain, packed = await _csv(client, table, **query), await _parquet(client, table, **query)
            assert plain
            told = [{name: "" if value is None else str(sheet._plain(value)) for name, value in row.items()}
                    for row in packed]  # fmt: skip
            assert told == plain, table
        with psycopg.connect(dsn) as connection:
            audited = connection.execute("SELECT count(*) FROM audit WHERE action = 'table_exported'").fetchone()
        assert audited == (12,)


async def test_what_is_refused(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        scale = house.world.devices["scale-1"]
        for path, query, status, code in (
            ("readings", {}, 422, "export_device"),
            ("readings", {"device": scale}, 404, "not_found"),
            ("alerts", {"site": house.world.sites["market-1"]}, 404, "not_found"),
            ("alerts", _span(400), 422, "span"),
            ("pushes", {}, 422, "invalid"),
        ):
            answer = await cold.get(f"/api/v1/exports/{path}", params={**_span(), **query})
            assert (answer.status_code, answer.json()["code"]) == (status, code), path
        monkeypatch.setattr(sheet, "find_spec", lambda _name: None)
        answer = await cold.get("/api/v1/exports/alerts", params={**_span(), "format": "parquet"})
        assert (answer.status_code, answer.json()["code"]) == (501, "no_parquet")


async def test_alerts_under_the_names_of_the_standard(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        busy_day(house.world)
        answer = await client.get("/api/v1/viid/notices", params={"limit": 2})
        told = answer.json()["SubscribeNotificationListObject"]["SubscribeNotificationObject"]
        assert (len(told), "next" in answer.links) == (2, True)
        whole = (await client.get("/api/v1/viid/notices")).json()["SubscribeNotificationListObject"]
        pictures = [picture for one in whole["SubscribeNotificationObject"]
                    for picture in one["SubImageList"]["SubImageInfoObject"]]  # fmt: skip
        assert pictures
        assert (await client.get(pictures[0]["StoragePath"])).status_code == 200
