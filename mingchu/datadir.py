"""The data directory: where the embedded servers, secrets, ports, evidence and logs of one machine lie."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from mingchu.broker import free_port

if TYPE_CHECKING:
    from mingchu.certificates import Authority


class DataDirectoryError(Exception):
    """The data directory cannot be used."""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """Paths below one root. Only what the servers' account needs is open to it; the rest is the starting user's."""

    root: Path

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    @property
    def edge(self) -> Path:
        return self.root / "edge"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def simulators(self) -> Path:
        """What the simulators really sent, did and received."""
        return self.root / "simulators"

    @property
    def authority(self) -> "Authority":
        """The broker's certificate authority; only its certificate is open to others."""
        from mingchu.certificates import Authority

        return Authority(self.root / "authority")

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    def make(self) -> None:
        """Make it and its rooms where they are missing; raises DataDirectoryError with one sentence."""
        try:
            self.root.mkdir(mode=0o711, parents=True, exist_ok=True)
            for room in (self.evidence, self.edge, self.logs, self.secrets, self.simulators):
                room.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataDirectoryError(
                f"cannot make the data directory {self.root}: {error.strerror}; set MINGCHU_DATA_DIR to another place"
            ) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory for this process; the kernel lets go of it however the process ends."""
        with (self.root / "lock").open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise DataDirectoryError(
                    f"another `mingchu up` (process {file.read().strip()}) already uses {self.root}: "
                    "stop it, or choose another --data-dir"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def secret(self, name: str) -> str:
        """A random secret, made once and kept readable by the starting user only."""
        kept = self.kept_secret(name)
        if kept is None:
            kept = secrets.token_urlsafe(24)
            write_private(self.secrets / name, kept)
        return kept

    def kept_secret(self, name: str) -> str | None:
        """That secret when it was made before."""
        try:
            return (self.secrets / name).read_text(encoding="ascii")
        except OSError:
            return None

    def port(self, name: str, preferred: int = 0) -> int:
        """The port kept under that name; the first call chooses it: `preferred` where nobody listens there."""
        kept = self.ports().get(name)
        return self.claim_port(name, preferred) if kept is None else kept

    def claim_port(self, name: str, preferred: int = 0) -> int:
        """That port for who is about to listen on it: a kept one that is taken by now is replaced."""
        kept = self.ports()
        free = (port for port in (kept.get(name, 0), preferred) if port and is_free("127.0.0.1", port))
        port = next(free, None) or free_port()
        if kept.get(name) != port:
            write_private(self.root / "ports.json", json.dumps(kept | {name: port}))
        return port

    def ports(self) -> dict[str, int]:
        """The ports chosen so far, by name."""
        try:
            kept: dict[str, int] = json.loads((self.root / "ports.json").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return kept


def default_root() -> Path:
    """Where the data lie unless MINGCHU_DATA_DIR says otherwise; root's home is closed to the servers' account."""
    return Path("/var/lib/mingchu") if os.geteuid() == 0 else user_data_path("mingchu")


def write_private(file: Path, text: str) -> None:
    """Write at once (temporary file and rename), readable by the starting user only."""
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    temporary.replace(file)


def is_free(host: str, port: int) -> bool:
    """True when this process could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
