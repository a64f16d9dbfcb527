"""REST: whether the service lives, and whether it can serve."""

from fastapi import APIRouter

from api.desk import AtDesk
from api.openapi import problems
from api.place_model import Health
from store import people

router = APIRouter(tags=["health"])


@router.get("/healthz", responses=problems(), summary="Alive")
async def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/readyz", responses=problems(), summary="Ready")
async def readyz(at: AtDesk) -> Health:
    """The database answers too; 503 otherwise."""
    async with at.unscoped() as connection:
        await people.ping(connection)
    return Health(status="ok")
