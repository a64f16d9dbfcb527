"""Camera addresses: which ones are opened at all, where they lead, and how they are named without their password."""

import ipaddress
import socket
from urllib.parse import urlsplit

from domain.network import Address, Networks, is_nobody, is_within, plain

SCHEMES = frozenset({"rtsp", "rtsps"})
_PORTS = {"rtsp": 554, "rtsps": 322}


class AddressError(ValueError):
    """A camera's address is rtsp:// or rtsps://, with a host in a network where cameras may be."""


class UnknownHostError(Exception):
    """A camera's name has no address now."""


def check(url: str, *, allow_files: bool) -> str:
    """Return `url` when it may be opened; raise AddressError, without the credential, when it may not.

    Anything else that FFmpeg understands (http:, concat:, file:) would let a configuration read what it must not.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise AddressError("the camera's address is not valid: correct it in the registry") from error
    if parts.scheme == "file" and allow_files:
        return url
    if parts.scheme not in SCHEMES:
        raise AddressError(f"the camera's address begins with {parts.scheme[:20]!r}: it must be rtsp:// or rtsps://")
    if not host:
        raise AddressError("the camera's address names no host: correct it in the registry")
    return url


def check_literal(url: str, allowed: Networks) -> None:
    """Raise AddressError for a host that is an address outside them; what a name leads to is seen when it is opened."""
    try:
        known = ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return
    _admit([known], allowed)


def pinned(url: str, allowed: Networks) -> str:
    """A checked camera's address with the numeric address that it leads to instead of its name.

    The name is looked up once, and what was checked is what is connected to: who owns the name cannot answer
    differently to the second question (DNS rebinding). Raises AddressError or UnknownHostError.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHostError(f"the camera's name {host} has no address now") from error
    address = _admit([ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found], allowed)
    login, at, _ = parts.netloc.rpartition("@")
    where = f"[{address}]" if address.version == 6 else str(address)
    return parts._replace(netloc=f"{login}{at}{where}:{port}").geturl()


def _admit(found: list[Address], allowed: Networks) -> Address:
    """The first one where a camera may be."""
    bare = [plain(one) for one in found]
    for one in bare:
        if is_within(one, allowed) and not is_nobody(one):
            return one
    raise AddressError(
        f"the camera's address leads to {bare[0]}, where no camera may be:"
        " correct it, or have MINGCHU_CAMERA_NETWORKS of the edge name its network"
    )


def redacted(url: str) -> str:
    """Scheme, host, port and path: what may be logged. Some cameras take passwords in the query, so it goes too."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an invalid address"
    return f"{parts.scheme}://{host}{port}{parts.path}"
