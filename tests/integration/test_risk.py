"""Risk scores on a real database: explained, the same when made again, and what follows: patrols and draws."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from alerts import risk as job
from domain.period import ZONE, midnight
from domain.risk import Measure
from store import draws, patrol_weights, risk
from store.connection import ServiceRole, connect
from tests.console_client import Console, console
from tests.console_world import World, add_alert, busy_day, moved

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZONE).date()


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite imports its modules long before it comes to their tests."""
    now = datetime.now(UTC)
    monkeypatch.setitem(globals(), "NOW", now)
    monkeypatch.setitem(globals(), "TODAY", now.astimezone(ZONE).date())


async def scored(world: World, at: datetime | None = None) -> dict[str, dict[str, float]]:
    """Today's measures by site's code, made as the alerts process makes them."""
    connection = await connect(world.dsn, ServiceRole.ALERTS, autocommit=True)
    weights = await risk.weights(connection)
    assert weights is not None
    await job.score_day(connection, weights, TODAY, at or datetime.now(UTC))
    codes = {number: code for code, number in world.sites.items()}
    told = {
        codes[one.site]: {**dict(zip((term.code.value for term in weights.terms), one.measures, strict=True)),
                          "score": float(one.score)}
        for one in await risk.stored(connection, TODAY, list(world.sites.values()))
        if not one.device
    }  # fmt: skip
    await connection.close()
    return told


async def install(dsn: str) -> None:
    async with await connect(dsn, autocommit=True) as owner:
        assert await risk.install(owner, job.shipped())
        assert not await risk.install(owner, job.shipped()), "a version once installed never changes"


def _said(world: World, camera: str, *states: tuple[timedelta, str]) -> None:
    with psycopg.connect(world.dsn) as connection:
        for ago, state in states:
            connection.execute(
                "INSERT INTO camera_health (camera_id, state, at, why, received) VALUES (%s, %s, %s, '', %s)",
                (world.cameras[camera], state, NOW - ago, NOW - ago),
            )


async def test_what_is_measured(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        await install(dsn)
        for number, ago in enumerate((3, 2, 1)):
            began, due = timedelta(days=ago), timedelta(days=-ago, hours=1)
            one = add_alert(world, f"a{number}", "phone", camera="canteen-1-prep", zone="prep", status="closed",
                            condition="CLEARED", began=began, due=due)  # fmt: skip
            answered = timedelta(days=ago) - timedelta(minutes=30 if number else 90)
            moved(world, one, "canteen", "report", "open", "rectified", answered)
            moved(world, one, "yuexiu", "accept", "rectified", "closed", answered - timedelta(minutes=1))
        rat = add_alert(world, "rat", "pest", camera="canteen-1-store", zone="stove", due=timedelta(hours=1))
        false = add_alert(world, "false", "pest", camera="canteen-1-stove", zone="stove", status="dismissed")
        moved(world, false, "yuexiu", "dismiss", "open", "dismissed", timedelta(minutes=1))
        _said(world, "canteen-1-stove", (timedelta(hours=30), "OK"), (timedelta(hours=12), "OFFLINE"))
        _said(world, "canteen-1-prep", (timedelta(hours=30), "OK"))
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO presence_change VALUES (%(cold)s, %(now)s - interval '2 days', true),"
                " (%(cold)s, %(now)s - interval '6 hours', false)", {"cold": world.devices["cold-1"], "now": NOW},
            )  # fmt: skip
            for colour, lifted, ago in (("yellow", None, 9), ("red", 2, 8), ("yellow", -1, 7), ("red", None, -1)):
                card = connection.execute(
                    "INSERT INTO card (site_id, alert_id, colour, issued) VALUES (%s, %s, %s, %s) RETURNING id",
                    (world.sites["canteen-1"], rat, colour, NOW - timedelta(days=ago)),
                ).fetchone()
                if card is not None and lifted is not None:
                    connection.execute(
                        "INSERT INTO card_lift (card_id, person_id, at, reason) VALUES (%s, %s, %s, 'x')",
                        (card[0], world.people["yuexiu"], NOW - timedelta(days=lifted)),
                    )
        told = await scored(world, NOW)
        canteen = told["canteen-1"]
        assert canteen[Measure.OPEN_1] == 1
        assert (canteen[Measure.OPEN_2], canteen[Measure.OPEN_3]) == (0, 0)
        assert canteen[Measure.LATE] == 1 / 3
        assert canteen[Measure.REPEATS] == 2, "three of a kind, a false alarm does not count"
        assert abs(canteen[Measure.CAMERAS] - 0.25) < 1e-6
        assert abs(told["cold-base"][Measure.MISSING] - 0.25) < 1e-6
        assert canteen[Measure.CARDS] == 2, "one lifted before, one not issued yet; what is lifted later counts"
        assert canteen["score"] == round(7.5 + 20 * (1 / 3) / 0.5 + 15 * 2 / 5 + 5 + 5 + 10)


async def test_a_day_is_scored_the_same_after_much_has_happened(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        busy_day(house.world)
        await install(dsn)
        await scored(house.world, NOW)
        for name in ("fire", "scale", "lift"):
            moved(house.world, house.world.alerts[name], "yuexiu", "dismiss", "open", "dismissed", timedelta(0))
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE alert SET status = 'dismissed', changed = now() WHERE status = 'open'")
            connection.execute(
                "INSERT INTO camera_health (camera_id, state, at, why) SELECT id, 'BLACK', %s, '' FROM camera",
                (NOW - timedelta(hours=5),),
            )
        async with await connect(dsn, autocommit=True) as owner:
            assert await job.differing(owner, TODAY) == []
            assert await job.differing(owner, date(2001, 1, 1)) is None
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE risk_score SET score = score + 1 WHERE device_id = 0 AND site_id = %s",
                               (house.world.sites["tower"],))  # fmt: skip
        async with await connect(dsn, autocommit=True) as owner:
            found = await job.differing(owner, TODAY)
            assert [one.site for one in found or []] == [house.world.sites["tower"]]


async def test_the_job_scores_yesterday_once_and_today_each_hour(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path):
        await install(dsn)
        noon = midnight(TODAY) + timedelta(hours=12)
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            await job.keep(connection, noon)
            yesterday, today = await risk.day(connection, TODAY - timedelta(days=1)), await risk.day(connection, TODAY)
            assert yesterday is not None
            assert today is not None
            assert (yesterday.at, today.at) == (midnight(TODAY), noon)
            assert await risk.whole_day(connection) == yesterday
            await job.keep(connection, noon + timedelta(minutes=59))
            assert await risk.day(connection, TODAY) == today
            await job.keep(connection, noon + timedelta(minutes=60))
            assert await risk.day(connection, TODAY) != today
            assert await risk.day(connection, TODAY - timedelta(days=1)) == yesterday


async def test_pages_show_who_is_first_and_why_to_whom_it_concerns(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        busy_day(house.world)
        await install(dsn)
        told = await scored(house.world)
        first = max((score["score"], code) for code, score in told.items())
        async with house.as_("yuexiu") as client:
            page = (await client.get("/risk")).text
            assert page.index("百味餐厅中山五路店") < page.index("正佳大厦")
            assert "惠民农贸市场" not in page
            site = (await client.get(f"/sites/{house.world.sites['canteen-1']}")).text
            assert f">{told['canteen-1']['score']:.0f}</b>" in site
            assert "未结 I 级告警" in site
            assert "<rect" in site
            assert first[1] in ("canteen-1", "cold-base")
        async with house.as_("market") as client:
            assert "百味" not in (await client.get("/risk")).text


async def test_patrols_of_risky_sites_are_proposed_and_pushed_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        await install(dsn)
        weights, site = job.shipped(), house.world.sites["canteen-1"]
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE camera SET mode = 'patrol' WHERE code = 'canteen-1-store'")
            before = connection.execute("SELECT config_version FROM edge WHERE code = 'edge-yx'").fetchone()
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            for ago, score in ((2, 20), (1, 80)):
                await risk.put(connection, TODAY - timedelta(days=ago), [risk.Score(site, 0, score, [0.0] * 9)])
            last = TODAY - timedelta(days=1)
            assert await job.proposals(connection, weights, last) == [], "one bad day"
            await risk.put(connection, TODAY - timedelta(days=2), [risk.Score(site, 0, 78, [0.0] * 9)])
            wanted = await job.proposals(connection, weights, last)
            assert [(one.camera.code, one.weight) for one in wanted] == [("canteen-1-store", 4)]
            assert await job.apply(connection, weights, last) == 1
            assert await job.apply(connection, weights, last) == 0
            stale = await patrol_weights.weigh(connection, wanted[0].camera.id, 1, 3)
            assert not stale, "somebody else had changed it"
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT weight FROM camera WHERE code = 'canteen-1-store'").fetchone()
            after = connection.execute("SELECT config_version FROM edge WHERE code = 'edge-yx'").fetchone()
        assert row == (4,)
        assert before is not None
        assert after == (before[0] + 1,)


async def _drawn(house: Console, **form: str) -> int:
    async with house.as_("yuexiu") as client:
        answer = await client.post("/draws", data={"sites": "2", "inspectors": "1", **form})
        assert answer.status_code == 303, answer.text
        return int(answer.headers["location"].rsplit("/", 1)[1])


async def test_a_draw_is_recorded_and_can_be_drawn_again_by_anybody(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        busy_day(house.world)
        await install(dsn)
        await scored(house.world)
        first, second = await _drawn(house, seed="07 12 19"), await _drawn(house, seed="07 12 19")
        async with await connect(dsn, autocommit=True) as owner:
            one, two = await draws.one(owner, first), await draws.one(owner, second)
            assert one is not None
            assert two is not None
            assert one.draw == two.draw
            assert one.draw.holds
            assert one.audited
            assert await draws.misweighted(owner, one) == []
            assert {candidate.code for candidate in one.draw.sites} == {"canteen-1", "canteen-2", "cold-base", "tower"}
            assert one.draw.drawn_inspectors == ("yuexiu",)
        async with house.as_("yuexiu") as client:
            assert "复核一致" in (await client.get(f"/draws/{first}")).text
            answer = await client.post("/draws", data={"sites": "99", "inspectors": "0"})
            assert (answer.status_code, "抽取数量" in answer.text) == (422, True)
        with psycopg.connect(dsn) as connection:
            connection.execute("SET ROLE mingchu_api")
            for attack in ("UPDATE draw SET sha256 = sha256", "DELETE FROM draw", "DELETE FROM draw_site"):
                try:
                    connection.execute(attack.encode())
                    raise AssertionError(attack)
                except psycopg.errors.InsufficientPrivilege:
                    connection.rollback()
                    connection.execute("SET ROLE mingchu_api")
        with psycopg.connect(dsn) as connection:  # the owner cheats
            connection.execute(
                "UPDATE draw SET body = jsonb_set(body, '{drawn_sites,0}', '\"nobody\"') WHERE id = %s", (first,)
            )
            connection.execute(
                "UPDATE draw SET body = jsonb_set(body, '{sites,0,lots}', '99') WHERE id = %s", (second,)
            )
        async with house.as_("yuexiu") as client:
            pages = [(await client.get(f"/draws/{number}")).text for number in (first, second)]
        assert all("复核不一致" in page for page in pages)
        async with house.as_("canteen") as client:
            assert (await client.get("/draws")).status_code == 404
            assert (await client.post("/draws", data={"sites": "1"})).status_code == 404
