"""The embedded database: made once, survives what is done to it, and says what is wrong in one sentence."""

import os
import shutil
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from domain import credential
from mingchu import database
from mingchu.account import Account, UnreachableError
from mingchu.database import Database, DatabaseError
from tests.servers import PATIENCE_S, running


@pytest.fixture(scope="module")
def made(server_directory: Path) -> Database:
    root = server_directory / "made"
    root.mkdir(mode=0o711)
    return database.prepare(root, Account.find(), credential.generate(), durable=False)


@pytest.fixture
def root(server_directory: Path) -> Iterator[Path]:
    root = server_directory / uuid.uuid4().hex[:8]
    root.mkdir(mode=0o711)
    yield root
    shutil.rmtree(root)


def test_it_is_utf8_listens_on_its_socket_only_and_wants_the_password(made: Database) -> None:
    with running(made.command(), made.answers, signal.SIGINT), psycopg.connect(made.dsn) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("server_encoding", "listen_addresses")]
        assert shown == [("UTF8",), ("",)]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(made.dsn.replace(made.password, "guess"))


def test_a_killed_servers_remains_do_not_stop_the_next_start(made: Database) -> None:
    with running(made.command(), made.answers, signal.SIGKILL) as process, psycopg.connect(made.dsn) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept (x int)")
        connection.commit()
        process.kill()
        process.wait()
    assert (made.directory / "postmaster.pid").exists()
    made.release()
    with running(made.command(), made.answers, signal.SIGINT), psycopg.connect(made.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_stale_number_that_is_another_process_now_is_no_server(made: Database) -> None:
    (made.directory / "postmaster.pid").write_text(f"{os.getpid()}\n{made.directory}\n", encoding="ascii")
    made.release()
    with running(made.command(), made.answers, signal.SIGINT):
        assert made.answers()


def test_a_server_that_outlived_its_parent_is_ended(made: Database) -> None:
    with running(made.command(), made.answers, signal.SIGINT) as orphan:
        made.release()
        assert orphan.wait(timeout=PATIENCE_S) == 0


def test_programs_that_the_account_cannot_reach_are_copied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reaches = Account.reaches
    monkeypatch.setattr(Account, "reaches", lambda self, path: "site-packages" not in str(path) and reaches(self, path))
    server = database.prepare(root, Account.find(), credential.generate(), durable=False)
    assert server.binaries.is_relative_to(root)
    with running(server.command(), server.answers, signal.SIGINT):
        assert server.answers()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
def test_a_closed_directory_is_one_sentence(root: Path) -> None:
    (root / "closed").mkdir(mode=0o700)
    (root / "closed" / "data").mkdir()
    with pytest.raises(UnreachableError, match=r"may not enter .*closed/data .*: set MINGCHU_DATA_DIR"):
        database.prepare(root / "closed" / "data", Account.find(), "secret")


def test_a_path_too_long_for_a_socket_is_one_sentence(root: Path) -> None:
    deep = root / ("d" * 100)
    deep.mkdir(mode=0o711)
    with pytest.raises(DatabaseError, match="is too long for a socket; set MINGCHU_DATA_DIR"):
        database.prepare(deep, Account.find(), "secret")


@pytest.mark.parametrize("version, sentence", [("15", "was made by PostgreSQL 15"), (None, "is no PostgreSQL cluster")])
def test_another_versions_cluster_is_left_alone(root: Path, version: str | None, sentence: str) -> None:
    (root / "postgres").mkdir()
    if version is not None:
        (root / "postgres" / "PG_VERSION").write_text(f"{version}\n", encoding="ascii")
    with pytest.raises(DatabaseError, match=sentence):
        database.prepare(root, Account.find(), "secret")
