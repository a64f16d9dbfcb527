"""REST: the model versions that a camera may name."""

import msgspec
from fastapi import APIRouter

from api.camera_model import ModelVersion
from api.desk import Asking, AtDesk, Desk
from api.openapi import problems
from api.paging import Paged
from domain.model import Card
from store import models
from store.people import Person

router = APIRouter(prefix="/api/v1", tags=["configuration"])


async def listed(at: Desk, person: Person) -> list[ModelVersion]:
    """The published versions, the newest first."""
    async with at.scoped(person) as connection:
        rows = await models.models(connection)
    cards = (msgspec.json.decode(row.card, type=Card) for row in rows)
    return [
        ModelVersion(
            release=row.release,
            sha256=row.sha256,
            weights=row.weights,
            size=row.size,
            thresholds=card.thresholds,
            traits=list(card.traits),
            published=row.published,
            cameras=row.cameras,
        )
        for row, card in zip(rows, cards, strict=True)
    ]


@router.get("/models", responses=problems(401), summary="Model versions")
async def versions(at: AtDesk, person: Asking, paging: Paged) -> list[ModelVersion]:
    """What `mingchu model publish` has brought. A camera that names none is looked at with its edge's own."""
    return paging.part(await listed(at, person), lambda one: (one.release, one.sha256), ("", ""))
