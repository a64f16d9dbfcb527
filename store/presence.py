"""Presence: when a device or edge was last heard, and whether it is there."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from store.columns import Instants, Int2s, Int8s, ints
from store.connection import Connection


@dataclass(slots=True)
class Heard:
    """What one batch says about one device or edge. `online` None: nothing said; `seen` (µs) 0: not heard itself."""

    online: bool | None = None
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """Of which edge's telling (its id) we heard a device last, and when (our clock, µs)."""

    via: int
    at: int


async def lock(connection: Connection, devices: list[int], edges: list[int]) -> None:
    """Make other workers wait that hold messages of the same devices or edges, so that each one's story has an order.

    The rows are locked in order of their ids, hence without deadlock.
    """
    if edges:
        await connection.execute(
            "SELECT 1 FROM edge WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (Int8s(ints(sorted(edges))),)
        )
    if devices:
        await connection.execute(
            "SELECT 1 FROM device WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (Int8s(ints(sorted(devices))),)
        )


async def write_devices(connection: Connection, heard: Mapping[int, Heard]) -> None:
    """Update `online` and `last_seen` of devices by id."""
    if heard:
        await connection.execute(
            # A message of before what was heard last, kept by an edge, does not say that the device is here.
            "UPDATE device SET online = CASE said.online WHEN 1 THEN device.online OR said.seen <= 'epoch'"
            "  OR said.seen >= coalesce(device.last_seen, 'epoch') WHEN 0 THEN false ELSE device.online END,"
            " last_seen = CASE WHEN said.seen > 'epoch' THEN greatest(device.last_seen, said.seen)"
            " ELSE device.last_seen END"
            " FROM unnest(%s, %s, %s) AS said (id, online, seen) WHERE device.id = said.id",
            _columns(heard),
        )


async def write_told(connection: Connection, told: Mapping[int, Told]) -> None:
    """Remember which edge told of these devices, by id."""
    if told:
        await connection.execute(
            "UPDATE device SET via = said.via, told = said.at FROM unnest(%s, %s, %s) AS said (id, via, at)"
            " WHERE device.id = said.id",
            (
                Int8s(ints(list(told))),
                Int8s(ints([one.via for one in told.values()])),
                Instants(ints([one.at for one in told.values()])),
            ),
        )


async def write_edges(connection: Connection, heard: Mapping[int, Heard]) -> None:
    """Update `online` and `last_seen` of edges by id."""
    if heard:
        await connection.execute(
            "UPDATE edge SET online = CASE said.online WHEN 1 THEN true WHEN 0 THEN false ELSE edge.online END,"
            " last_seen = CASE WHEN said.seen > 'epoch' THEN greatest(edge.last_seen, said.seen)"
            " ELSE edge.last_seen END"
            " FROM unnest(%s, %s, %s) AS said (id, online, seen) WHERE edge.id = said.id",
            _columns(heard),
        )


def _columns(heard: Mapping[int, Heard]) -> tuple[Int8s, Int2s, Instants]:
    online = np.array([-1 if one.online is None else int(one.online) for one in heard.values()], dtype=np.int64)
    return Int8s(ints(list(heard))), Int2s(online), Instants(ints([one.seen for one in heard.values()]))
