"""REST: people and roles, for those who manage them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import people_desk
from api.desk import AtDesk, InSession
from api.openapi import problems
from api.paging import Paged
from api.people_model import Account, AccountChange, HandedPassword, NewAccount, NewOwnRole, OwnRole, RoleChange

router = APIRouter(prefix="/api/v1", tags=["people"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[7])]
_ERRORS = problems(401, 403, 404)


@router.get("/people", responses=problems(401, 403), summary="List people")
async def listed(
    at: AtDesk,
    person: InSession,
    *,
    text: Annotated[str, Query(max_length=100, description="part of a login or name", examples=["li"])] = "",
    paging: Paged,
) -> list[Account]:
    """Whom one governs: of the authority's tree, and of operators whose sites are all in it; by login."""
    (after,) = paging.after(("",))
    rows = await people_desk.listed(at, person, text, after, paging.wanted)
    return paging.page(rows, lambda row: (row.login,))


@router.post("/people", status_code=201, responses=problems(401, 403, 404, 409), summary="Let somebody in")
async def add(at: AtDesk, person: InSession, wanted: NewAccount) -> HandedPassword:
    """The password is shown in this answer and nowhere else. A role may be given whose permissions one may give."""
    return await people_desk.add(at, person, wanted)


@router.get("/people/{person_id}", responses=_ERRORS, summary="One person")
async def read(at: AtDesk, person: InSession, person_id: Identity) -> Account:
    """With all that the person may."""
    return await people_desk.read(at, person, person_id)


@router.put("/people/{person_id}", responses=_ERRORS, summary="Change a person")
async def change(at: AtDesk, person: InSession, person_id: Identity, wanted: AccountChange) -> Account:
    """Name, role and language; in force from the next request on."""
    return await people_desk.change(at, person, person_id, wanted)


@router.post("/people/{person_id}/disable", responses=_ERRORS, summary="Let a person in no more")
async def disable(at: AtDesk, person: InSession, person_id: Identity) -> Account:
    """All sessions end at once, API tokens are refused."""
    return await people_desk.set_enabled(at, person, person_id, enabled=False)


@router.post("/people/{person_id}/enable", responses=_ERRORS, summary="Let a person in again")
async def enable(at: AtDesk, person: InSession, person_id: Identity) -> Account:
    """With the password as it was."""
    return await people_desk.set_enabled(at, person, person_id, enabled=True)


@router.post("/people/{person_id}/password", responses=_ERRORS, summary="Reset a password")
async def reset(at: AtDesk, person: InSession, person_id: Identity) -> HandedPassword:
    """The new one is shown in this answer and nowhere else; sessions end, API tokens are revoked."""
    return await people_desk.reset(at, person, person_id)


@router.get("/roles", responses=problems(401, 403), summary="List roles")
async def roles(at: AtDesk, person: InSession, paging: Paged) -> list[OwnRole]:
    """Those of authorities: one's own, those below, and those above, which may be handed out but not changed."""
    return paging.part(await people_desk.roles_of(at, person), lambda row: (row.id,), (0,))


@router.post("/roles", status_code=201, responses=problems(401, 403, 404, 409), summary="Make a role")
async def add_role(at: AtDesk, person: InSession, wanted: NewOwnRole) -> OwnRole:
    """Of permissions that its base allows and that one may give."""
    return await people_desk.add_role(at, person, wanted)


@router.put("/roles/{role_id}", responses=problems(401, 403, 404, 409), summary="Change a role")
async def change_role(at: AtDesk, person: InSession, role_id: Identity, wanted: RoleChange) -> OwnRole:
    """In force for all who have it from their next request on."""
    return await people_desk.change_role(at, person, role_id, wanted)
