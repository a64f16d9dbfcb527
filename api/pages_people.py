"""Console pages: people and roles, for those who manage them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import language, people_desk, problem, render
from api.desk import AtDesk, Desk
from api.pages import Manager
from api.people_model import AccountChange, HandedPassword, NewAccount, NewOwnRole, OwnRole, RoleChange
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.permission import MAY_HAVE, Permission, floor
from store import accounts, upkeep
from store.people import Person

router = APIRouter(include_in_schema=False)

_Text = Annotated[str, Form(max_length=200)]
_Chosen = Annotated[list[str], Form(max_length=50)]


@router.get("/people")
async def people_page(request: Request, at: AtDesk, person: Manager, text: str = "", after: str = "") -> Response:
    """Whom one governs, and the form for one more."""
    return await _people(request, at, person, text=text[:100], after=after[:100])


@router.post("/people")
async def add(
    request: Request,
    at: AtDesk,
    person: Manager,
    *,
    login: _Text = "",
    name: _Text = "",
    role: _Text = "",
    place: _Text = "",
    lang: _Text = "zh",
) -> Response:
    """Let somebody in and show the password once, or say in one sentence why not."""
    typed = {"login": login.strip(), "name": name.strip(), "role": role, "place": place, "lang": lang}
    side, _, which = place.partition(":")
    try:
        chosen = await _choice(at, person, role)
        given = {**chosen, **typed, "role": chosen["role"], side: which} if which else {**typed, **chosen}
        del given["place"]
        made = await people_desk.add(at, person, NewAccount.model_validate(given))
    except (ValidationError, ProblemError) as error:
        return await _people(request, at, person, typed=typed, fault=_fault(error, "person_form"))
    return _password(request, at, person, made)


@router.get("/people/{person_id}")
async def person_page(request: Request, at: AtDesk, person: Manager, person_id: int) -> Response:
    """One person, and what may be done about the account."""
    return await _one(request, at, person, person_id)


@router.post("/people/{person_id}")
async def change(
    request: Request, at: AtDesk, person: Manager, person_id: int, *, name: _Text = "", role: _Text = "",
    lang: _Text = "zh",
) -> Response:  # fmt: skip
    """Another name, role or language."""
    try:
        chosen = await _choice(at, person, role)
        wanted = AccountChange.model_validate({**chosen, "name": name.strip(), "lang": lang})
        await people_desk.change(at, person, person_id, wanted)
    except (ValidationError, ProblemError) as error:
        return await _one(request, at, person, person_id, fault=_fault(error, "person_form"))
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/disable")
async def disable(at: AtDesk, person: Manager, person_id: int) -> Response:
    """Out at once."""
    await people_desk.set_enabled(at, person, person_id, enabled=False)
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/enable")
async def enable(at: AtDesk, person: Manager, person_id: int) -> Response:
    """In again."""
    await people_desk.set_enabled(at, person, person_id, enabled=True)
    return RedirectResponse(f"/people/{person_id}", 303)


@router.post("/people/{person_id}/password")
async def reset(request: Request, at: AtDesk, person: Manager, person_id: int) -> Response:
    """Another password, shown once."""
    return _password(request, at, person, await people_desk.reset(at, person, person_id))


@router.get("/roles")
async def roles_page(request: Request, at: AtDesk, person: Manager) -> Response:
    """The roles of authorities, and the form for one more."""
    return await _roles(request, at, person)


@router.post("/roles")
async def add_role(
    request: Request, at: AtDesk, person: Manager, *, zh: _Text = "", en: _Text = "", base: _Text = "",
    permissions: _Chosen = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Make it, or say in one sentence why not."""
    typed = {"zh": zh.strip(), "en": en.strip(), "base": base, "permissions": permissions}
    try:
        await people_desk.add_role(at, person, NewOwnRole.model_validate(typed))
    except (ValidationError, ProblemError) as error:
        return await _roles(request, at, person, fault=_fault(error, "role_form"), typed=typed)
    return RedirectResponse("/roles", 303)


@router.post("/roles/{role_id}")
async def change_role(
    request: Request, at: AtDesk, person: Manager, role_id: int, *, zh: _Text = "", en: _Text = "",
    permissions: _Chosen = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Other names or permissions."""
    try:
        wanted = RoleChange.model_validate({"zh": zh.strip(), "en": en.strip(), "permissions": permissions})
        await people_desk.change_role(at, person, role_id, wanted)
    except (ValidationError, ProblemError) as error:
        return await _roles(request, at, person, fault=_fault(error, "role_form"))
    return RedirectResponse("/roles", 303)


def _fault(error: ValidationError | ProblemError, form: str) -> ProblemError:
    """What the page says; what is not there stays not there."""
    if isinstance(error, ValidationError):
        return ProblemError(422, form)
    if error.status == 404:
        raise error
    return error


async def _choice(at: Desk, person: Person, text: str) -> dict[str, object]:
    """A role as the forms name it: a built-in one by its code, one's own as `own:` and its number."""
    kind, _, number = text.partition(":")
    if kind != "own":
        return {"role": kind, "own_role": None}
    found = next((one for one in await people_desk.roles_of(at, person) if str(one.id) == number), None)
    if found is None:
        raise not_found()
    return {"role": found.base, "own_role": found.id}


async def _people(
    request: Request,
    at: Desk,
    person: Person,
    *,
    text: str = "",
    after: str = "",
    typed: dict[str, str] | None = None,
    fault: ProblemError | None = None,
) -> Response:
    listed = await people_desk.listed(at, person, text, after, people_desk.PAGE + 1)
    async with at.scoped(person) as connection:
        employers, stations = await accounts.employers(connection), await accounts.stations(connection)
        suppliers, firms = await accounts.suppliers(connection), await upkeep.firms(connection, governed=True)
    context = {
        **await _roles_to_give(at, person),
        "people": listed[: people_desk.PAGE],
        "older": listed[people_desk.PAGE - 1].login if len(listed) > people_desk.PAGE else "",
        "text": text,
        "employers": employers,
        "stations": stations,
        "suppliers": suppliers,
        "firms": firms,
        "typed": typed or {"login": "", "name": "", "role": "", "place": "", "lang": person.lang},
        "fault": _sentence(request, person, fault),
    }
    return render.page(request, at, person, "people.html", context, status=fault.status if fault else 200)


async def _one(
    request: Request, at: Desk, person: Person, person_id: int, *, fault: ProblemError | None = None
) -> Response:
    context = {
        **await _roles_to_give(at, person),
        "one": await people_desk.read(at, person, person_id),
        "fault": _sentence(request, person, fault),
    }
    return render.page(request, at, person, "person.html", context, status=fault.status if fault else 200)


async def _roles(
    request: Request,
    at: Desk,
    person: Person,
    *,
    fault: ProblemError | None = None,
    typed: Mapping[str, object] | None = None,
) -> Response:
    context = {
        **await _roles_to_give(at, person),
        "permissions": [one for one in Permission if not any(one in floor(base) for base in Role)],
        "allowed": {base: MAY_HAVE[base] for base in Role},
        "typed": typed or {"zh": "", "en": "", "base": "regulator", "permissions": []},
        "fault": _sentence(request, person, fault),
    }
    return render.page(request, at, person, "roles.html", context, status=fault.status if fault else 200)


async def _roles_to_give(at: Desk, person: Person) -> dict[str, object]:
    """The built-in roles and the others, those that the person may hand out marked."""
    mine = people_desk.giveable(person)
    sides = (Role.OPERATOR,) if person.authority is None else tuple(Role)
    built_in = [role for role in sides if people_desk.built_in(role) <= mine]
    own: Sequence[OwnRole] = await people_desk.roles_of(at, person)
    usable = [role for role in own if role.base in sides and frozenset(role.permissions) <= mine]
    return {"built_in": built_in, "own_roles": own, "usable": usable, "giveable": mine}


def _sentence(request: Request, person: Person, fault: ProblemError | None) -> str:
    return "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang))


def _password(request: Request, at: Desk, person: Person, made: HandedPassword) -> Response:
    return render.page(request, at, person, "person_password.html", {"made": made}, status=201)
