"""The rescuer's page, on a phone: opened by the link in a push, without a login, for one lift's alert and one role."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from alerts import rescue as rescues
from alerts.rescue import Position, Said
from api import render, rescue_view
from api.desk import AtDesk, Desk
from api.problem import ProblemError
from domain.alert import FINISHED, Status
from domain.rescue import Link, LinkError, RescueAction, check
from store import rescue
from store.connection import Connection

router = APIRouter(prefix="/rescue", include_in_schema=False)

Token = Annotated[str, Path(max_length=120)]
# The link is a key: it shall not travel on as a referrer; and only here may a page ask where the phone is.
_HEADERS = {
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
    "x-robots-tag": "noindex",
}


async def _enter(at: Desk, connection: Connection, token: str) -> Link:
    """Open the link's scope, or answer 404."""
    try:
        link = check(token, await rescue.key(connection), at.clock())
    except LinkError as error:
        raise ProblemError(404, "rescue_link") from error
    await rescue.enter(connection, link.alert)
    return link


@router.get("/{token}")
async def page(request: Request, at: AtDesk, token: Token, said: str = "") -> Response:
    """Where to go and what to report. Looking changes nothing: messengers open links by themselves."""
    async with at.unscoped() as connection:
        link = await _enter(at, connection, token)
        found = await rescue_view.of_alert(connection, link.alert)
    if found is None:
        raise ProblemError(404, "rescue_link")
    context = {
        "rescue": found,
        "role": link.role.value,
        "token": token,
        "mine": found.done(link.role),
        "actions": tuple(RescueAction),
        "finished": Status(found.case.status) in FINISHED,
        "said": said if said in {*RescueAction, *Said} else "",
        "expires": link.expires,
    }
    answer = render.page(request, at, None, "rescue.html", context)
    answer.headers.update(_HEADERS)
    return answer


@router.post("/{token}/{action}")
async def report(
    at: AtDesk,
    token: Token,
    action: RescueAction,
    *,
    claimed: Annotated[str, Form(max_length=40)] = "",
    latitude: Annotated[str, Form(max_length=24)] = "",
    longitude: Annotated[str, Form(max_length=24)] = "",
) -> Response:
    """A rescuer's report; the same one again changes nothing."""
    async with at.unscoped() as connection:
        link = await _enter(at, connection, token)
        said = await rescues.report(
            connection, link, action, claimed=moment(claimed), position=position(latitude, longitude)
        )
    if said is Said.NOTHING:
        raise ProblemError(404, "rescue_link")
    return RedirectResponse(f"/rescue/{token}?said={action if said is Said.DONE else said}", 303)


def moment(text: str) -> datetime | None:
    """The phone's own time, an aware ISO 8601 instant; None for anything else: it is only a remark."""
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None and 2000 < found.year < 9000 else None
    return None


def position(latitude: str, longitude: str) -> Position | None:
    """Where the phone is, in degrees; None where it does not say, or says nonsense."""
    with suppress(ValueError):
        north, east = float(latitude), float(longitude)
        return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None
    return None
