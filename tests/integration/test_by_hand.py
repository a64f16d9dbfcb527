"""A regulator makes an alert of a finding: about the site or camera, with picture, deadline, pushes, workflow, once."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.console_client import console
from tests.console_world import World, add_alert, add_inspection, drawn

_WORDS = {"severity": "2", "hours": "48", "words": "地沟盖板破损"}


def a_tour(world: World, login: str, camera: str) -> tuple[int, int, str]:
    """A tour that found something, with its picture: its id, the finding's and the picture's."""
    sha256 = world.keep(drawn("what was shown"))
    with psycopg.connect(world.dsn) as connection:
        row = connection.execute(
            "WITH made AS (INSERT INTO tour (person_id, plan, cameras) VALUES (%(person)s, 'worst', ARRAY[%(camera)s])"
            " RETURNING id), looked AS (INSERT INTO tour_look (tour_id, camera_id, captured, digest)"
            "  SELECT id, %(camera)s, now(), %(sha)s FROM made RETURNING id, tour_id),"
            " kept AS (INSERT INTO tour_picture (look_id, sha256, size) SELECT id, %(sha)s, 9 FROM looked)"
            " INSERT INTO tour_finding (look_id, words) SELECT id, '地面积水' FROM looked"
            " RETURNING (SELECT tour_id FROM looked), id",
            {"person": world.people[login], "camera": world.cameras[camera], "sha": sha256},
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), sha256


def _row(dsn: str, query: str) -> tuple[object, ...]:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found


async def test_an_alert_of_a_tours_finding_from_the_button_to_the_close(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("canteen") as operator:
        tour, finding, sha256 = a_tour(house.world, "yuexiu", "canteen-1-stove")
        with psycopg.connect(dsn) as connection:
            connection.execute("INSERT INTO tour_end (tour_id) VALUES (%s)", (tour,))
        way = f"/tours/{tour}/findings/{finding}/alert"
        assert way in (await regulator.get(f"/tours/{tour}")).text
        for bad in ({"severity": "2", "hours": "73"}, {"severity": "9"}, {"severity": "x"}, {}):
            assert (await regulator.post(way, data=bad)).status_code == 422, bad
        assert (await operator.post(way, data=_WORDS)).status_code == 404
        async with house.as_("tianhe") as stranger, house.as_("admin") as admin:
            assert (await stranger.post(way, data=_WORDS)).status_code == 404
            assert (await admin.post(way, data=_WORDS)).status_code == 403
        made = await regulator.post(way, data=_WORDS)
        assert made.status_code == 303
        alert = int(made.headers["location"].removeprefix("/alerts/"))
        assert (await regulator.post(way, data=_WORDS)).status_code == 409
        assert f"/alerts/{alert}" in (await regulator.get(f"/tours/{tour}")).text

        case = (await operator.get(f"/api/v1/alerts/{alert}")).json()
        assert (case["severity"], case["status"], case["rule"]["zh"]) == (2, "open", "人工发现")
        page = (await operator.get(f"/alerts/{alert}")).text
        assert "地沟盖板破损" in page
        assert f"/api/v1/evidence/{sha256}" in page
        assert (await operator.get(f"/api/v1/evidence/{sha256}")).status_code == 200
        due, pushes, clocks = _row(
            dsn,
            "SELECT due - now(), (SELECT count(*) FROM push WHERE alert_id = alert.id),"
            " (SELECT count(*) FROM clock WHERE alert_id = alert.id) FROM alert WHERE rule_code = 'by-hand'",
        )
        assert isinstance(due, timedelta)
        assert timedelta(hours=47) < due < timedelta(hours=49)
        assert pushes
        assert clocks
        assert _row(dsn, "SELECT action, person_id FROM alert_history") == ("raised", house.world.people["yuexiu"])
        assert _row(dsn, "SELECT count(*) FROM audit WHERE action = 'alert_by_hand'") == (1,)

        version = {"version": str(case["version"])}
        assert (await operator.post(f"/alerts/{alert}/acknowledge", data=version)).status_code == 303
        photo = {"photos": ("p.jpg", drawn("mended"), "image/jpeg")}
        said = {"version": str(case["version"] + 1), "text": "已更换"}
        assert (await operator.post(f"/alerts/{alert}/report", data=said, files=photo)).status_code == 303
        accepted = await regulator.post(
            f"/api/v1/alerts/{alert}/accept", json={"version": case["version"] + 2, "reason": "ok"}
        )
        assert accepted.json()["status"] == "closed", "no machine's re-check is waited for"


async def test_an_alert_of_an_inspections_failed_item(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator:
        sha256 = house.world.keep(drawn("a broken lid"))
        other = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        inspection = add_inspection(house.world, "canteen-1", "canteen", "yuexiu", other)["inspection_id"]
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO inspection_paper (inspection_id, item, kind, sha256, media_type, size, person_id, login)"
                " VALUES (%s, 'health', 'photo', %s, 'image/jpeg', 9, %s, 'x')",
                (inspection, sha256, house.world.people["canteen"]),
            )
        way = f"/inspections/{inspection}/items/health/alert"
        assert way in (await regulator.get(f"/inspections/{inspection}")).text
        assert (await regulator.post(f"/inspections/{inspection}/items/nothing/alert", data=_WORDS)).status_code == 404
        made = await regulator.post(way, data={"severity": "3"})
        assert made.status_code == 303, made.text
        page = (await regulator.get(made.headers["location"])).text
        assert "one had a fever" in page
        assert f"/inspections/{inspection}" in page
        assert sha256 in page
        document = (await regulator.get(f"/inspections/{inspection}")).text
        assert made.headers["location"] in document
        assert way not in document
        async with house.as_("canteen") as operator:
            assert (await operator.get(made.headers["location"])).status_code == 200
            assert (await operator.post(way, data=_WORDS)).status_code == 403
        assert _row(dsn, "SELECT device_id, camera_id, severity::int FROM alert WHERE rule_code = 'by-hand'") == (
            None, None, 3,
        )  # fmt: skip


@pytest.mark.parametrize("rule", ["by-hand", "pest"])
async def test_the_database_lets_the_api_make_no_other_alert(dsn: str, tmp_path: Path, rule: str) -> None:
    """Row-level security alone: an own site's by hand, nothing of the machine's, nothing of another district."""
    insert = (
        "INSERT INTO alert (rule_code, rule_version, site_id, severity, condition, status, began, due, why)"
        " VALUES (%s, 1, %s, 3, 'CLEARED', 'open', now(), now(), 'w')"
    )
    async with console(dsn, tmp_path) as house:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET ROLE mingchu_api")
            connection.execute("SELECT set_config('mingchu.authority', 'gz.yx', false)")
            own, other = house.world.sites["canteen-1"], house.world.sites["market-1"]
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(insert, (rule, other))
            if rule == "by-hand":
                connection.execute(insert, (rule, own))
            else:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(insert, (rule, own))
