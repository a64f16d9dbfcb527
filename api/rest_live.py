"""REST: the live view. WHEP for the stream, with a ticket; stills for who cannot play it. All is audited.

Who has stated no purpose gets no ticket, and stills with heads hidden (ADR 20).
"""

import math
import secrets
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from api import ticket
from api.desk import Asking, AtDesk, Desk
from api.edge_line import EdgeSilentError, LineDownError, TooManyAskedError
from api.offer import reachable
from api.openapi import problems
from api.place_model import LiveTicket
from api.problem import ProblemError, not_found
from api.unblurred import needed
from domain.wire import (
    MAX_SDP,
    LiveAnswer,
    LiveEnd,
    LiveEnded,
    LiveLook,
    LiveOffer,
    LivePicture,
    LiveRefusal,
    LiveRefused,
    LiveReply,
    LiveRequest,
)
from store import live, people, unblurred
from store.live import LiveCamera
from store.people import Person
from store.unblurred import Grant

router = APIRouter(prefix="/api/v1/cameras", tags=["live"])
_log = structlog.get_logger("api.live")

SDP = "application/sdp"
ANSWER_S, STILL_S, END_S = 8.0, 6.0, 4.0
_STATUS = {
    LiveRefusal.CAMERA: 503,
    LiveRefusal.NO_PICTURE: 503,
    LiveRefusal.FAILED: 503,
    LiveRefusal.CODEC: 422,
    LiveRefusal.REORDERED: 422,
    LiveRefusal.OFFER: 422,
    LiveRefusal.VIEWERS: 429,
    LiveRefusal.BUSY: 429,
    LiveRefusal.USED: 403,
    LiveRefusal.VIEW: 404,
}
_EXAMPLE = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 102\r\n…"
_SDP_BODY = {SDP: {"schema": {"type": "string"}, "example": _EXAMPLE}}

Identity = Annotated[int, Path(examples=[7])]
View = Annotated[str, Path(max_length=40, examples=["0123456789abcdef0123456789abcdef"])]


@router.post(
    "/{camera_id}/ticket",
    status_code=201,
    responses=problems(401, 403, 404, 429),
    summary="A ticket to watch a camera",
)
async def take_ticket(at: AtDesk, person: Asking, camera_id: Identity) -> LiveTicket:
    """For one view of this camera by this person, to be used within 30 s; needs a stated purpose."""
    await _seen(at, person, camera_id)
    _bounded(at, person)
    grant = await _grant(at, person, camera_id)
    if grant is None:
        raise needed(person)
    issued = ticket.issue(person.id, camera_id, time.time(), grant.id)
    return LiveTicket(
        ticket=ticket.sign(issued, at.config.ticket_key),
        expires=datetime.fromtimestamp(issued.expires, UTC),
        whep=f"/api/v1/cameras/{camera_id}/whep",
        until=grant.until,
    )


@router.post(
    "/{camera_id}/whep",
    status_code=201,
    response_class=Response,
    response_model=None,
    responses={
        201: {"description": "The answer; Location names the view, DELETE there ends it.", "content": _SDP_BODY},
        **problems(401, 403, 404, 429),
    },
    openapi_extra={"requestBody": {"required": True, "content": _SDP_BODY}},
    summary="Watch a camera (WHEP)",
)
async def watch(
    request: Request,
    at: AtDesk,
    person: Asking,
    camera_id: Identity,
    authorization: Annotated[str, Header(max_length=400, examples=["Bearer 0123…"])] = "",
) -> Response:
    """Takes an SDP offer for one H.264 video that is only received, and the ticket as bearer token."""
    camera = await _seen(at, person, camera_id)
    used = _checked(at, person, camera_id, authorization)
    grant = await _grant(at, person, camera_id)
    if grant is None:
        raise needed(person)
    sdp = await _offer(request)
    detail = {"camera": camera.code, "view": used.view, "grant": str(used.grant)}
    await _audit(at, person, "live_view", detail)
    try:
        offer = LiveOffer(_id(), camera.code, used.view, person.id, sdp, grant.until)
        reply = await _ask(at, camera, offer, ANSWER_S)
    except ProblemError as error:
        await _audit(at, person, "live_refused", detail | {"reason": error.code})
        raise
    if not isinstance(reply, LiveAnswer):
        raise _nonsense(reply)
    address = f"/api/v1/cameras/{camera_id}/whep/{used.view}"
    headers = {"location": address, "cache-control": "no-store"}
    return Response(reply.sdp, 201, headers, SDP)


@router.delete(
    "/{camera_id}/whep/{view_id}",
    status_code=204,
    response_class=Response,
    response_model=None,
    responses=problems(401, 404, 429),
    summary="End a view",
)
async def end(at: AtDesk, person: Asking, camera_id: Identity, view_id: View) -> Response:
    """Frees all that the view holds. One that nobody ends so ends by itself within seconds of its viewer's silence."""
    camera = await _seen(at, person, camera_id)
    if len(view_id) != 32 or not set(view_id) <= set("0123456789abcdef"):
        raise not_found()
    reply = await _ask(at, camera, LiveEnd(_id(), camera.code, view_id, person.id), END_S)
    if not isinstance(reply, LiveEnded):
        raise _nonsense(reply)
    await _audit(at, person, "live_end", {"camera": camera.code, "view": view_id})
    return Response(status_code=204)


@router.get(
    "/{camera_id}/still",
    response_class=Response,
    response_model=None,
    responses={
        200: {
            "description": "The newest keyframe, at most 960 px wide; Last-Modified is when it was captured.",
            "headers": {"mingchu-redacted": {"description": "yes: heads are hidden", "schema": {"type": "string"}}},
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(401, 404, 429),
    },
    summary="A still picture of now",
)
async def still(at: AtDesk, person: Asking, camera_id: Identity) -> Response:
    """For who has stated no purpose, with heads hidden; and for browsers that cannot play the stream."""
    camera = await _seen(at, person, camera_id)
    _bounded(at, person)
    grant = await _grant(at, person, camera_id)
    detail = {"camera": camera.code} if grant is None else {"camera": camera.code, "grant": str(grant.id)}
    await _audit(at, person, "live_still", detail)
    reply = await _ask(at, camera, LiveLook(_id(), camera.code, redacted=grant is None), STILL_S)
    if not isinstance(reply, LivePicture):
        raise _nonsense(reply)
    if grant is None and not reply.redacted:
        raise ProblemError(503, "live_old")  # an edge of before redaction
    headers = {
        "cache-control": "private, no-store",
        "last-modified": format_datetime(reply.at.astimezone(UTC), usegmt=True),
        "mingchu-redacted": "yes" if reply.redacted else "no",
    }
    return Response(reply.jpeg, 200, headers, "image/jpeg")


async def redacted_still(at: Desk, person: Person, camera_id: int) -> LivePicture:
    """The newest keyframe with heads hidden, whatever the person has stated; audited. Raises ProblemError."""
    camera = await _seen(at, person, camera_id)
    _bounded(at, person)
    await _audit(at, person, "live_still", {"camera": camera.code})
    reply = await _ask(at, camera, LiveLook(_id(), camera.code, redacted=True), STILL_S)
    if not isinstance(reply, LivePicture):
        raise _nonsense(reply)
    if not reply.redacted:
        raise ProblemError(503, "live_old")  # an edge of before redaction
    return reply


async def _grant(at: Desk, person: Person, camera_id: int) -> Grant | None:
    async with at.scoped(person) as connection:
        return await unblurred.of_camera(connection, camera_id, at.clock())


async def _seen(at: Desk, person: Person, camera_id: int) -> LiveCamera:
    """The camera where the person's rights cover its site; else 404, as where there is none."""
    async with at.scoped(person) as connection:
        camera = await live.camera(connection, camera_id)
    if camera is None:
        raise not_found()
    return camera


def _bounded(at: Desk, person: Person) -> None:
    wait_s = at.looks.attempt(str(person.id))
    if wait_s:
        raise ProblemError(429, "too_many_looks", headers={"retry-after": str(math.ceil(wait_s))})


def _checked(at: Desk, person: Person, camera_id: int, authorization: str) -> ticket.Ticket:
    scheme, _, text = authorization.partition(" ")
    given = text.strip() if scheme.lower() == "bearer" else ""
    try:
        return ticket.check(given, at.config.ticket_key, person.id, camera_id, time.time())
    except ticket.TicketError as error:
        _log.warning("a live ticket is refused", person=person.id, camera=camera_id, reason=str(error))
        raise ProblemError(403, "live_ticket") from error


async def _offer(request: Request) -> str:
    body = await request.body()
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip() == SDP and len(body) <= MAX_SDP:
            return reachable(body.decode(), request.client.host if request.client else "")
    except UnicodeDecodeError:
        pass
    raise ProblemError(422, "live_offer")


async def _audit(at: Desk, person: Person, action: str, detail: dict[str, str]) -> None:
    async with at.scoped(person) as connection:
        await people.audit(connection, person, action, detail)


async def _ask(at: Desk, camera: LiveCamera, request: LiveRequest, patience_s: float) -> LiveReply:
    """The edge's reply, unless it is a refusal: that is raised as the problem that it is."""
    try:
        reply = await at.line.ask(camera.edge, request, patience_s)
    except LineDownError as error:
        raise ProblemError(503, "live_off", headers={"retry-after": "10"}) from error
    except EdgeSilentError as error:
        raise ProblemError(503, "live_silent", headers={"retry-after": "5"}) from error
    except TooManyAskedError as error:
        raise ProblemError(429, "live_busy", headers={"retry-after": "5"}) from error
    if isinstance(reply, LiveRefused):
        status = _STATUS[reply.reason]
        code = "not_found" if status == 404 else f"live_{reply.reason}"
        raise ProblemError(status, code, headers={"retry-after": "10"} if status in (429, 503) else {})
    return reply


def _nonsense(reply: LiveReply) -> ProblemError:
    _log.error("an edge's reply is of another kind", kind=type(reply).__name__)
    return ProblemError(503, "live_failed")


def _id() -> str:
    return secrets.token_hex(16)
