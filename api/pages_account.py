"""Console pages: one's own account."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import account_desk, language, problem, render
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.people_model import MadeToken, NewToken, PasswordChange
from api.problem import ProblemError
from domain import permission
from store.people import Person

router = APIRouter(include_in_schema=False)

_Secret = Annotated[str, Form(max_length=200)]


@router.get("/me")
async def account_page(request: Request, at: AtDesk, person: Reader, done: str = "") -> Response:
    """Who one is, what one may, password, sessions and tokens."""
    return await _page(request, at, person, done="password" if done == "password" else "")


@router.post("/me/password")
async def password(
    request: Request, at: AtDesk, person: Reader, *, old: _Secret = "", new: _Secret = "", again: _Secret = ""
) -> Response:
    """Change it, or say in one sentence why not."""
    if new != again:
        return await _page(request, at, person, fault=ProblemError(422, "password_again"))
    try:
        await account_desk.change_password(at, request, person, PasswordChange(old=old, new=new))
    except (ValidationError, ProblemError) as error:
        return await _page(request, at, person, fault=_fault(error, "password_form"))
    return RedirectResponse("/me?done=password", 303)


@router.post("/me/sessions/{session_id}/end")
async def end_session(request: Request, at: AtDesk, person: Reader, session_id: int) -> Response:
    """End another session of one's own."""
    await account_desk.end_session(at, request, person, session_id)
    return RedirectResponse("/me", 303)


@router.post("/me/tokens")
async def make_token(
    request: Request, at: AtDesk, person: Reader, *, name: _Secret = "", days: Annotated[str, Form(max_length=9)] = "",
    scopes: Annotated[list[str], Form(max_length=50)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Make one and show it this once."""
    try:
        wanted = NewToken.model_validate({"name": name.strip(), "days": days, "scopes": scopes})
        made = await account_desk.make_token(at, person, wanted)
    except (ValidationError, ProblemError) as error:
        return await _page(request, at, person, fault=_fault(error, "token_form"))
    return await _page(request, at, person, made=made)


@router.post("/me/tokens/{token_id}/revoke")
async def revoke_token(at: AtDesk, person: Reader, token_id: int) -> Response:
    """Let it in no more."""
    await account_desk.revoke_token(at, person, token_id)
    return RedirectResponse("/me", 303)


def _fault(error: ValidationError | ProblemError, form: str) -> ProblemError:
    return ProblemError(422, form) if isinstance(error, ValidationError) else error


async def _page(
    request: Request,
    at: Desk,
    person: Person,
    *,
    made: MadeToken | None = None,
    fault: ProblemError | None = None,
    done: str = "",
) -> Response:
    context = {
        "sessions": await account_desk.sessions(at, request, person),
        "tokens": await account_desk.listed_tokens(at, person),
        "scopes": sorted(person.permissions - permission.floor(person.role)),
        "made": made,
        "done": done,
        "fault": "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang)),
    }
    status = fault.status if fault else 201 if made else 200
    return render.page(request, at, person, "account.html", context, status=status)
