"""Enrolment of an edge: the one-time code that people type, and what it is exchanged for."""

import hashlib
import secrets

import msgspec

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_LENGTH, _GROUP = 12, 4  # 60 bits, for one use in half an hour and few tries a minute
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})

# What domain.credential.protect makes; it is written into the broker's password file, hence so strict.
CREDENTIAL = r"^\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$"


class BadEnrolmentCodeError(ValueError):
    """An enrolment code has twelve letters and digits, like 7K3M-9QTX-2B4D: copy it from the console."""


class Enrolment(msgspec.Struct, frozen=True):
    """What a code is exchanged for. The secret is the edge's own and never travels: the platform knows its hash."""

    edge: str
    zh: str
    en: str
    site: str | None = None
    mqtt_url: str | None = None  # None: the platform does not say where its broker is


def generate() -> str:
    """A new code, as it is shown: XXXX-XXXX-XXXX."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def normalise(text: str) -> str:
    """A code as somebody typed it, in its one form; raises BadEnrolmentCodeError."""
    code = text.strip().upper().translate(_MISREAD)
    if len(code) != _LENGTH or not set(code) <= set(ALPHABET):
        raise BadEnrolmentCodeError(BadEnrolmentCodeError.__doc__)
    return code


def fingerprint(code: str) -> bytes:
    """What is kept of a normalised code."""
    return hashlib.sha256(code.encode()).digest()
