"""Matches what follows a scene event (its end, later evidence) with the event that must be stored before it."""

from domain.wire import SceneEnded
from ingest.edge_reader import enter_follower
from ingest.landing import Added, Ended, Follower, Landing
from ingest.message import item_key
from ingest.patience import Patience
from ingest.refusal import RefusedError, UnauthorisedError
from store import scene_events
from store.connection import Connection
from store.scene_events import SceneRow


async def match(connection: Connection, landing: Landing, patience: Patience) -> None:
    """Enter the followers whose events are known; others are left unacknowledged, or refused after their patience."""
    if not landing.followers:
        return
    known = {
        one.said.id: SceneRow(one.said.id, one.camera, one.said.scene, one.said.zone, ended=False)
        for one in landing.begun
    }
    wanted = [follower.said.id for follower in landing.followers]
    known |= {row.id: row for row in await scene_events.known(connection, wanted)}
    for follower in landing.followers:
        row = known.get(follower.said.id)
        if row is not None and row.camera == follower.camera:
            patience.forget(follower.place)
            _enter(follower, row, landing)
        elif row is not None:
            reason = f"scene event {follower.said.id} is not of camera {follower.said.camera}"
            _refuse(follower, UnauthorisedError(reason), landing)
        elif not patience.waits(follower.place):
            _refuse(follower, RefusedError(f"its scene event {follower.said.id} has not come"), landing)


def _enter(follower: Follower, row: SceneRow, landing: Landing) -> None:
    entry = enter_follower(follower, landing)
    if isinstance(follower.said, SceneEnded):
        landing.ended.append(Ended(entry, row.camera, row.scene, row.zone, follower.said, follower.payload))
    else:
        landing.added.append(Added(entry, row.camera, follower.said, follower.payload))


def _refuse(follower: Follower, reason: RefusedError, landing: Landing) -> None:
    place = follower.place
    landing.refuse(f"mc/v1/edge/{place.edge}/up", follower.payload, reason, item_key(place.spool, place.seq))
    landing.ack(place)
