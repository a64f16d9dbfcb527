"""The opaque cursor of a list: where the next page begins."""

import base64
import binascii
import struct

_FORM = struct.Struct(">Bq")


class BadCursorError(ValueError):
    """A cursor comes from the page before it, unchanged."""


def encode(severity: int, identity: int) -> str:
    """Severity and id of the last row as URL-safe text."""
    return base64.urlsafe_b64encode(_FORM.pack(severity, identity)).decode()


def decode(cursor: str) -> tuple[int, int]:
    """Severity and id from encode(); raises BadCursorError."""
    try:
        severity, identity = _FORM.unpack(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, struct.error, ValueError) as error:
        raise BadCursorError(BadCursorError.__doc__) from error
    return severity, identity
