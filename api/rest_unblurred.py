"""REST: stating a purpose, to see an alert's evidence or a camera with faces."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import language, unblurred
from api.alert_model import StatedPurpose, UnblurredGrant, UnblurredOrder
from api.desk import Asking, AtDesk
from api.language import Language
from api.openapi import problems
from store.unblurred import Grant

router = APIRouter(prefix="/api/v1", tags=["unblurred"])

Identity = Annotated[int, Path(examples=[7])]


@router.get("/purposes", responses=problems(401), summary="Purposes to state")
async def stated(person: Asking) -> list[StatedPurpose]:
    """What the reader's role may state to see faces; none where it has not the right."""
    return [
        StatedPurpose(
            code=purpose,
            zh=language.text(Language.ZH, f"purpose.{purpose}"),
            en=language.text(Language.EN, f"purpose.{purpose}"),
        )
        for purpose in unblurred.stateable(person)
    ]


@router.post(
    "/alerts/{alert_id}/unblurred", status_code=201, responses=problems(401, 403, 404), summary="See evidence unblurred"
)
async def of_alert(at: AtDesk, person: Asking, alert_id: Identity, order: UnblurredOrder) -> UnblurredGrant:
    """For 30 minutes this person may read the alert's original pictures and clip; each look is audited."""
    return _grant(await unblurred.alert(at, person, alert_id, order.purpose, order.words))


@router.post(
    "/cameras/{camera_id}/unblurred", status_code=201, responses=problems(401, 403, 404), summary="Watch unblurred"
)
async def of_camera(at: AtDesk, person: Asking, camera_id: Identity, order: UnblurredOrder) -> UnblurredGrant:
    """For 30 minutes this person may take tickets and clear stills of the camera; each look is audited."""
    return _grant(await unblurred.camera(at, person, camera_id, order.purpose, order.words))


def _grant(grant: Grant) -> UnblurredGrant:
    return UnblurredGrant(purpose=grant.purpose, until=grant.until)
