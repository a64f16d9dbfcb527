"""What pages and REST do for lists of cameras and for tours: whose they are, and what is kept of each look; audited."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from api import rest_live, tour_view
from api import tour_model as model
from api.desk import Desk
from api.problem import ProblemError, not_found
from store import camera_lists, people, tours
from store.camera_lists import CameraList
from store.connection import Connection
from store.people import Person
from store.tours import Seen, TourRow


@dataclass(frozen=True, slots=True)
class Shown:
    """What a look shows: the redacted still, when it was captured, and the look's id."""

    look: int
    jpeg: bytes
    captured: datetime


async def lists(at: Desk, person: Person) -> list[model.CameraList]:
    """The person's own lists."""
    async with at.scoped(person) as connection:
        return [await _shown(connection, one) for one in await camera_lists.lists(connection)]


async def _shown(connection: Connection, one: CameraList) -> model.CameraList:
    cameras = [tour_view.choice(row) for row in await camera_lists.some(connection, one.cameras)]
    return model.CameraList(name=one.name, columns=one.columns, cameras=cameras)


async def put_list(at: Desk, person: Person, name: str, wanted: model.NewList) -> model.CameraList:
    """Keep a list under that name; each of its cameras is one that the person may see. Raises ProblemError."""
    ids = list(dict.fromkeys(wanted.cameras))
    async with at.scoped(person) as connection:
        if len(await camera_lists.some(connection, ids)) < len(ids):
            raise ProblemError(422, "list_cameras")
        kept = CameraList(name.strip(), wanted.columns, ids)
        if not kept.name or not await camera_lists.put(connection, person.id, kept):
            raise ProblemError(422, "list_name", {"most": camera_lists.MOST_LISTS})
        return await _shown(connection, kept)


async def drop_list(at: Desk, person: Person, name: str) -> None:
    """Forget a list. Raises ProblemError."""
    async with at.scoped(person) as connection:
        if not await camera_lists.drop(connection, name):
            raise not_found()


async def begin(at: Desk, person: Person, wanted: model.NewTour) -> int:
    """A new tour's id. Raises ProblemError."""
    async with at.scoped(person) as connection:
        cameras = await _planned(connection, wanted)
        if not cameras:
            raise ProblemError(422, "tour_empty")
        plan = wanted.name if wanted.plan == "list" else "worst"
        tour = await tours.begin(connection, person.id, plan, cameras)
        await people.audit(connection, person, "tour_began", {"tour": tour, "plan": plan, "cameras": cameras})
        return tour


async def _planned(connection: Connection, wanted: model.NewTour) -> list[int]:
    if wanted.plan == "worst":
        return await tours.worst_first(connection, wanted.most)
    chosen = next((one for one in await camera_lists.lists(connection) if one.name == wanted.name), None)
    if chosen is None:
        raise not_found()
    return [row.id for row in await camera_lists.some(connection, chosen.cameras)]


async def whole(at: Desk, person: Person, tour_id: int) -> model.Tour:
    """A tour. Raises ProblemError."""
    async with at.scoped(person) as connection:
        row = await _tour(connection, tour_id)
        stops = await camera_lists.some(connection, row.cameras)
        looks = await tours.looks(connection, tour_id)
        found = [tour_view.finding(each, at.vault) for each in await tours.findings(connection, tour_id)]
    return tour_view.whole(row, person.id, stops, looks, found)


async def _tour(connection: Connection, tour_id: int) -> TourRow:
    row = await tours.tour(connection, tour_id)
    if row is None:
        raise not_found()
    return row


async def _going(connection: Connection, person: Person, tour_id: int) -> TourRow:
    """The person's own tour that has not ended."""
    row = await _tour(connection, tour_id)
    if row.person_id != person.id:
        raise ProblemError(403, "tour_other")
    if row.ended is not None:
        raise ProblemError(409, "tour_ended")
    return row


async def look(at: Desk, person: Person, tour_id: int, camera_id: int) -> Shown:
    """A fresh redacted still of one of the tour's cameras; that it was shown, or why not, is written down.

    Raises ProblemError.
    """
    async with at.scoped(person) as connection:
        row = await _going(connection, person, tour_id)
        if camera_id not in row.cameras:
            raise not_found()
    try:
        picture = await rest_live.redacted_still(at, person, camera_id)
    except ProblemError as error:
        if error.status == 503:  # the camera's own: it was looked at, and there was nothing to see
            async with at.scoped(person) as connection:
                await tours.looked(connection, tour_id, camera_id, Seen(None, None, error.code))
        raise
    digest = hashlib.sha256(picture.jpeg).hexdigest()
    async with at.scoped(person) as connection:
        looked = await tours.looked(connection, tour_id, camera_id, Seen(picture.at, digest))
        detail = {"tour": tour_id, "camera": camera_id, "look": looked, "sha256": digest}
        await people.audit(connection, person, "tour_look", detail)
    return Shown(looked, picture.jpeg, picture.at)


async def capture(at: Desk, person: Person, tour_id: int, look_id: int, jpeg: bytes) -> None:
    """Keep what a look showed: these bytes, if their digest is the one that was written down. Raises ProblemError."""
    async with at.scoped(person) as connection:
        await _going(connection, person, tour_id)
        if not await tours.has_look(connection, tour_id, look_id):
            raise not_found()
        if await tours.shown(connection, tour_id, look_id) != hashlib.sha256(jpeg).hexdigest():
            raise ProblemError(422, "tour_picture")
    sha256 = await at.vault.put(jpeg)
    async with at.scoped(person) as connection:
        await tours.keep_picture(connection, look_id, sha256, len(jpeg))
        await people.audit(connection, person, "tour_captured", {"tour": tour_id, "look": look_id, "sha256": sha256})


async def find(at: Desk, person: Person, tour_id: int, look_id: int, words: str) -> None:
    """Write a finding down. Raises ProblemError."""
    async with at.scoped(person) as connection:
        await _going(connection, person, tour_id)
        if not await tours.has_look(connection, tour_id, look_id):
            raise not_found()
        if not words.strip():
            raise ProblemError(422, "tour_words")
        found = await tours.find(connection, look_id, words.strip())
        detail = {"tour": tour_id, "look": look_id, "finding": found, "words": words.strip()}
        await people.audit(connection, person, "tour_finding", detail)


async def end(at: Desk, person: Person, tour_id: int) -> None:
    """End the tour; its report stands. Raises ProblemError."""
    async with at.scoped(person) as connection:
        row = await _going(connection, person, tour_id)
        await tours.end(connection, tour_id)
        detail = {"tour": tour_id, "looked_at": row.looked_at, "findings": row.findings}
        await people.audit(connection, person, "tour_ended", detail)
