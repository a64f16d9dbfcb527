"""REST: alerts and their pictures as notices under the field names of GA/T 1400."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api import case_view
from api.alert_model import AlertSummary
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import Paging, paged
from api.viid_model import Notices, SubImageInfo, SubImageList, SubscribeNotification, SubscribeNotificationList
from domain.alert import Status
from domain.period import ZONE
from store import queue
from store.queue import QueueFilter

router = APIRouter(prefix="/api/v1/viid", tags=["exports"])

_SCENE = "14"  # the type of a picture of a scene
_SUBSCRIBED = "mingchu-alerts"


@router.get("/notices", responses=problems(401), summary="Alerts as GA/T 1400 notices")
async def notices(
    at: AtDesk,
    person: Asking,
    *,
    status: Annotated[list[Status] | None, Query(description="may be repeated", examples=[["open"]])] = None,
    paging: Annotated[Paging, Depends(paged(50, 200))],
) -> Notices:
    """The newest alerts first, each with its redacted picture. What is conformant, and what is not: docs/API.md."""
    after = paging.after((0, 0)) if paging.cursor else None
    wanted = QueueFilter(statuses=None if status is None else tuple(status), newest=True, after=after)
    async with at.scoped(person) as connection:
        rows = paging.page(await queue.page(connection, wanted, paging.wanted), case_view.place)
    return document([case_view.summary(row, at.vault) for row in rows])


def document(alerts: Sequence[AlertSummary]) -> Notices:
    """Alerts as one document."""
    told = [_notice(alert) for alert in alerts]
    return Notices(SubscribeNotificationListObject=SubscribeNotificationList(SubscribeNotificationObject=told))


def _notice(alert: AlertSummary) -> SubscribeNotification:
    pictures = [] if alert.picture is None else [_picture(alert, alert.picture)]
    return SubscribeNotification(
        NotificationID=f"{alert.id}.{alert.version}", SubscribeID=_SUBSCRIBED, Title=alert.rule.zh,
        TriggerTime=_time(alert.changed), InfoIDs=str(alert.id), ExecuteOperation=1 if alert.version == 1 else 2,
        SubImageList=SubImageList(SubImageInfoObject=pictures),
    )  # fmt: skip


def _picture(alert: AlertSummary, sha256: str) -> SubImageInfo:
    return SubImageInfo(
        ImageID=sha256[:41], DeviceID=alert.subject.code, Type=_SCENE, FileFormat="Jpeg", ShotTime=_time(alert.began),
        Title=alert.rule.zh, ContentDescription=alert.wording.zh, ShotPlaceFullAdress=alert.site.zh,
        StoragePath=f"/api/v1/evidence/{sha256}", FileHash=sha256,
    )  # fmt: skip


def _time(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y%m%d%H%M%S")
