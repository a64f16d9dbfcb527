"""Enrolment: a code for one use makes a machine an edge that follows the console; revoked, it is let in no more."""

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from psycopg.rows import TupleRow

from domain import credential, enrolment
from domain.camera import EdgeConfig
from domain.credential import edge_user
from edge.enrolment import EnrolmentError, is_bare, redeem
from mingchu.settings import Settings
from tests.clips import encode
from tests.console_client import Console, console
from tests.console_world import World
from tests.enrolled_edge import Platform, agent, enrol, platform
from tests.ingest_world import eventually
from tests.live_kitchen import cameras
from tests.servers import PATIENCE_S, PrivateBroker

_NEW = {"code": "edge-new", "zh": "新边缘", "en": "New edge"}


async def _code(client: httpx.AsyncClient, world: World) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/sites/{world.sites['canteen-1']}/edges", json=_NEW)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _offer(code: str) -> dict[str, str]:
    return {"code": code, "credential": credential.protect(credential.generate())}


def _rows(dsn: str, query: str) -> list[TupleRow]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_a_code_is_for_one_use_and_its_answer_may_be_lost(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client, house.visitor() as machine:
        made = await _code(client, house.world)
        assert made["command"] == f"mingchu edge enroll {made['code']} --api-url http://console.test"
        code = enrolment.normalise(made["code"])
        assert code not in str(_rows(dsn, "SELECT * FROM edge_code"))  # only its hash is kept
        first = _offer(made["code"].lower())
        answer = await machine.post("/edge/enrol", json=first)
        assert (answer.status_code, answer.json()["edge"], answer.json()["site"]) == (201, "edge-new", "canteen-1")
        assert (await machine.post("/edge/enrol", json=first)).status_code == 201  # the same once more
        again = await machine.post("/edge/enrol", json=_offer(made["code"]))
        assert (again.status_code, again.json()["code"]) == (403, "enrolment_code")
        assert _rows(dsn, "SELECT credential FROM edge WHERE code = 'edge-new'") == [(first["credential"],)]
        actions = [row[0] for row in _rows(dsn, "SELECT action FROM audit ORDER BY id")]
        assert actions[1:] == ["edge_added", "edge_code", "edge_enrolled", "edge_enrolled", "edge_enrol_refused"]
        taken = await client.post(f"/api/v1/sites/{house.world.sites['canteen-1']}/edges", json=_NEW)
        assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")


async def test_an_old_a_replaced_and_a_revoked_code_are_worth_nothing(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        made = await _code(client, house.world)
        path = f"/api/v1/edges/{made['edge']['id']}"
        newer = (await client.post(f"{path}/code")).json()
        await _refused(house, made["code"])
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE edge_code SET expires = now()")
        await _refused(house, newer["code"])
        used = _offer((await client.post(f"{path}/code")).json()["code"])
        async with house.visitor() as machine:
            assert (await machine.post("/edge/enrol", json=used)).status_code == 201
            assert (await client.post(f"{path}/revoke")).json()["state"] == "revoked"
            repeated = await machine.post("/edge/enrol", json=used)  # must not bring it back
            assert repeated.status_code == 403
        assert (await client.get(path)).json()["state"] == "revoked"


async def _refused(house: Console, code: str) -> None:
    async with house.visitor() as machine:
        assert (await machine.post("/edge/enrol", json=_offer(code))).status_code == 403


async def test_guessing_is_slow_and_nothing_but_a_hash_is_taken(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor(address="10.9.9.9") as machine:
        hashed = credential.protect("x")
        for bad in ("", "plain", hashed + "\nroot:" + hashed, hashed.replace("$101$", "$1$"), hashed + "\n"):
            answer = await machine.post("/edge/enrol", json={"code": "7K3M-9QTX-2B4D", "credential": bad})
            assert answer.status_code == 422
        answers = [await machine.post("/edge/enrol", json=_offer(enrolment.generate())) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 2
        assert answers[-1].headers["retry-after"] == "60"


def test_a_machine_says_in_a_sentence_why_it_was_not_enrolled(tmp_path: Path) -> None:
    with pytest.raises(EnrolmentError, match="--api-url is the console's"):
        redeem("console.example", "7K3M-9QTX-2B4D")
    with pytest.raises(enrolment.BadEnrolmentCodeError):
        redeem("https://console.example", "nonsense")
    assert [is_bare(url) for url in ("http://192.0.2.1", "https://192.0.2.1", "http://127.0.0.1:8600")] == [
        True, False, False,
    ]  # fmt: skip


async def test_a_machine_becomes_an_edge_follows_the_console_and_is_revoked(
    dsn: str, tmp_path: Path, broker: PrivateBroker
) -> None:
    clip = encode(tmp_path / "door.mp4", pictures=50, size=(320, 180), gop=25, shade=90)
    settings = Settings(data_dir=tmp_path / "machine")
    with cameras({"door": clip}) as urls:
        async with platform(dsn, tmp_path, broker) as place, place.as_("yuexiu") as client:
            made = await _code(client, place.world)
            edge = f"/api/v1/edges/{made['edge']['id']}"
            with pytest.raises(EnrolmentError, match="wrong, used or expired"):
                await enrol(place, settings, enrolment.generate())
            kept = await enrol(place, settings, made["code"])
            assert kept.secret not in repr(kept)
            assert {file.stat().st_mode & 0o777 for file in settings.data.edge.iterdir()} == {0o600}
            added = await _camera(client, place, made["edge"]["id"], urls["door"])
            camera = f"/api/v1/cameras/{added['id']}"

            with agent(settings) as folder:
                await _state(client, camera, "applied")
                await eventually(lambda: _is(client, f"{camera}/settings", "health", "OK"))
                assert (await client.get(f"{camera}/still")).headers["content-type"] == "image/jpeg"
                await _change(client, camera, zh="改一")
                await _state(client, camera, "applied")

            await eventually(lambda: _is(client, edge, "online", False))
            await _change(client, camera, zh="改二")  # while the machine is off
            assert (await client.get(f"{camera}/settings")).json()["applied"]["state"] == "waiting"
            with agent(settings) as folder:
                await _state(client, camera, "applied")
                assert (await client.post(f"{edge}/revoke")).status_code == 200
                await eventually(lambda: _forgotten(folder))
            assert await _shut_out(place, kept.edge, kept.secret)
            assert (await client.get(edge)).json()["online"] is False

            again = await enrol(place, settings, (await client.post(f"{edge}/code")).json()["code"])
            assert again.secret != kept.secret
            with agent(settings):
                await _state(client, camera, "applied", after=(await client.get(edge)).json()["applied_at"])
            assert await _shut_out(place, kept.edge, kept.secret)


async def test_a_camera_is_looked_at_with_the_model_that_it_names(
    dsn: str, tmp_path: Path, broker: PrivateBroker
) -> None:
    clip = encode(tmp_path / "door.mp4", pictures=50, size=(320, 180), gop=25, shade=90)
    settings = Settings(data_dir=tmp_path / "machine")
    with cameras({"door": clip}) as urls:
        async with platform(dsn, tmp_path, broker) as place, place.as_("yuexiu") as client:
            made = await _code(client, place.world)
            await enrol(place, settings, made["code"])
            added = await _camera(client, place, made["edge"]["id"], urls["door"])
            camera = f"/api/v1/cameras/{added['id']}"
            first, second = await _publish(dsn, tmp_path, "1"), await _publish(dsn, tmp_path, "2")
            assert second == await _publish(dsn, tmp_path, "2")  # the same once more
            with agent(settings) as folder:
                await _state(client, camera, "applied")
                await _change(client, camera, model="mingchu-scenes 1")
                await _state(client, camera, "applied")
                assert [file.stem for file in (folder / "models").iterdir()] == [first]

                stored = tmp_path / "vault" / second[:2] / second
                whole = stored.read_bytes()
                stored.write_bytes(whole[:-1] + b"!")
                await _change(client, camera, model="mingchu-scenes 2")
                await _state(client, camera, "refused")
                assert (await client.get(f"{camera}/settings")).json()["applied"]["why"] == (
                    "it goes on with the model before: mingchu-scenes 2 cannot be fetched:"
                    " what the platform sends does not have its SHA-256"
                )
                async with asyncio.timeout(PATIENCE_S):  # and it is looked at
                    while (await client.get(f"{camera}/settings")).json()["health"] != "OK":
                        await asyncio.sleep(0.1)

                stored.write_bytes(whole)
                await _state(client, camera, "applied")  # the next try
                await eventually(lambda: _holds(folder, second))
                assert await _shown_to(place.address, first) == 401


async def _publish(dsn: str, folder: Path, version: str) -> str:
    """What `mingchu model publish` does with a copy of the shipped model under another version; its hash."""
    weights = folder / f"model-{version}"
    shutil.copytree(Path(__file__).parents[2] / "models" / "weights", weights, dirs_exist_ok=True)
    card = weights / "detector.toml"
    card.write_text(re.sub(r'^version = ".*"$', f'version = "{version}"', card.read_text("utf-8"), count=1, flags=re.M))
    place = {"MINGCHU_DATABASE_URL": dsn, "MINGCHU_EVIDENCE_DIR": str(folder / "vault")}
    done = await asyncio.to_thread(
        subprocess.run,
        (sys.executable, "-m", "mingchu", "model", "publish", str(card)),
        env=os.environ | place | {"MINGCHU_DATA_DIR": str(folder / "platform")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()[-1]


async def _holds(folder: Path, sha256: str) -> bool:
    return [file.stem for file in (folder / "models").iterdir()] == [sha256]


async def _shown_to(address: str, sha256: str) -> int:
    """What somebody without a credential is answered."""
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=PATIENCE_S) as stranger:
        return (await stranger.get(f"/edge/models/{sha256}")).status_code


async def _camera(client: httpx.AsyncClient, place: Platform, edge: int, url: str) -> dict[str, Any]:
    zone = {"code": "all", "zh": "全部", "en": "All", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]], "scenes": ["PHONE"]}
    body = {"code": "door", "zh": "后门", "en": "Door", "edge_id": edge, "source": {"address": url}, "zones": [zone]}
    answer = await client.post(f"/api/v1/sites/{place.world.sites['canteen-1']}/cameras", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _change(client: httpx.AsyncClient, camera: str, **more: Any) -> None:
    state = (await client.get(f"{camera}/settings")).json()
    body = {key: state[key] for key in ("zh", "en", "zones", "schedule", "turns", "replay", "model", "version")} | more
    assert (await client.put(f"{camera}/settings", json=body)).status_code == 200


async def _state(client: httpx.AsyncClient, camera: str, wanted: str, *, after: str = "") -> None:
    async def there() -> bool:
        applied = (await client.get(f"{camera}/settings")).json()["applied"]
        return applied["state"] == wanted and (applied["at"] or "") > after

    await eventually(there, 60)


async def _is(client: httpx.AsyncClient, path: str, key: str, wanted: object) -> bool:
    return bool((await client.get(path)).json()[key] == wanted)


async def _forgotten(folder: Path) -> bool:
    """The machine has forgotten its cameras, and with them their passwords."""
    return msgspec.json.decode((folder / "config.json").read_bytes(), type=EdgeConfig).cameras == ()


async def _shut_out(place: Platform, edge: str, secret: str) -> bool:
    """Neither broker nor api let that secret in."""

    async def refused() -> bool:
        return not await asyncio.to_thread(place.broker.lets_in, edge_user(edge), secret)

    await eventually(refused)
    address = f"{place.address}/edge/evidence/{hashlib.sha256(b'x').hexdigest()}"
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
        return (await client.put(address, content=b"x", auth=(edge, secret))).status_code == 401
