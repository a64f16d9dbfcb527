"""Console pages: a camera's configuration with its zones, a new camera, and a camera's versions."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api import camera_desk, edge_desk, place_view, render, rest_models
from api.desk import AtDesk
from api.pages import Reader
from api.problem import not_found
from domain import scene_number
from domain.scene import KINDS, Scene
from store import places

router = APIRouter(include_in_schema=False)

Version = Annotated[int, Form()]
_NEWEST = 2**31 - 1


def _numbers() -> dict[Scene, list[dict[str, object]]]:
    """What the editor offers of each scene's rule: name, default and bounds."""
    return {
        scene: [
            {"name": name, "default": value, "low": limits.low, "high": limits.high, "unit": limits.unit}
            for name, value in offered.items()
            if (limits := scene_number.bounds(scene, name)) is not None
        ]
        for scene, offered in scene_number.OFFERED.items()
    }


@router.get("/cameras/{camera_id}/settings")
async def settings_page(request: Request, at: AtDesk, person: Reader, camera_id: int, done: str = "") -> Response:
    """The camera's configuration: to change for who may, else to look at."""
    camera = await camera_desk.read(at, person, camera_id)
    context = {
        "camera": camera,
        "site": camera.site,
        "edges": [],
        "may": camera.may_change and camera.removed is None,
        "scenes": list(KINDS.values()),
        "numbers": _numbers(),
        "models": await rest_models.listed(at, person),
        "login": unquote(camera.login or ""),
        "done": done,
    }
    return render.page(request, at, person, "camera.html", context)


@router.get("/sites/{site_id}/cameras/new")
async def new_page(request: Request, at: AtDesk, person: Reader, site_id: int) -> Response:
    """A camera that is not there yet."""
    async with at.scoped(person) as connection:
        row = await places.site(connection, site_id)
    if row is None:
        raise not_found()
    camera_desk.must_configure(person)
    context = {
        "camera": None,
        "site": place_view.site(row),
        "edges": [edge for edge in await edge_desk.listed(at, person) if edge.state != "revoked"],
        "may": True,
        "scenes": list(KINDS.values()),
        "numbers": _numbers(),
        "models": await rest_models.listed(at, person),
        "login": "",
        "done": "",
    }
    return render.page(request, at, person, "camera.html", context)


@router.get("/cameras/{camera_id}/history")
async def history_page(
    request: Request,
    at: AtDesk,
    person: Reader,
    camera_id: int,
    before: Annotated[int, Query(ge=1, le=_NEWEST)] = _NEWEST,
) -> Response:
    """Who changed what, and the way back."""
    camera = await camera_desk.read(at, person, camera_id)
    revisions = await camera_desk.revisions(at, person, camera_id, before)
    context = {"camera": camera, "revisions": revisions}
    return render.page(request, at, person, "camera_history.html", context)


@router.post("/cameras/{camera_id}/restore")
async def restore(at: AtDesk, person: Reader, camera_id: int, version: Version, to: Annotated[int, Form()]) -> Response:
    """Go back to an earlier version."""
    await camera_desk.restore(at, person, camera_id, version, to)
    return RedirectResponse(f"/cameras/{camera_id}/settings?done=saved", 303)


@router.post("/cameras/{camera_id}/view")
async def renew_view(at: AtDesk, person: Reader, camera_id: int, version: Version) -> Response:
    """What the camera shows next is its view."""
    await camera_desk.renew_view(at, person, camera_id, version)
    return RedirectResponse(f"/cameras/{camera_id}/settings?done=saved", 303)


@router.post("/cameras/{camera_id}/remove")
async def remove(at: AtDesk, person: Reader, camera_id: int, version: Version) -> Response:
    """Have the camera watched no more."""
    removed = await camera_desk.remove(at, person, camera_id, version)
    return RedirectResponse(f"/sites/{removed.site.id}", 303)
