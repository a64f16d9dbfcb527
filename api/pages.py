"""What all console pages share: who is not logged in is sent to the login."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from api import change_gate, outside_gate
from api.desk import Visiting
from api.problem import ProblemError
from domain.permission import Permission
from store.people import Person


class ElsewhereError(Exception):
    """The page is somewhere else for whoever asks: at `address`."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class LoginNeededError(ElsewhereError):
    """Nobody is logged in: log in first, then come back to `back`."""

    def __init__(self, back: str) -> None:
        super().__init__("/login" if back == "/" else f"/login?next={quote(back, safe='')}")


async def reader(request: Request, somebody: Visiting) -> Person:
    """Who reads the page."""
    if somebody is None:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise LoginNeededError(back if request.method == "GET" else "/")
    if request.url.path in ("/", "/home") and somebody.outside:
        raise ElsewhereError(outside_gate.HOME[somebody.role])
    outside_gate.must_pass(request, somebody)
    change_gate.must_pass(request, somebody)
    return somebody


Reader = Annotated[Person, Depends(reader)]


def holding(what: Permission) -> Callable[[Person], Awaitable[Person]]:
    """A dependency: the reader, who has that permission; others are answered 403."""

    async def holder(somebody: Reader) -> Person:
        if not somebody.may(what):
            raise ProblemError(403, "role")
        return somebody

    return holder


Admin = Annotated[Person, Depends(holding(Permission.OPERATE))]
Auditor = Annotated[Person, Depends(holding(Permission.AUDIT_READ))]
Manager = Annotated[Person, Depends(holding(Permission.PEOPLE_MANAGE))]
