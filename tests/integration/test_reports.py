"""Reports on a real database: the figures, the same when made again, as a page and as a workbook."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from alerts import reporting
from domain.period import Period, Span, closed, holding
from domain.report import digest
from domain.scene import Scene
from store import reports
from store.connection import ServiceRole, connect
from tests.console_client import console
from tests.console_world import World, add_alert, add_scene, moved

NOW = datetime.now(UTC)
YESTERDAY = closed(Span.DAY, NOW)


def _ago(hours: float) -> timedelta:
    """Ago from now: so many hours after yesterday began."""
    return NOW - YESTERDAY.begin - timedelta(hours=hours)


def _verdict(world: World, alert: int, verdict: str, ago: timedelta) -> None:
    with psycopg.connect(world.dsn) as connection:
        connection.execute(
            "INSERT INTO review (alert_id, person_id, at, verdict, reason) VALUES (%s, %s, %s, %s, '')",
            (alert, world.people["yuexiu"], NOW - ago, verdict),
        )


def _yesterday(world: World) -> None:
    """Two phones that were rectified, one in time; a rat that was none; a camera and a device that were away."""
    for number, (took, due) in enumerate(((0.5, 1.0), (3.0, 1.0))):
        scene = add_scene(world, "canteen-1-prep", Scene.PHONE, "prep", why="w", began=_ago(2))
        one = add_alert(world, f"phone-{number}", "phone", camera="canteen-1-prep", zone="prep", scene_event=scene,
                        status="closed", condition="CLEARED", began=_ago(2), due=-_ago(2 + due))  # fmt: skip
        moved(world, one, "canteen", "acknowledge", "open", "acknowledged", _ago(2 + took / 2))
        moved(world, one, "canteen", "report", "acknowledged", "rectified", _ago(2 + took))
        moved(world, one, "yuexiu", "accept", "rectified", "closed", _ago(8))
        _verdict(world, one, "accept", _ago(8))
    scene = add_scene(world, "canteen-1-store", Scene.PEST, "stove", why="w", began=_ago(5))
    rat = add_alert(world, "rat", "pest", camera="canteen-1-store", zone="stove", scene_event=scene,
                    status="dismissed", began=_ago(5), due=-_ago(5.5))  # fmt: skip
    moved(world, rat, "yuexiu", "dismiss", "open", "dismissed", _ago(9))
    _verdict(world, rat, "dismiss", _ago(9))
    borne_out = add_alert(world, "valve", "kitchen-stove-unattended", device="cold-1", scene_event=scene,
                          status="closed", condition="CLEARED", began=_ago(-30), due=-_ago(-29))  # fmt: skip
    _verdict(world, borne_out, "accept", _ago(9))  # of a device's alert: says nothing of the scene
    with psycopg.connect(world.dsn) as connection:
        for ago, state in ((_ago(-5), "OK"), (_ago(12), "OFFLINE"), (_ago(18), "OK")):
            connection.execute(
                "INSERT INTO camera_health (camera_id, state, at, why, received) VALUES (%s, %s, %s, '', %s)",
                (world.cameras["canteen-1-stove"], state, NOW - ago, NOW - ago),
            )
        connection.execute(
            "INSERT INTO presence_change VALUES (%s, %s, true), (%s, %s, false)",
            (world.devices["cold-1"], YESTERDAY.begin - timedelta(days=1),
             world.devices["cold-1"], YESTERDAY.begin + timedelta(hours=18)),
        )  # fmt: skip


async def _made(dsn: str, authority: str, period: Period = YESTERDAY) -> reports.Report:
    async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
        scope = await reports.of_authority(connection, authority)
        assert scope is not None
        found = await reports.one(connection, await reports.make(connection, period, scope))
        assert found is not None
        return found


async def test_the_figures_of_a_day(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        _yesterday(house.world)
        told = (await _made(dsn, "gz.yx")).figures
        one, _, three, _ = told.classes
        assert (one.raised, one.dismissed, one.due) == (1, 1, 0), "a false alarm was never due"
        assert (three.raised, three.closed, three.due, three.met) == (2, 2, 2, 1)
        took = three.ack_p50, three.ack_p90, three.rectify_p50
        assert took == pytest.approx((3150, 4950, 6300), abs=300), "what was made one after the other"
        assert (three.acknowledged, three.rectified) == (2, 2)
        assert told.on_time == 0.5
        assert [(each.scene, each.true, each.false) for each in told.scenes] == [("PEST", 0, 1), ("PHONE", 2, 0)]
        assert [(each.thing and each.thing.code, each.share) for each in told.cameras] == [
            ("canteen-1-store", 0.0), ("canteen-1-prep", 1.0),
        ]  # fmt: skip
        assert told.camera_time.worst[0].told_s - told.camera_time.worst[0].well_s == 6 * 3600
        assert told.device_time.share == 0.75
        assert [(each.thing.code, each.n) for each in told.rules] == [("phone", 2), ("pest", 1)]
        assert (await _made(dsn, "gz.th")).figures.raised == 0


async def test_the_same_period_gives_the_same_figures_whatever_comes_later(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        _yesterday(house.world)
        before = await _made(dsn, "gz")
        late = add_alert(house.world, "late", "pest", camera="canteen-1-stove", zone="stove")
        moved(house.world, house.world.alerts["phone-0"], "yuexiu", "dismiss", "closed", "dismissed", timedelta(0))
        _verdict(house.world, house.world.alerts["phone-0"], "dismiss", timedelta(0))
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE alert SET status = 'dismissed', changed = now() WHERE id <> %s", (late,))
            connection.execute("UPDATE site SET zh = '改名', en = 'Renamed'")
            connection.execute(
                "INSERT INTO camera_health (camera_id, state, at, why, received)"
                " SELECT id, 'BLACK', %s, '', %s FROM camera", (YESTERDAY.begin, YESTERDAY.closes),
            )  # fmt: skip
        async with await connect(dsn, autocommit=True) as owner:
            assert digest(await reports.again(owner, before)) == before.sha256
            assert (await _made(dsn, "gz")).id == before.id, "made once"
        async with house.as_("admin") as client:
            books = [(await client.get(f"/reports/{before.id}/workbook")).content for _ in range(2)]
        assert books[0] == books[1]


async def test_reports_come_by_schedule_for_those_who_work_there(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            assert await reporting.keep(connection, NOW) == 9, "three spans of gz, gz.yx and gz.th"
            assert await reporting.keep(connection, NOW) == 0
        async with house.as_("yuexiu") as client:
            page = (await client.get("/reports")).text
            assert "越秀区市场监督管理局" in page
            assert "天河区市场监督管理局" not in page
            assert (await client.get("/reports", params={"span": "week"})).status_code == 200


async def test_a_report_is_asked_for_read_and_taken_along(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        _yesterday(house.world)
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE camera SET zh = '=HYPERLINK(\"http://x\")' WHERE code = 'canteen-1-stove'")
        site = str(house.world.sites["canteen-1"])
        wanted = {"span": "day", "day": str(YESTERDAY.first), "site": site}
        async with house.as_("canteen") as client:
            answer = await client.post("/reports", data=wanted)
            place = answer.headers["location"]
            page = (await client.get(place)).text
            assert "玩手机" in page
            assert "6:00" in page
            book = zipfile.ZipFile(io.BytesIO((await client.get(f"{place}/workbook")).content))
            cells = book.read("xl/sharedStrings.xml").decode()
            assert "'=HYPERLINK" in cells
            assert not any(b"<f>" in book.read(name) for name in book.namelist())
            assert (await client.post("/reports", data={**wanted, "site": ""})).status_code == 404, "of sites only"
        async with house.as_("yuexiu") as client:
            today = {"span": "month", "day": str(holding(Span.DAY, NOW.date()).first), "site": ""}
            answer = await client.post("/reports", data=today)
            assert (answer.status_code, "还没有结束" in answer.text) == (422, True)
        async with house.as_("market") as client:
            assert (await client.get(place)).status_code == 404
            assert (await client.post("/reports", data=wanted)).status_code == 404
