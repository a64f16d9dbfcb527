"""The rescue of people in a lift: what a rescuer reports, and the signed link by which he does it.

A link is for one alert and one role, and expires. Whoever has it needs no login; it opens nothing else (ADR 32).
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.ladder import RESCUERS, Mark, Recipient

VALID = timedelta(hours=24)  # of a link, from its push
_LONGEST = 200


class RescueAction(StrEnum):
    """What a rescuer reports, in the order in which it happens."""

    ANSWERED = "answered"
    ARRIVED = "arrived"
    RELEASED = "released"

    @property
    def mark(self) -> Mark:
        """What it means for the clocks."""
        return Mark(self.value)


class LinkError(Exception):
    """The link is forged or has expired."""


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it is, and until when."""

    alert: int
    role: Recipient
    expires: datetime


def link(alert: int, role: str, sent: datetime) -> Link:
    """The link of a push that was made at `sent`: the same at each repetition."""
    return Link(alert, Recipient(role), (sent + VALID).replace(microsecond=0))


def sign(one: Link, key: str) -> str:
    """The link as text that cannot be altered without the key."""
    body = f"{one.alert}.{one.role}.{int(one.expires.timestamp())}"
    return f"{body}.{_mac(body, key)}"


def check(text: str, key: str, now: datetime) -> Link:
    """The link that the text is, at `now`; raises LinkError."""
    body, _, mac = text[:_LONGEST].rpartition(".")
    if not hmac.compare_digest(_mac(body, key).encode(), mac.encode(errors="replace")):
        raise LinkError("forged")
    alert, role, expires = body.split(".")  # ours: the signature says so
    found = Link(int(alert), Recipient(role), datetime.fromtimestamp(int(expires), UTC))
    if found.role not in RESCUERS or found.expires < now:
        raise LinkError("expired")
    return found


def _mac(body: str, key: str) -> str:
    """128 bits, in hex: short enough for a text message."""
    digest = hmac.new(key.encode(), f"rescue link {body}".encode(errors="replace"), hashlib.sha256)
    return digest.hexdigest()[:32]
