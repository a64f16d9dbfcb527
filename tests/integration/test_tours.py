"""Lists of cameras and tours: who looked at what and when, what was shown, what was found; rows are only ever added."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from api.edge_line import EdgeLine
from domain.wire import LiveLook, LivePicture, LiveRefusal, LiveRefused, LiveReply, LiveRequest
from tests.console_client import console
from tests.console_world import add_alert, drawn

STOVE, PREP, STORE = "canteen-1-stove", "canteen-1-prep", "canteen-1-store"


@pytest.fixture
def stills(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the edge answers to looks, by camera; a camera without any is refused."""
    found: dict[str, bytes] = {}

    async def ask(_: EdgeLine, _edge: str, request: LiveRequest, _patience_s: float) -> LiveReply:
        assert isinstance(request, LiveLook)
        assert request.redacted
        if request.camera not in found:
            return LiveRefused(request.id, LiveRefusal.CAMERA)
        return LivePicture(request.id, datetime.now(UTC), found[request.camera], redacted=True)

    monkeypatch.setattr(EdgeLine, "ask", ask)
    return found


async def _begin(client: httpx.AsyncClient, **wanted: object) -> dict[str, object]:
    answer = await client.post("/api/v1/tours", json=wanted)
    assert answer.status_code == 201, answer.text
    tour: dict[str, object] = answer.json()
    return tour


async def test_a_tour_goes_through_the_worst_first_and_ends_in_a_report(
    dsn: str, tmp_path: Path, stills: dict[str, bytes]
) -> None:
    async with console(dsn, tmp_path) as house:
        ids = house.world.cameras
        add_alert(house.world, "phone", "phone", camera=PREP)
        add_alert(house.world, "fire", "fire-unattended", camera=STORE)
        stills |= {STORE: drawn("store"), PREP: drawn("prep")}
        async with house.as_("yuexiu") as client:
            tour = await _begin(client, plan="worst", most=3)
            stops = [stop["code"] for stop in tour["stops"]]  # type: ignore[attr-defined]
            assert stops[:2] == [STORE, PREP]
            base = f"/api/v1/tours/{tour['id']}"
            shown = await client.post(f"{base}/cameras/{ids[STORE]}/look")
            assert (shown.status_code, shown.content) == (200, stills[STORE])
            look = shown.headers["mingchu-look"]
            assert (await client.post(f"{base}/cameras/{ids['market-1-gate']}/look")).status_code == 404
            assert (await client.post(f"{base}/looks/{look}/picture", content=b"another")).status_code == 422
            assert (await client.post(f"{base}/looks/{look}/picture", content=shown.content)).status_code == 204
            assert (await client.post(f"{base}/looks/{look}/findings", json={"words": " "})).status_code == 422
            answer = await client.post(f"{base}/looks/{look}/findings", json={"words": "地面有积水"})
            assert answer.status_code == 204
            third = ids[stops[2]]
            assert (await client.post(f"{base}/cameras/{third}/look")).status_code == 503  # there is nothing to see
            assert "留存画面" in (await client.get(f"/tours/{tour['id']}")).text  # it goes on

            assert (await client.post(f"{base}/end")).status_code == 204
            for late in (f"{base}/end", f"{base}/cameras/{ids[PREP]}/look"):
                assert (await client.post(late)).status_code == 409
            report = (await client.get(base)).json()
            assert (report["looked_at"], report["cameras"], report["findings"]) == (1, 3, 1)
            assert report["looks"][0]["sha256"] == hashlib.sha256(stills[STORE]).hexdigest()
            assert (report["looks"][1]["sha256"], report["looks"][1]["why"]) == (None, "live_camera")
            page = (await client.get(f"/tours/{tour['id']}")).text
            for words in ("1/3", "地面有积水", "没有看到", "未查看", "李强"):
                assert words in page
            picture = await client.get(f"/api/v1/evidence/{report['found'][0]['picture']}")
            assert picture.content == stills[STORE]
            assert "地面有积水" in (await client.get(f"/sites/{house.world.sites['canteen-1']}")).text
        with psycopg.connect(dsn) as connection:
            actions = connection.execute("SELECT action, detail->>'look' FROM audit ORDER BY id").fetchall()
        told = [action for action, _ in actions if action.startswith("tour_")]
        assert told == ["tour_began", "tour_look", "tour_captured", "tour_finding", "tour_ended"]


async def test_a_tour_is_its_persons_and_read_from_above_only(
    dsn: str, tmp_path: Path, stills: dict[str, bytes]
) -> None:
    async with console(dsn, tmp_path) as house:
        stove = house.world.cameras[STOVE]
        stills[STOVE] = drawn("stove")
        async with house.as_("yuexiu") as client:
            wanted = {"columns": 2, "cameras": [stove]}
            assert (await client.put("/api/v1/camera-lists/午间", json=wanted)).status_code == 200
            tour = await _begin(client, plan="list", name="午间")
            base = f"/api/v1/tours/{tour['id']}"
            shown = await client.post(f"{base}/cameras/{stove}/look")
            look = shown.headers["mingchu-look"]
            await client.post(f"{base}/looks/{look}/picture", content=shown.content)
            sha256 = hashlib.sha256(shown.content).hexdigest()
        async with house.as_("admin") as client:  # above
            assert (await client.get(base)).json()["own"] is False
            assert (await client.get(f"/tours/{tour['id']}")).status_code == 200
            assert (await client.post(f"{base}/cameras/{stove}/look")).status_code == 403
            assert (await client.post(f"{base}/looks/{look}/findings", json={"words": "x"})).status_code == 403
            assert (await client.post(f"/tours/{tour['id']}/end")).status_code == 403
            assert (await client.get("/api/v1/camera-lists")).json() == []  # lists are nobody else's
            assert (await client.delete("/api/v1/camera-lists/午间")).status_code == 404
        for stranger in ("canteen", "tianhe", "market"):
            async with house.as_(stranger) as client:
                assert (await client.get("/api/v1/tours")).json() == []
                assert (await client.get(f"/api/v1/evidence/{sha256}")).status_code == 404
                for path in (base, f"/tours/{tour['id']}"):
                    assert (await client.get(path)).status_code == 404


async def test_the_database_lets_nobody_change_what_was_looked_at(
    dsn: str, tmp_path: Path, stills: dict[str, bytes]
) -> None:
    async with console(dsn, tmp_path) as house:
        stills[STOVE] = drawn("stove")
        async with house.as_("canteen") as client:
            await client.put("/api/v1/camera-lists/all", json={"columns": 2, "cameras": [house.world.cameras[STOVE]]})
            tour = await _begin(client, plan="list", name="all")
            await client.post(f"/api/v1/tours/{tour['id']}/cameras/{house.world.cameras[STOVE]}/look")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET ROLE mingchu_api")
            for table in ("tour", "tour_look", "tour_picture", "tour_finding", "tour_end"):
                name, when = sql.Identifier(table), sql.Identifier("began" if table == "tour" else "at")
                for change in ("DELETE FROM {0}", "UPDATE {0} SET {1} = now()"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(sql.SQL(change).format(name, when))
            connection.execute("SELECT set_config('mingchu.authority', 'gz', false)")
            connection.execute("SELECT set_config('mingchu.person', %s, false)", (str(house.world.people["admin"]),))
            forged = "INSERT INTO tour_look (tour_id, camera_id, why) SELECT id, cameras[1], 'forged' FROM tour"
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forged)


async def test_lists_hold_only_cameras_that_the_person_may_see(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        async with house.as_("market") as client:
            assert [one["code"] for one in (await client.get("/api/v1/camera-choices")).json()] == ["market-1-gate"]
            foreign = {"columns": 2, "cameras": [house.world.cameras[STOVE]]}
            assert (await client.put("/api/v1/camera-lists/x", json=foreign)).status_code == 422
            own = {"columns": 3, "cameras": [house.world.cameras["market-1-gate"]] * 2}
            kept = (await client.put("/api/v1/camera-lists/门口", json=own)).json()
            assert (kept["name"], kept["columns"], len(kept["cameras"])) == ("门口", 3, 1)
            assert "门口" in (await client.get("/tours")).text
            assert (await client.get("/wall")).status_code == 200
            assert (await client.delete("/api/v1/camera-lists/门口")).status_code == 204
            assert (await client.get("/api/v1/camera-lists")).json() == []
            assert (await client.post("/api/v1/tours", json={"plan": "list", "name": "门口"})).status_code == 404
        async with house.as_("cold") as client:
            assert (await client.post("/api/v1/tours", json={"plan": "worst"})).status_code == 422  # has no cameras
