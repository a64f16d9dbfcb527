"""Webhooks: the kinds of events that programs of others may hear of, and how much they are sent (ADR 50)."""

import base64
import secrets
from datetime import timedelta
from enum import StrEnum

from domain.budget import Bucket

RATE = Bucket(50, 20)  # events that one webhook is sent: fifty at once, twenty a second
BACKLOG = 5_000  # events that wait for one webhook; what comes then is counted, and told as one
OVERLAP = timedelta(hours=24)  # how long the secret before signs as well
MOST = 20  # webhooks of one side
_PREFIX = "whsec_"  # of a secret, as Standard Webhooks has it
_SECRET_BYTES = 32


class EventKind(StrEnum):
    """What has happened. An event's type is this after `mingchu.`."""

    ALERT_OPENED = "alert.opened"
    ALERT_RECURRED = "alert.recurred"
    ALERT_CLEARED = "alert.cleared"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_REPORTED = "alert.reported"
    ALERT_REJECTED = "alert.rejected"
    ALERT_CLOSED = "alert.closed"
    ALERT_DISMISSED = "alert.dismissed"
    ALERT_TRANSFERRED = "alert.transferred"
    ALERT_SUPERVISED = "alert.supervised"
    ALERT_OVERDUE = "alert.overdue"
    ALERT_ESCALATED = "alert.escalated"
    CARD_ISSUED = "card.issued"
    APPEAL_FILED = "appeal.filed"
    APPEAL_DECIDED = "appeal.decided"
    DEVICE_OFFLINE = "device.offline"
    DEVICE_ONLINE = "device.online"
    CAMERA_OFFLINE = "camera.offline"
    CAMERA_IMPAIRED = "camera.impaired"
    CAMERA_ONLINE = "camera.online"
    EDGE_OFFLINE = "edge.offline"
    EDGE_ONLINE = "edge.online"
    REPORT_READY = "report.ready"
    COMPLAINT_RECEIVED = "complaint.received"
    INSPECTION_FINISHED = "inspection.finished"


# Of a webhook itself: nobody asks for them.
PING = "webhook.ping"
MISSED = "webhook.missed"


def new_secret() -> str:
    """A key to sign with, as it is shown once."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def key(secret: str) -> bytes:
    """The bytes that a secret stands for."""
    return base64.b64decode(secret.removeprefix(_PREFIX))
