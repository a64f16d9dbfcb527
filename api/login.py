"""Logging in and out: argon2id, the same work for a wrong login as for a wrong password, bounded attempts."""

import math
import secrets
from datetime import UTC, datetime

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request
from starlette.responses import Response

from api.desk import SESSION_COOKIE, Desk, token_hash
from api.problem import ProblemError
from store import people
from store.people import Account, Person

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))  # what a login that does not exist is checked against
_verifying = CapacityLimiter(2)  # each check takes 64 MiB


async def protect(password: str) -> str:
    """The argon2id hash of a password, for the table of people."""
    return await to_thread.run_sync(_hasher.hash, password, limiter=_verifying)


async def log_in(desk: Desk, request: Request, login: str, password: str) -> tuple[Person, str]:
    """Check a login and open a session; returns the person and the session's token. 401 or 429 otherwise."""
    address = request.client.host if request.client else ""
    key = f"{login.lower()} {address}"
    await bounded(desk, key, address)
    async with desk.unscoped() as connection:
        account = await people.by_login(connection, login)
    right = await to_thread.run_sync(_verify, account, password, limiter=_verifying)
    if account is None or not right:
        async with desk.unscoped() as connection:
            await people.audit(connection, None, "login_refused", {"login": login, "address": address})
        raise ProblemError(401, "wrong_login")
    await desk.logins.forgive(key)
    return account.person, await open_session(desk, request, account.person, "password")


async def bounded(desk: Desk, key: str, address: str) -> None:
    """Count one attempt; raises ProblemError 429 for one too many."""
    wait_s = await desk.addresses.attempt(address) or await desk.logins.attempt(key)
    if wait_s:
        minutes = math.ceil(wait_s / 60)
        raise ProblemError(429, "too_many_logins", {"minutes": minutes}, {"retry-after": str(math.ceil(wait_s))})


def _verify(account: Account | None, password: str) -> bool:
    try:
        return _hasher.verify(_NOBODY if account is None else account.password, password)
    except (VerificationError, InvalidHashError):
        return False


async def open_session(desk: Desk, request: Request, person: Person, way: str) -> str:
    """A session of somebody who has shown who it is, `way` says how; returns its token."""
    token = secrets.token_urlsafe(32)
    expires = datetime.now(UTC) + desk.config.session
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")[:200]
    async with desk.unscoped() as connection:
        await people.open_session(connection, token_hash(token), person, expires, address=address, agent=agent)
        await people.audit(connection, person, "login", {"address": address, "by": way})
    return token


async def is_right(desk: Desk, request: Request, person: Person, password: str) -> bool:
    """Whether that is the person's password; bounded as logins are. Raises ProblemError 429."""
    address = request.client.host if request.client else ""
    key = f"{person.login.lower()} {address}"
    await bounded(desk, key, address)
    async with desk.unscoped() as connection:
        account = await people.by_login(connection, person.login)
    right = await to_thread.run_sync(_verify, account, password, limiter=_verifying)
    if right:
        await desk.logins.forgive(key)
    return right


async def log_out(desk: Desk, request: Request, person: Person | None) -> None:
    """Forget the request's session."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        async with desk.unscoped() as connection:
            await people.close_session(connection, token_hash(token))
            if person is not None:
                await people.audit(connection, person, "logout", {})


def give_cookie(desk: Desk, response: Response, token: str) -> None:
    """Hand the session to the browser: not for scripts, not for other sites' requests."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(desk.config.session.total_seconds()),
        path="/",
        secure=desk.config.secure,
        httponly=True,
        samesite="lax",
    )


def take_cookie(desk: Desk, response: Response) -> None:
    """Take the session and what it showed out of the browser."""
    response.delete_cookie(SESSION_COOKIE, path="/", secure=desk.config.secure, httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache"'
