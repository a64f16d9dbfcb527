"""Web Push: a message encrypted for one browser (RFC 8291) and sent to its push service as this house (RFC 8292)."""

import base64
import binascii
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from alerts import call
from alerts.call import Request, Response
from alerts.outcome import Gone, Outcome, Refused

TTL = timedelta(hours=24)  # how long the push service keeps it for a browser that is off
_TOKEN = timedelta(hours=12)  # at most 24 h, RFC 8292 §2


class BadSubscriptionError(Exception):
    """The browser's keys are no keys."""


@dataclass(frozen=True, slots=True)
class Vapid:
    """This house's key pair: the private one as PEM, the public one as browsers want it; and whom to write to."""

    private: str
    public: str
    contact: str


def generate() -> tuple[str, str]:
    """A new key pair: private as PEM, public as an uncompressed point in base64url."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return private.decode("ascii"), base64.urlsafe_b64encode(point).rstrip(b"=").decode("ascii")


def request(vapid: Vapid, endpoint: str, keys: str, body: bytes, now: datetime, *, urgent: bool) -> Request:
    """The call that carries `body`. `keys`: the subscription's `p256dh` and `auth`, with a dot between."""
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(int(TTL.total_seconds())),
        "Urgency": "high" if urgent else "normal",
        "Authorization": _authorization(vapid, endpoint, now),
    }
    return Request(endpoint, headers, _encrypted(keys, body))


def _authorization(vapid: Vapid, endpoint: str, now: datetime) -> str:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + _TOKEN).timestamp()),
        "sub": vapid.contact,
    }
    return str(Vapid02.from_pem(vapid.private.encode()).sign(claims)["Authorization"])


def _encrypted(keys: str, body: bytes) -> bytes:
    point, _, secret = keys.partition(".")
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    try:
        sealed = http_ece.encrypt(
            body,
            salt=os.urandom(16),
            private_key=ephemeral,
            dh=_decoded(point),
            auth_secret=_decoded(secret),
            version="aes128gcm",
        )
    except (ValueError, binascii.Error, http_ece.ECEException) as error:
        raise BadSubscriptionError(f"the browser's keys are no keys: {error}") from error
    assert isinstance(sealed, bytes)
    return sealed


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verdict(response: Response) -> Outcome:
    """404 and 410: the person has taken the permission back, or the browser is gone (RFC 8030 §7.3)."""
    if response.status in (404, 410):
        return Gone(f"HTTP {response.status}: the browser has given up its subscription")
    if response.status == 413:
        return Refused("HTTP 413: the message is too long")
    return call.verdict(response.status, response.retry_after)
