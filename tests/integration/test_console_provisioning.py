"""Vendors, profiles and devices in the console: who may, what is shown once, what another authority never reaches."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.rows import TupleRow

from domain import claim_code, credential
from store import provisioning
from store.connection import connect
from tests.console_client import Console, console

_ROOM = """code = "acme-room"
base = "cold-store"
version = {version}
zh = "顶点冷库"
en = "Acme cold store"
source = "acme manual"
silence_s = {silence}

[[mapping]]
topic = "data"
gives = "telemetry"
time = {{ at = "/t", kind = "epoch_s" }}
[mapping.values]
air_temp = {{ at = "/T1", scale = 0.1 }}

[[vector]]
name = "a poll"
topic = "data"
payload = '{{"t":1782864000,"T1":-183}}'
readings = [{{ ts = 2026-07-01T00:00:00Z, values = {{ air_temp = {vector} }} }}]
"""
_ACME = {"zh": "顶点", "en": "Acme", "contact": "support@acme.example"}
_DEVICE = {"code": "room-9", "zh": "九号库", "en": "Room 9", "profile": "cold-store"}
_TOML = {"content-type": "application/toml"}


def _room(version: int = 1, silence: float = 900, vector: float = -18.3) -> str:
    return _ROOM.format(version=version, silence=silence, vector=vector)


def _rows(dsn: str, query: str) -> list[TupleRow]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


def _actions(dsn: str) -> list[str]:
    return [str(row[0]) for row in _rows(dsn, "SELECT action FROM audit WHERE action <> 'login' ORDER BY id")]


def _add_admin(house: Console, login: str, authority: str) -> None:
    with psycopg.connect(house.world.dsn) as connection:
        row = connection.execute(
            "INSERT INTO person (login, name, role, password, authority)"
            " SELECT %s, %s, 'admin', password, %s FROM person WHERE login = 'admin' RETURNING id",
            (login, login, authority),
        ).fetchone()
        assert row is not None
        house.world.people[login] = row[0]


async def _labelled(house: Console, serial: str) -> str:
    """A vendor's label, as `mingchu vendor labels` prints it."""
    code = claim_code.generate()
    connection = await connect(house.world.dsn, autocommit=True)
    await provisioning.put_vendor(connection, "acme", "顶点", "Acme", "")
    await provisioning.offer_claim(connection, code, "acme", "cold-store", serial)
    await connection.close()
    return code


async def _install(client: httpx.AsyncClient, text: str, path: str = "/api/v1/profiles") -> httpx.Response:
    return await client.post(path, content=text, headers=_TOML)


def _stored(dsn: str, code: str) -> TupleRow:
    (row,) = _rows(dsn, f"SELECT credential, revoked IS NOT NULL, profile_code FROM device WHERE code = '{code}'")
    return row


async def test_a_device_is_registered_and_its_password_is_shown_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        address = f"/api/v1/sites/{house.world.sites['cold-base']}/devices"
        answer = await client.post(address, json=_DEVICE)
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        made = answer.json()
        assert made["user"] == "cold-base.room-9"
        assert credential.verify(made["password"], _stored(dsn, "room-9")[0])
        again = await client.post(address, json=_DEVICE)
        assert (again.status_code, again.json()["code"]) == (409, "device_code_taken")
        assert credential.verify(made["password"], _stored(dsn, "room-9")[0])  # and is still the one that was shown
        unknown = await client.post(address, json={**_DEVICE, "code": "room-8", "profile": "none"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_profile")
        assert (await client.post(address, json={**_DEVICE, "code": "Room"})).status_code == 422
        behind = (await client.post(address, json={**_DEVICE, "code": "room-7", "behind": True})).json()
        assert (behind["user"], behind["password"]) == (None, None)
        assert made["password"] not in (await client.get(f"/devices/{made['device']['id']}")).text
        assert made["password"] not in str(_rows(dsn, "SELECT * FROM audit"))
        assert _actions(dsn) == ["device_registered", "device_registered"]


async def test_a_credential_is_replaced_revoked_and_given_anew(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        address = f"/api/v1/devices/{house.world.devices['cold-1']}"
        first = (await client.post(f"{address}/credential")).json()["password"]
        second = (await client.post(f"{address}/credential")).json()["password"]
        assert credential.verify(second, _stored(dsn, "cold-1")[0])
        assert not credential.verify(first, _stored(dsn, "cold-1")[0])
        revoked = (await client.post(f"{address}/revoke")).json()
        assert revoked["state"] == "revoked"
        assert _stored(dsn, "cold-1")[:2] == (None, True)
        page = (await client.get(f"/devices/{house.world.devices['cold-1']}")).text
        assert "已撤销" in page
        third = (await client.post(f"{address}/credential")).json()["password"]
        assert credential.verify(third, _stored(dsn, "cold-1")[0])
        assert _stored(dsn, "cold-1")[1] is False
        wanted = ["device_rotated", "device_rotated", "device_revoked", "device_readmitted"]
        assert _actions(dsn) == wanted


async def test_a_label_is_claimed_from_its_qr_code_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        code = await _labelled(house, "A7")
        opened = claim_code.address("", code)
        async with house.visitor() as stranger:
            page = await stranger.get("/claim", params={"code": code})
            assert page.headers["location"].startswith("/login?next=%2Fclaim%3Fcode%3D")
        async with house.as_("admin") as client:
            page = await client.get("/claim", params={"code": code})
            assert page.status_code == 200
            assert "A7" in page.text
            form = {"label": opened, "site": "nowhere", "code": "room-5", "zh": "五号库", "en": ""}
            wrong = await client.post("/claim", data=form)
            assert wrong.status_code == 422
            assert "没有场所 nowhere" in wrong.text
            done = await client.post("/claim", data={**form, "site": "cold-base"})
            assert done.status_code == 201
            shown = re.search(r"data-password>([^<]+)<", done.text)
            assert shown is not None
            assert credential.verify(shown.group(1), _stored(dsn, "room-5")[0])
            for again in (
                await client.post("/claim", data={**form, "site": "cold-base", "code": "room-6"}),
                await client.get("/claim", params={"code": code}),
            ):
                assert again.status_code == 409
                assert "用过" in again.text
            body = {**form, "label": "7K3M-Q9ZT-4V0X-H2RD", "site": "cold-base", "en": "x"}
            unknown = await client.post("/api/v1/devices/claim", json=body)
            assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_label")
            answers = [await client.post("/api/v1/devices/claim", json=body) for _ in range(10)]
            assert answers[-1].status_code == 429
        assert _actions(dsn) == ["device_claimed"]
        assert code not in str(_rows(dsn, "SELECT * FROM audit"))


_LIST = (
    "site,code,profile,zh,en,vendor,serial,behind\n"
    "cold-base,room-1,cold-store,一号库,,,,\n"
    "nowhere,room-2,cold-store,,,,,\n"
    "cold-base,room-1,cold-store,,,,,\n"
    "cold-base,cold-1,cold-store,新名,New,,,\n"
)


async def test_a_list_is_reported_line_by_line_and_can_be_checked_first(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:

        async def send(query: str) -> list[dict[str, Any]]:
            answer = await client.post(f"/api/v1/devices/import{query}", content=_LIST.encode("gb18030"),
                                       headers={"content-type": "text/csv", "accept-language": "en"})  # fmt: skip
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()
            return found

        checked = await send("?check=true")
        assert [line["result"] for line in checked] == ["added", "refused", "refused", "changed"]
        assert {line["password"] for line in checked} == {""}
        assert _rows(dsn, "SELECT count(*) FROM device WHERE code = 'room-1'") == [(0,)]
        lines = await send("")
        assert [line["reason"] for line in lines] == [
            "", "There is no site nowhere, or it is not in your scope.", "The same device is on line 2.", "",
        ]  # fmt: skip
        assert credential.verify(lines[0]["password"], _stored(dsn, "room-1")[0])
        assert _rows(dsn, "SELECT detail FROM audit WHERE action = 'devices_imported'") == [
            ({"added": ["cold-base/room-1"], "changed": ["cold-base/cold-1"], "refused": 2},)
        ]
        page = await client.post("/devices/import", files={"file": ("list.csv", _LIST.encode())})
        assert page.status_code == 200
        assert 'download="devices-report.csv"' in page.text
        assert "没有场所 nowhere" in page.text
        bad = await client.post("/devices/import", files={"file": ("list.csv", b"a,b\n1,2\n")})
        assert bad.status_code == 422
        assert "lacks the column site" in bad.text
        large = await client.post("/api/v1/devices/import", content=b"x" * 3_000_000)
        assert large.status_code == 413


async def test_a_profile_is_installed_over_the_version_before(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        assert (await client.put("/api/v1/vendors/acme", json=_ACME)).json()["profiles"] == 0
        assert (await client.put("/api/v1/vendors/Acme", json=_ACME)).json()["code"] == "bad_code"
        first = await _install(client, _room(), "/api/v1/profiles?vendor=acme")
        assert (first.status_code, first.json()["vectors"]) == (201, [{"name": "a poll", "faults": []}])
        same = await _install(client, _room(silence=700))
        assert (same.status_code, same.json()["code"]) == (409, "profile_version")
        checked = (await _install(client, _room(2, 700), "/api/v1/profiles/check")).json()
        assert checked["installed"] == 1
        assert checked["changes"] == [{"at": "silence_s", "before": "900.0", "after": "700.0"}]
        assert (await _install(client, _room(2, 700))).status_code == 201
        versions = (await client.get("/api/v1/profiles/acme-room/versions")).json()
        assert [(one["version"], len(one["changes"])) for one in versions] == [(2, 1), (1, 0)]
        assert (await client.get("/api/v1/vendors/acme")).json()["profiles"] == 1
        for page in (
            "/vendors",
            "/vendors/acme",
            "/profiles",
            "/profiles/acme-room",
            "/profiles/new",
            "/devices/import",
        ):
            answer = await client.get(page)
            assert answer.status_code == 200, page
        assert _actions(dsn) == ["vendor_put", "profile_installed", "profile_installed"]
        assert (await client.get("/api/v1/profiles/none")).status_code == 404
        assert (await client.get("/api/v1/vendors/none")).status_code == 404


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (_room().replace('gives = "telemetry"', 'gives = "nothing"'), "profile", "gives ="),
        (_room().replace("air_temp = { at", "no_such = { at"), "profile", "no_such ="),
        (_room() + "[[broken\n", "profile", "[[broken"),
        (_room(vector=-19), "profile_vectors", 'name = "a poll"'),
    ],
)
async def test_a_faulty_profile_is_refused_with_the_line(
    dsn: str, tmp_path: Path, text: str, code: str, line: str
) -> None:
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        answer = await _install(client, text)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        (fault,) = answer.json()["faults"]
        assert line in text.splitlines()[int(fault["place"]) - 1], fault
        page = await client.post("/profiles/check", files={"file": ("room.toml", text.encode())})
        assert page.status_code == 422
        assert f"第 {fault['place']} 行" in page.text
        assert _rows(dsn, "SELECT count(*) FROM device_profile WHERE code = 'acme-room'") == [(0,)]


async def test_the_page_installs_what_it_has_checked(dsn: str, tmp_path: Path) -> None:
    text = files("ingest").joinpath("profiles/cold-store-modbus-json.toml").read_text(encoding="utf-8")
    async with console(dsn, tmp_path) as house, house.as_("admin") as client:
        page = await client.post("/profiles/check", files={"file": ("room.toml", text.encode())})
        assert page.status_code == 200
        assert "全部符合" in page.text
        done = await client.post("/profiles", data={"text": text, "vendor": ""})
        assert (done.status_code, done.headers["location"]) == (303, "/profiles/cold-store-modbus-json")


async def test_another_authoritys_admin_reaches_neither_devices_nor_what_is_everybodys(
    dsn: str, tmp_path: Path
) -> None:
    async with console(dsn, tmp_path) as house:
        code = await _labelled(house, "A1")
        _add_admin(house, "th-admin", "gz.th")
        mine, theirs = house.world.devices["scale-1"], house.world.devices["cold-1"]
        async with house.as_("th-admin") as client:
            for action in ("credential", "revoke"):
                assert (await client.post(f"/api/v1/devices/{theirs}/{action}")).status_code == 404
                assert (await client.post(f"/devices/{theirs}/{action}")).status_code == 404
            site = house.world.sites["cold-base"]
            assert (await client.post(f"/api/v1/sites/{site}/devices", json=_DEVICE)).status_code == 404
            assert (await client.get(f"/sites/{site}/devices/new")).status_code == 404
            claim = {"label": code, "site": "cold-base", "code": "room-1", "zh": "z", "en": "e"}
            answer = await client.post("/api/v1/devices/claim", json=claim)
            assert (answer.status_code, answer.json()["code"]) == (422, "unknown_site")
            lines = (await client.post("/api/v1/devices/import", content=_LIST.encode())).json()
            assert {line["result"] for line in lines} == {"refused"}
            for refused in (await client.put("/api/v1/vendors/other", json=_ACME), await _install(client, _room())):
                assert (refused.status_code, refused.json()["code"]) == (403, "not_whole")
            assert (await client.post(f"/api/v1/devices/{mine}/revoke")).status_code == 200
            counted = (await client.get("/api/v1/profiles")).json()
            assert {one["code"]: one["devices"] for one in counted}["cold-store"] == 0
            done = await client.post("/api/v1/devices/claim", json={**claim, "site": "market-1"})
            assert done.status_code == 201
        assert _stored(dsn, "cold-1")[1] is False


async def test_who_is_no_admin_or_may_not_configure_lets_nobody_in(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE person SET configures = false WHERE login = 'admin'")
        device, site = house.world.devices["cold-1"], house.world.sites["cold-base"]
        for login, code in (("cold", "role"), ("yuexiu", "role"), ("admin", "may_not_configure")):
            async with house.as_(login) as client:
                for answer in (
                    await client.post(f"/api/v1/devices/{device}/credential"),
                    await client.post(f"/api/v1/devices/{device}/revoke"),
                    await client.post(f"/api/v1/sites/{site}/devices", json=_DEVICE),
                    await client.post("/api/v1/devices/import", content=_LIST.encode()),
                    await client.get("/api/v1/vendors"),
                    await client.put("/api/v1/vendors/acme", json=_ACME),
                    await _install(client, _room()),
                    await _install(client, _room(), "/api/v1/profiles/check"),
                    await client.get("/api/v1/profiles/cold-store/versions"),
                ):
                    assert (answer.status_code, answer.json()["code"]) == (403, code), (login, answer.request.url)
                for page in ("/vendors", "/profiles", "/devices/import", "/claim", f"/sites/{site}/devices/new"):
                    assert (await client.get(page)).status_code == 403, (login, page)
        assert _actions(dsn) == []


async def test_the_database_alone_lets_no_other_scope_write(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        await _labelled(house, "A1")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET ROLE mingchu_api")
            for authority, provisions in (("gz.th", "on"), ("gz", "")):
                connection.execute(
                    "SELECT set_config('mingchu.authority', %s, false), set_config('mingchu.configures', 'on', false),"
                    " set_config('mingchu.provisions', %s, false)",
                    (authority, provisions),
                )
                changed = connection.execute("UPDATE device SET credential = 'x' WHERE code = 'cold-1'")
                assert changed.rowcount == 0
                for adding in (
                    "INSERT INTO vendor (code, zh, en) VALUES ('v', 'v', 'v')",
                    "INSERT INTO device_profile (code, version, body) VALUES ('p', 1, '{}')",
                ):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(adding.encode())
            for table in ("claim", "vendor"):
                assert connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (
                    0,
                )  # not provisioning
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT credential FROM device")
