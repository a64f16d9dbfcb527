"""What an API token may call: to read, any route; to change, those whose permission is named here (ADR 38)."""

from fastapi import Request

from api.problem import ProblemError
from domain.alert import Role
from domain.permission import Permission
from store.people import Person

_SAFE = frozenset({"GET", "HEAD"})
_ALERTS = ("/api/v1/alerts/", "/api/v1/sites/{site_id}/cards/", "/api/v1/campaigns", "/api/v1/complaints/",
           "/api/v1/inspections", "/api/v1/inspection-plans", "/api/v1/views")  # fmt: skip
_FACES = ("/unblurred", "/ticket", "/whep", "/whep/{view_id}")
_NEEDED: tuple[tuple[str, Permission], ...] = (
    ("/api/v1/cameras/", Permission.CAMERA_CONFIGURE),
    ("/api/v1/edges/", Permission.CAMERA_CONFIGURE),
    ("/api/v1/sites/{site_id}/cameras", Permission.CAMERA_CONFIGURE),
    ("/api/v1/sites/{site_id}/edges", Permission.CAMERA_CONFIGURE),
    ("/api/v1/sites/{site_id}/devices", Permission.DEVICE_PROVISION),
    ("/api/v1/devices/", Permission.DEVICE_PROVISION),
    ("/api/v1/vendors/", Permission.DEVICE_PROVISION),
    ("/api/v1/profiles", Permission.DEVICE_PROVISION),
    ("/api/v1/rules", Permission.RULE_EDIT),
    ("/api/v1/channels", Permission.CHANNEL_MANAGE),
    ("/api/v1/dead-letters/", Permission.OPERATE),
)


def needed(path: str, role: Role) -> Permission | None:
    """What a changing request to the route of that template needs; None: it is not for tokens."""
    if path.endswith(_FACES):
        return Permission.EVIDENCE_UNBLURRED
    if path.startswith(_ALERTS):
        return Permission.ALERT_HANDLE if role is Role.OPERATOR else Permission.ALERT_REVIEW
    return next((permission for prefix, permission in _NEEDED if path.startswith(prefix)), None)


def must_pass(request: Request, person: Person) -> None:
    """Only a token that is for this goes on; others are answered 403."""
    if request.method in _SAFE:
        return
    wanted = needed(request.scope["route"].path, person.role)
    if wanted is None:
        raise ProblemError(403, "token_route")
    if not person.may(wanted):
        raise ProblemError(403, "token_scope", {"scope": wanted})
