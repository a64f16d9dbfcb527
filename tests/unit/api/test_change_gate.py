"""What changes need: every changing route of somebody who is logged in is listed; what is free is so on purpose."""

from pathlib import Path

import pytest

from api import change_gate, desk, pages
from api.app import create_app
from api.config import ApiConfig
from domain.alert import Role
from domain.permission import MAY_HAVE, Permission
from store.people import Person
from tests.changing_routes import FREE, changing, in_threads


def test_every_changing_route_is_listed() -> None:
    app = create_app(ApiConfig("", Path(), "http://console.test"))
    known = list(changing(app, (desk.person, pages.reader)))
    assert len(known) > 130
    for verb, path in known:
        assert change_gate.needs(path) is not None, f"{verb} {path}: say in api/change_gate.py what it needs"
    assert {path.removeprefix("/api/v1") for _, path in known if change_gate.needs(path) == (None, None)} <= FREE
    assert {path.removeprefix("/api/v1") for _, path in known} >= FREE


def test_no_request_costs_a_threads_turn() -> None:
    assert in_threads(create_app(ApiConfig("", Path(), "http://console.test"))) == set()


@pytest.mark.parametrize(
    ("role", "path", "wanted"),
    [
        (Role.OPERATOR, "/inspections/{inspection_id}/answers", Permission.ALERT_HANDLE),
        (Role.REGULATOR, "/api/v1/inspections", Permission.ALERT_REVIEW),
        (Role.ADMIN, "/draws", Permission.OPERATE),
        (Role.REGULATOR, "/equipment/import", Permission.CAMERA_CONFIGURE),
        (Role.ADMIN, "/rules/{code}/switch", Permission.RULE_EDIT),
        (Role.VENDOR, "/supply/devices/{device_id}/credential", Permission.SUPPLY_ROTATE),
        (Role.MAINTAINER, "/upkeep/rescues/{alert_id}/{action}", Permission.UPKEEP_RESCUE),
    ],
)
def test_a_role_of_ones_own_lets_what_it_has(role: Role, path: str, wanted: Permission) -> None:
    def somebody(own: frozenset[Permission] | None) -> Person:
        return Person(1, "", "", role, "gz", None, "zh", configures=True, own=own)

    assert change_gate.lets(somebody(None), path)
    assert change_gate.lets(somebody(frozenset({wanted})), path)
    assert not change_gate.lets(somebody(MAY_HAVE[role] - {wanted}), path)
    assert not change_gate.lets(somebody(MAY_HAVE[role]), "/not-listed")
