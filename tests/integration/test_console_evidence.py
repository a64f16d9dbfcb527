"""Evidence: edges bring it by hash, people see what is theirs, nobody gets outside the vault."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg

from api.app import create_app
from api.config import ApiConfig
from domain.scene import Scene
from tests.console_client import ADDRESS, Console, console, state_purpose
from tests.console_world import EDGE_SECRET, add_alert, add_scene, address, drawn, hidden

_EDGE = {"authorization": "Basic " + base64.b64encode(f"edge-yx:{EDGE_SECRET}".encode()).decode()}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_an_edge_brings_evidence_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as edge:
        data = b"evidence" * 100_000
        sha256 = hashlib.sha256(data).hexdigest()
        at = f"/edge/evidence/{sha256}"
        assert (await edge.head(at, headers=_EDGE)).status_code == 404
        assert (await edge.put(at, content=data, headers=_EDGE)).status_code == 201
        assert (await edge.put(at, content=data, headers=_EDGE)).status_code == 200
        there = await edge.head(at, headers=_EDGE)
        assert (there.status_code, there.headers["content-length"]) == (200, str(len(data)))
        assert _files(tmp_path) == [tmp_path / sha256[:2] / sha256]


async def test_wrong_uploads_leave_nothing_behind(dsn: str, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield bytes(1024 * 1024)

    async with console(dsn, tmp_path) as house, house.visitor() as edge:
        sha256 = hashlib.sha256(b"right").hexdigest()
        wrong = await edge.put(f"/edge/evidence/{sha256}", content=b"wrong", headers=_EDGE)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_hash")
        assert (await edge.put(f"/edge/evidence/{sha256.upper()}", content=b"right", headers=_EDGE)).status_code == 422
        large = await edge.put(f"/edge/evidence/{sha256}", content=endless(), headers=_EDGE)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        for header in ("Basic " + base64.b64encode(b"edge-yx:wrong").decode(), "Basic ???", "Bearer x", ""):
            refused = await edge.put(f"/edge/evidence/{sha256}", content=b"right", headers={"authorization": header})
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic")
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE edge SET credential = NULL")
        assert (await edge.put(f"/edge/evidence/{sha256}", content=b"right", headers=_EDGE)).status_code == 401
        assert _files(tmp_path) == []


def _piece(offset: int, length: int) -> dict[str, str]:
    return {**_EDGE, "upload-offset": str(offset), "upload-length": str(length)}


async def test_an_upload_in_pieces_goes_on_where_it_broke_off_and_shows_nothing_before_it_is_whole(
    dsn: str, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 4000
    sha256, length = hashlib.sha256(data).hexdigest(), len(data)
    at = f"/edge/evidence/{sha256}"

    async def broken() -> AsyncIterator[bytes]:
        yield data[:1000]
        raise ConnectionError

    async with console(dsn, tmp_path) as house, house.visitor() as edge:
        with suppress(ConnectionError):
            await edge.patch(at, content=broken(), headers=_piece(0, length))
        begun = int((await edge.head(at, headers=_EDGE)).headers["upload-offset"])
        wrong = await edge.patch(at, content=data[begun + 7 :], headers=_piece(begun + 7, length))
        assert (wrong.status_code, wrong.headers["upload-offset"]) == (409, str(begun))
        first = await edge.patch(at, content=data[begun:300_000], headers=_piece(begun, length))
        assert (first.status_code, first.headers["upload-offset"]) == (202, "300000")
    other = create_app(ApiConfig(dsn, tmp_path, ADDRESS))  # another process, after a kill or beside it
    async with other.router.lifespan_context(other), Console(other, house.world).visitor() as edge:
        told = await edge.head(at, headers=_EDGE)
        assert (told.status_code, told.headers["upload-offset"]) == (404, "300000")
        assert (await edge.patch(at, content=data[300_000:], headers=_piece(300_000, length))).status_code == 201
        assert (await edge.patch(at, content=b"", headers=_piece(0, length))).status_code == 200
        assert _files(tmp_path) == [tmp_path / sha256[:2] / sha256]
        assert (tmp_path / sha256[:2] / sha256).read_bytes() == data


async def test_pieces_that_do_not_make_the_whole_leave_nothing_and_an_edge_has_few_under_way(
    dsn: str, tmp_path: Path
) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as edge:
        at = f"/edge/evidence/{hashlib.sha256(b'right').hexdigest()}"
        wrong = await edge.patch(at, content=b"wrong", headers=_piece(0, 5))
        assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_hash")
        assert (await edge.patch(at, content=b"rightly", headers=_piece(0, 5))).status_code == 409
        assert (await edge.patch(at, content=b"r", headers=_piece(0, 2**40))).status_code == 413
        for header in ({}, {"upload-offset": "-1", "upload-length": "5"}, {"upload-offset": "x", "upload-length": "5"}):
            assert (await edge.patch(at, content=b"r", headers={**_EDGE, **header})).status_code == 422
        for number in range(12):
            name = hashlib.sha256(str(number).encode()).hexdigest()
            assert (await edge.patch(f"/edge/evidence/{name}", content=b"1", headers=_piece(0, 9))).status_code == 202
        assert len(_files(tmp_path / "incoming")) == 8


async def _pictures(client: httpx.AsyncClient, paths: tuple[str, ...]) -> list[tuple[str | None, bool]]:
    """What each answer of REST says of its alert's or camera's picture."""
    told = []
    for path in paths:
        answer = (await client.get(path)).json()
        items = answer if isinstance(answer, list) else answer.get("items") or [answer]
        told.append((items[0]["picture"], items[0]["picture_awaited"]))
    return told


async def test_a_picture_is_named_only_once_its_bytes_are_there(dsn: str, tmp_path: Path) -> None:
    frame, boxed = drawn("stove"), drawn("stove", (0.4, 0.3, 0.6, 0.8))
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        world = house.world
        event = add_scene(
            world, "canteen-2-stove", Scene.FIRE_UNATTENDED, "stove", why="w", frame=frame, boxed=boxed, uploaded=False
        )
        alert = add_alert(world, "fire", "fire-unattended", camera="canteen-2-stove", scene_event=event)
        site, camera = world.sites["canteen-2"], world.cameras["canteen-2-stove"]
        of_alert = ("/api/v1/alerts", f"/api/v1/alerts/{alert}")
        of_camera = (f"/api/v1/cameras?site={site}", f"/api/v1/cameras/{camera}")
        pages = ("/", "/queue", f"/sites/{site}", f"/alerts/{alert}")

        assert await _pictures(client, of_alert + of_camera) == [(None, True)] * 4
        for page in pages:
            assert "/api/v1/evidence/" not in (await client.get(page)).text, page
        for page, waiting in (("/queue", {f"alert {alert}"}), (pages[2], {f"alert {alert}", f"camera {camera}"})):
            assert set(re.findall('data-awaited="([^"]+)"', (await client.get(page)).text)) == waiting

        async with house.visitor() as edge:
            for data in (frame, boxed, hidden(frame), hidden(boxed)):
                brought = await edge.put(f"/edge/evidence/{address(data)}", content=data, headers=_EDGE)
                assert brought.status_code == 201
        assert await _pictures(client, of_alert) == [(address(hidden(boxed)), False)] * 2
        assert await _pictures(client, of_camera) == [(address(hidden(frame)), False)] * 2
        for page in pages:
            text = (await client.get(page)).text
            assert f'<img src="/api/v1/evidence/{address(hidden(boxed))}' in text, page
            assert "data-awaited" not in text, page
        assert f'<img src="/api/v1/evidence/{address(hidden(frame))}/thumbnail"' in (await client.get(pages[2])).text
        operations = (await client.get("/api/v1/operations")).json()["cameras"]
        assert [one["picture"] for one in operations if one["id"] == camera] == [address(hidden(frame))]


async def test_ranges_tags_and_the_audit_log(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        event = add_scene(
            house.world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="w", clip=bytes(range(200))
        )
        alert = add_alert(house.world, "fire", "fire-unattended", camera="canteen-1-stove", scene_event=event)
        await state_purpose(client, f"/api/v1/alerts/{alert}")
        clip = house.world.evidence["canteen-1-stove clip"]
        part = await client.get(f"/api/v1/evidence/{clip}", headers={"range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part.headers["content-type"] == "video/mp4"
        whole = await client.get(f"/api/v1/evidence/{clip}")
        assert (whole.headers["etag"], whole.headers["x-content-type-options"]) == (f'"{clip}"', "nosniff")
        same = await client.get(f"/api/v1/evidence/{clip}", headers={"if-none-match": f'"{clip}"'})
        assert (same.status_code, same.content) == (304, b"")
        frame = house.world.evidence["canteen-1-stove frame"]
        small = await client.get(f"/api/v1/evidence/{frame}/thumbnail")
        assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
        assert (await client.get(f"/api/v1/evidence/{clip}/thumbnail")).status_code == 404
        with psycopg.connect(dsn) as connection:
            looks = connection.execute(
                "SELECT detail->>'sha256', detail->>'range' FROM audit WHERE action = 'evidence_unblurred' ORDER BY id"
            ).fetchall()
        assert looks == [(clip, "bytes=10-19"), (clip, ""), (frame, "thumbnail"), (clip, "thumbnail")]


_OUTSIDE = (
    "..%2f..%2fetc%2fpasswd", "../../secret", "%2e%2e/secret", "..\\secret", "0" * 63 + "g", "A" * 64, "incoming",
    "%00" * 64, "0" * 64 + "%0a",
)  # fmt: skip


async def test_no_name_leads_outside(dsn: str, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    (tmp_path / "secret").write_text("secret")
    async with console(dsn, folder) as house, house.as_("canteen") as client:
        for name in _OUTSIDE:
            for path in (f"/api/v1/evidence/{name}", f"/api/v1/evidence/{name}/thumbnail", f"/static/{name}"):
                answer = await client.get(path)
                assert answer.status_code in (404, 422), (path, answer.status_code)
                assert "secret" not in answer.text


async def test_the_alerts_page_tells_what_is_missing_and_where_the_chain_is_broken(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        event = add_scene(house.world, "canteen-2-stove", Scene.FIRE_UNATTENDED, "stove", why="w")
        alert = add_alert(house.world, "fire", "fire-unattended", camera="canteen-2-stove", scene_event=event)
        page, rest = f"/alerts/{alert}", f"/api/v1/alerts/{alert}"
        assert "没有证据链" in (await client.get(page)).text
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO evidence_missing (scene_event_id, part, at, why)"
                " VALUES (%s, 'clip', now(), 'the edge was restarted before it was made')",
                (event,),
            )
            connection.execute(
                "INSERT INTO evidence_link (camera_id, chain, place, previous, hash, scene_event_id, statement)"
                " SELECT camera_id, gen_random_uuid(), 1, repeat('0', 64), repeat('1', 64), id, 'edited'"
                " FROM scene_event WHERE id = %s",
                (event,),
            )
        case = (await client.get(rest)).json()
        assert (case["chain"]["state"], case["chain"]["fault"], case["chain"]["place"]) == ("broken", "edited", 1)
        assert [(gone["part"], gone["wording"]["zh"]) for gone in case["missing"]] == [
            ("clip", "现场主机在生成之前重新启动")
        ]
        text = (await client.get(page)).text
        assert "证据链在第 1 环断裂" in text
        assert "现场主机在生成之前重新启动" in text
