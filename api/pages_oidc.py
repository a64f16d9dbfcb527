"""Console pages: logging in by the identity provider, there and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api import language, oidc, problem, render
from api.desk import AtDesk, Desk
from api.login import bounded, give_cookie, open_session
from api.oidc import SignOn
from api.problem import ProblemError, not_found
from store import people

router = APIRouter(include_in_schema=False)

_Word = Annotated[str, Query(max_length=4000)]


@router.get("/login/oidc")
async def begin(request: Request, at: AtDesk, next: _Word = "/") -> Response:
    """Off to the provider, which sends the browser back."""
    sign_on = _sign_on(at)
    try:
        address, kept = await sign_on.begin(render.local_path(next))
    except ProblemError as error:
        return _said(request, at, error)
    response = RedirectResponse(address, 303)
    # Lax: the provider's redirect back is another site's link.
    response.set_cookie(
        oidc.COOKIE, kept, max_age=oidc.STARTED_S, path="/login/oidc", secure=at.config.secure, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return response


@router.get(oidc.CALLBACK)
async def back(request: Request, at: AtDesk, code: _Word = "", state: _Word = "", error: _Word = "") -> Response:
    """Back from the provider: a session, or one sentence why not."""
    sign_on = _sign_on(at)
    try:
        response = await _admitted(request, at, sign_on, code=code, state=state, error=error)
    except ProblemError as refusal:
        response = _said(request, at, refusal)
    response.delete_cookie(oidc.COOKIE, path="/login/oidc", secure=at.config.secure, httponly=True, samesite="lax")
    return response


async def _admitted(request: Request, at: Desk, sign_on: SignOn, *, code: str, state: str, error: str) -> Response:
    address = request.client.host if request.client else ""
    await bounded(at, f"oidc {address}", address)
    started = sign_on.resume(request.cookies.get(oidc.COOKIE, ""), state)
    if error or not code:
        raise ProblemError(401, "oidc_refused")
    who = await sign_on.identity(started, code)
    async with at.unscoped() as connection:
        person = await people.by_subject(connection, who.subject, who.login)
        if person is None:
            detail = {"by": "oidc", "login": who.login[:100], "subject": who.subject[:200], "address": address}
            await people.audit(connection, None, "login_refused", detail)
    if person is None:
        raise ProblemError(401, "oidc_unknown", {"login": who.login[:100] or who.subject[:100]})
    await at.logins.forgive(f"oidc {address}")
    response = RedirectResponse(started.next, 303)
    give_cookie(at, response, await open_session(at, request, person, "oidc"))
    return response


def _sign_on(at: Desk) -> SignOn:
    if at.sign_on is None:
        raise not_found()
    return at.sign_on


def _said(request: Request, at: Desk, error: ProblemError) -> Response:
    context = {"next": "/", "fault": problem.sentence(error, language.of_page(request)), "login": "", "oidc": True}
    return render.page(request, at, None, "login.html", context, status=error.status)
