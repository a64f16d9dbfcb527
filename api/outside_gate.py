"""Where vendors and maintenance firms may go: pages of their own, and their account; nowhere else (ADR 45)."""

from fastapi import Request

from api.problem import ProblemError
from domain.alert import Role
from store.people import Person

HOME = {Role.VENDOR: "/supply", Role.MAINTAINER: "/upkeep"}
_ANYBODYS = frozenset({
    "/me", "/me/password", "/me/sessions/{session_id}/end", "/api/v1/me", "/api/v1/me/password",
})  # fmt: skip


def must_pass(request: Request, person: Person) -> None:
    """Lets an outsider through to his own routes only, and nobody else to them; the others are answered 403."""
    path: str = request.scope["route"].path
    own = HOME.get(person.role)
    if any(path == home or path.startswith(f"{home}/") for home in HOME.values()):
        allowed = own is not None and (path == own or path.startswith(f"{own}/"))
    else:
        allowed = own is None or path in _ANYBODYS
    if not allowed:
        raise ProblemError(403, "role")
