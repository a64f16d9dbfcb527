"""REST: one's own account: password, sessions, API tokens. None of it is for tokens."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api import account_desk
from api.desk import AtDesk, InSession
from api.openapi import problems
from api.paging import NO_END, Paged
from api.people_model import MadeToken, NewToken, PasswordChange, Session, Token

router = APIRouter(prefix="/api/v1/me", tags=["session"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[7])]


@router.post("/password", status_code=204, responses=problems(401, 403, 429), summary="Change one's password")
async def password(request: Request, at: AtDesk, person: InSession, wanted: PasswordChange) -> Response:
    """All other sessions end. Attempts with a wrong present password are bounded as logins are."""
    await account_desk.change_password(at, request, person, wanted)
    return Response(status_code=204)


@router.get("/sessions", responses=problems(401, 403), summary="One's open sessions")
async def sessions(request: Request, at: AtDesk, person: InSession, paging: Paged) -> list[Session]:
    """The newest first."""
    found = await account_desk.sessions(at, request, person)
    return paging.part(found, lambda row: (-row.id,), (-NO_END,))


@router.delete(
    "/sessions/{session_id}", status_code=204, responses=problems(401, 403, 404, 409), summary="End a session"
)
async def end_session(request: Request, at: AtDesk, person: InSession, session_id: Identity) -> Response:
    """Another one of one's own; the one that asks ends by logout."""
    await account_desk.end_session(at, request, person, session_id)
    return Response(status_code=204)


@router.get("/tokens", responses=problems(401, 403), summary="One's API tokens")
async def tokens(at: AtDesk, person: InSession, paging: Paged) -> list[Token]:
    """The newest first; never their secrets."""
    return paging.part(await account_desk.listed_tokens(at, person), lambda row: (-row.id,), (-NO_END,))


@router.post("/tokens", status_code=201, responses=problems(401, 403, 409), summary="Make an API token")
async def make_token(at: AtDesk, person: InSession, wanted: NewToken) -> MadeToken:
    """`Authorization: Bearer mct_…` on REST. It may no more than its scopes, and never more than the person."""
    return await account_desk.make_token(at, person, wanted)


@router.delete("/tokens/{token_id}", status_code=204, responses=problems(401, 403, 404), summary="Revoke an API token")
async def revoke_token(at: AtDesk, person: InSession, token_id: Identity) -> Response:
    """From now on it is answered 401."""
    await account_desk.revoke_token(at, person, token_id)
    return Response(status_code=204)
