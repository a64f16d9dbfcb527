"""API tokens: REST only, no more than they are for; forged, expired, flipped and revoked ones 401 (PROMISES S3)."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import httpx
import psycopg
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from domain.scene import Scene
from tests.console_client import Console, console, state_purpose
from tests.console_world import add_alert, add_scene, drawn

_FLIPS = 1000


async def _token(client: httpx.AsyncClient, *scopes: str, days: int = 1) -> dict[str, Any]:
    answer = await client.post("/api/v1/me/tokens", json={"name": "t", "scopes": scopes, "days": days})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _bearer(secret: str | bytes) -> dict[str, Any]:
    word = secret.encode("latin-1") if isinstance(secret, str) else secret
    return {"authorization": b"Bearer " + word}


def _bare(house: Console) -> httpx.AsyncClient:
    return house.visitor(address="10.3.3.3")


async def test_a_token_reads_until_it_is_revoked(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, _bare(house) as program:
        made = await _token(client)
        assert made["secret"].startswith("mct_")
        assert made["scopes"] == ["data.read"]
        shown = _bearer(made["secret"])
        assert (await program.get("/api/v1/me", headers=shown)).json()["login"] == "canteen"
        sites = [one["code"] for one in (await program.get("/api/v1/sites", headers=shown)).json()]
        assert sites == ["canteen-1", "canteen-2"]
        listed = (await client.get("/api/v1/me/tokens")).json()
        assert listed[0]["used"] is not None
        assert made["secret"] not in str(listed)
        with psycopg.connect(dsn) as connection:
            kept = connection.execute("SELECT sha256 = sha256(%s::bytea) FROM api_token", (made["secret"],)).fetchone()
            assert kept == (True,)
            assert made["secret"] not in str(connection.execute("SELECT detail FROM audit").fetchall())
        assert (await client.delete(f"/api/v1/me/tokens/{made['id']}")).status_code == 204
        for _ in range(3):
            assert (await program.get("/api/v1/me", headers=shown)).status_code == 401
        assert (await client.delete(f"/api/v1/me/tokens/{made['id']}")).status_code == 404


async def test_no_forged_token_is_let_in(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, _bare(house) as program:
        made = await _token(client)
        secret = made["secret"]
        claims = {"sub": "canteen", "login": "canteen", "role": "admin", "exp": 4_000_000_000}
        forged: list[str | bytes] = [
            f"{_part({'alg': 'none'})}.{_part(claims)}.",
            jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("wrong key that is thirty-two bytes")),
            jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048)),
            *(
                "",
                "mct_",
                "mct_" + "A" * 43,
                secret[4:],
                secret + "A",
                secret[:-1],
                secret.upper(),
                "mct_" + "x" * 5000,
            ),
        ]
        draw = random.Random(7)
        for _ in range(_FLIPS):
            flipped = bytearray(secret.encode())
            flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
            forged.append(bytes(flipped))
        answers = [(await program.get("/api/v1/me", headers=_bearer(one))).status_code for one in forged]
        assert set(answers) == {401}
        assert len(answers) > _FLIPS
        # A wrong one is not saved by a session, and the right one not by another scheme.
        assert (await client.get("/api/v1/me", headers=_bearer("mct_wrong"))).status_code == 401
        assert (await program.get("/api/v1/me", headers={"authorization": f"Basic {secret}"})).status_code == 401
        assert (await program.get("/api/v1/me", headers=_bearer(secret))).status_code == 200
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE api_token SET expires = now() - interval '1 second'")
        assert (await program.get("/api/v1/me", headers=_bearer(secret))).status_code == 401


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_sessions_are_not_forged_by_flipped_bits(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, _bare(house) as program:
        token = client.cookies["mingchu_session"]
        draw = random.Random(8)
        for _ in range(100):
            flipped = bytearray(token.encode())
            flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(7)
            headers: dict[bytes, bytes] = {b"cookie": b"mingchu_session=" + bytes(flipped)}
            assert (await program.get("/api/v1/me", headers=headers)).status_code == 401


async def test_a_disabled_persons_tokens_are_of_no_use(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin, _bare(house) as program:
        async with house.as_("canteen") as client:
            shown = _bearer((await _token(client))["secret"])
        path = f"/api/v1/people/{house.world.people['canteen']}"
        assert (await program.get("/api/v1/me", headers=shown)).status_code == 200
        assert (await admin.post(f"{path}/disable")).status_code == 200
        assert (await program.get("/api/v1/me", headers=shown)).status_code == 401
        assert (await admin.post(f"{path}/enable")).status_code == 200
        assert (await program.get("/api/v1/me", headers=shown)).status_code == 200
        assert (await admin.post(f"{path}/password")).status_code == 200  # revokes, for good
        assert (await program.get("/api/v1/me", headers=shown)).status_code == 401


async def test_a_token_does_no_more_than_it_is_for(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, _bare(house) as program:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        async with house.as_("cold") as client:
            reading, working = await _token(client), await _token(client, "alert.handle")
            wider = {"name": "t", "scopes": ["alert.review"], "days": 1}
            assert (await client.post("/api/v1/me/tokens", json=wider)).json()["code"] == "token_scopes"
        acknowledge = f"/api/v1/alerts/{alert}/acknowledge"
        order = {"version": 1}
        refused = await program.post(acknowledge, json=order, headers=_bearer(reading["secret"]))
        assert (refused.status_code, refused.json()["code"]) == (403, "token_scope")
        shown = _bearer(working["secret"])
        for verb, path in (
            ("POST", "/api/v1/me/tokens"), ("GET", "/api/v1/me/tokens"), ("GET", "/api/v1/me/sessions"),
            ("POST", "/api/v1/me/password"), ("GET", "/api/v1/people"), ("POST", "/api/v1/roles"),
            ("POST", f"/api/v1/cameras/{house.world.cameras['canteen-1-stove']}/unblurred"),
        ):  # fmt: skip
            assert (await program.request(verb, path, headers=shown, json={})).status_code == 403, path
        assert (await program.post(acknowledge, json=order, headers=shown)).status_code == 200
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT status FROM alert").fetchone() == ("acknowledged",)


async def test_pages_know_no_tokens(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client, _bare(house) as program:
        shown = _bearer((await _token(client, "people.manage", "operations.manage"))["secret"])
        assert (await program.get("/api/v1/operations", headers=shown)).status_code == 200
        for path in ("/", "/people", "/me", "/operations", "/audit"):
            answer = await program.get(path, headers=shown)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login"), path


async def test_a_grant_to_see_faces_is_not_a_reading_tokens(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, _bare(house) as program:
        scene = add_scene(house.world, "canteen-1-prep", Scene.PHONE, "prep", why="w", frame=drawn("prep"))
        alert = add_alert(house.world, "phone", "phone", camera="canteen-1-prep", scene_event=scene)
        await state_purpose(client, f"/api/v1/alerts/{alert}")
        reading, seeing = await _token(client), await _token(client, "evidence.unblurred")
        original = f"/api/v1/evidence/{house.world.evidence['canteen-1-prep frame']}"
        assert (await client.get(original)).status_code == 200
        assert (await program.get(original, headers=_bearer(reading["secret"]))).status_code == 403
        assert (await program.get(original, headers=_bearer(seeing["secret"]))).status_code == 200
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT detail->'token' FROM audit ORDER BY id DESC LIMIT 1").fetchone()
        assert row == (seeing["id"],)


async def test_a_tokens_calls_are_bounded(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, _bare(house) as program:
        made, other = await _token(client), await _token(client)
        limiter = house.app.state.desk.tokens
        while not limiter.attempt(str(made["id"])):
            pass
        flooded = await program.get("/api/v1/me", headers=_bearer(made["secret"]))
        assert flooded.status_code == 429
        assert 0 < int(flooded.headers["retry-after"]) <= 60
        assert (await program.get("/api/v1/me", headers=_bearer(other["secret"]))).status_code == 200


async def test_tokens_and_sessions_are_ones_own(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client, house.as_("market") as stranger:
        made = await _token(client)
        session = (await client.get("/api/v1/me/sessions")).json()[0]["id"]
        assert (await stranger.delete(f"/api/v1/me/tokens/{made['id']}")).status_code == 404
        assert (await stranger.delete(f"/api/v1/me/sessions/{session}")).status_code == 404
        assert (await stranger.get("/api/v1/me/tokens")).json() == []
        assert (await client.get("/api/v1/me", headers=_bearer(made["secret"]))).status_code == 200


async def test_the_page_shows_a_token_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        made = await client.post("/me/tokens", data={"name": "<b>", "days": "30", "scopes": ["alert.handle"]})
        assert made.status_code == 201
        assert "mct_" in made.text.split("data-token>")[1]
        again = (await client.get("/me")).text
        assert "data-token>" not in again
        assert "<b>" not in again.split("data-tokens")[1].split("<small")[0].replace("<b>&lt;b&gt;</b>", "")
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT id FROM api_token").fetchone()
        assert row is not None
        assert (await client.post(f"/me/tokens/{row[0]}/revoke")).status_code == 303
        assert (await client.post("/me/tokens", data={"name": "x", "days": "9999"})).status_code == 422
