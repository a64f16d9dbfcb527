"""What REST says of days, sales and excursions: sums that can be checked by hand, each in its own day and scope."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.console_client import Console, console
from tests.console_world import add_alert, add_readings, now
from tests.rolled import settle_whatever_is_there

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in Shanghai


def sell(house: Console, tx_id: str, at: datetime, net_g: float, amount: float) -> None:
    with psycopg.connect(house.world.dsn) as connection:
        connection.execute(
            "INSERT INTO transaction (device_id, tx_id, seq, time, product, gross_g, tare_g, net_g, unit_price, amount,"
            " pay, trace) VALUES (%s, %s, 1, %s, 'cabbage', %s, 0, %s, 500, %s, '', '') ON CONFLICT DO NOTHING",
            (house.world.devices["scale-1"], tx_id, at, net_g, net_g, amount),
        )


async def test_a_markets_day_ends_at_its_own_midnight_and_a_repeat_counts_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        sell(house, "a", NOON, 1000, 500)
        sell(house, "a", NOON, 1000, 500)  # the same one again
        sell(house, "b", NOON + timedelta(hours=11, minutes=59), 500, 250)
        sell(house, "c", NOON + timedelta(hours=12), 200, 100)  # after midnight in Shanghai, the same day in UTC
        site = house.world.sites["market-1"]
        async with house.as_("tianhe") as client:
            day = (await client.get(f"/api/v1/sites/{site}/sales", params={"day": "2026-11-20"})).json()
            assert (day["n"], day["net_g"], day["amount"]) == (2, 1500, 750)
            assert [stall["code"] for stall in day["stalls"]] == ["scale-1"]
            query: dict[str, str | int] = {"from": "2026-11-20", "to": "2026-11-22", "depth": 2}
            rows = (await client.get("/api/v1/sales", params=query)).json()
            assert [(row["path"], row["day"], row["n"], row["scales"]) for row in rows] == [
                ("gz.th", "2026-11-20", 2, 1),
                ("gz.th", "2026-11-21", 1, 1),
            ]
        async with house.as_("yuexiu") as client:  # another district sees nothing of it
            assert (await client.get("/api/v1/sales", params=query)).json() == []
            assert (await client.get(f"/api/v1/sites/{site}/sales")).status_code == 404


async def test_a_devices_day_and_a_sites_latest_values(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        device = house.world.devices["cold-1"]
        add_readings(
            house.world, "cold-1", "air_temp", [(NOON + timedelta(hours=n), -18.0 - n) for n in range(-13, 13)]
        )
        await settle_whatever_is_there(dsn)
        with psycopg.connect(dsn) as connection:
            for at in (NOON, NOON - timedelta(hours=13)):
                connection.execute(
                    "INSERT INTO device_event (device_id, code, phase, time, text)"
                    " VALUES (%s, 'trapped', 'pulse', %s, 'help')",
                    (device, at),
                )
        async with house.as_("cold") as client:
            day = (await client.get(f"/api/v1/devices/{device}/day", params={"day": "2026-11-20"})).json()
            (metric,) = day["metrics"]
            assert (metric["metric"], metric["n"], metric["low"], metric["high"]) == ("air_temp", 24, -29.0, -6.0)
            assert day["begin"] == "2026-11-19T16:00:00Z"
            assert [event["text"] for event in day["events"]] == ["help"]
            site = house.world.sites["cold-base"]
            latest = (await client.get(f"/api/v1/sites/{site}/latest")).json()
            values = {each["code"]: [reading["value"] for reading in each["readings"]] for each in latest}
            assert values == {"cold-1": [-30.0], "cold-2": []}


async def test_the_ledger_of_an_excursion(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        began = timedelta(hours=2)
        add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1", began=began)
        add_alert(house.world, "door", "cold-door-open", device="cold-1", began=began)  # no temperature, no ledger
        at = now() - began
        points = [(at + timedelta(minutes=n), -10.0 if n == 30 else -14.0) for n in range(60)]
        add_readings(house.world, "cold-1", "air_temp", [(at - timedelta(minutes=1), 40.0), *points])
        async with house.as_("cold") as client:
            address = f"/api/v1/devices/{house.world.devices['cold-1']}/excursions"
            (told,) = (await client.get(address)).json()
            assert (told["limit"], told["peak"], told["readings"], told["ended"]) == (-15.0, -10.0, 60, None)
            # 59 minutes at 1 K beyond and one at 5 K; the last reading speaks for fifteen minutes more, no longer
            assert told["degree_minutes"] == pytest.approx(58 + 5 + 15, abs=0.1)
            assert -14.0 < told["mean_kinetic"] < -13.8
            with psycopg.connect(dsn) as connection:
                (alert,) = (
                    connection.execute("SELECT id FROM alert WHERE rule_code = 'cold-frozen-warm'").fetchone() or ()
                )
                connection.execute("INSERT INTO alert_sample VALUES (%s, %s, 'air_temp', -14)", (alert, at))
                for code in ("cold-frozen-warm", "cold-frozen-critical"):
                    connection.execute(
                        "INSERT INTO alert_source SELECT %s, code, version, %s, NULL, 'air_temp=-11' FROM rule"
                        " WHERE code = %s AND active",
                        (alert, at, code),
                    )
            page = (await client.get(f"/alerts/{alert}")).text
            assert "超温台账" in page
            assert "仍在持续" in page
            assert "库内空气温度" in page
            assert "冷冻库温度高于 −12 ℃" in page
            whole = (await client.get(f"/api/v1/alerts/{alert}")).json()
            assert [one["value"] for one in whole["measured"]] == [-14.0]
            assert {one["code"] for one in whole["sources"]} == {"cold-frozen-warm", "cold-frozen-critical"}
            with psycopg.connect(dsn) as connection:  # written when it ended, it outlives the readings
                connection.execute("UPDATE alert SET condition = 'CLEARED', cleared = now() WHERE id = %s", (alert,))
                connection.execute(
                    "INSERT INTO excursion VALUES (%s, 'air_temp', -15, %s, now(), -9, %s, 77, -12, 3600, 60)",
                    (alert, at, at),
                )
                connection.execute("DELETE FROM reading")
            (told,) = (await client.get(address)).json()
            assert (told["peak"], told["degree_minutes"]) == (-9.0, 77.0)
            assert (await client.get(address, params={"days": 91})).status_code == 422


async def test_gaps_and_letters_in_the_console(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        device = house.world.devices["cold-1"]
        with psycopg.connect(dsn) as connection:
            for minute in range(50):
                connection.execute(
                    "INSERT INTO ledger (source_id, key, time, received, rows)"
                    " SELECT %s, gen_random_uuid(), at, at, 1 FROM (SELECT %s::timestamptz AS at) AS told",
                    (device, now() - timedelta(minutes=minute)),
                )
            for topic, reason in (("mc/v1/cold-base/cold-1/telemetry", "not JSON <b>"), ("mc/v1/a/b/state", "other")):
                connection.execute(
                    "INSERT INTO dead_letter (topic, payload, reason, received, last)"
                    " VALUES (%s, %s, %s, now() - interval '2 hours', now() - interval '2 hours')",
                    (topic, b"\xff{", reason),
                )
            connection.execute(
                "INSERT INTO dead_letter (topic, payload, reason, partial, kept) VALUES"
                " ('mc/v1/cold-base/cold-1/telemetry', '{', 'has no metric ice', true, 2), ('x', '', 'ice', true, 0)"
            )
        async with house.as_("cold") as client:
            (gap,) = (await client.get(f"/api/v1/devices/{device}/gaps")).json()
            assert (gap["cause"], gap["messages"], gap["minutes"]) == ("rejected", 1, 24 * 60 - 49)
            assert "被拒收" in (await client.get(f"/devices/{device}")).text
            for path in ("/api/v1/dead-letters", "/operations/letters"):
                assert (await client.get(path)).status_code == 403
            assert (await client.post("/operations/letters/replay")).status_code == 403
        async with house.as_("admin") as client:
            (letter,) = (await client.get("/api/v1/dead-letters", params={"reason": "json"})).json()
            assert (letter["payload"], letter["text"], letter["replay"]) == ("ff 7b", False, None)
            page = (await client.get("/operations/letters")).text
            assert "not JSON &lt;b&gt;" in page
            assert "other" not in (await client.get("/operations/letters", params={"topic": "mc/v1/cold"})).text
            answer = await client.post("/api/v1/dead-letters/replay", json={"topic": "mc/v1/a/"})
            assert answer.json() == {"letters": 1}
            assert (await client.post(f"/api/v1/dead-letters/{letter['id']}/replay")).json() == {"letters": 1}
            assert (await client.post("/api/v1/dead-letters/999/replay")).status_code == 404
            assert page.count("补录其余部分") == 2  # what it says, and its button
            answer = await client.post("/api/v1/dead-letters/replay", json={"reason": "ice"})
            assert answer.json() == {"letters": 1}
            waiting = (await client.get("/api/v1/dead-letters")).json()
            assert [bool(each["replay"]) for each in waiting if each["partial"]] == [False, True]
            assert [each["kept"] for each in waiting if each["partial"]] == [0, 2]
            assert all(each["replay"] for each in waiting if not each["partial"])
