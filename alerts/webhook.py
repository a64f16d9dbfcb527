"""A webhook of the recipient's own: the message as JSON, signed, with its idempotency key."""

import hashlib
import hmac
from uuid import UUID

from alerts.call import Request


def signature(secret: str, body: bytes) -> str:
    """X-Mingchu-Signature: HMAC-SHA256 of the body with the channel's secret, in hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def request(message: UUID, url: str, secret: str, body: bytes) -> Request:
    """The call that carries `body`."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": str(message),
        "X-Mingchu-Signature": signature(secret, body),
    }
    return Request(url, headers, body)
