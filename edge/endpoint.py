"""Where a broker listens: the platform's or the site's."""

from dataclasses import dataclass
from urllib.parse import urlsplit


class BadBrokerUrlError(ValueError):
    """A broker's address is mqtt://host:port, or mqtts://host:port for TLS."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Host and port; `secure`: over TLS."""

    host: str
    port: int
    secure: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def endpoint(url: str) -> Endpoint:
    """Read a broker's address; raises BadBrokerUrlError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadBrokerUrlError(f"{url!r}: {BadBrokerUrlError.__doc__}") from error
    if parts.scheme not in ("mqtt", "mqtts") or not host:
        raise BadBrokerUrlError(f"{url!r}: {BadBrokerUrlError.__doc__}")
    secure = parts.scheme == "mqtts"
    return Endpoint(host, port or (8883 if secure else 1883), secure)
