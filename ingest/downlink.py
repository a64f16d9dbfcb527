"""What each edge is told: its whole configuration, retained on its `down` topic."""

import msgspec
import structlog

from domain.camera import Camera, EdgeConfig, Integrity, Mode, Zone
from domain.model import Model
from domain.schedule import Schedule
from domain.topic import Channel, EdgeTopic
from domain.wire import EdgeDown
from store.roster import CameraRow, EdgeRow, RosterRows

log = structlog.get_logger()


def downlinks(rows: RosterRows) -> dict[str, bytes]:
    """Topic → payload for every edge; a revoked edge gets an empty one, which takes the retained one away."""
    return {str(EdgeTopic(edge.code, Channel.DOWN)): _payload(edge, rows) for edge in rows.edges}


def _payload(edge: EdgeRow, rows: RosterRows) -> bytes:
    if not edge.enabled:
        return b""
    own = (row for row in rows.cameras if row.edge == edge.id and not row.removed)
    cameras = [camera for row in own if (camera := _camera(row)) is not None]
    return msgspec.json.encode(EdgeDown(EdgeConfig(edge.config_version, tuple(cameras), tuple(edge.sites))))


def _camera(row: CameraRow) -> Camera | None:
    """A camera whose zones or schedule cannot be read is left out, and the log says why."""
    try:
        zones = msgspec.json.decode(row.zones, type=tuple[Zone, ...])
        schedule = msgspec.json.decode(row.schedule, type=Schedule)
    except msgspec.DecodeError as error:
        log.warning("a camera's configuration cannot be read and is not sent", camera=row.code, reason=str(error))
        return None
    integrity = Integrity(row.view, row.turns, row.replay)
    return Camera(
        *(row.code, row.site, row.url, zones, schedule, integrity, row.live_url),
        mode=Mode(row.mode),
        weight=row.weight,
        model=None if row.model is None or row.model_sha256 is None else Model(row.model, row.model_sha256),
    )
