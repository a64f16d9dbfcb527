"""An alert's export over the api: whole, signed, redacted unless a purpose is stated, for regulators, written down."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import psycopg

from domain.export import ChainHead, Manifest, decode
from domain.scene import Scene
from mingchu import evidence_check
from store import chains
from store.connection import connect
from tests.console_client import Console, console, state_purpose
from tests.console_world import add_alert, add_report, add_scene, drawn, moved

CLIP = b"the clip itself" * 40
AWKWARD = 'he said "no"\\\r\n\t\x01\x7f / 灶台 🔥 \u2028 <b>'


def case(house: Console) -> int:
    world = house.world
    event = add_scene(world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="w", clip=CLIP)
    alert = add_alert(
        world, "fire", "fire-unattended", camera="canteen-1-stove", zone="stove", scene_event=event, status="rectified"
    )
    moved(world, alert, "canteen", "acknowledge", "open", "acknowledged", timedelta(minutes=3), AWKWARD)
    add_report(world, alert, "canteen", AWKWARD, [drawn("photo")], timedelta(minutes=1))
    return alert


async def exported(client: httpx.AsyncClient, alert: int) -> bytes:
    answer = await client.get(f"/api/v1/alerts/{alert}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="mingchu-alert-{alert}.zip"'
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.content


def opened(house: Console, folder: Path, data: bytes) -> Manifest:
    """The manifest of an export that is intact."""
    (folder / "export.zip").write_bytes(data)
    verdict = evidence_check.verify(folder / "export.zip", house.app.state.desk.config.export_key.public_key())
    assert verdict.intact, verdict.checks
    assert verdict.manifest is not None
    return verdict.manifest


def audited(dsn: str) -> list[tuple[int, str, dict[str, object]]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT id, encode(hash, 'hex'), detail FROM audit WHERE action = 'evidence_exported' ORDER BY id"
        ).fetchall()
    return [(int(identity), str(digest), detail) for identity, digest, detail in rows]


async def test_a_regulator_takes_the_whole_case_with_faces_hidden(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        alert, world = case(house), house.world
        data = await exported(client, alert)
        manifest = opened(house, tmp_path, data)
    assert [file.kind for file in manifest.files if file.kind != "report"][:-1] == [
        "boxed_redacted", "frame_redacted", "storyboard",
    ]  # fmt: skip
    assert {(item.sha256, item.why) for item in manifest.withheld} == {
        (world.evidence[f"canteen-1-stove {kind}"], "purpose") for kind in ("frame", "boxed", "clip")
    }
    assert CLIP[:20] not in data
    assert [step.action for step in manifest.history] == ["raised", "acknowledge", "report"]
    assert manifest.history[1].reason == AWKWARD
    assert (manifest.exported.by, manifest.exported.pictures, manifest.exported.purpose) == ("李强", "redacted", "")
    assert manifest.case["rectifications"][0]["text"] == AWKWARD
    assert len(manifest.case["samples"]) == 8
    assert {push["state"] for push in manifest.case["pushes"]} == {"sent"}
    ((entry, digest, detail),) = audited(dsn)
    assert detail == {"alert": alert, "pictures": "redacted"}
    assert [(head.chain, head.entry, head.hash) for head in manifest.chains] == [
        ("alert_history", manifest.history[-1].id, manifest.history[-1].hash), ("audit", entry, digest),
    ]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        page = archive.read("report.html").decode()
        assert json.loads(archive.read("manifest.json"))["format"] == "mingchu-evidence/1"
        assert decode(archive.read("manifest.json")) == manifest
    assert "告警证据报告" in page
    assert "Evidence report of an alert" in page
    assert all(file.sha256 in page for file in manifest.files if file.kind != "report")
    assert "<b>" not in page


async def test_originals_leave_with_a_purpose_only(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        alert, world = case(house), house.world
        await state_purpose(client, f"/api/v1/alerts/{alert}")
        data = await exported(client, alert)
        manifest = opened(house, tmp_path, data)
    assert manifest.withheld == ()
    assert (manifest.exported.pictures, manifest.exported.purpose) == ("original", "safety")
    assert {file.sha256 for file in manifest.files} > {
        world.evidence[f"canteen-1-stove {kind}"] for kind in ("frame", "boxed", "clip", "boxed_redacted")
    }
    assert CLIP[:20] in data
    ((_, _, detail),) = audited(dsn)
    assert (detail["pictures"], detail["purpose"]) == ("original", "safety")
    assert detail["grant"]


async def test_the_cameras_chain_is_named_with_the_events_newest_link(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        alert = case(house)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO evidence_link (camera_id, chain, place, previous, hash, scene_event_id, statement)"
                " SELECT camera_id, gen_random_uuid(), 4, '', repeat('ab', 32), scene_event_id, '{}' FROM alert"
                " WHERE id = %s",
                (alert,),
            )
        manifest = opened(house, tmp_path, await exported(client, alert))
    head = ChainHead("scene_events", "canteen-1-stove", 4, "ab" * 32)
    assert head in manifest.chains
    reader = await connect(dsn, autocommit=True)
    assert await chains.holds(reader, head) is True
    assert await chains.holds(reader, msgspec.structs.replace(head, hash="cd" * 32)) is False
    await reader.close()


async def test_bytes_that_are_absent_or_damaged_are_said_and_not_sent(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        alert = case(house)
        paths = {
            kind: house.app.state.desk.vault.path(house.world.evidence[f"canteen-1-stove {kind}"])
            for kind in ("frame_redacted", "boxed_redacted")
        }
        paths["frame_redacted"].unlink()
        paths["boxed_redacted"].write_bytes(b"another picture")
        data = await exported(client, alert)
        manifest = opened(house, tmp_path, data)
    assert {item.kind: item.why for item in manifest.withheld if item.why != "purpose"} == {
        "frame_redacted": "absent", "boxed_redacted": "damaged",
    }  # fmt: skip
    assert b"another picture" not in data


async def test_an_alert_of_a_device_has_an_export_too(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1", why="air_temp = -12.8")
        found = await client.get(f"/api/v1/alerts/{alert}/export")
        if found.status_code == 404:  # another district's
            async with house.as_("tianhe") as other:
                found = await other.get(f"/api/v1/alerts/{alert}/export")
        manifest = opened(house, tmp_path, found.content)
    assert [file.kind for file in manifest.files] == ["report"]
    assert manifest.case["scene"] is None


async def test_exports_are_for_regulators(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        alert = case(house)
        for login, status in (("canteen", 403), ("admin", 403), ("market", 404), ("tianhe", 404)):
            async with house.as_(login) as client:
                answer = await client.get(f"/api/v1/alerts/{alert}/export")
                assert answer.status_code == status, login
                page = await client.get(f"/alerts/{alert}")
                assert f"/api/v1/alerts/{alert}/export" not in page.text
        async with house.as_("yuexiu") as client:
            assert f'href="/api/v1/alerts/{alert}/export" download' in (await client.get(f"/alerts/{alert}")).text
    assert audited(dsn) == []
