"""Console pages: edges, one edge, a new edge, and the code that enrols it."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import edge_desk, language, place_view, problem, render
from api.camera_desk import must_configure
from api.desk import AtDesk, Desk
from api.edge_model import EdgeCode, NewEdge
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain.alert import Role
from store import configuration, places
from store.people import Person

router = APIRouter(include_in_schema=False)

_CODE = Annotated[str, Form(max_length=63)]
_NAME = Annotated[str, Form(max_length=100)]


@router.get("/edges")
async def edges_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """The edges of the person's authority."""
    if person.role is Role.OPERATOR:
        raise ProblemError(403, "role")
    return render.page(request, at, person, "edges.html", {"edges": await edge_desk.listed(at, person)})


@router.get("/edges/{edge_id}")
async def edge_page(request: Request, at: AtDesk, person: Reader, edge_id: int) -> Response:
    """One edge, what it follows, and the ways to let it in and out."""
    edge = await edge_desk.read(at, person, edge_id)
    async with at.scoped(person) as connection:
        cameras = await configuration.of_edge(connection, edge_id)
    return render.page(request, at, person, "edge.html", {"edge": edge, "cameras": cameras})


@router.get("/sites/{site_id}/edges/new")
async def new_page(request: Request, at: AtDesk, person: Reader, site_id: int) -> Response:
    """The form for a new edge."""
    return await _form(request, at, person, site_id)


@router.post("/sites/{site_id}/edges")
async def add(
    request: Request, at: AtDesk, person: Reader, site_id: int, *, code: _CODE = "", zh: _NAME = "", en: _NAME = ""
) -> Response:
    """Add it and show its code, or say in one sentence why not."""
    typed = {"code": code.strip(), "zh": zh.strip(), "en": en.strip()}
    try:
        made = await edge_desk.add(at, person, site_id, NewEdge.model_validate(typed))
    except ValidationError:
        fault = ProblemError(422, "edge_form")
        return await _form(request, at, person, site_id, typed=typed, fault=fault)
    except ProblemError as error:
        if error.status not in (409, 422):
            raise
        return await _form(request, at, person, site_id, typed=typed, fault=error)
    return _code(request, at, person, made)


@router.post("/edges/{edge_id}/code")
async def give_code(request: Request, at: AtDesk, person: Reader, edge_id: int) -> Response:
    """Show another code."""
    return _code(request, at, person, await edge_desk.give_code(at, person, edge_id))


@router.post("/edges/{edge_id}/revoke")
async def revoke(at: AtDesk, person: Reader, edge_id: int) -> Response:
    """Let it in no more."""
    await edge_desk.revoke(at, person, edge_id)
    return RedirectResponse(f"/edges/{edge_id}", 303)


async def _form(
    request: Request,
    at: Desk,
    person: Person,
    site_id: int,
    *,
    typed: dict[str, str] | None = None,
    fault: ProblemError | None = None,
) -> Response:
    async with at.scoped(person) as connection:
        row = await places.site(connection, site_id)
    if row is None:
        raise not_found()
    must_configure(person)
    site = place_view.site(row)
    proposed = {"code": f"edge-{site.code}"[:63], "zh": f"{site.zh}边缘节点"[:100], "en": f"{site.en} edge"[:100]}
    said = "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang))
    context = {"site": site, "typed": typed or proposed, "fault": said}
    return render.page(request, at, person, "edge_new.html", context, status=fault.status if fault else 200)


def _code(request: Request, at: Desk, person: Person, made: EdgeCode) -> Response:
    drawn = segno.make(made.command, error="m").svg_inline(scale=4, border=3, omitsize=True, dark="#000", light="#fff")
    qr = Markup(drawn)  # noqa: S704 - our own drawing of our own text
    return render.page(request, at, person, "edge_code.html", {"made": made, "qr": qr}, status=201)
