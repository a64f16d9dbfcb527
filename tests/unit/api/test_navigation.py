"""The menu: per role, and which entry a page belongs to."""

import pytest

from api.navigation import Menu, menu
from domain.alert import Role
from store.people import Person


def _menu(role: Role, path: str) -> Menu:
    return menu(Person(1, "", "", role, "gz", None, "zh", configures=role is Role.ADMIN), path)


def test_each_role_has_four_main_entries_and_only_what_it_may_see() -> None:
    shown = {role: _menu(role, "/") for role in Role}
    assert [entry.code for entry in shown[Role.VENDOR].main] == ["supply", "letters", "conformance"]
    assert [entry.code for entry in shown[Role.MAINTAINER].main] == ["upkeep"]
    assert not shown[Role.VENDOR].more
    assert not shown[Role.MAINTAINER].more
    assert [entry.code for entry in shown[Role.OPERATOR].main] == ["home", "queue", "sites", "inspections"]
    assert [entry.code for entry in shown[Role.OPERATOR].more] == ["equipment", "reports", "channels"]
    assert "operations" not in {entry.code for entry in (*shown[Role.REGULATOR].main, *shown[Role.REGULATOR].more)}
    assert len(shown[Role.ADMIN].main) == 4
    assert len(shown[Role.ADMIN].more) == 10


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/", "queue"),
        ("/alerts/7", "queue"),
        ("/devices/4", "sites"),
        ("/devices/import", "provision"),
        ("/claim", "provision"),
        ("/draws", "risk"),
        ("/operations/letters", "operations"),
        ("/rulesets", None),
    ],
)
def test_a_page_belongs_to_the_entry_with_the_longest_fitting_beginning(path: str, code: str | None) -> None:
    current = _menu(Role.ADMIN, path).current
    assert (current.code if current else None) == code
