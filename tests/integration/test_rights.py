"""Rights in the database as its catalogue has them: no table, view or function is open that was not meant to be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.console_client import Console, console
from tests.console_world import add_alert, add_inspection

# What the api reads of the whole house: no tenant's, or counted by it for all of its processes.
_HOUSES = {
    "attempt", "authority", "calendar", "evidence_class", "ladder", "link_key", "model", "process", "push_key",
    "retention", "risk_day", "risk_weights", "session", "trouble",
}  # fmt: skip
# Views with their owner's rights: each holds its own filter (ADR 21, ADR 45).
_FILTERED = {
    "device_ledger", "device_reading", "device_reading_1m", "device_reading_1h", "device_reading_1d",
    "vendor_device", "vendor_letter", "vendor_presence", "firm_equipment", "firm_rescue", "firm_rescue_step",
}  # fmt: skip
# Not those of extensions.
_OWN = (
    "pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
)


def _names(dsn: str, query: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        return {str(row[0]) for row in connection.execute(query.encode()).fetchall()}


def test_what_the_api_reads_without_row_security_is_the_whole_houses(dsn: str) -> None:
    open_to = (
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND {}"
        " AND (has_table_privilege('mingchu_api', oid, 'SELECT, INSERT, UPDATE, DELETE')"
        " OR has_any_column_privilege('mingchu_api', oid, 'SELECT, INSERT, UPDATE'))"
    )
    assert _names(dsn, open_to.format("relkind IN ('r', 'p') AND NOT relrowsecurity")) == _HOUSES
    asks_the_reader = "'security_invoker=true' = ANY (coalesce(reloptions, '{}'))"
    assert _names(dsn, open_to.format(f"relkind = 'v' AND NOT {asks_the_reader}")) == _FILTERED


def test_functions_with_the_owners_rights_are_for_somebody_and_look_in_one_place(dsn: str) -> None:
    definer = f"SELECT oid::regprocedure FROM pg_proc WHERE prosecdef AND {_OWN}"
    assert len(_names(dsn, definer)) > 40
    elsewhere = " AND NOT 'search_path=public, pg_temp' = ANY (coalesce(proconfig, '{}'))"
    assert _names(dsn, definer + elsewhere) == set()
    anybodys = " AND prorettype <> 'trigger'::regtype AND has_function_privilege('mingchu_reader', oid, 'EXECUTE')"
    assert _names(dsn, definer + anybodys) == {
        f"transferred_{what}()" for what in ("alerts", "cameras", "devices", "sites")
    }


def test_a_services_temporary_table_is_not_taken_for_a_real_one(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET ROLE mingchu_api")
        connection.execute("CREATE TEMP TABLE person (id bigint, password text)")
        connection.execute("INSERT INTO pg_temp.person VALUES (0, 'before')")
        connection.execute("SET mingchu.person = '0'")
        connection.execute("SELECT change_own_password('written with the owner''s rights')")
        assert connection.execute("SELECT password FROM pg_temp.person").fetchone() == ("before",)


def test_no_service_but_the_api_is_told_of_passwords(dsn: str) -> None:
    for role in ("mingchu_ingest", "mingchu_alerts"):
        for asked in ("person_by_login('x')", "person_by_session('x')", "edge_credential('x')"):
            with psycopg.connect(dsn) as connection:
                connection.execute(f"SET ROLE {role}".encode())
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SELECT {asked}".encode())


@asynccontextmanager
async def _of_district(house: Console, admin: httpx.AsyncClient, path: str) -> AsyncIterator[httpx.AsyncClient]:
    order = {"login": f"admin-{path}", "name": "x", "role": "admin", "authority": path}
    made = (await admin.post("/api/v1/people", json=order)).json()
    async with house.visitor(address=f"10.4.0.{len(path)}") as client:
        words = {"login": order["login"], "password": made["password"]}
        assert (await client.post("/api/v1/login", json=words)).status_code == 200
        yield client


async def test_refused_messages_are_their_tenants(dsn: str, tmp_path: Path) -> None:
    yuexiu = ["mc/v1/cold-base/cold-1/telemetry", "mx/v1/tower/lift-1/up", "mc/v1/edge/edge-yx/up"]
    tianhe = ["mc/v1/market-1/scale-1/telemetry", "spBv1.0/market-1/DDATA/gw/scale-1", "mc/v1/edge/edge-th/state"]
    nobodys = ["mc/v1/nowhere/x/telemetry", "nobody-knows"]
    async with console(dsn, tmp_path) as house, house.as_("admin") as admin:
        with psycopg.connect(dsn) as connection:
            for topic in (*yuexiu, *tianhe, *nobodys):
                connection.execute(
                    "INSERT INTO dead_letter (topic, payload, reason) VALUES (%s, 'secret', %s)", (topic, f"of {topic}")
                )
        rows = (await admin.get("/api/v1/dead-letters")).json()
        assert {row["topic"] for row in rows} == {*yuexiu, *tianhe, *nobodys}
        foreign = next(row["id"] for row in rows if row["topic"] == yuexiu[0])
        async with _of_district(house, admin, "gz.th") as client:
            assert {row["topic"] for row in (await client.get("/api/v1/dead-letters")).json()} == {*tianhe}
            for page in ("/operations", "/operations/letters"):
                assert not [topic for topic in (*yuexiu, *nobodys) if topic in (await client.get(page)).text]
            assert (await client.post(f"/api/v1/dead-letters/{foreign}/replay")).status_code == 404
            assert (await client.post("/api/v1/dead-letters/replay", json={})).json() == {"letters": len(tianhe)}
    with psycopg.connect(dsn) as connection:
        asked = connection.execute("SELECT topic FROM dead_letter WHERE replay IS NOT NULL").fetchall()
        assert {row[0] for row in asked} == {*tianhe}
        # A device's gaps ask for its own: by the index, which row security would forbid to a comparison that may tell.
        connection.execute("SET ROLE mingchu_api")
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute("EXPLAIN SELECT FROM dead_letter WHERE topic ^@ 'mc/v1/market-1/scale-1/'").fetchall()
        assert any("Index Cond: ((topic ~>=~" in str(row[0]) for row in plan), plan


async def test_nothing_is_taken_out_of_what_was_signed(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        alert = add_alert(house.world, "a", "lift-door-open", device="lift-1")
        task = add_inspection(house.world, "canteen-1", "canteen", "yuexiu", alert)["inspection_id"]
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE inspection SET done = now(), digest = repeat('0', 64) WHERE id = %s", (task,))
        connection.execute("SET ROLE mingchu_api")
        connection.execute("SELECT set_config('mingchu.authority', 'gz', false)")
        with pytest.raises(psycopg.errors.RaiseException, match="is done"):
            connection.execute("DELETE FROM inspection_paper WHERE inspection_id = %s", (task,))
