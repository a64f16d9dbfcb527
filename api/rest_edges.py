"""REST: edges, their enrolment codes, and their end."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import edge_desk
from api.desk import Asking, AtDesk
from api.edge_model import Edge, EdgeCode, NewEdge
from api.openapi import problems
from api.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["configuration"])

Identity = Annotated[int, Path(examples=[3])]
_ERRORS = problems(401, 403, 404, 409)


@router.get("/edges", responses=problems(401), summary="List edges")
async def edges(at: AtDesk, person: Asking, paging: Paged) -> list[Edge]:
    """The edges of the person's authority, and what they have applied. Operators see none."""
    rows = await edge_desk.listed(at, person, paging.wanted, paging.after(("",)))
    return paging.page(rows, lambda row: (row.code,))


@router.get("/edges/{edge_id}", responses=problems(401, 404), summary="One edge")
async def edge(at: AtDesk, person: Asking, edge_id: Identity) -> Edge:
    """The edge with its presence and configuration."""
    return await edge_desk.read(at, person, edge_id)


@router.post("/sites/{site_id}/edges", status_code=201, responses=_ERRORS, summary="Add an edge")
async def add(response: Response, at: AtDesk, person: Asking, site_id: Identity, wanted: NewEdge) -> EdgeCode:
    """An edge of that site, and the code that enrols its machine: for one use, within 30 minutes, shown this once."""
    response.headers["cache-control"] = "no-store"
    return await edge_desk.add(at, person, site_id, wanted)


@router.post("/edges/{edge_id}/code", status_code=201, responses=problems(401, 403, 404), summary="A new code")
async def code(response: Response, at: AtDesk, person: Asking, edge_id: Identity) -> EdgeCode:
    """Enrols a machine anew; the credential of before ends when the code is used. An unused older code is void."""
    response.headers["cache-control"] = "no-store"
    return await edge_desk.give_code(at, person, edge_id)


@router.post("/edges/{edge_id}/revoke", responses=problems(401, 403, 404), summary="Revoke an edge")
async def revoke(at: AtDesk, person: Asking, edge_id: Identity) -> Edge:
    """The broker drops it within seconds, its uploads are refused, its configuration is taken away."""
    return await edge_desk.revoke(at, person, edge_id)
