"""What webhooks are sent: CloudEvents 1.0, by what their `data` is about. The database composes it (ADR 50)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.alert_model import AT, SHA, Named, RuleName
from domain.alert import Condition, Status

webhooks = APIRouter()  # what the OpenAPI document says of calls that are made of others; nobody calls it here


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EventSite(Named):
    """A site, the authority that it is under, and its operator."""

    authority: str = Field(examples=["gz.yx"])
    operator: str = Field(examples=["91440101MA5ABCDE1X"], description="unified social credit code")


class AlertFacts(_Facts):
    """An alert as one step of its history left it. `version` says which of two is the newer."""

    alert: int = Field(examples=[17])
    version: int = Field(examples=[3])
    action: str = Field(examples=["raised"], description="the step, as the history has it")
    by: Literal["operator", "authority", "system"] = Field(examples=["system"])
    reason: str = Field(examples=["air_temp = -9.5 > -15 for 30 min"])
    severity: int = Field(ge=1, le=4, examples=[2])
    status: Status = Field(examples=["open"])
    condition: Condition = Field(examples=["ACTIVE"])
    rule: RuleName
    site: EventSite
    device: Named | None
    camera: Named | None
    zone: str = Field(examples=[""])
    began: datetime = Field(examples=[AT])
    raised: datetime = Field(examples=[AT])
    due: datetime = Field(examples=[AT])


class DeviceFacts(_Facts):
    """A device that came or went, as it or its edge says."""

    site: EventSite
    device: Named
    online: bool = Field(examples=[False])
    last_seen: datetime | None = Field(examples=[AT])


class CameraFacts(_Facts):
    """A camera whose health has changed: OK, OFFLINE, or what is wrong with its picture."""

    site: EventSite
    camera: Named
    health: str = Field(examples=["OFFLINE"])
    before: str = Field(examples=["OK"])
    why: str = Field(examples=["no frame for 60 s"])


class EdgeFacts(_Facts):
    """An edge that came or went; what it watches is unseen meanwhile."""

    edge: Named
    authority: str = Field(examples=["gz.yx"])
    online: bool = Field(examples=[False])
    last_seen: datetime | None = Field(examples=[AT])


class ReportFacts(_Facts):
    """A report of a closed period: of an authority's sites, or of one site."""

    report: int = Field(examples=[4])
    span: Literal["day", "week", "month"] = Field(examples=["day"])
    begin: datetime = Field(examples=[AT])
    end: datetime = Field(examples=[AT])
    authority: str | None = Field(examples=["gz.yx"])
    site: EventSite | None
    sha256: str = Field(examples=[SHA])


class ComplaintFacts(_Facts):
    """A complaint of the public; its words are read in the console."""

    complaint: int = Field(examples=[5])
    topic: Literal["trapped", "fault", "hygiene", "feedback"] = Field(examples=["hygiene"])
    site: EventSite
    equipment: Named | None


class InspectionFacts(_Facts):
    """An inspection that was signed; `digest` is its document's SHA-256."""

    inspection: int = Field(examples=[9])
    site: EventSite
    due: datetime = Field(examples=[AT])
    done: datetime = Field(examples=[AT])
    digest: str = Field(examples=[SHA])
    items: int = Field(examples=[12])
    failed: int = Field(examples=[1])


class PingFacts(_Facts):
    """Somebody tries the webhook."""

    webhook: int = Field(examples=[3])


class MissedFacts(_Facts):
    """At least so many events were not sent: too many waited, or it was given up. Read the lists again."""

    webhook: int = Field(examples=[3])
    count: int = Field(examples=[1200])
    since: datetime = Field(examples=[AT])
    until: datetime = Field(examples=[AT])


class CloudEvent(BaseModel):
    """The envelope. `source` and `/` and `subject`: its page; `source` and `/api/v1/` and `subject`: the resource."""

    model_config = ConfigDict(extra="forbid")
    specversion: Literal["1.0"] = Field(examples=["1.0"])
    id: UUID = Field(
        examples=["0d9a2c6e-1111-4222-8333-444455556666"], description="webhook-id; at each attempt the same"
    )
    source: str = Field(examples=["https://console.example"])
    subject: str = Field(examples=["alerts/17"])
    time: datetime = Field(examples=[AT], description="when it happened")
    datacontenttype: Literal["application/json"] = Field(examples=["application/json"])


class AlertEvent(CloudEvent):
    """A turn of an alert, an appeal against it, or a card for it."""

    type: Literal[
        "mingchu.alert.opened", "mingchu.alert.recurred", "mingchu.alert.cleared", "mingchu.alert.acknowledged",
        "mingchu.alert.reported", "mingchu.alert.rejected", "mingchu.alert.closed", "mingchu.alert.dismissed",
        "mingchu.alert.transferred", "mingchu.alert.supervised", "mingchu.alert.overdue", "mingchu.alert.escalated",
        "mingchu.card.issued", "mingchu.appeal.filed", "mingchu.appeal.decided",
    ] = Field(examples=["mingchu.alert.opened"])  # fmt: skip
    data: AlertFacts


class DeviceEvent(CloudEvent):
    """A device is away, or back."""

    type: Literal["mingchu.device.offline", "mingchu.device.online"] = Field(examples=["mingchu.device.offline"])
    data: DeviceFacts


class CameraEvent(CloudEvent):
    """A camera gives no picture, a bad one, or a good one again."""

    type: Literal["mingchu.camera.offline", "mingchu.camera.impaired", "mingchu.camera.online"] = Field(
        examples=["mingchu.camera.offline"]
    )
    data: CameraFacts


class EdgeEvent(CloudEvent):
    """An edge is away, or back."""

    type: Literal["mingchu.edge.offline", "mingchu.edge.online"] = Field(examples=["mingchu.edge.offline"])
    data: EdgeFacts


class ReportEvent(CloudEvent):
    """A report is ready."""

    type: Literal["mingchu.report.ready"] = Field(examples=["mingchu.report.ready"])
    data: ReportFacts


class ComplaintEvent(CloudEvent):
    """Somebody of the public has complained."""

    type: Literal["mingchu.complaint.received"] = Field(examples=["mingchu.complaint.received"])
    data: ComplaintFacts


class InspectionEvent(CloudEvent):
    """An inspection is finished."""

    type: Literal["mingchu.inspection.finished"] = Field(examples=["mingchu.inspection.finished"])
    data: InspectionFacts


class PingEvent(CloudEvent):
    """A test; every webhook may be sent it."""

    type: Literal["mingchu.webhook.ping"] = Field(examples=["mingchu.webhook.ping"])
    data: PingFacts


class MissedEvent(CloudEvent):
    """There were too many; every webhook may be sent it."""

    type: Literal["mingchu.webhook.missed"] = Field(examples=["mingchu.webhook.missed"])
    data: MissedFacts


@webhooks.post("alert", status_code=204, summary="A turn of an alert")
async def alert(_event: AlertEvent) -> None:
    """Kinds `alert.*`, `appeal.*` and `card.issued`."""


@webhooks.post("device", status_code=204, summary="A device came or went")
async def device(_event: DeviceEvent) -> None:
    """Kinds `device.*`."""


@webhooks.post("camera", status_code=204, summary="A camera's health")
async def camera(_event: CameraEvent) -> None:
    """Kinds `camera.*`."""


@webhooks.post("edge", status_code=204, summary="An edge came or went")
async def edge(_event: EdgeEvent) -> None:
    """Kinds `edge.*`; for authorities."""


@webhooks.post("report", status_code=204, summary="A report is ready")
async def report(_event: ReportEvent) -> None:
    """Kind `report.ready`."""


@webhooks.post("complaint", status_code=204, summary="A complaint")
async def complaint(_event: ComplaintEvent) -> None:
    """Kind `complaint.received`; for authorities, but of somebody who is trapped for the operator as well."""


@webhooks.post("inspection", status_code=204, summary="An inspection is finished")
async def inspection(_event: InspectionEvent) -> None:
    """Kind `inspection.finished`."""


@webhooks.post("ping", status_code=204, summary="A test")
async def ping(_event: PingEvent) -> None:
    """Asked for by `POST /webhooks/{webhook_id}/ping`."""


@webhooks.post("missed", status_code=204, summary="What was not sent")
async def missed(_event: MissedEvent) -> None:
    """Comes by itself, when there is room again."""
