"""What a change needs, route by route, pages and REST alike: asked of roles of one's own and of API tokens (ADR 38).

A built-in role has all that its side needs, and the desks answer for what is not its side's, 404 before 403.
"""

from collections.abc import Mapping

from fastapi import Request

from api import language
from api.problem import ProblemError
from domain.alert import Role
from domain.permission import Permission
from store.people import Person

_SAFE = frozenset({"GET", "HEAD"})
_API = "/api/v1"
_ACTS: Mapping[Role, Permission] = {
    Role.OPERATOR: Permission.ALERT_HANDLE,
    Role.REGULATOR: Permission.ALERT_REVIEW,
    Role.ADMIN: Permission.OPERATE,
}

Need = Permission | Mapping[Role, Permission] | None

# The first that a route's template begins with: what a role of one's own needs (None: nothing, it is the person's own,
# or reading), and what a token is for (None: not for tokens).
_NEEDS: tuple[tuple[str, Need, Need], ...] = (
    ("/me/", None, None),
    ("/views", None, _ACTS),
    ("/camera-lists/", None, _ACTS),
    ("/pushes/", None, None),
    # Browsers are their people's own: the desk asks for the other kinds.
    ("/channels/", None, Permission.CHANNEL_MANAGE),
    ("/channels", Permission.CHANNEL_MANAGE, Permission.CHANNEL_MANAGE),
    ("/webhooks", Permission.CHANNEL_MANAGE, Permission.CHANNEL_MANAGE),
    ("/tours/{tour_id}/findings/", _ACTS, _ACTS),
    ("/tours", None, _ACTS),  # looking, written down
    ("/reports/subscriptions", Permission.CHANNEL_MANAGE, Permission.CHANNEL_MANAGE),
    ("/reports", None, _ACTS),  # of what the person may read
    ("/rules/check", None, Permission.RULE_EDIT),
    ("/rules/previews", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/rules", Permission.RULE_EDIT, Permission.RULE_EDIT),
    ("/people", Permission.PEOPLE_MANAGE, None),
    ("/roles", Permission.PEOPLE_MANAGE, None),
    ("/alerts/{alert_id}/unblurred", Permission.EVIDENCE_UNBLURRED, Permission.EVIDENCE_UNBLURRED),
    ("/alerts/", _ACTS, _ACTS),
    ("/campaigns", _ACTS, _ACTS),
    ("/complaints/", _ACTS, _ACTS),
    ("/inspections", _ACTS, _ACTS),
    ("/inspection-plans", _ACTS, _ACTS),
    ("/draws", _ACTS, _ACTS),
    ("/holds/", _ACTS, _ACTS),
    ("/equipment/{equipment_id}/records", _ACTS, _ACTS),
    ("/equipment", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/map/", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/sites/{site_id}/cards/", _ACTS, _ACTS),
    ("/sites/{site_id}/hold", _ACTS, _ACTS),
    ("/sites/{site_id}/public/live", _ACTS, _ACTS),
    ("/sites/{site_id}/cameras", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/sites/{site_id}/edges", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/sites/{site_id}/devices", Permission.DEVICE_PROVISION, Permission.DEVICE_PROVISION),
    ("/sites/{site_id}/licences", Permission.DEVICE_PROVISION, Permission.DEVICE_PROVISION),
    ("/sites/", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/cameras/{camera_id}/unblurred", Permission.EVIDENCE_UNBLURRED, Permission.EVIDENCE_UNBLURRED),
    ("/cameras/{camera_id}/ticket", Permission.EVIDENCE_UNBLURRED, Permission.EVIDENCE_UNBLURRED),
    ("/cameras/{camera_id}/whep", Permission.EVIDENCE_UNBLURRED, Permission.EVIDENCE_UNBLURRED),
    ("/cameras/", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/edges/", Permission.CAMERA_CONFIGURE, Permission.CAMERA_CONFIGURE),
    ("/devices/", Permission.DEVICE_PROVISION, Permission.DEVICE_PROVISION),
    ("/vendors", Permission.DEVICE_PROVISION, Permission.DEVICE_PROVISION),
    ("/profiles", Permission.DEVICE_PROVISION, Permission.DEVICE_PROVISION),
    ("/claim", Permission.DEVICE_PROVISION, None),
    ("/dead-letters/", Permission.OPERATE, Permission.OPERATE),
    ("/operations/", Permission.OPERATE, None),
    ("/supply/devices/", Permission.SUPPLY_ROTATE, Permission.SUPPLY_ROTATE),
    ("/supply/", Permission.SUPPLY_READ, Permission.SUPPLY_ROTATE),  # a kit's report: reading, but no reader's token
    ("/upkeep/equipment/", Permission.UPKEEP_RECORD, Permission.UPKEEP_RECORD),
    ("/upkeep/rescues/", Permission.UPKEEP_RESCUE, Permission.UPKEEP_RESCUE),
)


def needs(path: str) -> tuple[Need, Need] | None:
    """What a change by the route of that template needs of a role of one's own, and of a token; None: not listed."""
    plain = path.removeprefix(_API)
    return next(((role, token) for begins, role, token in _NEEDS if plain.startswith(begins)), None)


def must_pass(request: Request, person: Person) -> None:
    """Lets through what only reads, and changes that the person's own role and token are for; raises ProblemError 403.

    A route that nobody listed is for neither.
    """
    if request.method in _SAFE:
        return
    path: str = request.scope["route"].path
    if person.token is not None:
        _must_be_for(person, path)
    if not lets(person, path):
        raise _lacking(person, path)


def lets(person: Person | None, path: str) -> bool:
    """Whether a role of the person's own, where he has one, is for changes by the route of that template."""
    if person is None or person.own is None:
        return True
    found = needs(path)
    if found is None:
        return False
    wanted = _of(person, found[0])
    return wanted is None or person.may(wanted)


def _of(person: Person, need: Need) -> Permission | None:
    return need.get(person.role) if isinstance(need, Mapping) else need


def _must_be_for(person: Person, path: str) -> None:
    """Only a token that is for this goes on."""
    found = needs(path)
    wanted = None if found is None else _of(person, found[1])
    if wanted is None:
        raise ProblemError(403, "token_route")
    if not person.may(wanted):
        raise ProblemError(403, "token_scope", {"scope": wanted})


def _lacking(person: Person, path: str) -> ProblemError:
    found = needs(path)
    wanted = None if found is None else _of(person, found[0])
    if wanted is None:
        return ProblemError(403, "role")
    words = f"permission.{wanted.replace('.', '_')}"
    texts = {
        spoken.value: language.text(spoken, "problem.role_lacks", permission=language.text(spoken, words))
        for spoken in language.Language
    }
    return ProblemError(403, "role_lacks", texts=texts)
