"""An event on its way to a webhook: a CloudEvent 1.0 in JSON, signed as Standard Webhooks has it."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from alerts.call import Request
from domain import webhook
from store.deliveries import Delivery


class CloudEvent(msgspec.Struct, frozen=True):
    """The body. `source` is this house's console; `subject` is a path below it and below its REST."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str
    data: msgspec.Raw


def body(one: Delivery, console_url: str) -> bytes:
    """The same bytes at each attempt."""
    return msgspec.json.encode(
        CloudEvent(
            specversion="1.0",
            id=one.key,
            source=console_url.rstrip("/"),
            type=f"mingchu.{one.kind}",
            subject=one.subject,
            time=one.at,
            datacontenttype="application/json",
            data=msgspec.Raw(one.data.encode()),
        )
    )


def signature(secrets: Iterable[str], message: str, at: int, content: bytes) -> str:
    """One `v1,` and HMAC-SHA256 in base64 for each secret; the id and the time are signed with the content."""
    signed = f"{message}.{at}.".encode() + content
    return " ".join(
        "v1," + base64.b64encode(hmac.new(webhook.key(secret), signed, hashlib.sha256).digest()).decode()
        for secret in secrets
    )


def request(one: Delivery, url: str, secrets: Iterable[str], console_url: str, now: datetime) -> Request:
    """The call that delivers it; the time of the attempt tells a receiver what is an old one played again."""
    content, at = body(one, console_url), int(now.timestamp())
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": str(one.key),
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secrets, str(one.key), at, content),
    }
    return Request(url, headers, content)
