"""What pages and REST do with one's own account: password, sessions, API tokens; audited."""

import secrets
from datetime import timedelta

from fastapi import Request

from api.desk import TOKEN, Desk, shown_hash, token_hash
from api.login import is_right, protect
from api.people_model import MadeToken, NewToken, PasswordChange, Session, Token
from api.problem import ProblemError, not_found
from domain import permission
from store import accounts, people, tokens
from store.people import Person

_TOKENS = 20  # in force, of one person


async def change_password(at: Desk, request: Request, person: Person, wanted: PasswordChange) -> None:
    """Another password; all other sessions end. Raises ProblemError 403, 422 or 429."""
    if wanted.new.strip().lower() in (person.login.lower(), person.name.lower()) or wanted.new == wanted.old:
        raise ProblemError(422, "password_same")
    if not await is_right(at, request, person, wanted.old):
        raise ProblemError(403, "password_wrong")
    hashed = await protect(wanted.new)
    async with at.scoped(person) as connection:
        await accounts.set_own_password(connection, hashed)
        ended = await accounts.end_sessions(connection, person.id, shown_hash(request))
        await people.audit(connection, person, "password_changed", {"sessions": ended})


async def sessions(at: Desk, request: Request, person: Person) -> list[Session]:
    """One's open sessions, the newest first."""
    async with at.scoped(person) as connection:
        rows = await accounts.sessions(connection, person.id, shown_hash(request))
    return [Session.model_validate(row) for row in rows]


async def end_session(at: Desk, request: Request, person: Person, session: int) -> None:
    """End another session of one's own; 409 for the one that asks, which logs out."""
    async with at.scoped(person) as connection:
        rows = await accounts.sessions(connection, person.id, shown_hash(request))
        found = next((row for row in rows if row.id == session), None)
        if found is None:
            raise not_found()
        if found.own:
            raise ProblemError(409, "session_own")
        await accounts.end_session(connection, person.id, session)
        await people.audit(connection, person, "session_ended", {"session": session})


async def listed_tokens(at: Desk, person: Person) -> list[Token]:
    """One's tokens, those in force first."""
    async with at.scoped(person) as connection:
        return [Token.model_validate(row) for row in await tokens.of_person(connection, person.id)]


async def make_token(at: Desk, person: Person, wanted: NewToken) -> MadeToken:
    """A token, shown this once; for no more than the person may. Raises ProblemError 403 or 409."""
    scopes = frozenset(wanted.scopes) | permission.floor(person.role)
    if not scopes <= person.permissions:
        raise ProblemError(403, "token_scopes")
    secret = TOKEN + secrets.token_urlsafe(32)
    now = at.clock()
    async with at.scoped(person) as connection:
        known = await tokens.of_person(connection, person.id)
        if sum(row.revoked is None and row.expires > now for row in known) >= _TOKENS:
            raise ProblemError(409, "tokens_many", {"n": _TOKENS})
        expires = now + timedelta(days=wanted.days)
        row = await tokens.add(
            connection, person.id, token_hash(secret), name=wanted.name.strip(), scopes=scopes, expires=expires
        )
        detail = {"made": row.id, "name": row.name, "scopes": sorted(scopes), "expires": expires.isoformat()}
        await people.audit(connection, person, "token_made", detail)
    return MadeToken(**Token.model_validate(row).model_dump(), secret=secret)


async def revoke_token(at: Desk, person: Person, token: int) -> None:
    """Let it in no more, from now on; 404 where it is not one of one's own in force."""
    async with at.scoped(person) as connection:
        name = await tokens.revoke(connection, person.id, token)
        if name is None:
            raise not_found()
        await people.audit(connection, person, "token_revoked", {"revoked": token, "name": name})
