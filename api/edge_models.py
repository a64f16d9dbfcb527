"""Where edges fetch the models that their cameras name: packs by content hash, with the edge's own credential."""

from fastapi import APIRouter
from starlette.responses import FileResponse

from api.desk import AtDesk
from api.edge_evidence import Address, Edge
from api.openapi import problems
from api.problem import not_found
from api.vault import is_address
from store import models

router = APIRouter(prefix="/edge/models", tags=["edge"])


@router.get(
    "/{sha256}",
    responses={
        200: {
            "description": "The pack.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(401, 404, 429),
    },
    response_class=FileResponse,
    response_model=None,
    summary="Fetch a model",
)
async def fetch(at: AtDesk, who: Edge, sha256: Address) -> FileResponse:
    """A published pack, at most 64 MiB: the edge checks it against its hash before it uses it."""
    if not is_address(sha256):
        raise not_found()
    async with at.unscoped() as connection:
        known = await models.is_published(connection, sha256)
    if not known or not at.vault.has(sha256):
        raise not_found()
    return FileResponse(at.vault.path(sha256), media_type="application/zip")
