"""Logging in and out, expired sessions, floods, forged origins."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from api.app import create_app
from api.config import ApiConfig
from tests.console_client import ADDRESS, Console, console
from tests.console_world import PASSWORD, World


async def test_a_session_from_login_to_logout(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as client:
        assert (await client.get("/api/v1/me")).status_code == 401
        answer = await client.post("/api/v1/login", json={"login": "canteen", "password": PASSWORD})
        assert answer.json() == {"login": "canteen", "name": "王敏", "role": "operator", "lang": "zh"}
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie  # the console's address is http
        token = client.cookies["mingchu_session"]
        with psycopg.connect(dsn) as connection:
            row = connection.execute(
                "SELECT count(*) FROM session WHERE token_sha256 = sha256(%s::bytea)", (token,)
            ).fetchone()
            assert row == (1,)
        assert (await client.get("/api/v1/me")).status_code == 200
        assert (await client.post("/api/v1/logout")).status_code == 204
        again = await client.get("/api/v1/me", headers={"cookie": f"mingchu_session={token}"})
        assert again.status_code == 401
        flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
        assert (await client.get("/api/v1/me", headers={"cookie": f"mingchu_session={flipped}"})).status_code == 401
        with psycopg.connect(dsn) as connection:
            actions = connection.execute("SELECT action FROM audit ORDER BY id").fetchall()
        assert actions == [("login",), ("logout",)]


async def test_an_expired_session_is_none(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE session SET expires = now() - interval '1 second'")
        assert (await client.get("/api/v1/me")).status_code == 401
        page = await client.get("/alerts/1")
        assert (page.status_code, page.headers["location"]) == (303, "/login?next=%2Falerts%2F1")


async def test_a_disabled_person_is_out_at_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE person SET enabled = false WHERE login = 'canteen'")
        assert (await client.get("/api/v1/me")).status_code == 401


async def test_wrong_logins_are_told_alike_and_bounded(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as client:
        texts = set()
        for login in ("canteen", "nobody", "canteen"):
            answer = await client.post("/api/v1/login", json={"login": login, "password": "wrong"})
            assert answer.status_code == 401
            texts.add(answer.text)
        assert len(texts) == 1
        for _ in range(3):
            await client.post("/api/v1/login", json={"login": "canteen", "password": "wrong"})
        # The right password does not help any more from here, but does from elsewhere.
        flooded = await client.post("/api/v1/login", json={"login": "canteen", "password": PASSWORD})
        assert flooded.status_code == 429
        assert 0 < int(flooded.headers["retry-after"]) <= 300
        async with house.visitor(address="10.9.9.9") as other:
            assert (
                await other.post("/api/v1/login", json={"login": "canteen", "password": PASSWORD})
            ).status_code == 200


async def test_two_processes_count_attempts_together(dsn: str, tmp_path: Path) -> None:
    wrong = {"login": "canteen", "password": "wrong"}
    async with console(dsn, tmp_path) as house:
        other = create_app(ApiConfig(dsn, tmp_path, ADDRESS))
        async with other.router.lifespan_context(other):
            doors = [house, Console(other, house.world)]
            answers = []
            for attempt in range(6):
                async with doors[attempt % 2].visitor() as client:
                    answers.append((await client.post("/api/v1/login", json=wrong)).status_code)
            assert answers == [401] * 5 + [429]
            with psycopg.connect(dsn, autocommit=True) as connection:
                kept = connection.execute("SELECT count(*), max(n) FROM attempt").fetchone()
                assert kept == (2, 6)  # the address's six, and the login's five
                async with doors[0].visitor() as client:
                    for _ in range(60):  # a flood is refused, and written down up to the address's limit only
                        assert (await client.post("/api/v1/login", json=wrong)).status_code == 429
                assert connection.execute("SELECT n FROM attempt ORDER BY n").fetchall() == [(5,), (50,)]
                connection.execute("UPDATE attempt SET until = now() - interval '1 second'")
            async with doors[1].visitor(address="10.8.8.8") as client:
                assert (await client.post("/api/v1/login", json=wrong)).status_code == 401
            async with doors[1].visitor() as client:
                right = await client.post("/api/v1/login", json={"login": "canteen", "password": PASSWORD})
                assert right.status_code == 200
            with psycopg.connect(dsn) as connection:
                assert connection.execute("SELECT max(n) FROM attempt").fetchone() == (1,)  # the over are gone


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_another_site_cannot_act_with_the_cookie(dsn: str, tmp_path: Path, headers: dict[str, str]) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        for path in ("/api/v1/logout", "/logout", "/language", "/alerts/1/acknowledge", "/api/v1/alerts/1/acknowledge"):
            answer = await client.post(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin"), path
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_the_login_page(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as client:
        page = await client.get("/login")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script>" not in page.text
        assert "style=" not in page.text
        wrong = await client.post("/login", data={"login": '"><script>', "password": "x"})
        assert wrong.status_code == 401
        assert "账号或密码不对" in wrong.text
        assert '"><script>' not in wrong.text
        await client.post("/language", data={"lang": "en", "back": "/login"})
        assert "Log in" in (await client.get("/login")).text
        form = {"login": "canteen", "password": PASSWORD, "next": "https://evil.example/"}
        right = await client.post("/login", data=form, headers={"origin": ADDRESS})
        assert (right.status_code, right.headers["location"]) == (303, "/")
        weight = 0
        for path in ("/", *_linked((await client.get("/")).text)):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            weight += len(answer.content)
        assert weight < 100_000  # the first page without pictures


def _linked(page: str) -> list[str]:
    parts = [*page.split('src="')[1:], *page.split('href="')[1:]]
    return sorted({part.split('"')[0] for part in parts if part.startswith("/static/")})


async def test_a_lost_database_is_said_in_one_sentence(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user"
                               " AND datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
        # The pool's connections are dead, the server is not: nobody notices.
        assert (await client.get("/api/v1/me")).status_code == 200


async def test_without_a_database_the_api_starts_and_says_so(tmp_path: Path) -> None:
    nowhere = "postgresql://mingchu@127.0.0.1:1/none?connect_timeout=1"
    app = create_app(ApiConfig(nowhere, tmp_path, ADDRESS))
    async with app.router.lifespan_context(app), Console(app, World(nowhere, tmp_path)).visitor() as client:
        assert (await client.get("/healthz")).status_code == 200
        answer, page = await asyncio.gather(
            client.get("/readyz", headers={"accept-language": "en"}),
            client.get("/", headers={"cookie": "mingchu_session=x"}),
        )
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["detail"].startswith("The database does not answer right now")
        assert page.status_code == 503
        assert "数据库暂时没有回应" in page.text
        assert "Traceback" not in page.text
