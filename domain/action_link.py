"""Signed links in pushes: a push's id with a signature over it, in 38 characters."""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

LASTS = timedelta(hours=24)
REPORT_LASTS = timedelta(days=14)  # longer than a holiday; after that a login shows the same report
_SIGNATURE = 12  # bytes: 96 bits, checked by us alone


def token(key: bytes, push: UUID) -> str:
    """The link's last part. The push says what may be done, in whose name and until when."""
    return base64.urlsafe_b64encode(push.bytes + _sign(key, push)).rstrip(b"=").decode("ascii")


def opened(key: bytes, text: str) -> UUID | None:
    """The push that a link is of; None for one that we did not sign."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + _SIGNATURE:
        return None
    push = UUID(bytes=raw[:16])
    return push if hmac.compare_digest(raw[16:], _sign(key, push)) else None


def _sign(key: bytes, push: UUID) -> bytes:
    return hmac.new(key, b"link" + push.bytes, hashlib.sha256).digest()[:_SIGNATURE]
