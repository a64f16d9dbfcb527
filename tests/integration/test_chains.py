"""Hash chains of audit log and histories: services cannot edit, and the verifier finds what the owner edits (S11)."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from domain.export import ChainHead
from domain.scene import Scene
from mingchu import signing
from mingchu.datadir import DataDirectory
from store import chains, people
from store.connection import connect
from tests.console_world import World, add_alert, add_scene, moved, registered


async def world_with_history(dsn: str, folder: Path) -> World:
    world = await registered(dsn, folder)
    for name, device in (("warm", "cold-1"), ("lift", "lift-1")):
        alert = add_alert(world, name, "cold-frozen-warm", device=device, status="acknowledged")
        moved(world, alert, "cold", "acknowledge", "open", "acknowledged", timedelta(minutes=3), "看到了")
    connection = await connect(dsn, autocommit=True)
    for number in range(5):
        await people.audit(connection, None, "test", {"number": number, "zh": "中", "nested": {"b": [1.50, None]}})
    await connection.close()
    return world


async def broken(dsn: str) -> tuple[chains.Broken | None, chains.Broken | None, chains.Unlike | None]:
    connection = await connect(dsn, autocommit=True)
    try:
        return (
            await chains.first_broken_audit(connection),
            await chains.first_broken_history(connection),
            await chains.first_unlike(connection),
        )
    finally:
        await connection.close()


def owner(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())


AUDIT = "(SELECT id FROM audit ORDER BY id OFFSET 2 LIMIT 1)"


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit SET detail = jsonb_set(detail, '{number}', '7') WHERE id = " + AUDIT,
        "UPDATE audit SET person_id = 1 WHERE id = " + AUDIT,
        "UPDATE audit SET at = at + interval '1 microsecond' WHERE id = " + AUDIT,
        "UPDATE audit SET action = 'tested' WHERE id = " + AUDIT,
        "UPDATE audit SET hash = sha256(hash) WHERE id = " + AUDIT,
        "DELETE FROM audit WHERE id = " + AUDIT,
    ],
)
async def test_an_edit_of_the_audit_log_is_found_at_its_place(dsn: str, tmp_path: Path, edit: str) -> None:
    await world_with_history(dsn, tmp_path)
    assert await broken(dsn) == (None, None, None)
    with psycopg.connect(dsn) as connection:
        third, fourth = (
            int(row[0]) for row in connection.execute("SELECT id FROM audit ORDER BY id OFFSET 2 LIMIT 2").fetchall()
        )
    owner(dsn, edit)
    found, histories, unlike = await broken(dsn)
    assert found is not None
    assert found.entry == (fourth if edit.startswith("DELETE") else third)
    assert (histories, unlike) == (None, None)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE alert_history SET reason = 'never' WHERE id = {step}",
        "UPDATE alert_history SET target = 'closed' WHERE id = {step}",
        "UPDATE alert_history SET person_id = NULL WHERE id = {step}",
        "UPDATE alert_history SET at = at - interval '1 hour' WHERE id = {step}",
        "UPDATE alert_history SET alert_id = (SELECT min(id) FROM alert) WHERE id = {step}",
        "DELETE FROM alert_history WHERE id = {step} - 1",
    ],
)
async def test_an_edit_of_a_history_is_found_at_its_place(dsn: str, tmp_path: Path, edit: str) -> None:
    world = await world_with_history(dsn, tmp_path)
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT max(id) FROM alert_history WHERE alert_id = %s", (world.alerts["lift"],)
        ).fetchone()
    assert row is not None
    owner(dsn, edit.format(step=row[0]))
    _, found, _ = await broken(dsn)
    assert found is not None
    assert found.entry == row[0]


async def test_newest_steps_that_are_gone_show_in_the_alerts_status(dsn: str, tmp_path: Path) -> None:
    world = await world_with_history(dsn, tmp_path)
    owner(dsn, "DELETE FROM alert_history WHERE id = (SELECT max(id) FROM alert_history)")
    assert await broken(dsn) == (None, None, chains.Unlike(world.alerts["lift"], "acknowledged", "open"))


async def test_an_export_holds_what_a_chain_alone_does_not(dsn: str, tmp_path: Path) -> None:
    """The newest rows gone, or all hashes made anew after an edit: the chain fits, the head of before does not."""
    await world_with_history(dsn, tmp_path)
    connection = await connect(dsn, autocommit=True)
    head = await chains.audit_head(connection)
    assert head is not None
    assert await chains.holds(connection, head) is True
    assert await chains.holds(connection, ChainHead("another", "cam", 1, "00")) is None
    owner(dsn, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    assert await broken(dsn) == (None, None, None)
    assert await chains.holds(connection, head) is False
    await connection.close()


async def test_evidence_that_an_export_names_and_no_row_has_is_found(dsn: str, tmp_path: Path) -> None:
    world = await world_with_history(dsn, tmp_path)
    event = add_scene(world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="w")
    frame, boxed = (world.evidence[f"canteen-1-stove {kind}"] for kind in ("frame", "boxed"))
    connection = await connect(dsn, autocommit=True)
    assert await chains.unknown(connection, [frame, boxed]) == []
    owner(dsn, f"UPDATE evidence SET sha256 = repeat('0', 64) WHERE sha256 = '{frame}' AND kind = 'frame'")
    owner(dsn, f"DELETE FROM evidence WHERE scene_event_id = '{event}' AND kind = 'boxed'")
    assert await chains.unknown(connection, [frame, boxed]) == sorted([frame, boxed])
    await connection.close()


@pytest.mark.parametrize("role", ["mingchu_ingest", "mingchu_alerts", "mingchu_api"])
@pytest.mark.parametrize("table", ["audit", "alert_history", "evidence", "unblurred"])
async def test_services_may_neither_edit_nor_delete(dsn: str, tmp_path: Path, role: str, table: str) -> None:
    await world_with_history(dsn, tmp_path)
    column = {"audit": "action", "alert_history": "reason", "evidence": "sha256", "unblurred": "words"}[table]
    for statement in (
        sql.SQL("UPDATE {} SET {} = 'x'").format(sql.Identifier(table), sql.Identifier(column)),
        sql.SQL("DELETE FROM {}").format(sql.Identifier(table)),
        sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)),
        sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table)),
    ):
        with psycopg.connect(dsn) as connection:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


async def test_many_who_write_at_once_make_one_chain(dsn: str, tmp_path: Path) -> None:
    await registered(dsn, tmp_path)

    async def write(number: int) -> None:
        connection = await connect(dsn, autocommit=True)
        for turn in range(25):
            await people.audit(connection, None, "together", {"writer": number, "turn": turn})
        await connection.close()

    await asyncio.gather(*(write(number) for number in range(8)))
    assert await broken(dsn) == (None, None, None)


async def test_rows_of_before_may_be_numbered_out_of_turn(dsn: str, tmp_path: Path) -> None:
    """Two that wrote at once before migration 0021: numbered 1 and 2, chained 2 before 1; the third followed 2."""
    await registered(dsn, tmp_path)
    with psycopg.connect(dsn) as connection:
        connection.execute("TRUNCATE audit")
        connection.execute("ALTER TABLE audit DISABLE TRIGGER USER")
        for identity, before in ((2, None), (1, 2), (3, 2)):
            connection.execute(
                "INSERT INTO audit (id, action, hash) OVERRIDING SYSTEM VALUE VALUES (%(id)s, 'old',"
                " sha256(coalesce((SELECT hash FROM audit WHERE id = %(before)s), ''::bytea) || convert_to("
                " jsonb_build_array(extract(epoch FROM now()), NULL, 'old', '{}'::jsonb)::text, 'UTF8')))",
                {"id": identity, "before": before},
            )
        connection.execute("ALTER TABLE audit ENABLE TRIGGER USER")
    found, _, _ = await broken(dsn)
    assert found is not None  # a row of after the migration would be an edit
    owner(dsn, "SELECT setval(pg_get_serial_sequence('audit', 'id'), 3)")
    owner(dsn, "INSERT INTO audit (action) VALUES ('chain_ordered')")
    assert await broken(dsn) == (None, None, None)
    owner(dsn, "UPDATE audit SET action = 'new' WHERE id = 1")
    found, _, _ = await broken(dsn)
    assert found is not None
    assert found.entry == 1


async def test_the_commands_say_it(dsn: str, tmp_path: Path) -> None:
    world = await world_with_history(dsn, tmp_path / "evidence")
    environment = {
        "MINGCHU_DATABASE_URL": dsn, "MINGCHU_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(Path.cwd()),
        "MINGCHU_EVIDENCE_DIR": str(tmp_path / "evidence"), "PYTHONUTF8": "1",
    }  # fmt: skip

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "mingchu", *words]
        return subprocess.run(
            command, check=False, env=environment, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8"
        )

    alerts = [str(world.alerts[name]) for name in ("warm", "lift")]
    unsigned = run("evidence", "export", *alerts)
    assert (unsigned.returncode, unsigned.stderr.count("no signing key")) == (2, 1)
    signing.key(DataDirectory(tmp_path / "data"))
    written = run("evidence", "export", *alerts, "--out", "out")
    files = [tmp_path / "out" / f"mingchu-alert-{alert}.zip" for alert in alerts]
    assert (written.returncode, written.stderr) == (0, "")
    assert run("evidence", "verify", str(files[0])).returncode == 0
    assert run("evidence", "export", "999999").returncode == 2
    exports = [word for file in files for word in ("--export", str(file))]
    fine = run("audit", "verify", *exports)
    assert (fine.returncode, fine.stdout.count("ok "), fine.stdout.count("FAILED")) == (0, 9, 0)
    owner(dsn, f"UPDATE alert_history SET reason = 'x' WHERE alert_id = {alerts[1]}")
    owner(dsn, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    bad = run("audit", "verify", *exports)
    assert bad.returncode == 1
    assert f"of alert {alerts[1]} (raised" in bad.stdout
    assert "the entry is gone or was made anew" in bad.stdout
