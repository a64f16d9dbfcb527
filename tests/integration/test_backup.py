"""A backup is taken while the house is at work, and what is restored from it is the same (PROMISES R16)."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from mingchu import backup
from mingchu.settings import Settings
from tests.console_world import busy_day, drawn, now, registered
from tests.contents import counts, last_alert


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    """The address of an empty database beside the full one."""
    name = f"restored_{uuid.uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield make_conninfo(database_url, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def house(dsn: str, root: Path) -> Settings:
    settings = Settings(database_url=SecretStr(dsn), data_dir=root)
    settings.data.make()
    return settings


def silent(_: str) -> None:
    pass


def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def lived_in(dsn: str, root: Path) -> Settings:
    """A house with a day of alerts, readings, evidence and secrets."""
    settings = house(dsn, root)
    busy_day(await registered(dsn, settings.evidence), [drawn("stove")])
    settings.data.secret("tickets")
    return settings


async def test_what_is_restored_is_the_same_and_works(dsn: str, empty: str, tmp_path: Path) -> None:
    old = await lived_in(dsn, tmp_path / "old")
    taken = await _take(old, tmp_path / "backups")
    new = house(empty, tmp_path / "new")
    new.data.secrets.rmdir()  # a fresh data directory has none
    await _restore(new, taken)

    assert counts(empty) == counts(dsn)
    assert last_alert(empty) == last_alert(dsn)
    for query in (
        "SELECT id, status, raised, why FROM alert ORDER BY id",
        "SELECT device_id, metric_id, time, value FROM reading ORDER BY 1, 2, 3",
        "SELECT id, encode(hash, 'hex') FROM alert_history ORDER BY id",
        "SELECT relname, pg_get_userbyid(relowner), relacl::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT polname, polrelid::regclass::text FROM pg_policy ORDER BY 1, 2",
    ):
        assert rows(empty, query) == rows(dsn, query), query
    assert new.data.kept_secret("tickets") == old.data.secret("tickets")
    assert files(new.evidence) == files(old.evidence) != set()
    # The restored one goes on: numbers are given where the old one stopped.
    alert = rows(empty, "SELECT max(id) FROM alert")[0][0]
    with psycopg.connect(empty) as connection:
        connection.execute("SET ROLE mingchu_alerts")
        connection.execute(
            "INSERT INTO alert_history (alert_id, action, target, condition) VALUES (%s, 'note', 'open', 'ACTIVE')",
            (alert,),
        )


async def test_a_second_backup_copies_only_new_evidence_and_old_ones_go(dsn: str, tmp_path: Path) -> None:
    old, folder = await lived_in(dsn, tmp_path / "old"), tmp_path / "backups"
    first = await _take(old, folder)
    written = {file: file.stat().st_mtime_ns for file in (folder / "evidence").glob("??/*")}
    _age(first.folder)
    cut_off = folder / "2020-01-01T00-00-00Z"
    cut_off.mkdir()
    second = await _take(old, folder, keep=1)
    assert [one.folder for one in backup.found(folder)] == [second.folder]
    assert not cut_off.exists()
    assert {file: file.stat().st_mtime_ns for file in (folder / "evidence").glob("??/*")} == written
    lost = second.files[0]
    stray = folder / "evidence" / lost[:2] / ("0" * 64)
    stray.write_bytes(b"named by no backup")
    _age(second.folder)
    await _take(old, folder, keep=1)
    assert not stray.exists()


@pytest.mark.parametrize("name", ["database.dump", "evidence.txt"])
async def test_a_backup_that_was_changed_is_refused(dsn: str, empty: str, tmp_path: Path, name: str) -> None:
    taken = await _take(await lived_in(dsn, tmp_path / "old"), tmp_path / "backups")
    file = taken.folder / name
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(backup.BackupError, match="not as it was written"):
        await _restore(house(empty, tmp_path / "new"), taken)
    assert rows(empty, "SELECT FROM pg_class WHERE relname = 'alert'") == []


async def test_damaged_or_missing_evidence_is_told(dsn: str, empty: str, tmp_path: Path) -> None:
    old = await lived_in(dsn, tmp_path / "old")
    taken = await _take(old, tmp_path / "backups")
    (taken.vault / taken.files[0][:2] / taken.files[0]).unlink()
    with pytest.raises(backup.BackupError, match="1 evidence files are missing"):
        await _restore(house(empty, tmp_path / "new"), taken)
    damaged = next(old.evidence.glob(f"??/{taken.files[0]}"))
    damaged.write_bytes(b"other bytes")
    with pytest.raises(backup.BackupError, match="not what its name says"):
        await _take(old, tmp_path / "backups-2")


async def test_nothing_is_restored_over_what_is_there(dsn: str, tmp_path: Path) -> None:
    old = await lived_in(dsn, tmp_path / "old")
    taken = await _take(old, tmp_path / "backups")
    with pytest.raises(backup.BackupError, match="is not empty"):
        await _restore(house(dsn, tmp_path / "new"), taken)
    other = house(dsn, tmp_path / "other")
    other.data.secret("tickets")
    with pytest.raises(backup.BackupError, match="another house's"):
        await _restore(other, taken)


async def test_counts_that_differ_are_an_error(dsn: str, empty: str, tmp_path: Path) -> None:
    taken = await _take(await lived_in(dsn, tmp_path / "old"), tmp_path / "backups")
    rows_told = dict(taken.manifest.content.rows) | {"alert": 10**6}
    content = msgspec.structs.replace(taken.manifest.content, rows=rows_told)
    lying = backup.Backup(taken.folder, msgspec.structs.replace(taken.manifest, content=content))
    with pytest.raises(backup.BackupError, match=r"alert \d+ of 1000000"):
        await _restore(house(empty, tmp_path / "new"), lying)


async def test_the_commands_restore_into_an_embedded_database(dsn: str, server_directory: Path, tmp_path: Path) -> None:
    if rows(dsn, "SELECT FROM pg_extension WHERE extname = 'timescaledb'"):
        pytest.skip("the embedded database has no TimescaleDB")
    old = await lived_in(dsn, tmp_path / "old")
    root = server_directory / uuid.uuid4().hex[:8]

    def run(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "mingchu", *words]
        basis = {"PYTHONPATH": str(Path.cwd()), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
        return subprocess.run(command, check=False, env=basis | environment, cwd="/", capture_output=True, text=True)

    made = run("backup", str(tmp_path / "backups"), MINGCHU_DATABASE_URL=dsn, MINGCHU_DATA_DIR=str(old.data.root))
    assert (made.returncode, made.stderr) == (0, "")
    taken = backup.found(tmp_path / "backups")[0]
    if taken.manifest.content.owner != "mingchu":
        pytest.skip("the embedded database has another owner")
    back = run("restore", str(taken.folder), MINGCHU_DATA_DIR=str(root))
    assert (back.returncode, back.stderr) == (0, "")
    assert "restored" in back.stdout
    again = run("restore", str(taken.folder), MINGCHU_DATA_DIR=str(root))
    assert (again.returncode, again.stderr.count("holds a database already")) == (2, 1)


def files(vault: Path) -> set[str]:
    return {file.name for file in vault.glob("??/*")}


def _age(folder: Path) -> None:
    """Backups are named by the second: make this one older."""
    earlier = now() - timedelta(days=1 + len(list(folder.parent.glob("20*Z"))))
    folder.rename(folder.with_name(earlier.strftime("%Y-%m-%dT%H-%M-%SZ")))


async def _take(settings: Settings, folder: Path, keep: int | None = None) -> backup.Backup:
    return await asyncio.to_thread(backup.take, settings, folder, keep, silent)


async def _restore(settings: Settings, taken: backup.Backup) -> None:
    await asyncio.to_thread(backup.restore, settings, taken, silent)
