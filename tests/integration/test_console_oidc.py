"""Logging in by an identity provider: against a real one of our own, and one that lies in every way that matters."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.config import Provider
from tests.console_client import Console, console
from tests.oidc_provider import CLIENT, SECRET, Idp, Sign, provider, signed
from tests.servers import PATIENCE_S


@asynccontextmanager
async def _house(dsn: str, folder: Path, idp: Idp) -> AsyncIterator[Console]:
    async with console(dsn, folder, provider=Provider(idp.issuer, CLIENT, SECRET)) as house:
        yield house


async def _sent_back(client: httpx.AsyncClient, path: str = "/login/oidc") -> str:
    """Go to the provider and log in there; where it sends the browser then."""
    away = await client.get(path)
    assert away.status_code == 303, away.text
    async with httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        answer = await browser.get(away.headers["location"])
    return str(answer.headers["location"])


async def test_there_and_back(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        async with _house(dsn, tmp_path, idp) as house, house.visitor() as client:
            assert 'href="/login/oidc?next=/sites"' in (await client.get("/login?next=/sites")).text
            back = await _sent_back(client, "/login/oidc?next=/sites")
            answer = await client.get(back)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sites")
            assert (await client.get("/api/v1/me")).json()["login"] == "yuexiu"
            assert "mingchu_oidc" not in client.cookies
            # The code and the state are for one use.
            assert (await client.get(back)).status_code == 401
            # The account stays the subject's, whatever it is called there later; the name is nobody else's.
            idp.login = "tianhe"
            assert (await client.get(await _sent_back(client))).status_code == 303
            assert (await client.get("/api/v1/me")).json()["login"] == "yuexiu"
            idp.subject, idp.login = "u-2002", "yuexiu"
            taken = await client.get(await _sent_back(client))
            assert (taken.status_code, "yuexiu 在明厨没有账号" in taken.text) == (401, True)
            assert idp.asked == {"discovery": 1, "jwks": 1}
        with psycopg.connect(dsn) as connection:
            ways = connection.execute("SELECT action, detail->>'by' FROM audit ORDER BY id").fetchall()
        assert ways == [("login", "oidc"), ("login", "oidc"), ("login_refused", "oidc")]


async def test_who_has_no_account_is_told_so(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        idp.login = "<script>"
        async with _house(dsn, tmp_path, idp) as house, house.visitor() as client:
            answer = await client.get(await _sent_back(client))
            assert answer.status_code == 401
            assert "&lt;script&gt; 在明厨没有账号" in answer.text
            assert "mingchu_session" not in client.cookies
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT count(*) FROM person WHERE subject IS NOT NULL").fetchone() == (0,)


async def test_a_disabled_person_does_not_come_in_by_the_provider(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        async with _house(dsn, tmp_path, idp) as house, house.visitor() as client:
            assert (await client.get(await _sent_back(client))).status_code == 303
            with psycopg.connect(dsn) as connection:
                connection.execute("UPDATE person SET enabled = false WHERE login = 'yuexiu'")
            assert (await client.get(await _sent_back(client))).status_code == 401


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _none(_idp: Idp, claims: dict[str, Any]) -> str:
    return _unsigned({"alg": "none"}, claims) + "."


def _wrong_key(idp: Idp, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": idp.kid}, claims, RSAKey.generate_key(2048))


def _by_secret(idp: Idp, claims: dict[str, Any], secret: bytes) -> str:
    body = _unsigned({"alg": "HS256", "kid": idp.kid}, claims)
    mac = hmac.digest(secret, body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _public_key_as_secret(idp: Idp, claims: dict[str, Any]) -> str:
    return _by_secret(idp, claims, idp.key.as_pem(private=False))


def _client_secret(idp: Idp, claims: dict[str, Any]) -> str:
    return _by_secret(idp, claims, SECRET.encode())


def _flipped(idp: Idp, claims: dict[str, Any]) -> str:
    whole = signed(idp, claims)
    return whole[:-9] + ("A" if whole[-9] != "A" else "B") + whole[-8:]


_LIES: tuple[tuple[Sign, dict[str, Any]], ...] = (
    (_none, {}),
    (_wrong_key, {}),
    (_public_key_as_secret, {}),
    (_client_secret, {}),
    (_flipped, {}),
    (signed, {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}),
    (signed, {"exp": None}),
    (signed, {"iat": int(time.time()) + 3600}),
    (signed, {"nonce": "another"}),
    (signed, {"nonce": None}),
    (signed, {"aud": "another-client"}),
    (signed, {"aud": [CLIENT, "another-client"], "azp": "another-client"}),
    (signed, {"iss": "https://evil.example"}),
    (signed, {"sub": None}),
    (signed, {"sub": ""}),
    (lambda _idp, _claims: "no.token", {}),
)


async def test_a_token_that_is_not_right_is_refused(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        async with _house(dsn, tmp_path, idp) as house:
            for number, (idp.sign, idp.changes) in enumerate(_LIES):
                async with house.visitor(address=f"10.7.0.{number}") as client:
                    answer = await client.get(await _sent_back(client))
                    assert answer.status_code == 401, number
                    assert "统一身份认证未确认您的身份" in answer.text, number
                    assert (await client.get("/api/v1/me")).status_code == 401
            # And from one place only so many times.
            async with house.visitor(address="10.7.0.0") as client:
                answers = [(await client.get(await _sent_back(client))).status_code for _ in range(6)]
                assert answers == [401] * 4 + [429] * 2


async def test_another_browsers_login_is_not_taken_over(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        async with _house(dsn, tmp_path, idp) as house, house.visitor() as client, house.visitor() as other:
            back = await _sent_back(client)
            assert (await other.get(back)).status_code == 401  # none begun here
            await _sent_back(other)
            assert (await other.get(back)).status_code == 401  # another one begun here
            kept = client.cookies["mingchu_oidc"]
            forged = {"cookie": f"mingchu_oidc={kept[:-4]}AAAA"}
            async with house.visitor() as forger:
                assert (await forger.get(back, headers=forged)).status_code == 401
            assert (await client.get("/login/oidc/callback?error=access_denied&state=x")).status_code == 401
            assert (await other.get("/api/v1/me")).status_code == 401


async def test_new_keys_are_fetched_when_a_token_names_one(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        async with _house(dsn, tmp_path, idp) as house, house.visitor() as client:
            assert (await client.get(await _sent_back(client))).status_code == 303
            idp.key, idp.kid = RSAKey.generate_key(2048), "second"
            assert (await client.get(await _sent_back(client))).status_code == 303
            assert idp.asked["jwks"] == 2


async def test_a_provider_that_is_away_is_said_and_passwords_still_work(dsn: str, tmp_path: Path) -> None:
    async with (
        console(dsn, tmp_path, provider=Provider("http://127.0.0.1:1", CLIENT, SECRET)) as house,
        house.visitor() as client,
    ):
        answer = await client.get("/login/oidc")
        assert (answer.status_code, "统一身份认证暂时没有回应" in answer.text) == (503, True)
        async with house.as_("yuexiu") as regulator:
            assert (await regulator.get("/api/v1/me")).status_code == 200


async def test_a_provider_by_another_name_is_not_trusted(dsn: str, tmp_path: Path) -> None:
    with provider() as idp:
        wanted = idp.issuer
        async with _house(dsn, tmp_path, idp) as house, house.visitor() as client:
            idp.issuer = f"{wanted}/other"
            assert (await client.get("/login/oidc")).status_code == 503


async def test_without_a_provider_there_is_no_such_login(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as client:
        assert "oidc" not in (await client.get("/login")).text
        assert (await client.get("/login/oidc")).status_code == 404
        assert (await client.get("/login/oidc/callback")).status_code == 404
