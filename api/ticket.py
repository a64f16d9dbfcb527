"""Tickets to watch a camera: signed, for one person and one camera, good for seconds and for one view.

The signature is checked here; that a ticket is used once only is seen to by the edge, which all replicas of the api
have in common (ADR 14).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

TICKET_S = 30


class TicketError(Exception):
    """The ticket is forged, expired, or another person's or camera's."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """`view` is its number (32 hexadecimal digits), `expires` in Unix seconds, `grant` the stated purpose (ADR 20)."""

    view: str
    person: int
    camera: int
    expires: int
    grant: int


def issue(person: int, camera: int, now: float, grant: int) -> Ticket:
    """A new ticket."""
    return Ticket(secrets.token_hex(16), person, camera, int(now) + TICKET_S, grant)


def sign(ticket: Ticket, key: str) -> str:
    """The ticket as text that cannot be altered without the key."""
    body = f"{ticket.view}.{ticket.person}.{ticket.camera}.{ticket.expires}.{ticket.grant}"
    return f"{body}.{_mac(body, key)}"


def check(text: str, key: str, person: int, camera: int, now: float) -> Ticket:
    """The ticket that the text is, for that person and camera, now; raises TicketError."""
    body, _, mac = text.rpartition(".")
    if not hmac.compare_digest(_mac(body, key).encode(), mac.encode(errors="replace")):
        raise TicketError("forged")
    view, *numbers = body.split(".")  # ours: the signature says so
    ticket = Ticket(view, *map(int, numbers))
    if ticket.expires < now:
        raise TicketError("expired")
    if (ticket.person, ticket.camera) != (person, camera):
        raise TicketError("not for this person and camera")
    return ticket


def _mac(body: str, key: str) -> str:
    return hmac.new(key.encode(), f"live ticket {body}".encode(errors="replace"), hashlib.sha256).hexdigest()
