"""Secrets of edges and devices, hashed as mosquitto does ($7$), so that broker and api check the same one."""

import base64
import hashlib
import hmac
import secrets

# The secrets are 192 random bits, not chosen by people: a slow hash would add nothing but load.
_ITERATIONS = 101


def generate() -> str:
    """A new random secret, URL-safe, 32 characters."""
    return secrets.token_urlsafe(24)


def protect(secret: str) -> str:
    """Hash for storage: `$7$iterations$salt$hash`, PBKDF2-HMAC-SHA512 (mosquitto 2 password file)."""
    return _encode(secret, secrets.token_bytes(12), _ITERATIONS)


def verify(secret: str, stored: str) -> bool:
    """True when `secret` is the one that `stored` was made from."""
    try:
        _, scheme, iterations, salt, _ = stored.split("$")
        again = _encode(secret, base64.b64decode(salt, validate=True), int(iterations))
    except ValueError:
        return False
    return scheme == "7" and hmac.compare_digest(again, stored)


def _encode(secret: str, salt: bytes, iterations: int) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, iterations)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def edge_user(edge: str) -> str:
    """The broker's user name of an edge. Codes have no dots, so that no device can take it."""
    return f"edge.{edge}"


def device_user(site: str, device: str) -> str:
    """The broker's user name of a device."""
    return f"{site}.{device}"
