"""The unprivileged system account that the database and the broker run as when Mingchu is started by root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

NAME = "mingchu"


class AccountError(Exception):
    """The database refuses to run as root, and the account for it cannot be made."""


class UnreachableError(Exception):
    """A path lies below a directory that the account may not enter."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who a private server runs as. `switch` is False when that is who we are already."""

    uid: int
    gid: int
    switch: bool

    @classmethod
    def find(cls) -> Self:
        """The invoking user; for root the system account, made where it is missing."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switch=False)
        entry = _entry() or _make()
        return cls(entry.pw_uid, entry.pw_gid, switch=True)

    def reaches(self, path: Path) -> bool:
        """True when the account may enter every directory down to `path`, and enter or execute that one."""
        if not self.switch:
            return os.access(path, os.X_OK)
        test = self.command(("test", "-x", str(path)))
        return subprocess.run(test, check=False).returncode == 0

    def command(self, argv: tuple[str, ...], *, death_signal: str | None = None) -> tuple[str, ...]:
        """`argv` to be run as this account; `death_signal` (KILL, INT, TERM) reaches it when its parent dies.

        setpriv (util-linux) sets the signal after the change of user, which would clear it, and then replaces itself.
        """
        who = (f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups") if self.switch else ()
        death = (f"--pdeathsig={death_signal}",) if death_signal else ()
        return ("setpriv", *who, *death, "--", *argv) if who or death else argv

    def own(self, path: Path) -> None:
        """Give `path` to the account."""
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def directory(self, path: Path) -> Path:
        """Make `path` a directory that only the account (and root) may enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        self.own(path)
        return path

    def file(self, path: Path, text: str) -> Path:
        """Write `text` to `path` at once (temporary file and rename), readable by the account only."""
        temporary = path.with_name(f".{path.name}.new")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        self.own(temporary)
        temporary.replace(path)
        return path


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    options = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
    try:
        made = subprocess.run((useradd, *options, NAME), check=False, capture_output=True, text=True)
    except OSError as error:
        raise AccountError(
            f"useradd is missing; make a system user named {NAME}, or start as an ordinary user"
        ) from error
    entry = _entry()  # also after a failure: another start may have made it meanwhile
    if entry is None:
        raise AccountError(f"could not make the system user {NAME}: {made.stderr.strip()}")
    return entry
