"""The one-time code on a device's label: drawn, typed, scanned."""

import secrets
from urllib.parse import parse_qs, urlsplit

# Crockford's alphabet: no I, L, O and U, so that a code can be read aloud and typed.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 16, 4  # 80 random bits
_LOOKALIKE = str.maketrans("ILO", "110")
SCHEME = "MINGCHU:"  # what a QR code begins with, where no console's address is known
PATH = "/claim"


class BadClaimCodeError(ValueError):
    """A claim code has 16 letters and digits, like 7K3M-Q9ZT-4V0X-H2RD: it is on the device's label."""


def generate() -> str:
    """A random claim code, in groups of four."""
    return _grouped("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)))


def address(console: str, code: str) -> str:
    """What a label's QR code says: the console's page that claims the device, or the bare code without a console."""
    return f"{console}{PATH}?code={code}" if console else f"{SCHEME}{code}"


def read(text: str) -> str:
    """The code that somebody typed or scanned, as it is written on the label; raises BadClaimCodeError."""
    bare = _bare(text.strip()).upper().removeprefix(SCHEME).replace("-", "").replace(" ", "").translate(_LOOKALIKE)
    if len(bare) != _LENGTH or not set(bare) <= set(_ALPHABET):
        raise BadClaimCodeError(f"{text!r} is no claim code: it has {_LENGTH} letters and digits")
    return _grouped(bare)


def _bare(text: str) -> str:
    if "://" not in text:
        return text
    return parse_qs(urlsplit(text).query).get("code", [""])[0]


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
