"""Channels as people keep them, and one-time links as they are looked up before anybody is known."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from domain.channel import ChannelKind
from store.connection import Connection
from store.people import Person


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel; `place` is its host or mail address: what comes after, and the secret, nobody reads again.

    `mine`: of the person's own side or below, who may change it. `waiting`: pushes not sent yet.
    """

    id: int
    kind: ChannelKind
    name: str
    place: str
    lang: str
    rank: int
    enabled: bool
    quiet_from: time | None
    quiet_to: time | None
    owner_zh: str
    owner_en: str
    person: str | None
    person_id: int | None
    mine: bool
    tokens_open: float | None
    tokens_reserved: float | None
    budget_at: datetime
    ordinary_after: datetime | None
    dead: datetime | None
    failures: int
    last_sent: datetime | None
    last_failed: datetime | None
    last_error: str
    waiting: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", ChannelKind(self.kind))


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel to be; of the person's own side. `person_id`: whose browser it is."""

    kind: ChannelKind
    name: str
    url: str
    secret: str
    lang: str
    rank: int = 1
    quiet_from: time | None = None
    quiet_to: time | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What may be changed of a channel."""

    name: str
    rank: int
    enabled: bool
    lang: str
    quiet_from: time | None
    quiet_to: time | None


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link's push, and the side that its channel belongs to."""

    push: UUID
    alert_id: int
    reason: str
    created: datetime
    acted: datetime | None
    lang: str
    operator_id: int | None
    authority: str | None
    channel_id: int
    living: bool


_CHANNELS: LiteralString = """
    SELECT channel.id, kind, channel.name, place, channel.lang, rank, channel.enabled, quiet_from, quiet_to,
        coalesce(operator.zh, authority.zh, '') AS owner_zh, coalesce(operator.en, authority.en, '') AS owner_en,
        person.name AS person, channel.person_id,
        coalesce(channel.authority <@ scope_authority(), false)
            OR coalesce(channel.operator_id = scope_operator(), false) AS mine,
        tokens_open, tokens_reserved, budget_at, ordinary_after, dead, failures, last_sent, last_failed, last_error,
        (SELECT count(*)::int FROM push WHERE push.channel_id = channel.id AND next_try IS NOT NULL) AS waiting
    FROM channel LEFT JOIN operator ON operator.id = channel.operator_id
    LEFT JOIN authority ON authority.path = channel.authority LEFT JOIN person ON person.id = channel.person_id
    WHERE removed IS NULL
"""


async def channels(connection: Connection) -> list[ChannelRow]:
    """All that the person sees, own side first, each side's ladder in its order."""
    async with connection.cursor(row_factory=class_row(ChannelRow)) as cursor:
        await cursor.execute(_CHANNELS + " ORDER BY mine DESC, channel.authority, owner_zh, rank, channel.id LIMIT 500")
        return await cursor.fetchall()


async def page(connection: Connection, after: int, limit: int) -> list[ChannelRow]:
    """The same by id, from after one on."""
    async with connection.cursor(row_factory=class_row(ChannelRow)) as cursor:
        await cursor.execute(_CHANNELS + " AND channel.id > %s ORDER BY channel.id LIMIT %s", (after, limit))
        return await cursor.fetchall()


async def channel(connection: Connection, identity: int) -> ChannelRow | None:
    """One of them, or None."""
    async with connection.cursor(row_factory=class_row(ChannelRow)) as cursor:
        await cursor.execute(_CHANNELS + " AND channel.id = %s", (identity,))
        return await cursor.fetchone()


async def add(connection: Connection, person: Person, new: NewChannel) -> int:
    """A channel of the person's own side. A browser's subscription that is there already is put anew."""
    if new.kind is ChannelKind.WEBPUSH:
        await connection.execute("SELECT drop_subscription(%s)", (new.url,))
    cursor = await connection.execute(
        "INSERT INTO channel (operator_id, authority, kind, name, person_id, rank, url, secret, lang, quiet_from,"
        " quiet_to) VALUES (%s, %s::ltree, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            *(person.operator_id, person.authority, new.kind, new.name, new.person_id, new.rank, new.url, new.secret),
            *(new.lang, new.quiet_from, new.quiet_to),
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def change(connection: Connection, identity: int, wanted: Changed) -> None:
    """Change it; one that was given up is tried again."""
    await connection.execute(
        "UPDATE channel SET name = %s, rank = %s, enabled = %s, lang = %s, quiet_from = %s, quiet_to = %s, dead = NULL,"
        " refusals = 0, failures = 0, ordinary_after = NULL WHERE id = %s AND removed IS NULL"
        " RETURNING pg_notify('mingchu_push', '')",
        (
            *(wanted.name, wanted.rank, wanted.enabled, wanted.lang, wanted.quiet_from, wanted.quiet_to),
            identity,
        ),
    )


async def remove(connection: Connection, identity: int) -> None:
    """Take it away; what was sent over it stays on record."""
    await connection.execute(
        "UPDATE channel SET removed = now(), enabled = false WHERE id = %s AND removed IS NULL", (identity,)
    )


async def send_test(connection: Connection, identity: int) -> UUID:
    """A test message over this channel alone; a channel that was given up gets its chance."""
    await connection.execute("UPDATE channel SET dead = NULL, refusals = 0 WHERE id = %s", (identity,))
    cursor = await connection.execute(
        "INSERT INTO push (channel_id, about, reason) VALUES (%s, %s, 'test')"
        " RETURNING id, pg_notify('mingchu_push', '')",
        (identity, identity),
    )
    row = await cursor.fetchone()
    assert row is not None
    assert isinstance(row[0], UUID)
    return row[0]


async def link(connection: Connection, push: UUID) -> Link | None:
    """The one-time link of a push about an alert; needs no scope."""
    async with connection.cursor(row_factory=class_row(Link)) as cursor:
        await cursor.execute(
            "SELECT push, alert_id, reason, created, acted, lang, operator_id, authority, channel_id, living"
            " FROM push_of_link(%s)",
            (push,),
        )
        return await cursor.fetchone()


async def use_link(connection: Connection, push: UUID) -> int | None:
    """Use it up: the id of who acts by it, the person of the channel or the channel itself; None when it was used."""
    cursor = await connection.execute("SELECT use_link(%s)", (push,))
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else int(str(row[0]))


async def opened(connection: Connection, push: UUID, person: int) -> bool:
    """Note that the person has opened a push of an own browser; False where it is none."""
    cursor = await connection.execute(
        "UPDATE push SET opened = coalesce(opened, now()) FROM channel WHERE push.id = %s"
        " AND channel.id = push.channel_id AND channel.person_id = %s",
        (push, person),
    )
    return cursor.rowcount > 0
