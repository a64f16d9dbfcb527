"""What every request needs: configuration, pool, vault and live updates; and who is asking."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.config import ApiConfig
from api.edge_line import EdgeLine
from api.limiter import Limiter
from api.live import Live
from api.problem import ProblemError
from api.vault import Vault
from domain.alert import Role
from store import people
from store.connection import Connection
from store.people import Person, Pool

SESSION_COOKIE = "mingchu_session"


@dataclass(frozen=True)
class Desk:
    """The api's open resources, one per process."""

    config: ApiConfig
    pool: Pool
    vault: Vault
    live: Live
    line: EdgeLine
    logins: Limiter  # per login and address
    addresses: Limiter  # per address
    edges: Limiter  # wrong credentials per address
    codes: Limiter  # enrolment codes per address
    looks: Limiter  # live tickets and stills per person
    voices: Limiter  # complaints per address of the public
    subjects: Limiter  # complaints per site or piece of equipment
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))  # what grants end by

    @asynccontextmanager
    async def scoped(self, person: Person) -> AsyncIterator[Connection]:
        """One transaction as that person."""
        async with people.scoped(self.pool, person) as connection:
            yield connection

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[Connection]:
        """One transaction as nobody."""
        async with people.unscoped(self.pool) as connection:
            yield connection


def desk(request: Request) -> Desk:
    """The resources of the app that serves this request."""
    found = request.app.state.desk
    assert isinstance(found, Desk)
    return found


AtDesk = Annotated[Desk, Depends(desk)]


def token_hash(token: str) -> bytes:
    """What the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).digest()


async def visitor(request: Request, at: AtDesk) -> Person | None:
    """Who is logged in, or None."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token or len(token) > 200:
        return None
    async with at.unscoped() as connection:
        return await people.by_session(connection, token_hash(token))


async def person(somebody: Annotated[Person | None, Depends(visitor)]) -> Person:
    """Who is logged in; nobody is answered 401."""
    if somebody is None:
        raise ProblemError(401, "login_needed")
    return somebody


async def admin(somebody: Annotated[Person, Depends(person)]) -> Person:
    """An admin; others are answered 403."""
    if somebody.role is not Role.ADMIN:
        raise ProblemError(403, "role", {"role": Role.ADMIN})
    return somebody


Asking = Annotated[Person, Depends(person)]
Visiting = Annotated[Person | None, Depends(visitor)]
Administering = Annotated[Person, Depends(admin)]
