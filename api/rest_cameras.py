"""REST: a camera's configuration, its versions, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from api import actions, camera_desk
from api.camera_model import CameraSettings, CameraState, NewCamera, RestoreOrder, Revision, VersionOrder
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["configuration"])

Identity = Annotated[int, Path(examples=[7])]
IfMatch = Annotated[
    str | None, Header(max_length=40, examples=['"3"'], description="the version, instead of the field")
]
_ERRORS = problems(401, 403, 404, 409, 428)


def _tagged(response: Response, state: CameraState) -> CameraState:
    response.headers["etag"] = f'"{state.version}"'
    response.headers["cache-control"] = "no-store"
    return state


@router.get("/cameras/{camera_id}/settings", responses=problems(401, 404), summary="A camera's configuration")
async def settings(response: Response, at: AtDesk, person: Asking, camera_id: Identity) -> CameraState:
    """Zones, hours and what its edge has made of them. The ETag is the version."""
    return _tagged(response, await camera_desk.read(at, person, camera_id))


@router.put("/cameras/{camera_id}/settings", responses=_ERRORS, summary="Change a camera")
async def change(
    response: Response,
    at: AtDesk,
    person: Asking,
    camera_id: Identity,
    wanted: CameraSettings,
    *,
    if_match: IfMatch = None,
) -> CameraState:
    """All of its configuration at once. Its edge follows within seconds, or when it is back, and says so."""
    version = actions.seen_version(wanted.version, if_match)
    return _tagged(response, await camera_desk.change(at, person, camera_id, version, wanted))


@router.post("/sites/{site_id}/cameras", status_code=201, responses=_ERRORS, summary="Add a camera")
async def add(response: Response, at: AtDesk, person: Asking, site_id: Identity, wanted: NewCamera) -> CameraState:
    """A camera of that site. The platform itself never connects to its address; its edge does."""
    state = await camera_desk.add(at, person, site_id, wanted)
    response.headers["location"] = f"/api/v1/cameras/{state.id}/settings"
    return _tagged(response, state)


@router.delete("/cameras/{camera_id}", responses=_ERRORS, summary="Remove a camera")
async def remove(
    response: Response,
    at: AtDesk,
    person: Asking,
    camera_id: Identity,
    *,
    version: Annotated[int | None, Query(examples=[3])] = None,
    if_match: IfMatch = None,
) -> CameraState:
    """Its edge watches it no more; its alerts and evidence stay. Going back to a version brings it back."""
    seen = actions.seen_version(version, if_match)
    return _tagged(response, await camera_desk.remove(at, person, camera_id, seen))


@router.get("/cameras/{camera_id}/revisions", responses=problems(401, 404), summary="A camera's versions")
async def revisions(
    at: AtDesk,
    person: Asking,
    camera_id: Identity,
    paging: Paged,
) -> list[Revision]:
    """The newest first: who changed what, and when."""
    (version,) = paging.after((2**31,))
    found = await camera_desk.revisions(at, person, camera_id, version - 1, paging.wanted)
    return paging.page(found, lambda one: (one.version,))


@router.post("/cameras/{camera_id}/restore", responses=_ERRORS, summary="Go back to a version")
async def restore(
    response: Response,
    at: AtDesk,
    person: Asking,
    camera_id: Identity,
    order: RestoreOrder,
    *,
    if_match: IfMatch = None,
) -> CameraState:
    """As a new version. All but the address, and the view's number, is as it was then."""
    version = actions.seen_version(order.version, if_match)
    return _tagged(response, await camera_desk.restore(at, person, camera_id, version, order.to))


@router.post("/cameras/{camera_id}/view", responses=_ERRORS, summary="Enrol what the camera shows")
async def renew_view(
    response: Response,
    at: AtDesk,
    person: Asking,
    camera_id: Identity,
    order: VersionOrder,
    *,
    if_match: IfMatch = None,
) -> CameraState:
    """After somebody turned it on purpose: what it shows next is its view."""
    version = actions.seen_version(order.version, if_match)
    return _tagged(response, await camera_desk.renew_view(at, person, camera_id, version))
