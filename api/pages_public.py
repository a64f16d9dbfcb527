"""The public's pages: equipment behind its QR code, a site's bright kitchen, complaints and their receipts.

Nobody is logged in, no cookie is set, and no id is told: an address has a token that nobody can guess.
"""

import math
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api import language, pictures, problem, public_look, render
from api.complaint_form import ComplaintOrder
from api.desk import AtDesk, Desk
from api.language import Language
from api.problem import ProblemError
from domain.badge import LIVE_EVERY, LOOK_EVERY, Badge
from domain.complaint import MAX_A_DAY, MAX_PHOTOS, OF_EQUIPMENT, OF_SITE, Topic
from domain.equipment import shown, standing
from store import public
from store.public import NewComplaint, PublicCamera, PublicEquipment, PublicSite

router = APIRouter(prefix="/p", include_in_schema=False)

Token = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_HEADERS = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
_BADGE_S = 60
_BLANK = {"topic": "", "words": "", "phone": ""}
_UNKNOWN = ProblemError(404, "public_link")


@router.get("/e/{token}")
async def equipment_page(request: Request, at: AtDesk, token: Token) -> Response:
    """What the public may see of a piece of equipment."""
    return _equipment(request, at, token, await _equipment_of(at, token))


@router.post("/e/{token}/complaint")
async def of_equipment(request: Request, at: AtDesk, token: Token) -> Response:
    """Feedback or a complaint about it."""
    found = await _equipment_of(at, token)
    try:
        return await _taken(request, at, equipment=token)
    except ProblemError as error:
        return _equipment(request, at, token, found, error)


@router.get("/s/{token}")
async def site_page(request: Request, at: AtDesk, token: Token) -> Response:
    """A published site: its badge, its cameras' redacted pictures, its grade."""
    found = await _published(at, token)
    return _site(request, at, token, found, await public_look.cameras(at, token, found))


@router.post("/s/{token}/complaint")
async def of_site(request: Request, at: AtDesk, token: Token) -> Response:
    """Feedback or a complaint about the site."""
    found = await _published(at, token)
    try:
        return await _taken(request, at, site=token)
    except ProblemError as error:
        return _site(request, at, token, found, await public_look.cameras(at, token, found), error=error)


@router.get("/s/{token}/badge.svg")
async def badge(request: Request, at: AtDesk, token: Token) -> Response:
    """The badge, to be embedded elsewhere; its address stays."""
    async with at.unscoped() as connection:
        site = await public.site(connection, token)
    if site is None:
        raise _UNKNOWN
    state = public_look.badge_of(at, site, await public_look.cameras(at, token, site))
    spoken = language.of_visitor(request)
    headers = {
        "cache-control": f"public, max-age={_BADGE_S}",
        "cross-origin-resource-policy": "cross-origin",
        "vary": "accept-language",
    }
    return Response(render.drawing("badge.svg", spoken, {"state": state.value}), 200, headers, "image/svg+xml")


@router.get("/s/{token}/{place}.jpg")
async def picture(at: AtDesk, token: Token, place: Annotated[int, Path(ge=1, le=1000)]) -> Response:
    """A published camera's newest picture, with heads hidden."""
    site = await _published(at, token)
    if site.live:
        await public_look.cameras(at, token, site)
    async with at.unscoped() as connection:
        found = await public.picture(connection, token, place)
    if found is None:
        raise _UNKNOWN
    age = int((LIVE_EVERY if site.live else LOOK_EVERY).total_seconds())
    return Response(found.jpeg, 200, {**_HEADERS, "cache-control": f"public, max-age={age - 1}"}, "image/jpeg")


@router.get("/c/{token}")
async def receipt(request: Request, at: AtDesk, token: Token) -> Response:
    """What became of a complaint, for who wrote it."""
    async with at.unscoped() as connection:
        rows = await public.receipt(connection, token)
    if not rows:
        raise _UNKNOWN
    context = {"said": rows[0], "answers": [row for row in rows if row.answered is not None]}
    return _page(request, at, "public_receipt.html", context)


async def _equipment_of(at: Desk, token: str) -> PublicEquipment:
    async with at.unscoped() as connection:
        found = await public.equipment(connection, token, at.clock())
    if found is None:
        raise _UNKNOWN
    return found


async def _published(at: Desk, token: str) -> PublicSite:
    async with at.unscoped() as connection:
        found = await public.site(connection, token)
    if found is None or not found.published:
        raise _UNKNOWN
    return found


def _equipment(
    request: Request, at: Desk, token: str, found: PublicEquipment, error: ProblemError | None = None
) -> Response:
    state = shown(standing(found.next_inspection, found.failed, found.today))
    context = {"found": found, "state": state.value, "action": f"/p/e/{token}/complaint"}
    return _page(request, at, "public_equipment.html", context, topics=OF_EQUIPMENT, error=error)


def _site(
    request: Request,
    at: Desk,
    token: str,
    found: PublicSite,
    cameras: list[PublicCamera],
    *,
    error: ProblemError | None = None,
) -> Response:
    state = public_look.badge_of(at, found, cameras)
    context = {
        "found": found,
        "state": state.value,
        "active": state is Badge.ACTIVE,
        "cameras": cameras,
        "token": token,
        "action": f"/p/s/{token}/complaint",
    }
    return _page(request, at, "public_site.html", context, topics=OF_SITE, error=error)


def _page(
    request: Request,
    at: Desk,
    template: str,
    context: Mapping[str, object],
    *,
    topics: Sequence[Topic] = (),
    error: ProblemError | None = None,
) -> Response:
    spoken = language.of_visitor(request)
    written: dict[str, str] = getattr(request.state, "written", _BLANK)
    common = {
        "topics": [topic.value for topic in topics],
        "fault": "" if error is None else problem.sentence(error, spoken),
        "written": written,
        "max_photos": MAX_PHOTOS,
        "other": (Language.EN if spoken is Language.ZH else Language.ZH).value,
    }
    status = 200 if error is None else error.status
    answer = render.page(request, at, None, template, {**context, **common}, status=status, speaking=spoken)
    answer.headers.update(_HEADERS | ({} if error is None else dict(error.headers)))
    return answer


async def _taken(
    request: Request, at: Desk, *, equipment: str | None = None, site: str | None = None
) -> RedirectResponse:
    """Keep a complaint and lead to its receipt. Bounded before its body is read."""
    await _bounded(request, at, equipment or site or "")
    async with request.form(max_files=2 * MAX_PHOTOS, max_fields=10) as form:
        order, files = _read(request, form, OF_EQUIPMENT if equipment else OF_SITE)
        photos = {kept.sha256: kept.size for kept in await pictures.keep(at, files)}
    said = NewComplaint(equipment, site, order.topic.value, order.words, order.phone, tuple(photos.items()))
    async with at.unscoped() as connection:
        made = await public.complain(connection, said, MAX_A_DAY)
    if made is None:
        raise _UNKNOWN
    if not made:
        raise ProblemError(429, "too_many_complaints", headers={"retry-after": "3600"})
    return RedirectResponse(f"/p/c/{made}?lang={language.of_visitor(request)}", 303, _HEADERS)


async def _bounded(request: Request, at: Desk, token: str) -> None:
    who = visitor_key(request.client.host if request.client else "")
    wait_s = await at.voices.attempt(who) or await at.subjects.attempt(token)
    if wait_s:
        raise ProblemError(429, "too_many_complaints", headers={"retry-after": str(math.ceil(wait_s))})


def visitor_key(address: str) -> str:
    """Who counts as one visitor: an IPv4 address, or an IPv6 network of /64, of which a household has a whole one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)


def _read(request: Request, form: FormData, topics: Sequence[Topic]) -> tuple[ComplaintOrder, list[UploadFile]]:
    """The form's fields; raises ProblemError 422. What was written is kept for the page that says why not."""
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    request.state.written = {name: fields.get(name, "")[:4000] for name in _BLANK}
    files = [one for one in form.getlist("photos") if isinstance(one, UploadFile) and (one.filename or one.size)]
    try:
        order = ComplaintOrder.model_validate(fields)
    except ValidationError as error:
        raise ProblemError(422, f"complaint_{error.errors()[0]['loc'][0]}") from error
    if order.topic not in topics:
        raise ProblemError(422, "complaint_topic")
    if len(files) > MAX_PHOTOS:
        raise ProblemError(422, "photos", {"n": MAX_PHOTOS})
    return order, files
