"""One batch, one transaction: ledger, readings, facts, signals, presence, dead letters land together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.wire import EvidenceAdded, EvidenceMissing
from ingest import clock, edge_reader, following, measure, scene_signals
from ingest.fact import EventStory, HealthStory, Said, StorageStory, sales
from ingest.landing import Landing
from ingest.measure import Columns
from ingest.message import Message
from ingest.patience import Patience
from ingest.profile_table import ProfileTable
from ingest.refusal import RefusedError
from ingest.roster import Roster
from ingest.threshold import Held
from store import (
    dead_letters,
    device_events,
    edge_load,
    edge_storage,
    edge_word,
    edges,
    evidence_links,
    ledger,
    leftovers,
    presence,
    readings,
    rollups,
    scene_events,
    signals,
    sparkplug,
)
from store.connection import Connection
from store.device_events import EventRow, TransactionRow
from store.signals import Signal, StateRow

Bools = NDArray[np.bool_]
Fact = TypeVar("Fact", EventRow, TransactionRow)


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a batch. `acks`: (edge, spool) → the seqs that it may forget."""

    committed: int
    duplicates: int
    dead: int
    signals: int
    acks: Mapping[tuple[str, str], Sequence[int]]


async def land(connection: Connection, landing: Landing, roster: Roster, patience: Patience) -> Landed:
    """Commit the batch; raises psycopg.Error, and then nothing of it is stored."""
    now = clock.now()
    async with connection.transaction():
        await presence.lock(connection, list(landing.devices), list(landing.edges))
        await following.match(connection, landing, patience)
        new = await ledger.insert(connection, landing.ledger)
        found = [
            *await _land_telemetry(connection, landing, new, now),
            *await _land_events(connection, landing, new, now),
            *await _land_sales(connection, landing, new, now),
            *await _land_scenes(connection, landing, new, roster, now),
            *await _land_healths(connection, landing, new, roster, now),
            *await _land_storage(connection, landing, roster),
        ]
        for one in landing.loads:
            if new[one.entry]:
                await edge_load.put(connection, one.edge, one.said)
        if found:
            await signals.insert(connection, found)
        await edge_word.write_shed(connection, {edge: shed for entry, edge, shed in landing.shed if new[entry]})
        await edge_word.add_clocks(
            connection, [(one.edge, one.time, one.said) for one in landing.clocks if new[one.entry]]
        )
        await sparkplug.write(connection, landing.births)
        for applied in landing.applied:
            if new[applied.entry]:
                await edges.write_applied(connection, applied.edge, applied.said, clock.moment(applied.time))
        left = [one for one in landing.left if not one.entries or new[list(one.entries)].any()]
        await dead_letters.insert(connection, [*landing.dead, *(one.letter for one in left)])
        await leftovers.keep(connection, [one.leftover for one in left])
        await presence.write_devices(connection, landing.devices)
        await presence.write_told(connection, landing.told)
        await presence.write_edges(connection, landing.edges)
    committed = int(new.sum())
    return Landed(committed, len(new) - committed, len(landing.dead) + len(left), len(found), landing.acks)


async def bury(connection: Connection, message: Message, reason: str) -> Landed:
    """Keep as dead letters a message (or an edge's batch of one item) that the database itself refuses."""
    landing = Landing()
    edge_reader.refuse_whole(message, RefusedError(f"the database refused it: {reason}"), landing)
    async with connection.transaction():
        await dead_letters.insert(connection, landing.dead)
    return Landed(0, 0, len(landing.dead), 0, landing.acks)


async def _land_telemetry(connection: Connection, landing: Landing, new: Bools, now: int) -> list[Signal]:
    batches = [measure.columns(measured, new, now) for measured in landing.measured.values()]
    batches = [columns for columns in batches if len(columns.row)]
    found = [signal for columns in batches for signal in await _judge(connection, columns, now)]
    if batches:
        rows = readings.concatenate([columns.readings() for columns in batches]).in_order()
        await rollups.note(connection, rows)
        await readings.write(connection, rows)
        await readings.write_latest(connection, rows)
    return found


async def _judge(connection: Connection, columns: Columns, now: int) -> list[Signal]:
    """Threshold rules see what is new and not stale, beside what was known before this batch."""
    table, current = columns.table, columns.time >= now - clock.STALE
    if not table.thresholds or not current.any():
        return []
    devices = np.unique(columns.device[current])
    latest = await readings.latest(connection, devices, table.watched_ids)
    held: dict[str, dict[int, Held]] = {}
    for state in await signals.states(connection, devices):
        held.setdefault(state.rule, {})[state.device] = Held(state.value, clock.instant(state.time))
    found = measure.judge(table, measure.look(columns, latest, now), held)
    final = {(one.rule, one.device): one for one in found}
    states = [
        StateRow(rule, device, one.value, one.time) for (rule, device), one in final.items() if device is not None
    ]
    await signals.write_states(connection, states)
    return found


async def _land_events(connection: Connection, landing: Landing, new: Bools, now: int) -> list[Signal]:
    events = sorted(((row, table) for entry, table, row in landing.events if new[entry]), key=lambda one: one[0].time)
    if not events:
        return []
    oldest = clock.moment(now - clock.STALE_FACT)
    stories = await _stories(connection, events)
    found = [
        signal
        for row, table in events
        if row.time > oldest
        for signal in stories[row.device].tell(row.said, row.time, table.events)
    ]
    await device_events.insert_events(connection, [_flagged(row, now) for row, _ in events])
    return found


def _flagged(row: Fact, now: int) -> Fact:
    late = clock.lateness(clock.instant(row.time), now)
    return replace(row, quality=row.quality | late) if late else row


async def _stories(connection: Connection, events: Sequence[tuple[EventRow, ProfileTable]]) -> dict[int, EventStory]:
    stories = {row.device: EventStory(row.device, table.profile, {}) for row, table in events}
    codes = {row.said.code for row, _ in events}
    codes |= {code for _, table in events for rule in table.events if codes & set(rule.codes) for code in rule.codes}
    for row in await device_events.newest(connection, list(stories), list(codes)):
        stories[row.device].newest[row.code] = Said(row.active, row.time)
    return stories


async def _land_sales(connection: Connection, landing: Landing, new: Bools, now: int) -> list[Signal]:
    fresh = {(row.device, row.said.tx_id): (table, row) for entry, table, row in landing.transactions if new[entry]}
    if not fresh:
        return []
    added = await device_events.insert_transactions(connection, [_flagged(row, now) for _, row in fresh.values()])
    oldest = clock.moment(now - clock.STALE_FACT)
    by_table: dict[str, list[TransactionRow]] = {}
    tables = {table.profile.code: table for table, _ in fresh.values()}
    for key, (table, row) in fresh.items():
        if key in added and row.time > oldest:
            by_table.setdefault(table.profile.code, []).append(row)
    return [one for code, rows in by_table.items() for one in sales(tables[code].transactions, rows)]


async def _land_scenes(connection: Connection, landing: Landing, new: Bools, roster: Roster, now: int) -> list[Signal]:
    found: list[Signal] = []
    for begun in landing.begun:
        if not new[begun.entry]:
            continue
        if await scene_events.begin(connection, begun.camera, begun.said):
            found += scene_signals.begins(begun, roster, now)
        await evidence_links.add(connection, begun.camera, begun.said, begun.payload)
    for added in landing.added:
        if new[added.entry]:
            await _land_evidence(connection, added.said)
            await evidence_links.add(connection, added.camera, added.said, added.payload)
    for ended in landing.ended:
        if not new[ended.entry]:
            continue
        if await scene_events.end(connection, ended.said):
            found += scene_signals.ends(ended, roster, now)
        await evidence_links.add(connection, ended.camera, ended.said, ended.payload)
    return found


async def _land_evidence(connection: Connection, said: EvidenceAdded | EvidenceMissing) -> None:
    if isinstance(said, EvidenceAdded):
        await scene_events.add(connection, said)
    else:
        await scene_events.miss(connection, said)


async def _land_storage(connection: Connection, landing: Landing, roster: Roster) -> list[Signal]:
    """In order of time; what is older than the newest that is known changes nothing."""
    if not landing.stored:
        return []
    known = {row.edge: row for row in await edge_storage.states(connection, [one.edge for one in landing.stored])}
    stories = {edge: StorageStory(row) for edge, row in known.items()}
    found: list[Signal] = []
    for one in sorted(landing.stored, key=lambda one: one.time):
        time = clock.moment(one.time)
        found += stories[one.edge].tell(one.said, time, roster.edge_rules)
        await edge_storage.write(connection, one.edge, str(one.said.storage), time, one.said.why)
    return found


async def _land_healths(connection: Connection, landing: Landing, new: Bools, roster: Roster, now: int) -> list[Signal]:
    fresh = sorted((one for one in landing.healths if new[one.entry]), key=lambda one: one.time)
    if not fresh:
        return []
    rows = await scene_events.healths(connection, [one.camera for one in fresh])
    stories = {row.camera: HealthStory(row.camera, row.state, row.at) for row in rows}
    found: list[Signal] = []
    for one in fresh:
        time = clock.moment(one.time)
        told = stories[one.camera].tell(one.said, time, roster.health_rules)
        found += told if one.time > now - clock.STALE_FACT else []
        await scene_events.add_health(connection, one.camera, one.said, time)
    return found
