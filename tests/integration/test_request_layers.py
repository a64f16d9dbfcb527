"""What surrounds every REST operation: keys of actions, unchanged answers, and how often one may ask."""

import asyncio
from pathlib import Path

import psycopg
from psycopg.pq import TransactionStatus

from api.app import create_app
from api.config import ApiConfig
from store import people
from store.connection import Connection, ServiceRole, connect, pool
from tests.console_client import ADDRESS, Console, console
from tests.console_world import PASSWORD, add_alert, drawn

KEY = {"idempotency-key": "0195f2c4-77a1"}


async def test_a_repeat_gets_the_first_answer_and_acts_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}/acknowledge"
        first = await cold.post(at, json={"version": 1}, headers=KEY)
        again = await cold.post(at, json={"version": 1}, headers=KEY)
        assert (first.status_code, first.json()["status"]) == (200, "acknowledged")
        assert (again.status_code, again.content) == (200, first.content)
        assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")

        other = await cold.post(at, json={"version": 2}, headers=KEY)
        elsewhere = await cold.post(f"/api/v1/alerts/{alert}/comment", json={"version": 1}, headers=KEY)
        for refused in (other, elsewhere):
            assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_other")
        bad = await cold.post(at, json={"version": 1}, headers={"idempotency-key": "two words"})
        assert (bad.status_code, bad.json()["code"]) == (422, "idempotency_key")


async def test_a_key_is_its_persons_alone(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold, house.as_("canteen") as canteen:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}/acknowledge"
        assert (await cold.post(at, json={"version": 1}, headers=KEY)).status_code == 200
        assert (await canteen.post(at, json={"version": 1}, headers=KEY)).status_code == 404
        async with house.visitor() as nobody:
            assert (await nobody.post(at, json={"version": 1}, headers=KEY)).status_code == 401


async def test_a_token_is_not_shown_what_its_person_got(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold, house.visitor() as program:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}/acknowledge"
        made = await cold.post("/api/v1/me/tokens", json={"name": "reader", "scopes": ["data.read"], "days": 1})
        assert made.status_code == 201, made.text
        program.headers["authorization"] = f"Bearer {made.json()['secret']}"
        assert (await cold.post(at, json={"version": 1}, headers=KEY)).status_code == 200
        shown = await program.post(at, json={"version": 1}, headers=KEY)
        assert (shown.status_code, shown.json()["code"]) == (422, "idempotency_other")
        barred = await program.post(at, json={"version": 1}, headers={"idempotency-key": "another"})
        assert (barred.status_code, barred.json()["code"]) == (403, "token_scope")


async def test_what_was_refused_may_be_tried_anew(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}/acknowledge"
        assert (await cold.post(at, json={"version": 9}, headers=KEY)).status_code == 409
        assert (await cold.post(at, json={"version": 1}, headers=KEY)).status_code == 200


async def test_two_at_once_act_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        path = f"/api/v1/sites/{house.world.sites['canteen-1']}/edges"
        body = {"code": "edge-new", "zh": "新", "en": "New"}
        answers = await asyncio.gather(*(admin.post(path, json=body, headers=KEY) for _ in range(4)))
        said = {answer.json().get("code", "") for answer in answers if answer.status_code == 409}
        assert {answer.status_code for answer in answers} <= {201, 409}, [answer.text for answer in answers]
        assert said <= {"idempotency_busy"}
        assert (await admin.post(path, json=body, headers=KEY)).status_code == 201
        assert _count(dsn, "SELECT count(*) FROM edge WHERE code = 'edge-new'") == 1


async def test_a_kept_answer_is_not_readable_in_the_database(dsn: str, tmp_path: Path) -> None:
    """It may hold an enrolment code; the database has neither the key nor the api's secret."""
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        path = f"/api/v1/sites/{house.world.sites['canteen-1']}/edges"
        made = await admin.post(path, json={"code": "edge-new", "zh": "新", "en": "New"}, headers=KEY)
        assert made.status_code == 201, made.text
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT answer, key_sha256 FROM idempotency").fetchone()
        assert row is not None
        assert b"edge-new" not in row[0]
        assert KEY["idempotency-key"].encode() not in row[1]


async def test_an_unfinished_request_keeps_its_key(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}/acknowledge"
        assert (await cold.post(at, json={"version": 1}, headers=KEY)).status_code == 200
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE idempotency SET answer = NULL")
            refused = await cold.post(at, json={"version": 1}, headers=KEY)
            assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_busy")
            connection.execute("UPDATE idempotency SET begun = now() - interval '25 hours'")
        anew = await cold.post(at, json={"version": 1}, headers=KEY)
        assert (anew.status_code, anew.json()["code"]) == (409, "conflict")  # a day later it is a new request


async def test_a_report_with_photos_is_taken_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        await cold.post(f"/api/v1/alerts/{alert}/acknowledge", json={"version": 1})
        request = cold.build_request(
            "POST", f"/api/v1/alerts/{alert}/report", headers=KEY, data={"version": "2", "text": "修好了"},
            files={"photos": ("a.jpg", drawn("repair"), "image/jpeg")},
        )  # fmt: skip
        headers, body = dict(request.headers), request.read()
        answers = [await cold.post(request.url, headers=headers, content=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
        assert _count(dsn, "SELECT count(*) FROM rectification") == 1


async def test_an_unchanged_answer_is_not_sent_again(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold, house.as_("admin") as admin:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        for path in ("/api/v1/alerts", "/api/v1/sites"):
            first = await cold.get(path)
            known = {"if-none-match": first.headers["etag"]}
            same = await cold.get(path, headers=known)
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        assert (await admin.get("/api/v1/sites", headers=known)).status_code == 200  # who sees more gets all of it
        known = {"if-none-match": (await cold.get(f"/api/v1/alerts/{alert}")).headers["etag"]}
        await cold.post(f"/api/v1/alerts/{alert}/acknowledge", json={"version": 1})
        changed = await cold.get(f"/api/v1/alerts/{alert}", headers=known)
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
        assert "etag" not in (await cold.get("/api/v1/alerts/9999999", headers=known)).headers


async def test_who_asks_too_often_waits(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        app = create_app(ApiConfig(dsn, tmp_path, ADDRESS, session_requests=3, address_requests=8))
        async with app.router.lifespan_context(app):
            await _bounded(Console(app, house.world))


async def _bounded(house: Console) -> None:
    async with house.visitor() as client:
        await client.post("/api/v1/login", json={"login": "cold", "password": PASSWORD})
        answers = [await client.get("/api/v1/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        refused = answers[-1]
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "too_often"
        assert int(refused.headers["retry-after"]) == 20
        assert (await client.get("/healthz")).status_code == 200  # what watches over the house is not counted
        client.cookies.clear()
        more = [(await client.get("/api/v1/me")).status_code for _ in range(4)]
        assert more == [401, 401, 401, 429]  # the address's turn
    async with house.visitor(address="10.9.9.9") as elsewhere:
        assert (await elsewhere.get("/api/v1/me")).headers["ratelimit-limit"] == "8"


def _count(dsn: str, query: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    return -1 if row is None else int(row[0])


async def test_the_queues_part_comes_packed_or_plain(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
        packed = await cold.get("/queue", headers={"accept-encoding": "br, gzip"})
        plain = await cold.get("/queue", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.text == plain.text
    assert f'href="/alerts/{alert}"' in plain.text


async def test_a_glance_is_no_transaction_and_what_follows_is_one(dsn: str) -> None:
    async def status(connection: Connection) -> TransactionStatus:
        await connection.execute("SELECT 1")
        return connection.info.transaction_status

    async with pool(dsn, ServiceRole.API, size=1) as connections:
        async with people.glance(connections) as connection:
            assert await status(connection) is TransactionStatus.IDLE
        async with people.unscoped(connections) as again:
            assert again is connection
            assert await status(again) is TransactionStatus.INTRANS


async def test_a_connection_that_died_in_the_pool_is_not_lent(dsn: str) -> None:
    async with pool(dsn, ServiceRole.API, size=1) as connections:
        async with people.unscoped(connections) as before:
            number = before.info.backend_pid
        async with await connect(dsn, autocommit=True) as owner:
            ended = await owner.execute("SELECT pg_terminate_backend(%s, 10000)", (number,))
            assert await ended.fetchone() == (True,)
        async with people.glance(connections) as after:
            await people.ping(after)
            assert after.info.backend_pid != number
