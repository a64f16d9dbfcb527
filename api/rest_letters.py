"""REST: messages that could not be read, and having them read again; a device's gaps."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import letter_view
from api.desk import Administering, Asking, AtDesk
from api.openapi import problems
from api.paging import LONG_AGO, NO_END, Paged
from api.problem import not_found
from store import dead_letters, places
from store.dead_letters import LetterFilter

router = APIRouter(prefix="/api/v1", tags=["telemetry"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[7])]


@router.get("/dead-letters", responses=problems(401, 403), summary="List unreadable messages")
async def letters(
    at: AtDesk,
    person: Administering,
    *,
    topic: letter_view.Topic = "",
    reason: letter_view.Reason = "",
    paging: Paged,
) -> list[letter_view.DeadLetter]:
    """From the newest on, each whole, with the reason why it was refused; for admins."""
    async with at.scoped(person) as connection:
        (before,) = paging.after((NO_END,))
        rows = await dead_letters.page(connection, LetterFilter(topic, reason), before, paging.wanted)
    return [letter_view.letter(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.post("/dead-letters/replay", responses=problems(401, 403), summary="Read unreadable messages again")
async def replay(at: AtDesk, person: Administering, which: letter_view.Replay) -> letter_view.Asked:
    """After a profile or a registration was mended. What lands is no dead letter any more; a repeat does no harm."""
    async with at.scoped(person) as connection:
        asked = await dead_letters.ask(connection, LetterFilter(which.topic, which.reason))
    return letter_view.Asked(letters=asked)


@router.post("/dead-letters/{letter_id}/replay", responses=problems(401, 403, 404), summary="Read one message again")
async def replay_one(at: AtDesk, person: Administering, letter_id: Identity) -> letter_view.Asked:
    """The same for one; of a partial one, what was left out of each message that is kept."""
    async with at.scoped(person) as connection:
        if await dead_letters.one(connection, letter_id) is None:
            raise not_found()
        return letter_view.Asked(letters=await dead_letters.ask(connection, LetterFilter(), letter_id))


@router.get("/devices/{device_id}/gaps", responses=problems(401, 404), summary="Which minutes are missing, and why")
async def device_gaps(
    at: AtDesk,
    person: Asking,
    device_id: Identity,
    paging: Paged,
    hours: Annotated[int, Query(ge=1, le=24 * 31, description="how far back", examples=[24])] = 24,
) -> list[letter_view.DeviceGap]:
    """Silences longer than the device's profile allows, each with its cause; and what came late."""
    async with at.scoped(person) as connection:
        device = await places.device(connection, device_id)
        if device is None:
            raise not_found()
        found = await letter_view.device_gaps(connection, device, timedelta(hours=hours))
    # By their ends: the first one begins where the time that is looked at does, which moves.
    return paging.part(found, lambda row: (row.end, str(row.cause)), (LONG_AGO, ""))
