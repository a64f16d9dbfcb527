"""Roles as sets of permissions: the built-in ones are as they always were, nobody gives what he may not."""

from hypothesis import given
from hypothesis import strategies as st

from domain import permission
from domain.alert import Role
from domain.permission import BUILT_IN, MAY_HAVE, Permission

_SOME = st.frozensets(st.sampled_from(list(Permission)))


def test_the_built_in_roles() -> None:
    assert permission.held(Role.OPERATOR, None, configures=True) == {
        Permission.READ, Permission.ALERT_HANDLE, Permission.EVIDENCE_UNBLURRED, Permission.CHANNEL_MANAGE,
    }  # fmt: skip
    regulator = permission.held(Role.REGULATOR, None, configures=True)
    assert Permission.ALERT_REVIEW in regulator
    assert Permission.CAMERA_CONFIGURE in regulator
    assert Permission.PEOPLE_MANAGE not in regulator
    assert Permission.CAMERA_CONFIGURE not in permission.held(Role.REGULATOR, None, configures=False)
    assert Permission.EVIDENCE_UNBLURRED not in permission.held(Role.ADMIN, None, configures=True)


@given(st.sampled_from(list(Role)), _SOME, st.booleans())
def test_a_role_of_ones_own_stays_on_its_side(role: Role, own: frozenset[Permission], configures: bool) -> None:
    held = permission.held(role, own, configures=configures)
    assert held <= MAY_HAVE[role]
    assert held <= own | permission.floor(role)
    assert permission.floor(role) <= held


def test_a_code_of_another_release_gives_nothing() -> None:
    assert permission.held(Role.ADMIN, ["data.read", "moon.land"], configures=True) == {Permission.READ}


def test_an_admin_appoints_all_three_and_a_narrow_manager_no_admin() -> None:
    admin = permission.giveable(BUILT_IN[Role.ADMIN])
    assert all(BUILT_IN[role] <= admin for role in (Role.OPERATOR, Role.ADMIN))
    assert BUILT_IN[Role.REGULATOR] <= admin
    narrow = permission.giveable({Permission.READ, Permission.PEOPLE_MANAGE})
    assert BUILT_IN[Role.OPERATOR] <= narrow
    assert not BUILT_IN[Role.ADMIN] <= narrow
    assert not BUILT_IN[Role.REGULATOR] <= narrow  # it may configure cameras


@given(_SOME)
def test_without_the_right_nothing_is_given(mine: frozenset[Permission]) -> None:
    assert permission.giveable(mine - {Permission.PEOPLE_MANAGE}) == frozenset()
