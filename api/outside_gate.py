"""Where vendors and maintenance firms may go: pages and REST of their own, and their account; nowhere else (ADR 45)."""

from fastapi import Request

from api.problem import ProblemError
from domain.alert import Role
from store.people import Person

HOME = {Role.VENDOR: "/supply", Role.MAINTAINER: "/upkeep"}
_API = "/api/v1"
_ACCOUNT = "/me"  # and below: password, sessions, API tokens


def must_pass(request: Request, person: Person) -> None:
    """Lets an outsider through to his own routes only, and nobody else to them; the others are answered 403."""
    path: str = request.scope["route"].path.removeprefix(_API)
    own = HOME.get(person.role)
    if any(_within(path, home) for home in HOME.values()):
        allowed = own is not None and _within(path, own)
    else:
        allowed = own is None or _within(path, _ACCOUNT)
    if not allowed:
        raise ProblemError(403, "role")


def _within(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
