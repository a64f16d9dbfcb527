"""What the api needs to know, fixed at its start."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.mapping import VectorResult
from domain.profile import DeviceProfile
from store.supply import KitReport

TIMEZONE = "Asia/Shanghai"
Judge = Callable[[DeviceProfile], tuple[VectorResult, ...]]  # runs a profile's test vectors
ReportReader = Callable[[bytes], KitReport | None]  # None: it is no report of the vendor kit, or somebody changed it


@dataclass(frozen=True, slots=True)
class BrokerLogin:
    """Where the MQTT broker is, and as whom to speak there."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider, and as whom we ask it. `claim` names the account the first time."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str = "preferred_username"


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """`console_url` is where browsers reach the console: its scheme decides whether cookies are Secure."""

    dsn: str
    evidence_dir: Path
    console_url: str
    timezone: str = TIMEZONE  # of the console's clock times
    session: timedelta = timedelta(hours=12)
    pool_size: int = 8
    login_attempts: int = 5  # wrong passwords per login and address
    session_requests: int = 1200  # a minute, to REST, of each session
    address_requests: int = 6000  # and of each address: an office shares one
    login_window: timedelta = timedelta(minutes=5)
    broker: BrokerLogin | None = None  # None: there is no live view
    edge_mqtt_url: str | None = None  # where edges reach the broker, as an enrolled one is told
    ticket_key: str = field(default_factory=secrets.token_hex, repr=False)  # all replicas need the same one
    export_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)  # and the same here
    metrics_token: str = field(default_factory=secrets.token_hex, repr=False)  # what monitoring shows
    judge: Judge | None = None  # what reads messages at ingest; without it no profile is installed here
    read_report: ReportReader | None = None  # without it no vendor hands reports in here
    provider: Provider | None = None  # None: passwords only
    release: str = ""  # this platform's, for what is exported
    tile_url: str = ""  # of a raster tile server, with {z}, {x} and {y}; without one the map is a plain grid

    @property
    def secure(self) -> bool:
        """True where the console is served over TLS."""
        return urlsplit(self.console_url).scheme == "https"

    @property
    def netloc(self) -> str:
        """Host and port as browsers know them."""
        return urlsplit(self.console_url).netloc

    @property
    def tile_origin(self) -> str:
        """Where the map's tiles come from, for the content policy; empty where that is here or nowhere."""
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}".replace("{s}", "*") if parts.netloc else ""
