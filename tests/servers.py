"""Real servers under test: processes that are waited for, and a private mosquitto whose users come and go."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from paho.mqtt import MQTTException, publish

from domain import credential
from mingchu import broker as brokers
from mingchu.account import Account

PATIENCE_S = 120.0  # the machine may be busy


@contextmanager
def running(
    argv: tuple[str, ...], answers: Callable[[], bool], stop: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process that answers; stopped by `stop`. It dies with the tests."""
    with tempfile.TemporaryFile() as words:  # a pipe that nobody reads would block it in the end
        process = subprocess.Popen(argv, cwd="/", stdout=words, stderr=words)
        try:
            wait_for(lambda: answers() or process.poll() is not None)
            if process.poll() is not None:
                words.seek(0)
                raise AssertionError(f"{argv[0]} ended: {words.read().decode()}")
            yield process
        finally:
            process.send_signal(stop)
            process.wait(timeout=PATIENCE_S)


def wait_for(condition: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> None:
    """Return when `condition` holds; fail when it does not within `patience_s`."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "gave up waiting"
        time.sleep(0.01)


class PrivateBroker:
    """A running mosquitto with the product's own configuration; users are added while it runs."""

    def __init__(self, broker: brokers.Broker) -> None:
        self.broker = broker
        self.secrets = {brokers.SERVICE: credential.generate()}
        self.clients: list[brokers.Client] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.broker.write(self.secret(), self.clients)

    @classmethod
    def below(cls, root: Path) -> Self:
        """A broker whose files lie below `root`, on free ports; not started yet."""
        return cls(brokers.prepare(root, Account.find(), brokers.free_port(), brokers.free_port()))

    @property
    def pid(self) -> int:
        assert self.process is not None, "not started"
        return self.process.pid

    def url(self, user: str = brokers.SERVICE) -> str:
        """Where `user` connects: the services have a listener of their own."""
        return self.broker.service_url if user == brokers.SERVICE else self.broker.url

    def secret(self, user: str = brokers.SERVICE) -> str:
        return self.secrets[user]

    def add_device(
        self, site: str, code: str, hashed: str | None = None, *, foreign: bool = False, sparkplug: bool = False
    ) -> tuple[str, str]:
        """Let a device in; returns its user name and secret ('' when only the hash was given)."""
        secret = "" if hashed else credential.generate()
        kept = hashed or credential.protect(secret)
        return self._add(brokers.device(site, code, kept, foreign=foreign, sparkplug=sparkplug), secret)

    def add_edge(self, code: str, hashed: str | None = None) -> tuple[str, str]:
        """Let an edge in; returns its user name and secret ('' when only the hash was given)."""
        secret = "" if hashed else credential.generate()
        return self._add(brokers.edge(code, hashed or credential.protect(secret)), secret)

    def _add(self, client: brokers.Client, secret: str) -> tuple[str, str]:
        self.clients.append(client)
        self.secrets[client.user] = secret
        self._publish_users()
        return client.user, secret

    def _publish_users(self) -> None:
        """Write the users and wait until the broker knows them: a fresh probe among them may connect."""
        probe, secret = f"probe.{uuid.uuid4().hex}", credential.generate()
        self.broker.write(self.secret(), [*self.clients, brokers.Client(probe, credential.protect(secret), ("probe",))])
        if self.process is not None:
            self.broker.reload(self.process.pid)
            wait_for(lambda: self.lets_in(probe, secret))

    def lets_in(self, user: str, secret: str) -> bool:
        """True when a device or edge may connect."""
        try:
            publish.single("probe", port=self.broker.port, auth={"username": user, "password": secret})
        except (MQTTException, OSError):
            return False
        return True

    def start(self) -> None:
        self.process = subprocess.Popen(self.broker.command(), cwd="/", stderr=subprocess.DEVNULL)
        wait_for(self.broker.answers)

    def save(self) -> None:
        """Have it write down what it knows, as it does every few seconds by itself."""
        file = self.broker.directory / "mosquitto.db"
        before = file.stat().st_mtime_ns if file.exists() else 0
        os.kill(self.pid, signal.SIGUSR1)
        wait_for(lambda: file.exists() and file.stat().st_mtime_ns != before)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL plays the crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=PATIENCE_S)
            self.process = None


class SiteBroker:
    """A kitchen's own mosquitto, set up by a stranger: one user, sessions and queues that survive a restart."""

    USER, PASSWORD = "kitchen", "sesame"

    def __init__(self, root: Path, certificate: Path | None = None) -> None:
        """`certificate`: a PEM file with its key, to be reached over TLS."""
        account = Account.find()
        self.port, folder = brokers.free_port(), account.directory(root / "site")
        self.certificate = certificate
        account.file(folder / "users", f"{self.USER}:{credential.protect(self.PASSWORD)}\n")
        lines: tuple[str, ...] = (
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {folder}/users",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 100000",
        )
        if certificate is not None:
            pem = account.file(folder / "tls.pem", certificate.read_text(encoding="utf-8"))
            lines = (*lines, f"certfile {pem}", f"keyfile {pem}")
        file = account.file(folder / "mosquitto.conf", "\n".join(lines) + "\n")
        self._program = brokers.Broker(folder, self.port, self.port, account)
        self._command = (*self._program.command()[:-1], str(file))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'mqtt' if self.certificate is None else 'mqtts'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd="/", stderr=subprocess.DEVNULL)
        wait_for(self._listens)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE_S)
            self._process = None

    def say(self, topic: str, *payloads: bytes, retain: bool = False) -> None:
        """By mosquitto_pub, one line a message; returns when the broker has acknowledged all."""
        login = ("-h", "127.0.0.1", "-p", str(self.port), "-u", self.USER, "-P", self.PASSWORD)
        trust = () if self.certificate is None else ("--cafile", str(self.certificate))
        argv = ("mosquitto_pub", *login, *trust, "-q", "1", "-t", topic, "-l", *(("-r",) if retain else ()))
        subprocess.run(argv, input=b"".join(payload + b"\n" for payload in payloads), check=True, timeout=PATIENCE_S)
