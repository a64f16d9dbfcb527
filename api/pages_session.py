"""Console pages: login, logout, the language switch."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from api import language, problem, render
from api.desk import AtDesk, Desk, Visiting
from api.login import give_cookie, log_in, log_out, take_cookie
from api.problem import ProblemError

router = APIRouter(include_in_schema=False)

_YEAR_S = 365 * 86400


@router.get("/login")
async def login_page(request: Request, at: AtDesk, somebody: Visiting, next: str = "/") -> Response:
    """The login form; who is logged in already goes on."""
    if somebody is not None:
        return RedirectResponse(render.local_path(next), 303)
    return render.page(request, at, None, "login.html", _form(at, next))


@router.post("/login")
async def login(
    request: Request,
    at: AtDesk,
    login: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session and go on, or say in one sentence why not."""
    try:
        _person, token = await log_in(at, request, login, password)
    except ProblemError as error:
        fault = problem.sentence(error, language.of_page(request))
        context = _form(at, next) | {"fault": fault, "login": login}
        return render.page(request, at, None, "login.html", context, status=error.status)
    response = RedirectResponse(render.local_path(next), 303)
    give_cookie(at, response, token)
    return response


def _form(at: Desk, next: str) -> dict[str, object]:
    return {"next": render.local_path(next), "fault": "", "login": "", "oidc": at.sign_on is not None}


@router.post("/logout")
async def logout(request: Request, at: AtDesk, somebody: Visiting) -> Response:
    """Forget the session."""
    await log_out(at, request, somebody)
    response = RedirectResponse("/login", 303)
    take_cookie(at, response)
    return response


@router.post("/language")
async def switch(at: AtDesk, lang: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    """Remember the language in the browser."""
    response = RedirectResponse(render.local_path(back), 303)
    chosen = language.parse(lang)
    if chosen is not None:
        secure = at.config.secure
        response.set_cookie(language.COOKIE, chosen.value, max_age=_YEAR_S, path="/", secure=secure, samesite="lax")
    return response
