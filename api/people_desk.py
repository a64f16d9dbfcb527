"""What pages and REST do with people and roles: within the scope, and within what one may give; audited."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors

from api.alert_model import Names
from api.desk import Desk
from api.login import protect
from api.people_model import Account, AccountChange, HandedPassword, NewAccount, NewOwnRole, OwnRole, RoleChange
from api.problem import ProblemError, not_found
from domain import credential, permission
from domain.alert import Role
from domain.permission import MAY_HAVE, Permission, Permissions
from store import accounts, people, roles, tokens
from store.accounts import AccountRow
from store.connection import Connection
from store.people import Person
from store.roles import RoleRow

PAGE = 50


def must_manage(person: Person) -> None:
    """Only who manages people goes on; others are answered 403."""
    if not person.may(Permission.PEOPLE_MANAGE):
        raise ProblemError(403, "role")


def giveable(person: Person) -> Permissions:
    """What the person may give to others."""
    return permission.giveable(person.permissions)


def built_in(role: Role) -> Permissions:
    """What a built-in role may."""
    return permission.BUILT_IN[role]


async def listed(at: Desk, person: Person, text: str = "", after: str = "", limit: int = PAGE) -> list[Account]:
    """The people whom one governs, by login."""
    must_manage(person)
    async with at.scoped(person) as connection:
        return [_account(row, person) for row in await accounts.listed(connection, text.strip(), after, limit)]


async def read(at: Desk, person: Person, account: int) -> Account:
    """One of them; 404 for anybody else."""
    must_manage(person)
    async with at.scoped(person) as connection:
        return _account(await _row(connection, account), person)


async def add(at: Desk, person: Person, wanted: NewAccount) -> HandedPassword:
    """Let somebody in; the password is shown this once. 409 for a login that is taken."""
    must_manage(person)
    _must_fit(wanted)
    password = credential.generate()
    hashed = await protect(password)
    async with at.scoped(person) as connection:
        await _must_give(connection, person, wanted)
        new = accounts.NewAccount(
            wanted.login, wanted.name.strip(), wanted.role, wanted.own_role, hashed,
            wanted.authority, wanted.operator, wanted.vendor, wanted.firm, wanted.lang,
        )  # fmt: skip
        with _refused("login_taken"):
            made = await accounts.add(connection, new)
        await people.audit(connection, person, "person_added", {"login": wanted.login, **_role(wanted)})
        return HandedPassword(account=_account(await _row(connection, made), person), password=password)


async def change(at: Desk, person: Person, account: int, wanted: AccountChange) -> Account:
    """Another name, role or language: from the next request on."""
    must_manage(person)
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, account)
        if _side(row.role) != _side(wanted.role):
            raise ProblemError(422, "role_place")
        await _must_give(connection, person, wanted)
        await accounts.change(
            connection, account, name=wanted.name.strip(), role=wanted.role, role_id=wanted.own_role, lang=wanted.lang
        )
        await people.audit(connection, person, "person_changed", {"login": row.login, **_role(wanted)})
        return _account(await _row(connection, account), person)


async def set_enabled(at: Desk, person: Person, account: int, *, enabled: bool) -> Account:
    """Let somebody in again, or out: sessions end at once, tokens are of no use."""
    must_manage(person)
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, account)
        await accounts.set_enabled(connection, account, enabled=enabled)
        action = "person_enabled" if enabled else "person_disabled"
        await people.audit(connection, person, action, {"login": row.login})
        return _account(await _row(connection, account), person)


async def reset(at: Desk, person: Person, account: int) -> HandedPassword:
    """Another password, shown this once; sessions end, tokens are revoked."""
    must_manage(person)
    password = credential.generate()
    hashed = await protect(password)
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, account)
        await accounts.set_password(connection, account, hashed)
        ended = await accounts.end_sessions(connection, account)
        revoked = await tokens.revoke_all(connection, account)
        detail = {"login": row.login, "sessions": ended, "tokens": revoked}
        await people.audit(connection, person, "password_reset", detail)
        return HandedPassword(account=_account(row, person), password=password)


async def roles_of(at: Desk, person: Person) -> list[OwnRole]:
    """The roles that one may hand out or look at."""
    must_manage(person)
    async with at.scoped(person) as connection:
        return [_own_role(row) for row in await roles.listed(connection)]


async def add_role(at: Desk, person: Person, wanted: NewOwnRole) -> OwnRole:
    """A role of one's own authority; 409 for a name that is taken."""
    must_manage(person)
    chosen = _chosen(person, wanted.base, wanted)
    if person.authority is None:
        raise ProblemError(403, "role")
    async with at.scoped(person) as connection:
        with _refused("role_taken"):
            made = await roles.add(connection, wanted.zh.strip(), wanted.en.strip(), wanted.base, chosen)
        await people.audit(connection, person, "role_added", {"role": made, "permissions": sorted(chosen)})
        return _own_role(await _role_row(connection, made))


async def change_role(at: Desk, person: Person, role: int, wanted: RoleChange) -> OwnRole:
    """Other permissions for all who have it; 404 for another authority's."""
    must_manage(person)
    async with at.scoped(person) as connection:
        row = await _role_row(connection, role)
        chosen = _chosen(person, row.base, wanted)
        if (await _row(connection, person.id)).role_id == role:
            raise ProblemError(403, "own_account")
        if not row.mine or not permission.known(row.permissions) <= giveable(person):
            raise ProblemError(403, "not_giveable")
        with _refused("role_taken"):
            await roles.change(connection, role, wanted.zh.strip(), wanted.en.strip(), chosen)
        await people.audit(connection, person, "role_changed", {"role": role, "permissions": sorted(chosen)})
        return _own_role(await _role_row(connection, role))


@contextmanager
def _refused(taken: str) -> Iterator[None]:
    """What the database refuses: a name that is taken, or a place outside the scope."""
    try:
        yield
    except errors.UniqueViolation as error:
        raise ProblemError(409, taken) from error
    except (errors.InsufficientPrivilege, errors.ForeignKeyViolation) as error:
        raise not_found() from error


def _must_fit(wanted: NewAccount) -> None:
    """Everybody is of one place, and of one that fits the role."""
    places = {
        "authority": wanted.authority, Role.OPERATOR: wanted.operator, Role.VENDOR: wanted.vendor,
        Role.MAINTAINER: wanted.firm,
    }  # fmt: skip
    if [side for side, place in places.items() if place is not None] != [_side(wanted.role)]:
        raise ProblemError(422, "role_place")


def _side(role: Role) -> str:
    """What somebody of that role belongs to: an authority, or what the role is called after."""
    return "authority" if role in (Role.REGULATOR, Role.ADMIN) else role


async def _must_give(connection: Connection, person: Person, wanted: AccountChange) -> None:
    """Nobody hands out what he may not give."""
    own = None if wanted.own_role is None else await _role_row(connection, wanted.own_role)
    if own is not None and own.base is not wanted.role:
        raise ProblemError(422, "role_base")
    given = permission.held(wanted.role, None if own is None else own.permissions, configures=True)
    if not given <= giveable(person):
        raise ProblemError(403, "not_giveable")


def _chosen(person: Person, base: Role, wanted: RoleChange) -> Permissions:
    chosen = frozenset(wanted.permissions) | permission.floor(base)
    if not chosen <= MAY_HAVE[base]:
        raise ProblemError(422, "role_permissions")
    if not chosen <= giveable(person):
        raise ProblemError(403, "not_giveable")
    return chosen


async def _row(connection: Connection, account: int) -> AccountRow:
    row = await accounts.one(connection, account)
    if row is None:
        raise not_found()
    return row


async def _mine(connection: Connection, person: Person, account: int) -> AccountRow:
    """An account to change: not one's own, and nobody who may more than one may give."""
    row = await _row(connection, account)
    if row.id == person.id:
        raise ProblemError(403, "own_account")
    if not _may_change(row, person):
        raise ProblemError(403, "not_giveable")
    return row


async def _role_row(connection: Connection, role: int) -> RoleRow:
    row = await roles.one(connection, role)
    if row is None:
        raise not_found()
    return row


def _role(wanted: AccountChange) -> dict[str, object]:
    return {"role": wanted.role, "own_role": wanted.own_role}


def _held(row: AccountRow) -> Permissions:
    return permission.held(row.role, row.own, configures=row.configures)


def _may_change(row: AccountRow, person: Person) -> bool:
    return row.id != person.id and _held(row) <= giveable(person)


def _account(row: AccountRow, person: Person) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        own_role=row.role_id,
        role_name=None if row.role_zh is None else Names(zh=row.role_zh, en=row.role_en or row.role_zh),
        permissions=sorted(_held(row)),
        authority=row.authority,
        operator=row.operator_id,
        vendor=row.vendor,
        firm=row.firm,
        place=Names(zh=row.place_zh, en=row.place_en),
        lang=row.lang,
        enabled=row.enabled,
        linked=row.linked,
        may_change=_may_change(row, person),
    )


def _own_role(row: RoleRow) -> OwnRole:
    return OwnRole(
        id=row.id,
        authority=row.authority,
        zh=row.zh,
        en=row.en,
        base=row.base,
        permissions=sorted(permission.known(row.permissions)),
        people=row.people,
        mine=row.mine,
    )
