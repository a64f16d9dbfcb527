"""What every request needs: configuration, pool, vault and live updates; and who is asking."""

import hashlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api import change_gate, outside_gate
from api.config import ApiConfig
from api.edge_line import EdgeLine
from api.limiter import Limiter
from api.live import Live
from api.oidc import SignOn
from api.problem import ProblemError
from api.shared_limiter import SharedLimiter
from api.vault import Vault
from domain.permission import Permission
from store import people
from store.connection import Connection
from store.people import Person, Pool

SESSION_COOKIE = "mingchu_session"
TOKEN = "mct_"  # noqa: S105 - what an API token begins with
_CHALLENGE = {"www-authenticate": 'Bearer realm="mingchu"'}


@dataclass(frozen=True)
class Desk:
    """The api's open resources, one per process."""

    config: ApiConfig
    pool: Pool
    vault: Vault
    live: Live
    line: EdgeLine
    logins: SharedLimiter  # per login and address
    addresses: SharedLimiter  # per address
    edges: Limiter  # wrong credentials per address
    codes: SharedLimiter  # enrolment codes per address
    looks: Limiter  # live tickets and stills per person
    tokens: Limiter  # requests per API token
    voices: SharedLimiter  # complaints per address of the public
    subjects: SharedLimiter  # complaints per site or piece of equipment
    sign_on: SignOn | None = None  # by an identity provider
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))  # what grants end by

    @asynccontextmanager
    async def scoped(self, person: Person) -> AsyncIterator[Connection]:
        """One transaction as that person."""
        async with people.scoped(self.pool, person) as connection:
            yield connection

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Connection]:
        """One statement as nobody."""
        async with people.glance(self.pool) as connection:
            yield connection

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[Connection]:
        """One transaction as nobody."""
        async with people.unscoped(self.pool) as connection:
            yield connection


async def desk(request: Request) -> Desk:
    """The resources of the app that serves this request; a coroutine, or each request would cost a thread's turn."""
    found = request.app.state.desk
    assert isinstance(found, Desk)
    return found


AtDesk = Annotated[Desk, Depends(desk)]


def token_hash(token: str) -> bytes:
    """What the database keeps of a session's token, or of an API token."""
    return hashlib.sha256(token.encode()).digest()


def shown_hash(request: Request) -> bytes:
    """The hash of what the request is let in by: its API token, else its session's cookie."""
    token = (_shown(request) or "").partition(" ")[2]
    return token_hash(token or request.cookies.get(SESSION_COOKIE, ""))


def _shown(request: Request) -> str | None:
    """The API token as it was shown. In a WHEP request a live ticket stands in its place: who asks is the session's."""
    return None if request.url.path.endswith("/whep") else request.headers.get("authorization")


async def visitor(request: Request, at: AtDesk) -> Person | None:
    """Who is logged in, or None."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token or len(token) > 200:
        return None
    async with at.glance() as connection:
        return await people.by_session(connection, token_hash(token))


async def person(request: Request, at: AtDesk, somebody: Annotated[Person | None, Depends(visitor)]) -> Person:
    """Who asks: by an API token where the request shows one, else who is logged in; nobody is answered 401."""
    shown = _shown(request)
    found = somebody if shown is None else await _of_token(request, at, shown)
    if found is None:
        raise ProblemError(401, "login_needed" if shown is None else "token", headers=_CHALLENGE)
    outside_gate.must_pass(request, found)
    change_gate.must_pass(request, found)
    return found


async def speaker(request: Request, at: Desk) -> Person | None:
    """Who asks, before a route is found: whether the token may call it, and how often, is not looked at."""
    shown = _shown(request)
    return await (visitor(request, at) if shown is None else _bearer(at, shown))


async def _bearer(at: Desk, shown: str) -> Person | None:
    scheme, _, token = shown.partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(TOKEN) or len(token) > 200:
        return None
    async with at.glance() as connection:
        return await people.by_token(connection, token_hash(token))


async def _of_token(request: Request, at: Desk, shown: str) -> Person | None:
    """For whom the token speaks; raises ProblemError 429."""
    found = await _bearer(at, shown)
    if found is not None:
        wait_s = at.tokens.attempt(str(found.token))
        if wait_s:
            raise ProblemError(429, "token_rate", headers={"retry-after": str(math.ceil(wait_s))})
    return found


def holding(what: Permission) -> Callable[[Person], Awaitable[Person]]:
    """A dependency: who asks and has that permission; others are answered 403."""

    async def holder(somebody: Annotated[Person, Depends(person)]) -> Person:
        if not somebody.may(what):
            raise ProblemError(403, "role")
        return somebody

    return holder


async def in_session(somebody: Annotated[Person, Depends(person)]) -> Person:
    """A person who is logged in: what is done to accounts is not for tokens."""
    if somebody.token is not None:
        raise ProblemError(403, "token_route")
    return somebody


Asking = Annotated[Person, Depends(person)]
Visiting = Annotated[Person | None, Depends(visitor)]
InSession = Annotated[Person, Depends(in_session)]
Administering = Annotated[Person, Depends(holding(Permission.OPERATE))]
Auditing = Annotated[Person, Depends(holding(Permission.AUDIT_READ))]
