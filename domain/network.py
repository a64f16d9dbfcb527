"""Networks: where cameras are, and where none ever is."""

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def networks(texts: Iterable[str]) -> Networks:
    """Networks by their names, like 10.0.0.0/8; raises ValueError."""
    return tuple(ipaddress.ip_network(text) for text in texts)


PRIVATE = networks(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
LOOPBACK = networks(("127.0.0.0/8", "::1/128"))  # of simulators, which run beside the edge
# Link-local, and the other places of clouds' metadata services, which hand out credentials to whoever asks.
_NEVER = networks(("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32"))


def plain(address: Address) -> Address:
    """Without the IPv6 coat of an IPv4 address."""
    return getattr(address, "ipv4_mapped", None) or address


def is_nobody(address: Address) -> bool:
    """An address that no camera has, whatever network is allowed."""
    one = plain(address)
    return is_within(one, _NEVER) or one.is_multicast or one.is_unspecified


def is_within(address: Address, those: Networks) -> bool:
    """Whether it is in one of those networks."""
    return any(address in network for network in those)
