"""REST: login, logout, who am I."""

from fastapi import APIRouter, Request, Response

from api.desk import Asking, AtDesk, Visiting
from api.login import give_cookie, log_in, log_out, take_cookie
from api.openapi import problems
from api.place_model import Credentials, Me

router = APIRouter(prefix="/api/v1", tags=["session"])


@router.post("/login", responses=problems(401, 403, 429), summary="Log in")
async def login(request: Request, response: Response, at: AtDesk, credentials: Credentials) -> Me:
    """Opens a session in an HttpOnly cookie. Wrong attempts are bounded per login and address."""
    person, token = await log_in(at, request, credentials.login, credentials.password)
    give_cookie(at, response, token)
    return Me.model_validate(person)


@router.post("/logout", status_code=204, responses=problems(403), summary="Log out")
async def logout(request: Request, at: AtDesk, somebody: Visiting) -> Response:
    """Deletes the session: its cookie is worthless from now on."""
    await log_out(at, request, somebody)
    response = Response(status_code=204)
    take_cookie(at, response)
    return response


@router.get("/me", responses=problems(401), summary="Who is logged in")
async def me(person: Asking) -> Me:
    """The session's person and role."""
    return Me.model_validate(person)
