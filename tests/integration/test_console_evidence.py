"""Evidence: edges bring it by hash, people see what is theirs, nobody gets outside the vault."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg

from domain.scene import Scene
from tests.console_client import console
from tests.console_world import EDGE_SECRET, add_scene

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


async def test_ranges_tags_and_the_audit_log(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        add_scene(house.world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="w", clip=bytes(range(200)))
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
                "SELECT detail->>'sha256', detail->>'range' FROM audit WHERE action = 'evidence_read' ORDER BY id"
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
