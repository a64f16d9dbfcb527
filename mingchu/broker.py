"""The private broker: mosquitto with a configuration, passwords and rights generated from the registry."""

import itertools
import os
import random
import re
import signal
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from domain import credential
from domain.topic import FOREIGN, ROOT
from mingchu.account import Account

SERVICE = "mingchu"  # the services' own user
SPARKPLUG = "spBv1.0"

_VERSION = re.compile(r"mosquitto version (\d+)\.(\d+)\.(\d+)")
# With listeners that have settings of their own, these give nothing to a session whose client is away (ADR 25).
_FORGETFUL = ((2, 0, 12), (2, 0, 22))

# Two listeners, each with its own users. On the first a client's id is its user name, so that nobody takes over
# another's session; on the second the services (several processes of one user) choose their ids, and no device has a
# password there. Durations and sizes: a service that is down for long must find its messages again.
_CONFIGURATION = """\
per_listener_settings true
persistence true
persistence_location {directory}/
autosave_interval 5
persistent_client_expiration 14d
max_queued_messages 2000000
max_queued_bytes 1073741824
max_inflight_messages 20000
max_packet_size 1048576
set_tcp_nodelay true
sys_interval 0
log_dest stderr
log_timestamp_format %Y-%m-%dT%H:%M:%S
log_type error
log_type warning
log_type notice
connection_messages true

listener {port} {host}
allow_anonymous false
password_file {directory}/devices.password
acl_file {directory}/devices.acl
use_username_as_clientid true

listener {service_port} {host}
allow_anonymous false
password_file {directory}/services.password
acl_file {directory}/services.acl
"""

# Devices that are not on this machine come over TLS only: their passwords travel.
_OUTSIDE = """
listener {port} {host}
allow_anonymous false
password_file {directory}/devices.password
acl_file {directory}/devices.acl
use_username_as_clientid true
certfile {directory}/outside.pem
keyfile {directory}/outside.key
tls_version tlsv1.2
"""


class BrokerError(Exception):
    """The private broker cannot be made or started."""


@dataclass(frozen=True, slots=True)
class Client:
    """One user of the broker. `credential` is the $7$ hash; the topics are filters, or a filter for publishing."""

    user: str
    credential: str
    publishes: tuple[str, ...]
    subscribes: tuple[str, ...] = ()


def device(site: str, code: str, hashed: str, *, foreign: bool = False, sparkplug: bool = False) -> Client:
    """A device speaks below its own topic and hears nothing; a Sparkplug gateway hears its commands."""
    own = f"{ROOT}/{site}/{code}"
    speaks = [f"{own}/{channel}" for channel in ("telemetry", "event", "transaction", "state")]
    speaks += [f"{FOREIGN}/{site}/{code}/#"] if foreign else []
    hears: list[str] = []
    if sparkplug:
        speaks += [f"{SPARKPLUG}/{site}/{kind}/{code}" for kind in ("NBIRTH", "NDATA", "NDEATH")]
        speaks += [f"{SPARKPLUG}/{site}/{kind}/{code}/+" for kind in ("DBIRTH", "DDATA", "DDEATH")]
        hears += [f"{SPARKPLUG}/{site}/NCMD/{code}", f"{SPARKPLUG}/{site}/DCMD/{code}/+", f"{SPARKPLUG}/STATE/+"]
    return Client(credential.device_user(site, code), hashed, tuple(speaks), tuple(hears))


def edge(code: str, hashed: str) -> Client:
    """An edge speaks on up, live and state, and hears its acknowledgements, its configuration and who wants to look."""
    own = f"{ROOT}/edge/{code}"
    speaks = tuple(f"{own}/{channel}" for channel in ("up", "live", "state"))
    return Client(credential.edge_user(code), hashed, speaks, (f"{own}/ack", f"{own}/down"))


def service(secret: str) -> Client:
    """The services hear everything and answer the edges."""
    topics = (f"{ROOT}/edge/+/ack", f"{ROOT}/edge/+/down", f"{SPARKPLUG}/+/NCMD/+")
    hears = (f"{ROOT}/#", f"{FOREIGN}/#", f"{SPARKPLUG}/#")
    return Client(SERVICE, credential.protect(secret), topics, hears)


@dataclass(frozen=True, slots=True)
class Outside:
    """The listener for other machines: its address, port, and who it proves to be (PEM)."""

    host: str
    port: int
    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Broker:
    """One mosquitto: its files, where it listens and who runs it."""

    directory: Path
    port: int  # devices and edges
    service_port: int
    account: Account
    host: str = "127.0.0.1"
    outside: Outside | None = None
    chatty: bool = False  # its log tells of every packet

    @property
    def url(self) -> str:
        """Where devices and edges connect."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def service_url(self) -> str:
        """Where the services connect."""
        return f"mqtt://127.0.0.1:{self.service_port}"

    def write(self, secret: str, clients: Iterable[Client]) -> bool:
        """Write the generated files: the services' secret, the devices and edges. True when one of them has changed.

        A running broker rereads them at SIGHUP.
        """
        known = tuple(clients)
        files = {
            **self._identity(),
            "mosquitto.conf": self._configuration(),
            "devices.password": _passwords(known),
            "devices.acl": _rights(known),
            "services.acl": _rights((service(secret),)),
        }
        changed = [self._replace(name, text) for name, text in files.items()]
        return any((*changed, self._keep_secret(secret)))

    def _configuration(self) -> str:
        places = {"directory": self.directory, "host": self.host, "port": self.port, "service_port": self.service_port}
        parts = [_CONFIGURATION.format(**places), "log_type all\n" if self.chatty else ""]
        if self.outside is not None:
            parts.append(_OUTSIDE.format(**places | {"host": self.outside.host, "port": self.outside.port}))
        return "".join(parts)

    def _identity(self) -> dict[str, str]:
        return (
            {} if self.outside is None else {"outside.pem": self.outside.certificate, "outside.key": self.outside.key}
        )

    def _replace(self, name: str, text: str) -> bool:
        file = self.directory / name
        if file.exists() and file.read_text(encoding="utf-8") == text:
            return False
        self.account.file(file, text)
        return True

    def _keep_secret(self, secret: str) -> bool:
        """The services' password; hashing again would change the salt, hence the check of the kept hash."""
        file = self.directory / "services.password"
        if file.exists() and credential.verify(secret, file.read_text(encoding="utf-8").strip().partition(":")[2]):
            return False
        self.account.file(file, _passwords((service(secret),)))
        return True

    def command(self, *, death_signal: str | None = "TERM") -> tuple[str, ...]:
        """The broker in the foreground; SIGTERM saves its queues and ends it."""
        argv = (_program(), "-c", str(self.directory / "mosquitto.conf"))
        return self.account.command(argv, death_signal=death_signal)

    def answers(self) -> bool:
        """True when it answers a login: a port that only listens is of a broker that a SIGHUP would still kill."""
        return _answers(self.port) and _answers(self.service_port)

    @staticmethod
    def reload(pid: int) -> None:
        """Have a running broker reread its passwords and rights."""
        os.kill(pid, signal.SIGHUP)


def _program() -> str:
    program = which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise BrokerError("mosquitto is missing: run `apt-get install mosquitto`, or set MINGCHU_MQTT_URL")
    return program


def weakness() -> str:
    """What this machine's mosquitto would lose, and what to do, in one sentence; '' where it is sound."""
    return weakness_of(subprocess.run((_program(), "-h"), capture_output=True, text=True, check=False).stdout)


def weakness_of(words: str) -> str:
    """The same, of what `mosquitto -h` says."""
    found = _VERSION.search(words)
    version = tuple(map(int, found.groups())) if found else ()
    if not _FORGETFUL[0] <= version <= _FORGETFUL[1]:
        return ""
    return (
        f"mosquitto {'.'.join(map(str, version))} drops what devices say while ingest is away: install 2.0.23 or later"
        " (2.0.11 is sound, too), or set MINGCHU_MQTT_URL"
    )


def prepare(root: Path, account: Account, port: int, service_port: int, outside: Outside | None = None) -> Broker:
    """The broker whose files lie below `root`."""
    return Broker(account.directory(root / "broker"), port, service_port, account, outside=outside)


# Below what outgoing connections take by themselves (Linux: from 32768 on), so that a port stays free until its server
# is there, and when that is started again. One after the other, so that nobody is given the same port twice.
_PORTS = range(20_000, 32_768)
_turn = itertools.count(random.SystemRandom().randrange(len(_PORTS)))


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    for place in itertools.islice(_turn, len(_PORTS)):
        port = _PORTS[place % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise BrokerError("no port of 127.0.0.1 from 20000 to 32767 is free")


# An MQTT 3.1.1 login without a name, and the first byte of what a broker says to it, yes or no.
_KNOCK, _ANSWER = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", b"\x20"


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as door:
            door.sendall(_KNOCK)
            return door.recv(1) == _ANSWER
    except OSError:
        return False


def _passwords(clients: Iterable[Client]) -> str:
    return "".join(f"{client.user}:{client.credential}\n" for client in clients)


def _rights(clients: Iterable[Client]) -> str:
    return "".join(
        "".join(
            (
                f"user {client.user}\n",
                *(f"topic write {topic}\n" for topic in client.publishes),
                *(f"topic read {topic}\n" for topic in client.subscribes),
            )
        )
        for client in clients
    )
