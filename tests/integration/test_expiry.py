"""Evidence whose time is over: it goes, a tombstone stays; a legal hold keeps it; exports and chains tell it apart."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alerts import expiry
from domain.scene import Scene
from mingchu import evidence_check
from store import evidence_keeping as keeping
from store.connection import ServiceRole, connect
from tests.console_client import Console, console
from tests.console_world import World, add_alert, add_inspection, add_scene, address, busy_day, drawn, moved

LATER = timedelta(days=200)


def _old(world: World, camera: str, rule: str, scene: Scene, age: timedelta) -> int:
    """A closed alert of so long ago, with its pictures."""
    event = add_scene(world, camera, scene, "stove", why="w", began=age)
    alert = add_alert(world, f"{camera} {rule}", rule, camera=camera, zone="stove", scene_event=event,
                      status="closed", condition="CLEARED", began=age, due=-age)  # fmt: skip
    moved(world, alert, "yuexiu", "accept", "rectified", "closed", age)
    with psycopg.connect(world.dsn) as connection:
        connection.execute("UPDATE scene_event SET received = first WHERE id = %s", (event,))
    return alert


async def _expire(world: World, now: datetime | None = None) -> int:
    async with await connect(world.dsn, ServiceRole.ALERTS, autocommit=True) as connection:
        return await expiry.expire(connection, world.evidence_dir, now or datetime.now(UTC))


def _there(world: World, camera: str) -> bool:
    sha256 = world.evidence[f"{camera} frame"]
    return (world.evidence_dir / sha256[:2] / sha256).is_file()


async def test_evidence_goes_by_its_class_and_leaves_a_tombstone(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)
        _old(world, "canteen-1-store", "pest", Scene.PEST, LATER)
        _old(world, "canteen-1-prep", "phone", Scene.PHONE, timedelta(days=170))
        assert await _expire(world) == 4
        assert [_there(world, camera) for camera in ("canteen-1-stove", "canteen-1-store", "canteen-1-prep")] == [
            False, True, True,
        ]  # fmt: skip
        assert await _expire(world) == 0
        async with await connect(dsn, autocommit=True) as owner:
            sha256 = world.evidence["canteen-1-stove frame"]
            stone = (await keeping.tombstones(owner, [sha256]))[sha256]
            assert stone.rule.startswith("class III: 180 days from 20")
            assert stone.size > 1000
        with psycopg.connect(dsn) as connection:
            logged = connection.execute("SELECT detail FROM audit WHERE action = 'evidence_expired'").fetchall()
        assert [row[0]["files"] for row in logged] == [4]
        assert await _expire(world, datetime.now(UTC) + timedelta(days=1000)) == 8, "class I after two years"


async def test_unfinished_alerts_and_shared_bytes_keep_their_evidence(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        old = _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE alert SET status = 'rectified' WHERE id = %s", (old,))
        assert await _expire(world) == 0
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE alert SET status = 'closed' WHERE id = %s", (old,))
        young = add_scene(world, "canteen-1-prep", Scene.PHONE, "prep", why="w")
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO evidence VALUES (%s, 'frame', %s, 'image/jpeg', 9, now(), now(), true, '', NULL)",
                (young, world.evidence["canteen-1-stove frame"]),
            )
        assert await _expire(world) == 3
        assert _there(world, "canteen-1-stove"), "the same bytes are evidence of something younger"


async def test_a_killed_run_is_ended_by_the_next_and_a_hold_between_them_counts(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        alert = _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)

        async def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(keeping, "gone", killed)
            with pytest.raises(KeyboardInterrupt):
                await _expire(world)
        assert not _there(world, "canteen-1-stove")
        assert await _expire(world) == 4, "deleted by the killed run, told by this one"
        second = _old(world, "canteen-1-store", "phone", Scene.PHONE, LATER)
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            await keeping.decide(connection, await keeping.due(connection, datetime.now(UTC), 100))
        async with house.as_("yuexiu") as client:
            assert (await client.post(f"/alerts/{second}/hold", data={"why": "court"})).status_code == 303
        assert await _expire(world) == 0
        assert _there(world, "canteen-1-store")
        assert alert != second


async def test_evidence_that_never_came_is_no_deletion_and_another_machines_is_left(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)
        for name in ("frame", "boxed"):
            sha256 = world.evidence[f"canteen-1-stove {name}"]
            (world.evidence_dir / sha256[:2] / sha256).unlink()
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            assert await expiry.expire(connection, tmp_path / "elsewhere", datetime.now(UTC)) == 0
        assert await _expire(world) == 2
        async with await connect(dsn, autocommit=True) as owner:
            assert await keeping.tombstones(owner, [world.evidence["canteen-1-stove frame"]]) == {}


async def _bytes(client: httpx.AsyncClient, sha256: str) -> httpx.Response:
    return await client.get(f"/api/v1/evidence/{sha256}")


async def test_a_hold_keeps_a_sites_evidence_until_it_is_lifted(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        alert = _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)
        site, picture = world.sites["canteen-1"], world.evidence["canteen-1-stove frame_redacted"]
        async with house.as_("yuexiu") as client:
            assert (await client.post(f"/sites/{site}/hold", data={"why": " "})).status_code == 422
            answer = await client.post(f"/sites/{site}/hold", data={"why": "x", "until": "2020-01-01"})
            assert answer.status_code == 422
            assert (await client.post(f"/sites/{site}/hold", data={"why": "case 4711"})).status_code == 303
            assert "case 4711" in (await client.get(f"/alerts/{alert}")).text
            assert await _expire(world) == 0
            assert (await _bytes(client, picture)).status_code == 200
            page = (await client.get("/holds")).text
            hold = page.split('action="/holds/', 1)[1].split("/", 1)[0]
        async with house.as_("canteen") as client:
            assert "case 4711" not in (await client.get(f"/sites/{site}")).text, "the authority's matter"
            assert (await client.post(f"/sites/{site}/hold", data={"why": "x"})).status_code == 403
            assert (await client.get("/holds")).status_code == 404
            assert (await client.post(f"/holds/{hold}/lift", data={"why": "x"})).status_code == 404
        async with house.as_("yuexiu") as client:
            assert (await client.post(f"/holds/{hold}/lift", data={"why": "closed"})).status_code == 303
            assert (await client.post(f"/holds/{hold}/lift", data={"why": "again"})).status_code == 409
            assert await _expire(world) == 4
            gone = await _bytes(client, picture)
            assert gone.status_code == 410
            assert gone.json()["code"] == "evidence_expired"
            assert "已到期删除" in (await client.get(f"/alerts/{alert}")).text
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(
                "SELECT action, detail ->> 'why' FROM audit WHERE action LIKE 'hold%' ORDER BY id"
            )
            assert rows.fetchall() == [("hold_placed", "case 4711"), ("hold_lifted", "closed")]


async def test_an_export_tells_tombstones_and_is_intact(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        alert = _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)
        assert await _expire(world) == 4
        async with house.as_("yuexiu") as client:
            exported = await client.get(f"/api/v1/alerts/{alert}/export")
            assert exported.status_code == 200, exported.text
        file = tmp_path / "export.zip"
        file.write_bytes(exported.content)
        verdict = evidence_check.verify(file, _key(house).public_key())
        assert verdict.intact, [check for check in verdict.checks if not check.passed]
        told = [check for check in verdict.checks if check.name.startswith("tombstone")]
        assert len(told) == 4
        assert "class III: 180 days" in told[0].detail
        manifest = json.loads(zipfile.ZipFile(io.BytesIO(exported.content)).read("manifest.json"))
        assert {item["why"] for item in manifest["withheld"]} == {"expired"}


def _key(house: Console) -> Ed25519PrivateKey:
    key = house.app.state.desk.config.export_key
    assert isinstance(key, Ed25519PrivateKey)
    return key


async def test_the_photos_of_a_report_go_with_their_alert(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        alert = _old(world, "canteen-1-stove", "phone", Scene.PHONE, LATER)
        photo = drawn("a photo of the report")
        world.keep(photo)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "WITH report AS (INSERT INTO rectification (alert_id, person_id, at, text)"
                " VALUES (%s, %s, now() - interval '200 days', 'done') RETURNING id)"
                " INSERT INTO rectification_photo SELECT id, %s, 'image/jpeg', %s FROM report",
                (alert, world.people["canteen"], address(photo), len(photo)),
            )
            fresh = _old(world, "canteen-1-prep", "phone", Scene.PHONE, timedelta(days=1))
            appeal = connection.execute(
                "INSERT INTO appeal (alert_id, person_id, text, due) VALUES (%s, %s, 'why', now()) RETURNING id",
                (fresh, world.people["canteen"]),
            ).fetchone()
            assert appeal is not None
            connection.execute(
                "INSERT INTO appeal_photo VALUES (%s, %s, 'image/jpeg', %s)", (appeal[0], address(photo), len(photo))
            )
        assert await _expire(world) == 4  # the same photo was shown in an appeal of late
        with psycopg.connect(dsn) as connection:
            connection.execute("DELETE FROM appeal_photo")
        assert await _expire(world) == 1
        async with house.as_("canteen") as client:
            assert (await _bytes(client, address(photo))).status_code == 410
            assert (await client.get(f"/alerts/{alert}")).status_code == 200


async def test_pictures_of_complaints_tours_and_inspections_go_by_their_class(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        kept = {name: world.keep(drawn(name)) for name in ("closed", "open", "seen", "found", "checked", "going")}
        site, camera, person = world.sites["canteen-1"], world.cameras["canteen-1-stove"], world.people["yuexiu"]
        with psycopg.connect(dsn) as connection:
            for name in ("closed", "open"):
                row = connection.execute(
                    "INSERT INTO complaint (site_id, topic, words, at) VALUES (%s, 'hygiene', 'w', now() - %s)"
                    " RETURNING id", (site, LATER),
                ).fetchone()  # fmt: skip
                assert row is not None
                connection.execute("INSERT INTO complaint_photo VALUES (%s, %s, 'image/jpeg', 9)", (row[0], kept[name]))
                connection.execute(
                    "INSERT INTO complaint_answer (complaint_id, person_id, words, closes, at)"
                    " VALUES (%s, %s, 'w', %s, now() - %s)", (row[0], person, name == "closed", LATER),
                )  # fmt: skip
            row = connection.execute(
                "INSERT INTO tour (person_id, plan, cameras) VALUES (%s, 'worst', ARRAY[%s]::bigint[]) RETURNING id",
                (person, camera),
            ).fetchone()
            assert row is not None
            for name in ("seen", "found"):
                look = connection.execute(
                    "INSERT INTO tour_look (tour_id, camera_id, captured, digest, at) VALUES (%s, %s, now(), %s,"
                    " now() - %s) RETURNING id", (row[0], camera, kept[name], LATER),
                ).fetchone()  # fmt: skip
                assert look is not None
                connection.execute("INSERT INTO tour_picture VALUES (%s, now() - %s, %s)", (look[0], LATER, kept[name]))
                if name == "found":  # written down much later than it was seen
                    connection.execute(
                        "INSERT INTO tour_finding (look_id, words, at) VALUES (%s, 'w', now() - interval '9 days')",
                        (look[0],),
                    )
            for name in ("checked", "going"):
                row = connection.execute(
                    "INSERT INTO inspection (site_id, person_id, body, due) VALUES (%s, %s, '{}', now()) RETURNING id",
                    (site, person),
                ).fetchone()
                assert row is not None
                connection.execute(
                    "INSERT INTO inspection_paper (inspection_id, item, kind, sha256, media_type, size, person_id,"
                    " login, at) VALUES (%s, 'i', 'photo', %s, 'image/jpeg', 9, %s, 'x', now() - %s)",
                    (row[0], kept[name], person, LATER),
                )
                if name == "checked":
                    connection.execute(
                        "UPDATE inspection SET done = now() - %s, digest = repeat('0', 64) WHERE id = %s",
                        (LATER, row[0]),
                    )

        def there() -> set[str]:
            return {name for name, sha256 in kept.items() if (world.evidence_dir / sha256[:2] / sha256).is_file()}

        async with house.as_("yuexiu") as client:
            assert (await client.post(f"/sites/{site}/hold", data={"why": "court"})).status_code == 303
            assert await _expire(world) == 0, "a hold on the site keeps them all"
            with psycopg.connect(dsn) as connection:
                connection.execute("UPDATE legal_hold SET lifted = now(), lifted_by = person_id")
            assert await _expire(world) == 3
            assert there() == {"open", "found", "going"}
            for name in ("closed", "seen", "checked"):
                assert (await client.get(f"/api/v1/evidence/{kept[name]}")).status_code == 410, name
        assert await _expire(world, datetime.now(UTC) + timedelta(days=175)) == 1, "from the day of the finding"
        assert there() == {"open", "going"}


async def test_a_page_says_when_a_picture_was_deleted_instead_of_showing_a_broken_one(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        world = house.world
        busy_day(world)
        checked = add_inspection(world, "canteen-1", "canteen", "yuexiu", world.alerts["phone"])["inspection_id"]
        papers = {name: world.keep(drawn(name)) for name in ("told", "lost")} | {
            "checked": world.evidence["canteen-1 inspection"]
        }
        with psycopg.connect(dsn) as connection:
            complaint = connection.execute(
                "INSERT INTO complaint (site_id, topic, words) VALUES (%s, 'hygiene', 'w') RETURNING id",
                (world.sites["canteen-1"],),
            ).fetchone()
            assert complaint is not None
            for name in ("told", "lost"):
                connection.execute(
                    "INSERT INTO complaint_photo VALUES (%s, %s, 'image/jpeg', 9)", (complaint[0], papers[name])
                )
            for name in ("told", "checked"):
                connection.execute(
                    "INSERT INTO evidence_tombstone (sha256, size, severity, days, since, gone, found)"
                    " VALUES (%s, 9, 4, 180, now(), '2026-03-01T04:05:00Z', true)",
                    (papers[name],),
                )
        pages = ("/complaints", f"/sites/{world.sites['canteen-1']}", f"/inspections/{checked}")
        async with house.as_("yuexiu") as client:
            for way in pages:
                assert "/thumbnail" in (await client.get(way)).text, way
            for sha256 in papers.values():
                (world.evidence_dir / sha256[:2] / sha256).unlink()
            for way in pages:
                page = (await client.get(way)).text
                assert "已按期删除（保存 180 天）：" in page, way
                assert not [sha256 for sha256 in papers.values() if f"{sha256}/thumbnail" in page], way
                assert ("图片不在这里" in page) is (way != pages[2]), way
