"""Backups: a folder for each, beside a store of evidence files that all of them share; and the way back (ADR 40)."""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from mingchu import database
from mingchu.account import Account
from mingchu.datadir import DataDirectory
from mingchu.release import version
from mingchu.settings import Settings
from store import backup as store
from store import chains
from store.connection import Connection, connect, where

Tell = Callable[[str], None]

_DUMP, _MANIFEST, _FILES, _HOUSE = "database.dump", "manifest.json", "evidence.txt", "house"
_EVIDENCE = "evidence"
_KEPT = ("secrets", "authority", "ports.json")  # of the data directory: without them no edge and no ticket is known
_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_SETS_TRANSACTION_TIMEOUT = 170000  # an older server refuses that line of a dump


class BackupError(Exception):
    """A backup cannot be taken, or is not what it was, or cannot be restored there."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds. It is written last: a folder without one is unfinished."""

    release: str
    taken: datetime
    dump_sha256: str
    files_sha256: str  # of the list of evidence files
    files: int
    absent: int  # files that the database speaks of and that had not come from the edges yet
    content: store.Content


@dataclass(frozen=True, slots=True)
class Backup:
    """One finished backup."""

    folder: Path
    manifest: Manifest

    @property
    def vault(self) -> Path:
        return self.folder.parent / _EVIDENCE

    @property
    def files(self) -> tuple[str, ...]:
        return tuple((self.folder / _FILES).read_text(encoding="ascii").split())


def found(folder: Path) -> list[Backup]:
    """The finished backups below `folder`, oldest first."""
    return [read(file.parent) for file in sorted(folder.glob(f"*/{_MANIFEST}"))]


def read(folder: Path) -> Backup:
    """One backup; raises BackupError when it is none, or was edited."""
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{folder} is no finished backup: {error}") from error
    return Backup(folder, manifest)


def take(settings: Settings, folder: Path, keep: int | None, tell: Tell) -> Backup:
    """Take a backup below `folder` while the house is at work; keep the newest `keep`. Raises BackupError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(folder)
    own = folder / datetime.now(UTC).strftime(_STAMP)
    own.mkdir(mode=0o700)
    tell("the database …")
    content, named = asyncio.run(_dump(settings.dsn, own / _DUMP))
    tell("the evidence …")
    present = _copy_all(settings.evidence, folder / _EVIDENCE, sorted(named))
    (own / _FILES).write_text("\n".join(present), encoding="ascii")
    _copy_house(settings.data.root, own / _HOUSE)
    manifest = Manifest(
        release=version(),
        taken=datetime.strptime(own.name, _STAMP).replace(tzinfo=UTC),
        dump_sha256=_sha256(own / _DUMP),
        files_sha256=_sha256(own / _FILES),
        files=len(present),
        absent=len(named) - len(present),
        content=content,
    )
    _write(own / _MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    if keep is not None:
        _prune(folder, keep)
    return Backup(own, manifest)


def restore(settings: Settings, backup: Backup, tell: Tell) -> None:
    """Put it into an empty database and data directory, and hold the result against it. Raises BackupError."""
    _intact(backup)
    data = settings.data
    data.make()
    with data.lock(), _target(settings, backup) as dsn:
        tell("the database …")
        asyncio.run(_fill(dsn, backup))
        tell("the evidence …")
        _copy_all(backup.vault, settings.evidence, backup.files)
        tell("comparing …")
        asyncio.run(_compare(dsn, backup.manifest.content))


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Connection]:
    connection = await connect(dsn, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()


async def _dump(dsn: str, file: Path) -> tuple[store.Content, frozenset[str]]:
    """The dump and the counts beside it are of the same moment."""
    async with _connected(dsn) as connection:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        shared = await store.snapshot(connection)
        options = ("--format=custom", "--compress=gzip:1", f"--snapshot={shared}", f"--file={file}")
        dumping = asyncio.create_task(asyncio.to_thread(_client, "pg_dump", dsn, *options))
        content = await store.content(connection)
        named = await store.evidence(connection)
        await dumping
    return content, named


async def _fill(dsn: str, backup: Backup) -> None:
    content = backup.manifest.content
    async with _connected(dsn) as connection:
        if not await store.is_empty(connection):
            raise BackupError(f"the database {where(dsn)} is not empty: give an empty one (MINGCHU_DATABASE_URL)")
        await store.make_roles(connection, content.roles)
        old = connection.info.server_version < _SETS_TRANSACTION_TIMEOUT
        if content.timescaledb is not None:
            await store.begin_restore(connection)
    strict = () if old else ("--exit-on-error", "--single-transaction")
    try:
        await asyncio.to_thread(_client, "pg_restore", dsn, *strict, str(backup.folder / _DUMP), check=not old)
    finally:
        if content.timescaledb is not None:
            async with _connected(dsn) as connection:
                await store.end_restore(connection)


async def _compare(dsn: str, told: store.Content) -> None:
    """The same rows, the same last alert, and chains that hold."""
    async with _connected(dsn) as connection:
        now = await store.content(connection)
        broken = await chains.first_broken_audit(connection) or await chains.first_broken_history(connection)
    unlike = {table for table in told.rows if now.rows.get(table) != told.rows[table]}
    if unlike:
        faults = ", ".join(f"{table} {now.rows.get(table)} of {told.rows[table]}" for table in sorted(unlike))
        raise BackupError(f"the restored database differs from the backup: {faults}")
    if (now.last_alert, now.last_alert_at) != (told.last_alert, told.last_alert_at):
        raise BackupError(f"the last alert is {now.last_alert}, in the backup it was {told.last_alert}")
    if broken is not None:
        raise BackupError(f"entry {broken.entry} of a hash chain does not follow the one before it")


@contextmanager
def _target(settings: Settings, backup: Backup) -> Iterator[str]:
    """The database that is to be filled: a given one, else a new embedded one, which goes again when that fails."""
    if settings.database_url is not None:
        _bring_house(backup, settings.data)
        yield settings.dsn
        return
    if (settings.data.root / "postgres").exists():
        raise BackupError(f"{settings.data.root} holds a database already: choose another MINGCHU_DATA_DIR")
    _bring_house(backup, settings.data)
    server = database.prepare(settings.data.root, Account.find(), settings.data.secret("database"))
    try:
        with database.serving(server):
            yield server.dsn
    except BaseException:
        shutil.rmtree(server.directory, ignore_errors=True)
        raise


def _bring_house(backup: Backup, data: DataDirectory) -> None:
    """Secrets and ports as they were; raises BackupError where other ones are."""
    house = backup.folder / _HOUSE
    for source in sorted(house.rglob("*")):
        target = data.root / source.relative_to(house)
        if source.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
            shutil.copystat(source, target)
        elif not target.exists():
            shutil.copy2(source, target)
        elif target.read_bytes() != source.read_bytes():
            raise BackupError(f"{target} is another house's: choose another MINGCHU_DATA_DIR")


def _copy_house(root: Path, target: Path) -> None:
    target.mkdir(mode=0o700)
    for name in _KEPT:
        if (root / name).is_dir():
            shutil.copytree(root / name, target / name)
        elif (root / name).is_file():
            shutil.copy2(root / name, target / name)


def _copy_all(source: Path, target: Path, files: Sequence[str]) -> list[str]:
    """Copy what is there and not yet in `target`; returns what lies there now. Raises BackupError for wrong bytes."""
    return [sha256 for sha256 in files if _copy(source, target, sha256)]


def _copy(source: Path, target: Path, sha256: str) -> bool:
    known, wanted = source / sha256[:2] / sha256, target / sha256[:2] / sha256
    if wanted.is_file():
        return True
    if not known.is_file():
        return False
    wanted.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = wanted.with_name(f".{sha256}.new")
    shutil.copyfile(known, fresh)
    if _sha256(fresh) != sha256:
        fresh.unlink()
        raise BackupError(f"the evidence file {known} is not what its name says: it was changed or is damaged")
    fresh.replace(wanted)
    return True


def _intact(backup: Backup) -> None:
    """Raises BackupError when a byte of it is not as it was."""
    for name, told in ((_DUMP, backup.manifest.dump_sha256), (_FILES, backup.manifest.files_sha256)):
        if _sha256(backup.folder / name) != told:
            raise BackupError(f"{backup.folder / name} is not as it was written: use another backup")
    lost = [sha256 for sha256 in backup.files if not (backup.vault / sha256[:2] / sha256).is_file()]
    if lost:
        raise BackupError(f"{len(lost)} evidence files are missing in {backup.vault}, first {lost[0]}")


def _clear(folder: Path) -> None:
    """Forget what a backup that was cut off has left."""
    for own in folder.glob("20*Z"):
        if not (own / _MANIFEST).exists():
            shutil.rmtree(own)


def _prune(folder: Path, keep: int) -> None:
    """Remove all but the newest, then the files that no backup names any more."""
    backups = found(folder)
    for old in backups[:-keep]:
        (old.folder / _MANIFEST).unlink()  # first: what is half gone must not look finished
        shutil.rmtree(old.folder)
    named = {sha256 for backup in backups[-keep:] for sha256 in backup.files}
    for file in (folder / _EVIDENCE).glob("??/*"):
        if file.name not in named:
            file.unlink()


def _client(program: str, dsn: str, *options: str, check: bool = True) -> None:
    """Run a PostgreSQL client; the password goes by the environment, where other users cannot see it."""
    parts = conninfo_to_dict(dsn)
    password = str(parts.pop("password", "") or "")
    argv = (str(database.client(program)), f"--dbname={make_conninfo('', **parts)}", *options)
    environment = {"LC_ALL": "C", "PGPASSWORD": password}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0 and check:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise BackupError(f"{program} failed: {lines[-1]}")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write(file: Path, data: bytes) -> None:
    """At once, and on the disk when this returns."""
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
