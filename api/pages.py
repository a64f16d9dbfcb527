"""What all console pages share: who is not logged in is sent to the login."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from api.desk import Visiting
from api.problem import ProblemError
from domain.alert import Role
from store.people import Person


class LoginNeededError(Exception):
    """Nobody is logged in: log in first, then come back to `back`."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back

    @property
    def address(self) -> str:
        """Where to log in."""
        return "/login" if self.back == "/" else f"/login?next={quote(self.back, safe='')}"


async def reader(request: Request, somebody: Visiting) -> Person:
    """Who reads the page."""
    if somebody is None:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise LoginNeededError(back if request.method == "GET" else "/")
    return somebody


Reader = Annotated[Person, Depends(reader)]


async def admin(somebody: Reader) -> Person:
    """An admin; others are answered 403."""
    if somebody.role is not Role.ADMIN:
        raise ProblemError(403, "role")
    return somebody


Admin = Annotated[Person, Depends(admin)]
