"""Settings: all that is read from the environment, in one place. Every name begins with MINGCHU_."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.credential import edge_user
from domain.network import PRIVATE, Networks, networks
from edge.enrolment import Kept
from mingchu import enrolled
from mingchu.datadir import DataDirectory, default_root

if TYPE_CHECKING:
    from alerts.mail import MailServer
    from edge.relay import SiteBroker
    from mingchu.broker import Outside


class BadSettingError(Exception):
    """A setting is missing or wrong."""


class Settings(BaseSettings):
    """What `mingchu` commands read from the environment."""

    model_config = SettingsConfigDict(env_prefix="MINGCHU_", env_ignore_empty=True, extra="ignore")

    database_url: SecretStr | None = None
    """PostgreSQL or TimescaleDB; unset: the embedded server of the data directory."""
    mqtt_url: str | None = None
    """`mqtt://host:port` or `mqtts://host:port`; unset: the private broker of the data directory."""
    mqtt_user: str = "mingchu"
    mqtt_password: SecretStr | None = None
    mqtt_host: str | None = None
    """Where the private broker also listens, over TLS, for devices and edges of other machines; unset: nowhere."""
    mqtt_tls_port: int = 8883
    mqtt_names: str = ""
    """Names and addresses, with commas, by which other machines reach it: they are in its certificate."""
    data_dir: Path | None = None
    evidence_dir: Path | None = None
    """Where the api keeps evidence and alerts finds it; unset: `evidence` in the data directory."""
    worker: str = Field(default_factory=socket.gethostname)
    """The name of this ingest worker: stable, unique among them (the broker keeps its session under it)."""
    shared: bool = False
    """Several ingest workers share what comes; unset, there is one, and it misses nothing when mosquitto restarts."""
    edge: str | None = None
    """Unset: the one that `mingchu edge enroll` has made of this machine, else edge-1."""
    edge_secret: SecretStr | None = None
    """Unset: the enrolled one's, or the one that `mingchu up` keeps in the data directory."""
    edge_threads: int = 1
    edge_spool_mib: PositiveInt = 1024
    """What the edge keeps at most while the platform is away; beyond it the oldest telemetry goes first."""
    site_mqtt_url: str | None = None
    """The site's own broker, whose devices the edge relays: `mqtt://host:port` or `mqtts://host:port`."""
    site_mqtt_user: str = ""
    site_mqtt_password: SecretStr | None = None
    site_mqtt_ca: Path | None = None
    """Certificates that the site's broker is checked against; unset: the system's."""
    site_mqtt_protocol: Literal["5", "3.1.1"] = "5"
    """3.1.1 for a broker that does not know MQTT 5."""
    camera_networks: str = ",".join(map(str, PRIVATE))
    """Where the edge's cameras may be: networks, with commas. Simulators on this machine need 127.0.0.0/8 too."""
    hwaccel: str = "auto"
    """What decodes video at the edge: `auto`, `off` or FFmpeg's name of a device (`vaapi`, `cuda`, `qsv` …)."""
    upload_kbps: Annotated[int, Field(ge=0)] = 0
    """Kilobits a second that an edge's evidence may take of its line; 0: no limit."""
    urgent_look_s: float = Field(default=30.0, ge=1, le=600)
    """Where a class I scene counts, an unchanged picture is analysed at least once in so many seconds (ADR 24) …"""
    calm_look_s: float = Field(default=30.0, ge=1, le=600)
    """… and elsewhere in so many."""
    patrol_period_s: float = Field(default=60.0, ge=1, le=3600)
    """Each camera on patrol is visited once in so many seconds, times its weight."""
    patrol_connections: int = Field(default=32, ge=1, le=512)
    """At most so many visits at once."""
    patrol_watches: int = Field(default=8, ge=1, le=256)
    """At most so many cameras of the patrol are watched at once, since something was found in them."""
    patrol_forced_visits: int = Field(default=10, ge=1)
    """A camera that seems unchanged is analysed at every nth visit all the same."""
    weights: Path | None = None
    """The detector's card (`detector.toml`); unset: the one that is shipped."""
    api_url: str | None = None
    """Where edges upload evidence; unset: where this one was enrolled, else port 8600 of this machine."""
    edge_mqtt_url: str | None = None
    """Where edges reach the broker, as the api tells those that it enrols; unset: the private broker."""
    api_host: str = "127.0.0.1"
    api_port: int = 8600
    console_url: str | None = None
    """Where people open the console, for links in pushes; unset: the api's address."""
    oidc_issuer: str | None = None
    """An OpenID Connect provider by which people log in beside passwords, as it calls itself; unset: passwords only."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_claim: str = "preferred_username"
    """What the provider tells that is our login; the account stays bound to the provider's subject."""
    tile_url: str = ""
    """A raster tile server for the map, WGS 84 in Web Mercator: `https://host/{z}/{x}/{y}.png`; unset: a plain grid."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses and networks, with commas, of reverse proxies whose word is taken for where a request comes from."""
    api_session_requests: Annotated[int, Field(ge=1)] = 1200
    """Requests a minute to REST of each session; `RateLimit-*` headers tell what is left."""
    api_address_requests: Annotated[int, Field(ge=1)] = 6000
    """And of each address, which a whole office may share."""
    metrics_token: SecretStr | None = None
    """What monitoring shows at /metrics as a bearer token; unset: `secrets/metrics` in the data directory."""
    backup_dir: Path | None = None
    """Where `mingchu backup` puts backups, and `mingchu doctor` looks how old the newest is."""
    push_allow_private: bool = False
    """Let pushes go to private and loopback addresses."""
    smtp_url: SecretStr | None = None
    """The mail server for e-mail channels: `smtp://user:password@host:587` or `smtps://…:465`; unset: no e-mail."""
    smtp_from: str = ""
    """Who such e-mail is from."""
    simulator_host: str = "127.0.0.1"
    """Where the demo's cameras are reached."""
    receiver_host: str = "127.0.0.1"
    """Where the demo's push receiver is reached."""
    simulator_bind: str = "127.0.0.1"
    """Where the demo's cameras and push receiver listen."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("tile_url")
    @classmethod
    def _is_tile_url(cls, value: str) -> str:
        good = not set(value) & set(" ;,'\"") and value.startswith(("http://", "https://"))
        good = good and all(f"{{{axis}}}" in value for axis in "xyz")
        if value and not good:
            raise ValueError("a tile server's address is http:// or https:// with {z}, {x} and {y} in it")
        return value

    @field_validator("camera_networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        networks(_parts(value))
        return value

    @property
    def cameras_within(self) -> Networks:
        return networks(_parts(self.camera_networks))

    @property
    def data(self) -> DataDirectory:
        """The data directory, made or not."""
        return DataDirectory((self.data_dir or default_root()).absolute())

    @property
    def evidence(self) -> Path:
        return self.evidence_dir or self.data.evidence

    @property
    def console(self) -> str:
        return (self.console_url or f"http://{self.api_host}:{self.api_port}").rstrip("/")

    @property
    def dsn(self) -> str:
        """The database's address; raises BadSettingError where there is none."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        from mingchu.database import address

        password = self.data.kept_secret("database")
        if password is None:
            raise BadSettingError(
                f"no database: set MINGCHU_DATABASE_URL, or start `mingchu up` first (nothing in {self.data.root})"
            )
        return address(self.data.root, password)

    @property
    def broker(self) -> tuple[str, str, str]:
        """The services' broker: URL, user and password; raises BadSettingError."""
        if self.mqtt_url is not None:
            return self.mqtt_url, self.mqtt_user, _reveal(self.mqtt_password)
        port, secret = self.data.ports().get("broker-services"), self.data.kept_secret("broker")
        if port is None or secret is None:
            raise BadSettingError(
                f"no broker: set MINGCHU_MQTT_URL, or start `mingchu up` first (nothing in {self.data.root})"
            )
        return f"mqtt://127.0.0.1:{port}", "mingchu", secret

    def outside(self, host: str, port: int) -> "Outside":
        """The broker's listener for other machines, with a certificate for the names by which they know it."""
        from mingchu.broker import Outside

        names = _parts(self.mqtt_names)
        mine = self.data.authority.identity([*names, *([] if host in ("0.0.0.0", "::") else [host])])  # noqa: S104
        return Outside(host, port, mine.certificate, mine.key)

    @property
    def edge_code(self) -> str:
        """Which edge this machine is."""
        kept = enrolled.load(self.data) if self.edge is None else None
        return self.edge or (kept.edge if kept is not None else "edge-1")

    @property
    def enrolment(self) -> Kept | None:
        """What was kept when this edge was enrolled here."""
        kept = enrolled.load(self.data)
        return kept if kept is not None and kept.edge == self.edge_code else None

    @property
    def edge_login(self) -> tuple[str, str]:
        """The edge's code and secret; raises BadSettingError."""
        code = self.edge_code
        if self.edge_secret is not None:
            return code, self.edge_secret.get_secret_value()
        if self.enrolment is not None:
            return code, self.enrolment.secret
        kept = self.data.kept_secret(edge_user(code))
        if kept is None:
            raise BadSettingError(
                f"this machine is no edge yet: enrol it with a code from the console (`mingchu edge enroll`),"
                f" or set MINGCHU_EDGE_SECRET to the secret of edge {code}"
            )
        return code, kept

    @property
    def edge_broker(self) -> str:
        """Where the edge connects; raises BadSettingError."""
        if self.mqtt_url is not None:
            return self.mqtt_url
        if self.enrolment is not None and self.enrolment.mqtt_url is not None:
            return self.enrolment.mqtt_url
        known = self.private_broker
        if known is None:
            raise BadSettingError("no broker: set MINGCHU_MQTT_URL, or start `mingchu up` first")
        return known

    @property
    def private_broker(self) -> str | None:
        """Where devices and edges reach the data directory's own broker, if it has one."""
        port = self.data.ports().get("broker")
        return None if port is None else f"mqtt://127.0.0.1:{port}"

    @property
    def edge_api(self) -> str:
        """Where the edge uploads evidence."""
        kept = self.enrolment
        return self.api_url or (kept.api_url if kept is not None else "http://127.0.0.1:8600")

    @property
    def site_broker(self) -> "SiteBroker | None":
        """The site's own broker, where there is one."""
        from edge.relay import SiteBroker

        if self.site_mqtt_url is None:
            return None
        password = _reveal(self.site_mqtt_password)
        return SiteBroker(self.site_mqtt_url, self.site_mqtt_user, password, self.site_mqtt_protocol, self.site_mqtt_ca)

    @property
    def mail_server(self) -> "MailServer | None":
        """Where e-mail is handed in; raises BadSettingError for half a setting."""
        from alerts.mail import MailServer

        if self.smtp_url is None:
            return None
        url = urlsplit(self.smtp_url.get_secret_value())
        if url.scheme not in ("smtp", "smtps") or not url.hostname or "@" not in self.smtp_from:
            raise BadSettingError("MINGCHU_SMTP_URL is smtp[s]://host:port, and MINGCHU_SMTP_FROM an e-mail address")
        tls = url.scheme == "smtps"
        user, password = (None if part is None else unquote(part) for part in (url.username, url.password))
        return MailServer(url.hostname, url.port or (465 if tls else 587), self.smtp_from, tls, user, password)


def read() -> Settings:
    """The settings of this process; raises BadSettingError naming each wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"MINGCHU_{fault['loc'][0]}".upper() + f": {fault['msg']}" for fault in error.errors())
        raise BadSettingError("; ".join(faults)) from error


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _reveal(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
