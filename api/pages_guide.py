"""The operator's way through a rectification on a phone: what is wrong, photo, words, signature, review, sent."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import actions, case_view, language, photo, render
from api.alert_model import AlertCase
from api.desk import AtDesk
from api.pages import Reader
from api.pages_alert import AlertId
from api.problem import not_found
from api.suggestion import sentences
from domain.alert import Action, Role

router = APIRouter(include_in_schema=False)


@router.get("/alerts/{alert_id}/guide")
async def guide(request: Request, at: AtDesk, person: Reader, alert_id: AlertId, done: str = "") -> Response:
    """The steps that are left; or, once the report is in, what was received and when."""
    async with at.scoped(person) as connection:
        case = await case_view.whole(connection, at.vault, person, alert_id)
    if case is None or person.role is not Role.OPERATOR:
        raise not_found()
    context = {
        "case": case,
        "may": [action.value for action in case.actions],
        "sent": case.rectifications[-1] if case.rectifications and Action.REPORT not in case.actions else None,
        "returned": case.reviews[-1] if case.reviews and case.reviews[-1].verdict == "reject" else None,
        "said": done == "report",
        "suggestions": sentences(_subject(case), language.of_page(request, person.lang)),
        "max_photos": photo.MAX_PHOTOS,
    }
    return render.page(request, at, person, "guide.html", context)


def _subject(case: AlertCase) -> str | None:
    return case.subject.device_kind if case.scene is None else case.scene.scene


@router.post("/alerts/{alert_id}/guide")
async def acknowledge(at: AtDesk, person: Reader, alert_id: AlertId, version: Annotated[int, Form()]) -> Response:
    """The alert is known; the way goes on."""
    await actions.act(at, person, alert_id, Action.ACKNOWLEDGE, version)
    return RedirectResponse(f"/alerts/{alert_id}/guide", 303)
