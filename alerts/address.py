"""Which address a push may connect to: the guard against pushes into our own network (SSRF, PROMISES S6)."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

_NAT64 = IPv6Network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}


class ForbiddenAddressError(Exception):
    """A push goes to an http or https URL whose host has a public address."""


class UnknownHostError(Exception):
    """The receiver's host name has no address at the moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: `url` names the checked address itself, `host` is for the Host header and TLS."""

    url: httpx.URL
    host: str
    name: str


async def check(text: str, *, allow_private: bool) -> Target:
    """Resolve a URL's host once and choose an address that is allowed; raises one of this module's errors."""
    url = _parse(text)
    for address in await _resolve(url):
        if allow_private or is_public(address):
            host = url.netloc.decode("ascii")
            return Target(url.copy_with(host=address), host, url.raw_host.decode("ascii"))
    raise ForbiddenAddressError(f"{url.host} has no public address, and pushes into private networks are not allowed")


def is_public(text: str) -> bool:
    """True for an address of the public internet; IPv6 forms that carry an IPv4 address count as that one."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _parse(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ForbiddenAddressError(f"not a URL: {error}") from error
    if url.scheme not in _PORTS or not url.host:
        raise ForbiddenAddressError(f"{url.scheme or 'no scheme'} is not http or https")
    return url


async def _resolve(url: httpx.URL) -> list[str]:
    port = url.port or _PORTS[url.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise UnknownHostError(f"{url.host} has no address") from error
    return [str(entry[4][0]) for entry in found]
