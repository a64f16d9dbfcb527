"""A camera's configuration changed over REST and in the console: versions, rights, secrets, and what its edge says."""

import asyncio
import uuid
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api import camera_diff
from domain.camera import Camera, Mode, Zone
from domain.model import Card, Model
from domain.scene import Scene
from domain.wire import ConfigApplied
from ingest.downlink import downlinks
from mingchu import demo, seed, up
from mingchu.settings import Settings
from store import migrate as migrations
from store import models, registry, roster
from store.connection import Connection, connect
from tests.console_client import Console, console
from tests.console_world import World, now

_SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
STOVE = "canteen-1-stove"


def _wanted(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A change that changes nothing but what is named."""
    kept = {key: state[key] for key in ("zh", "en", "zones", "schedule", "turns", "replay", "mode", "weight", "model")}
    return kept | more


def _zone(**more: Any) -> dict[str, Any]:
    return {"code": "door", "zh": "后门", "en": "Door", "polygon": _SQUARE, "scenes": ["INTRUSION"]} | more


class _Desk:
    """Somebody's view of one camera."""

    def __init__(self, client: httpx.AsyncClient, house: Console, camera: str = STOVE) -> None:
        self.client, self.camera = client, house.world.cameras[camera]

    @property
    def path(self) -> str:
        return f"/api/v1/cameras/{self.camera}"

    async def read(self) -> dict[str, Any]:
        answer = await self.client.get(f"{self.path}/settings")
        assert answer.status_code == 200
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        found: dict[str, Any] = answer.json()
        return found

    async def put(self, version: int, **more: Any) -> httpx.Response:
        body = _wanted(await self.read(), **more)
        return await self.client.put(f"{self.path}/settings", json=body, headers={"if-match": f'"{version}"'})


def _edge_version(world: World, edge: str = "edge-yx") -> int:
    with psycopg.connect(world.dsn) as connection:
        row = connection.execute("SELECT config_version FROM edge WHERE code = %s", (edge,)).fetchone()
    assert row is not None
    return int(row[0])


async def _told(dsn: str, edge: str = "edge-yx") -> dict[str, Camera]:
    """What the edge is told now."""
    async with await connect(dsn, autocommit=True) as connection:
        told = downlinks(await roster.read(connection))
    payload = msgspec.json.decode(told[f"mc/v1/edge/{edge}/down"])
    cameras = msgspec.convert(payload["config"]["cameras"], list[Camera])
    return {camera.code: camera for camera in cameras}


async def test_a_change_is_a_version_that_reaches_the_edge(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        before = await desk.read()
        assert (before["version"], before["may_change"], before["applied"]["state"]) == (1, True, "waiting")
        version = _edge_version(house.world)
        hours = {"openings": [{"days": [0, 1], "begin": "08:00", "end": "20:00"}]}
        answer = await desk.put(1, zones=[_zone()], schedule=hours, turns=True, zh="热厨")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["version"], answer.headers["etag"]) == (2, '"2"')
        assert _edge_version(house.world) == version + 1 == answer.json()["applied"]["version"]
        camera = (await _told(dsn))[STOVE]
        assert [zone.code for zone in camera.zones] == ["door"]
        assert camera.schedule.openings[0].days == (0, 1)
        assert camera.integrity.turns
        assert camera.url == "rtsp://user:marker@10.0.0.9/1"  # stayed as it was
        again = await desk.put(2)
        assert again.json()["version"] == 2  # the same once more is no version
        assert _edge_version(house.world) == version + 1


async def test_a_zone_whose_code_is_none_is_shown_but_neither_saved_nor_planted(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        assert (await desk.put(1, zones=[_zone()])).status_code == 200
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "UPDATE camera SET zones = jsonb_set(zones, '{0,code}', '\"wok_1\"') WHERE code = %s", (STOVE,)
            )
        camera = house.world.cameras[STOVE]
        for path in (f"/cameras/{camera}/settings", f"/cameras/{camera}/history"):
            assert (await client.get(path)).status_code == 200, path
        shown = await desk.read()
        assert [zone["code"] for zone in shown["zones"]] == ["wok_1"]
        refused = await desk.put(shown["version"], zones=shown["zones"])
        assert (refused.status_code, refused.json()["code"]) == (422, "zone_code")
        assert (await desk.put(shown["version"], zones=[_zone()])).status_code == 200  # and there is a way out
    zone = Zone("wok_1", "灶", "Wok", ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5)), (Scene.PEST,))
    async with await connect(dsn, autocommit=True) as owner:
        with pytest.raises(msgspec.ValidationError, match="code"):
            await registry.put_camera(
                owner, Camera("new", "canteen-1", "rtsp://x/1", (zone,)), "edge-yx", "机", "Camera"
            )


async def test_who_is_late_is_refused_and_loses_nothing(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as one, house.as_("admin") as other:
        first, second = _Desk(one, house), _Desk(other, house)
        assert (await first.put(1, zh="一")).status_code == 200
        late = await second.put(1, zh="二")
        assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
        assert (await first.read())["zh"] == "一"
        body = _wanted(await first.read())
        assert (await one.put(f"{first.path}/settings", json=body)).status_code == 428
        results = await asyncio.gather(*(desk.put(2, zh=f"名{n}") for n in range(5) for desk in (first, second)))
        assert sorted({answer.status_code for answer in results}) == [200, 409]
        assert [answer.status_code for answer in results].count(200) == 1


async def test_the_way_back(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        was = await desk.read()
        await desk.put(1, zones=[_zone()], turns=True)
        source = {"address": "rtsp://10.0.0.8/2", "user": "root", "password": "hunter22"}
        await desk.put(2, zones=[], source=source)
        restored = await client.post(f"{desk.path}/restore", json={"version": 3, "to": 1})
        assert restored.status_code == 200
        state = restored.json()
        assert (state["version"], state["zones"], state["turns"]) == (4, was["zones"], False)
        assert (await _told(dsn))[STOVE].url == "rtsp://root:hunter22@10.0.0.8/2"  # not the address
        revisions = (await client.get(f"{desk.path}/revisions")).json()
        assert [(one["version"], one["person"], one["restores"]) for one in revisions] == [
            (4, "李强", 1), (3, "李强", None), (2, "李强", None), (1, None, None),
        ]  # fmt: skip
        assert [change["en"] for change in revisions[1]["changes"]] == ["stream address", "zone “Door” deleted"]
        assert "hunter22" not in str(revisions)
        assert (await client.post(f"{desk.path}/restore", json={"version": 4, "to": 99})).status_code == 404
        page = await client.get(f"/cameras/{desk.camera}/history")
        assert page.status_code == 200
        assert "第 4 版" in page.text


async def test_how_a_camera_is_looked_at_is_part_of_its_versions(dsn: str, tmp_path: Path) -> None:
    await _publish(dsn, "scenes 1.0", "ab" * 32)
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        assert (await desk.put(1, mode="patrol", weight=4, model="scenes 1.0")).status_code == 200
        told = (await _told(dsn))[STOVE]
        assert (told.mode, told.weight, told.model) == (Mode.PATROL, 4, Model("scenes 1.0", "ab" * 32))
        unknown = await desk.put(2, model="scenes 9.9")
        assert (unknown.status_code, unknown.json()["code"]) == (422, "model_unknown")
        assert unknown.json()["faults"][0]["place"] == "body.model"
        assert (await desk.put(2, mode="watch", weight=1, model=None)).status_code == 200
        for path, low in (("weight", 0), ("weight", 13), ("mode", "sometimes")):
            assert (await desk.put(3, **{path: low})).status_code == 422
        restored = await client.post(f"{desk.path}/restore", json={"version": 3, "to": 2})
        assert [restored.json()[key] for key in ("mode", "weight", "model")] == ["patrol", 4, "scenes 1.0"]
        assert (await _told(dsn))[STOVE].model == Model("scenes 1.0", "ab" * 32)
        revisions = (await client.get(f"{desk.path}/revisions")).json()
        assert [[change["en"] for change in one["changes"]] for one in revisions[:2]] == [
            ["visited on patrol", "visits in each patrol: 4", "model: scenes 1.0"],
            ["watched always", "visits in each patrol: 1", "model: the edge's own"],
        ]
        page = (await client.get(f"/cameras/{desk.camera}/history")).text
        assert "检测模型：scenes 1.0" in page
        assert '<option value="scenes 1.0" selected>' in (await client.get(f"/cameras/{desk.camera}/settings")).text
        assert (await client.get("/api/v1/models")).json()[0]["cameras"] == 1


async def _publish(dsn: str, release: str, sha256: str) -> None:
    async with await connect(dsn, autocommit=True) as connection:
        await migrations.migrate(connection)
        await models.publish(connection, Model(release, sha256), "cd" * 32, 1000, Card({"flame": 0.4}, ("hat",)))


async def test_a_removed_camera_is_watched_no_more_and_can_come_back(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        gone = await client.delete(desk.path, params={"version": 1})
        assert gone.status_code == 200
        assert gone.json()["applied"]["state"] == "removed"
        assert STOVE not in await _told(dsn)
        assert STOVE not in (await client.get("/api/v1/cameras")).text
        assert STOVE in (await client.get(f"/sites/{house.world.sites['canteen-1']}")).text  # among the removed
        late = await desk.put(2)
        assert (late.status_code, late.json()["code"]) == (409, "camera_removed")
        async with await connect(dsn, autocommit=True) as connection:
            rows = await roster.read(connection)
        assert STOVE in {camera.code for camera in rows.cameras}  # what it still has to say lands
        assert (await client.post(f"{desk.path}/restore", json={"version": 2, "to": 1})).status_code == 200
        assert STOVE in await _told(dsn)


async def test_a_new_camera(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        path = f"/api/v1/sites/{house.world.sites['canteen-1']}/cameras"
        source = {"address": "rtsp://10.0.0.7:554/1", "user": "u", "password": "hunter22"}
        body = {"code": "new-1", "zh": "新", "en": "New", "edge_id": house.world.edges["edge-yx"], "source": source}
        added = await client.post(path, json=body | {"zones": [_zone()]})
        assert added.status_code == 201, added.text
        assert "hunter22" not in added.text
        assert (await _told(dsn))["new-1"].url == "rtsp://u:hunter22@10.0.0.7:554/1"
        taken = await client.post(path, json=body | {"zones": []})
        assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
        foreign = await client.post(
            path, json=body | {"zones": [], "code": "x", "edge_id": house.world.edges["edge-th"]}
        )
        assert foreign.status_code == 404  # another district's edge
        bad = await client.post(
            path, json=body | {"zones": [], "code": "y", "source": {"address": "file:///etc/passwd"}}
        )
        assert (bad.status_code, bad.json()["code"]) == (422, "address_scheme")
        crossed = [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]
        fault = await client.post(path, json=body | {"code": "z", "zones": [_zone(polygon=crossed)]})
        assert fault.json()["faults"] == [{"place": "body.zones.0.polygon.0", "fault": "polygon_crossing"}]
        assert "第 1 条边与第 3 条边相交" in fault.json()["detail"]


async def test_a_password_comes_out_nowhere(dsn: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client, house.as_("canteen") as operator:
        desk = _Desk(client, house)
        source = {"address": "rtsp://10.0.0.8/2?token=hunter22", "user": "root", "password": "hunter22"}
        changed = await desk.put(1, source=source)
        assert changed.json()["address"] == "rtsp://10.0.0.8/2?***"
        kept = await desk.put(2, zh="一", source={"address": "rtsp://10.0.0.8/2?***", "user": "root"})
        assert kept.status_code == 200
        for reader in (client, operator):
            for path in (f"{desk.path}/settings", f"{desk.path}/revisions", f"/cameras/{desk.camera}/settings",
                         f"/cameras/{desk.camera}/history", f"/sites/{house.world.sites['canteen-1']}"):  # fmt: skip
                answer = await reader.get(path)
                assert answer.status_code == 200
                assert "hunter22" not in answer.text
        assert "10.0.0.8" not in (await operator.get(f"{desk.path}/settings")).text
        logged = "".join(capfd.readouterr())
        assert "hunter22" not in logged
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE camera SET live_url = 'rtsp://root:hunter22@10.0.0.8/sub'")
            audit = str(connection.execute("SELECT detail FROM audit").fetchall())
            bodies = str(connection.execute("SELECT body FROM camera_revision").fetchall())
        assert "hunter22" not in audit + bodies
        # What cameras take in their path and query is covered, even where the whole address is odd.
        with psycopg.connect(dsn) as connection:
            shown = connection.execute(
                "SELECT url_address(each) FROM unnest(%s::text[]) AS each",
                (["rtsp://u:p@ss/w@h/1", "rtsp://h/user=a&password=b&channel=1", "rtsp://h:5/a"],),
            ).fetchall()
        assert shown == [("rtsp://h/1",), ("rtsp://h/user=***&password=***&channel=1",), ("rtsp://h:5/a",)]


async def test_who_may_not_change_may_look(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE person SET configures = false WHERE login = 'yuexiu'")
        site = house.world.sites["canteen-1"]
        for login in ("canteen", "yuexiu"):
            async with house.as_(login) as client:
                desk = _Desk(client, house)
                assert (await desk.read())["may_change"] is False
                refused = await desk.put(1, zh="x")
                assert (refused.status_code, refused.json()["code"]) == (403, "may_not_configure")
                assert (await client.delete(desk.path, params={"version": 1})).status_code == 403
                body = {"code": "edge-new", "zh": "新", "en": "New"}
                assert (await client.post(f"/api/v1/sites/{site}/edges", json=body)).status_code == 403
                page = await client.get(f"/cameras/{desk.camera}/settings")
                assert "您可以查看，不能修改" in page.text
                assert "data-save>" not in page.text
                assert "添加边缘节点" not in (await client.get(f"/sites/{site}")).text
        async with house.as_("admin") as client:
            assert (await _Desk(client, house).put(1, zh="x")).status_code == 200


async def test_the_database_alone_keeps_strangers_from_changing_anything(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        operator = house.world.people["canteen"]
        with psycopg.connect(dsn) as connection:
            (owner,) = connection.execute("SELECT operator_id FROM person WHERE id = %s", (operator,)).fetchone() or ()
        scopes = (  # authority, operator, configures
            ("", str(owner), "on"), ("gz.th", "", "on"), ("gz.yx", "", ""), ("", "", "on"),
        )  # fmt: skip
        camera, edge = house.world.cameras[STOVE], house.world.edges["edge-yx"]
        for authority, business, configures in scopes:
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("SET ROLE mingchu_api")
                connection.execute(
                    "SELECT set_config('mingchu.authority', %s, false), set_config('mingchu.operator', %s, false),"
                    " set_config('mingchu.configures', %s, false)",
                    (authority, business, configures),
                )
                assert connection.execute("UPDATE camera SET zh = 'x' WHERE id = %s", (camera,)).rowcount == 0
                assert connection.execute("UPDATE edge SET credential = NULL WHERE id = %s", (edge,)).rowcount == 0
                assert connection.execute("SELECT * FROM camera_source(%s)", (camera,)).fetchall() == [] or (
                    authority == "gz.yx"  # who may not change may still know where it is
                )
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(
                        "INSERT INTO camera (site_id, edge_id, code, zh, en, url, zones)"
                        " VALUES (%s, %s, 'x', 'x', 'x', 'rtsp://x', '[]')",
                        (house.world.sites["canteen-1"], edge),
                    )
        with psycopg.connect(dsn, autocommit=True) as connection:  # nor may its own authority's people do all
            connection.execute("SET ROLE mingchu_api")
            connection.execute("SELECT set_config('mingchu.authority', 'gz', false)")
            connection.execute("SELECT set_config('mingchu.configures', 'on', false)")
            for forbidden in (
                "SELECT url FROM camera",
                "SELECT credential FROM edge",
                "UPDATE edge SET credential = 'x'",
                "UPDATE camera_revision SET version = 9",
                "DELETE FROM camera_revision",
                "SELECT sha256 FROM edge_code",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden)


async def test_what_the_edge_says_of_its_configuration_is_shown(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        version = (await desk.put(1, zh="一")).json()["applied"]["version"]
        said = ConfigApplied(version, now(), {"canteen-1-prep": "zone prep: no such number"})
        with psycopg.connect(dsn) as connection:
            connection.execute("SET ROLE mingchu_ingest")
            connection.execute(
                "UPDATE edge SET applied_version = %s, applied_at = %s, applied_refused = %s WHERE code = 'edge-yx'",
                (said.version, said.at, msgspec.json.encode(said.refused).decode()),
            )
        assert (await desk.read())["applied"]["state"] == "applied"
        other = _Desk(client, house, "canteen-1-prep")
        refused = (await other.read())["applied"]
        assert (refused["state"], refused["why"]) == ("refused", "zone prep: no such number")
        edges = {edge["code"]: edge for edge in (await client.get("/api/v1/edges")).json()}
        assert edges["edge-yx"]["applied_version"] == version
        page = await client.get(f"/edges/{house.world.edges['edge-yx']}")
        assert "zone prep: no such number" in page.text
        await desk.put(2, zh="二")
        assert (await desk.read())["applied"]["state"] == "waiting"


async def test_what_people_have_changed_outlives_a_restart_of_the_house(dsn: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    settings.data.make()
    async with AsyncExitStack() as stack:
        connection = await connect(dsn, autocommit=True)
        stack.push_async_callback(connection.close)
        await up.install(connection, demo_rules=False)
        content = seed.shipped("demo")
        await demo.plant(connection, settings, content)
        await connection.execute("SELECT set_config('mingchu.person', (SELECT min(id)::text FROM person), false)")
        await connection.execute("UPDATE camera SET zh = '改过' WHERE code = 'kitchen-1'")
        await connection.execute("SELECT set_config('mingchu.person', '', false)")
        await registry.revoke_edge(connection, "edge-1")
        await demo.plant(connection, settings, content)
        named = await (await connection.execute("SELECT zh FROM camera WHERE code = 'kitchen-1'")).fetchone()
        assert named == ("改过",)
        assert await registry.edge_credentials(connection) == []
        await seed.plant(connection, content, demo.places(settings), anew=True)  # `registry apply` means it
        named = await (await connection.execute("SELECT zh FROM camera WHERE code = 'kitchen-1'")).fetchone()
        assert named != ("改过",)
        assert [edge.code for edge in await registry.edge_credentials(connection)] == ["edge-1"]


async def test_ingest_and_a_change_of_the_same_camera_never_wait_for_each_other_in_a_ring(
    dsn: str, tmp_path: Path
) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        desk = _Desk(client, house)
        async with await connect(dsn) as ingest:  # holds the edge, as for a batch of its
            await ingest.execute("SELECT 1 FROM edge WHERE code = 'edge-yx' FOR NO KEY UPDATE")
            changing = asyncio.create_task(desk.put(1, zh="一"))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(changing), 0.5)
            assert not changing.done()
            await ingest.execute("UPDATE camera SET health = 'BLACK' WHERE code = %s", (STOVE,))
            await ingest.commit()
        assert (await changing).status_code == 200


async def test_cameras_of_before_have_their_first_version(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"test_{uuid.uuid4().hex}"
    base = ["migrations/0001_base.sql", "readings", "migrations/0002_live.sql", "migrations/0003_camera_integrity.sql"]

    async def released(_connection: Connection) -> list[str]:
        return base

    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        connection = await connect(make_conninfo(database_url, dbname=name), autocommit=True)
        try:
            with monkeypatch.context() as patch:
                patch.setattr(migrations, "_plan", released)
                assert await migrations.migrate(connection) == base
            await connection.execute(
                "INSERT INTO authority VALUES ('city', 'c', 'c');"
                " INSERT INTO operator (uscc, zh, en) VALUES ('91440101MA5MCQ0018', 'o', 'o');"
                " INSERT INTO site (code, kind, zh, en, authority, operator_id, schedule)"
                " VALUES ('s', 'kitchen', 's', 's', 'city', 1, '{\"openings\": []}');"
                " INSERT INTO edge (code, zh, en, authority, credential, config_version)"
                " VALUES ('e', 'e', 'e', 'city', 'x', 7);"
                " INSERT INTO camera (site_id, edge_id, code, zh, en, url, zones)"
                " SELECT 1, id, 'c', 'c', 'c', 'rtsp://u:hunter22@h/1', '[]' FROM edge"
            )
            await migrations.migrate(connection)
            rows = await (
                await connection.execute("SELECT version, edge_version, body FROM camera_revision")
            ).fetchall()
            assert [row[:2] for row in rows] == [(1, 7)]
            assert "hunter22" not in str(rows)
            assert camera_diff.read(msgspec.json.encode(rows[0][2]).decode()).address == "rtsp://h/1"
            await connection.execute("UPDATE camera SET health = 'BLACK', health_at = now(), health_why = 'dark'")
            await connection.execute("UPDATE camera SET turns = true")
            told = await (await connection.execute("SELECT version, edge_version FROM camera_revision")).fetchall()
            assert told == [(1, 7), (2, 8)]  # how it fares is no version
        finally:
            await connection.close()
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
