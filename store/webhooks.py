"""Webhooks as people keep them, and the deliveries of each as they look at them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.webhook import OVERLAP, PING, EventKind
from store.connection import Connection
from store.people import Person


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """One webhook; `place` is its host: what comes after, and the secret, nobody reads again.

    `waiting`: deliveries not done yet. `missed`: events that it never got and was not told of yet.
    """

    id: int
    name: str
    place: str
    owner_zh: str
    owner_en: str
    kinds: Sequence[EventKind]
    enabled: bool
    made: datetime
    secret_until: datetime | None
    held_until: datetime | None
    failures: int
    dead: datetime | None
    last_sent: datetime | None
    last_failed: datetime | None
    last_error: str
    dropped: int
    waiting: int

    def __post_init__(self) -> None:
        known = [one for one in EventKind if one in self.kinds]
        object.__setattr__(self, "kinds", known)


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to be; of the person's own side."""

    name: str
    url: str
    secret: str
    kinds: Sequence[EventKind]


@dataclass(frozen=True, slots=True)
class Changed:
    """What of a webhook is to be another from now on; None stays."""

    name: str | None = None
    url: str | None = None
    kinds: Sequence[EventKind] | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One event for one webhook, and how its delivery went."""

    id: int
    key: UUID
    kind: str
    at: datetime
    subject: str
    asked: datetime
    next_try: datetime | None
    tries: int
    sent: datetime | None
    failed: datetime | None
    status: int | None
    last_error: str
    data: dict[str, Any] = field(default_factory=dict)


_WEBHOOKS: LiteralString = """
    SELECT webhook.id, webhook.name, place, coalesce(operator.zh, authority.zh, '') AS owner_zh,
        coalesce(operator.en, authority.en, '') AS owner_en, kinds, enabled, made,
        CASE WHEN secret_until > now() THEN secret_until END AS secret_until, held_until, failures, dead, last_sent,
        last_failed, last_error, dropped,
        (SELECT count(*)::int FROM webhook_delivery WHERE webhook_id = webhook.id AND next_try IS NOT NULL) AS waiting
    FROM webhook LEFT JOIN operator ON operator.id = webhook.operator_id
    LEFT JOIN authority ON authority.path = webhook.authority
"""
_DELIVERIES: LiteralString = """
    SELECT one.id, key, kind, at, subject, asked, next_try, tries, sent, failed, status, last_error, data
    FROM webhook_delivery AS one JOIN webhook_event AS event ON event.id = event_id
"""


async def page(connection: Connection, after: int, limit: int) -> list[WebhookRow]:
    """Those that the person sees by id, from after one on."""
    async with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        await cursor.execute(_WEBHOOKS + " WHERE webhook.id > %s ORDER BY webhook.id LIMIT %s", (after, limit))
        return await cursor.fetchall()


async def webhook(connection: Connection, identity: int) -> WebhookRow | None:
    """One of them, or None."""
    async with connection.cursor(row_factory=class_row(WebhookRow)) as cursor:
        await cursor.execute(_WEBHOOKS + " WHERE webhook.id = %s", (identity,))
        return await cursor.fetchone()


async def count(connection: Connection, person: Person) -> int:
    """How many the person's own side has; the next one waits until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('mingchu.webhooks'))")
    cursor = await connection.execute(
        "SELECT count(*) FROM webhook WHERE authority IS NOT DISTINCT FROM %s::ltree"
        " AND operator_id IS NOT DISTINCT FROM %s::bigint",
        (person.authority, person.operator_id),
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))


async def add(connection: Connection, person: Person, new: NewWebhook) -> int:
    """A webhook of the person's own side; returns its id."""
    cursor = await connection.execute(
        "INSERT INTO webhook (operator_id, authority, name, url, secret, kinds, person_id)"
        " VALUES (%s, %s::ltree, %s, %s, %s, %s::text[], %s) RETURNING id",
        (person.operator_id, person.authority, new.name, new.url, new.secret, list(new.kinds), person.id),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def change(connection: Connection, identity: int, wanted: Changed) -> None:
    """Change it; one that was given up is tried again, and told from when on it has missed what happened."""
    if wanted.url is not None:
        await connection.execute("UPDATE webhook SET url = %s WHERE id = %s", (wanted.url, identity))
    await connection.execute(
        "UPDATE webhook SET name = coalesce(%s, name), kinds = coalesce(%s::text[], kinds),"
        " enabled = coalesce(%s, enabled), missed_since = coalesce(missed_since, dead), dead = NULL, failures = 0,"
        " failing_since = NULL, held_until = NULL, last_error = '' WHERE id = %s"
        " RETURNING pg_notify('mingchu_webhook', '')",
        (wanted.name, None if wanted.kinds is None else list(wanted.kinds), wanted.enabled, identity),
    )


async def rotate(connection: Connection, identity: int, secret: str) -> None:
    """Sign with another secret from now on, and for a while with the one before as well."""
    await connection.execute("SELECT webhook_rotate(%s, %s, %s)", (identity, secret, OVERLAP))


async def remove(connection: Connection, identity: int) -> None:
    """Take it away with its deliveries."""
    await connection.execute("DELETE FROM webhook WHERE id = %s", (identity,))


async def ping(connection: Connection, identity: int) -> int:
    """An event for this webhook alone, before all that waits; returns the delivery's id."""
    cursor = await connection.execute(
        "INSERT INTO webhook_event (kind, subject, data, webhook_id, spread) VALUES (%s, %s, %s, %s, true)"
        " RETURNING id",
        (PING, f"webhooks/{identity}", Jsonb({"webhook": identity}), identity),
    )
    event = await cursor.fetchone()
    assert event is not None
    cursor = await connection.execute(
        "INSERT INTO webhook_delivery (webhook_id, event_id, urgent) VALUES (%s, %s, true) RETURNING id",
        (identity, event[0]),
    )
    row = await cursor.fetchone()
    assert row is not None
    await _try_now(connection, identity)
    return int(str(row[0]))


async def redeliver(connection: Connection, identity: int, delivery: int) -> None:
    """Send the same event under the same id once more, before all that waits."""
    await connection.execute(
        "UPDATE webhook_delivery SET asked = now(), urgent = true, next_try = now(), tries = 0, sent = NULL,"
        " failed = NULL, status = NULL, last_error = '' WHERE id = %s AND webhook_id = %s",
        (delivery, identity),
    )
    await _try_now(connection, identity)


async def _try_now(connection: Connection, identity: int) -> None:
    """A person waits: whatever is held goes on, and a webhook that was given up gets its chance."""
    await connection.execute(
        "UPDATE webhook SET held_until = NULL, missed_since = coalesce(missed_since, dead), dead = NULL,"
        " failing_since = CASE WHEN dead IS NULL THEN failing_since END WHERE id = %s"
        " RETURNING pg_notify('mingchu_webhook', '')",
        (identity,),
    )


async def deliveries(connection: Connection, identity: int, before: int, limit: int) -> list[DeliveryRow]:
    """A webhook's deliveries, the newest first, from before one on."""
    async with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        await cursor.execute(
            _DELIVERIES + " WHERE one.webhook_id = %s AND one.id < %s ORDER BY one.id DESC LIMIT %s",
            (identity, before, limit),
        )
        return await cursor.fetchall()


async def delivery(connection: Connection, identity: int, delivery_id: int) -> DeliveryRow | None:
    """One of them, or None."""
    async with connection.cursor(row_factory=class_row(DeliveryRow)) as cursor:
        await cursor.execute(_DELIVERIES + " WHERE one.webhook_id = %s AND one.id = %s", (identity, delivery_id))
        return await cursor.fetchone()
