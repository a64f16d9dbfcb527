"""What the deliverer takes out of the outbox of events, webhook by webhook, and how a delivery went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Spread:
    """How many events were handed on, how many deliveries that made, and how many found no room."""

    events: int
    deliveries: int
    dropped: int


@dataclass(frozen=True, slots=True)
class DueWebhook:
    """A webhook with something to send; its row is locked. `now` is the database's clock."""

    id: int
    url: str
    secret: str
    secret_before: str | None
    tokens: float | None
    budget_at: datetime
    failures: int
    now: datetime

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that sign now."""
        return (self.secret,) if self.secret_before is None else (self.secret, self.secret_before)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one webhook. `data` is JSON; `key` is the event's, the same at each attempt."""

    id: int
    webhook_id: int
    key: UUID
    kind: str
    at: datetime
    subject: str
    data: str
    tries: int
    asked: datetime


async def spread(connection: Connection, at_most: int, backlog: int) -> Spread:
    """Make a delivery of each event for each webhook that wants it, in the order in which they were written.

    A webhook for which `backlog` wait already gets no more: what it does not get is counted. An event that nobody gets
    goes at once. Whatever other process has in hand is left to it.
    """
    cursor = await connection.execute(
        "WITH fresh AS MATERIALIZED (SELECT * FROM webhook_event WHERE NOT spread ORDER BY id LIMIT %(most)s"
        "  FOR UPDATE SKIP LOCKED),"
        " wanted AS MATERIALIZED (SELECT webhook.id AS webhook_id, fresh.id AS event_id, fresh.at,"
        "  fresh.webhook_id IS NOT NULL AS own, row_number() OVER (PARTITION BY webhook.id ORDER BY fresh.id) AS place"
        "  FROM fresh JOIN webhook ON fresh.webhook_id = webhook.id OR fresh.webhook_id IS NULL"
        "   AND webhook_wants(webhook, fresh.kind, fresh.authorities, fresh.operator_id)),"
        " room AS MATERIALIZED (SELECT webhook_id, %(backlog)s - (SELECT count(*) FROM webhook_delivery AS waiting"
        "   WHERE waiting.webhook_id = one.webhook_id AND next_try IS NOT NULL) AS left"
        "  FROM (SELECT DISTINCT webhook_id FROM wanted) AS one),"
        " kept AS (INSERT INTO webhook_delivery (webhook_id, event_id) SELECT webhook_id, event_id"
        "  FROM wanted JOIN room USING (webhook_id) WHERE own OR place <= room.left ORDER BY event_id"
        "  RETURNING event_id),"
        " lost AS MATERIALIZED (SELECT webhook_id, count(*) AS n, min(at) AS since FROM wanted"
        "  JOIN room USING (webhook_id) WHERE NOT own AND place > room.left GROUP BY webhook_id),"
        " noted AS (UPDATE webhook SET dropped = dropped + n, missed = missed + n,"
        "  missed_since = coalesce(missed_since, since) FROM lost WHERE webhook.id = lost.webhook_id),"
        " gone AS (DELETE FROM webhook_event WHERE id IN (SELECT id FROM fresh EXCEPT SELECT event_id FROM kept)),"
        " done AS (UPDATE webhook_event SET spread = true WHERE id IN (SELECT event_id FROM kept))"
        " SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM kept), (SELECT coalesce(sum(n), 0) FROM lost)",
        {"most": at_most, "backlog": backlog},
    )
    row = await cursor.fetchone()
    assert row is not None
    return Spread(*(int(str(one)) for one in row))


async def tell_missed(connection: Connection, room: int) -> int:
    """Tell webhooks that have fewer than `room` waiting what they have missed, as one event; returns how many."""
    cursor = await connection.execute(
        "WITH ready AS MATERIALIZED (SELECT id, missed, missed_since FROM webhook"
        "  WHERE missed_since IS NOT NULL AND enabled AND dead IS NULL AND (SELECT count(*) FROM webhook_delivery"
        "   WHERE webhook_id = webhook.id AND next_try IS NOT NULL) < %s FOR NO KEY UPDATE SKIP LOCKED),"
        " told AS (UPDATE webhook SET missed = 0, missed_since = NULL FROM ready WHERE webhook.id = ready.id)"
        " INSERT INTO webhook_event (kind, subject, data, webhook_id) SELECT 'webhook.missed', 'webhooks/' || id,"
        "  jsonb_build_object('webhook', id, 'count', missed, 'since', missed_since, 'until', now()), id FROM ready",
        (room,),
    )
    return max(cursor.rowcount, 0)


async def due(connection: Connection, busy: Sequence[int], limit: int, *, failing: bool) -> list[DueWebhook]:
    """Lock up to `limit` webhooks with something to send, those that answer first; within a transaction.

    Those of `busy`, those that another process has just locked and, without `failing`, those that do not answer are
    left out.
    """
    async with connection.cursor(row_factory=class_row(DueWebhook)) as cursor:
        await cursor.execute(
            "SELECT id, url, secret, CASE WHEN secret_until > now() THEN secret_before END AS secret_before, tokens,"
            " budget_at, failures, clock_timestamp() AS now FROM webhook"
            " WHERE enabled AND dead IS NULL AND coalesce(held_until <= now(), true) AND id <> ALL(%s)"
            " AND (failures = 0 OR %s) AND EXISTS (SELECT FROM webhook_delivery"
            "  WHERE webhook_id = webhook.id AND next_try <= now())"
            " ORDER BY failures, last_sent NULLS FIRST, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
            (list(busy), failing, limit),
        )
        return await cursor.fetchall()


async def take(
    connection: Connection, webhook: DueWebhook, most: int, *, tokens: float, lease_s: float
) -> list[Delivery]:
    """Take up to `most` of a locked webhook's deliveries, out of so many tokens that it has now.

    What a person waits for goes first. A taken one comes up again after `lease_s` unless its end was written down.
    """
    async with connection.cursor(row_factory=class_row(Delivery)) as cursor:
        await cursor.execute(
            "WITH next AS (SELECT id FROM webhook_delivery WHERE webhook_id = %s AND next_try <= now()"
            "  ORDER BY urgent DESC, id LIMIT %s FOR UPDATE SKIP LOCKED),"
            " taken AS (UPDATE webhook_delivery AS one SET next_try = now() + make_interval(secs => %s),"
            "  tries = tries + 1 FROM next WHERE one.id = next.id RETURNING one.*)"
            " SELECT taken.id, taken.webhook_id, key, kind, at, subject, data::text AS data, tries, asked"
            " FROM taken JOIN webhook_event AS event ON event.id = event_id ORDER BY urgent DESC, taken.id",
            (webhook.id, most, lease_s),
        )
        taken = await cursor.fetchall()
    await connection.execute(
        "UPDATE webhook SET tokens = %s, budget_at = %s WHERE id = %s", (tokens - len(taken), webhook.now, webhook.id)
    )
    return taken


async def sent(connection: Connection, delivery: int, status: int) -> None:
    """The receiver has taken it; the webhook works, and whatever was held goes on."""
    await connection.execute(
        "WITH done AS (UPDATE webhook_delivery SET sent = now(), next_try = NULL, failed = NULL, status = %s,"
        "  last_error = '', urgent = false WHERE id = %s RETURNING webhook_id)"
        " UPDATE webhook SET last_sent = now(), failures = 0, failing_since = NULL, held_until = NULL, last_error = ''"
        " WHERE id IN (SELECT webhook_id FROM done)",
        (status, delivery),
    )


async def retry(
    connection: Connection, one: Delivery, status: int | None, error: str, *, own_s: float, held_s: float
) -> None:
    """Try this one again after `own_s`, and the webhook's others after `held_s`."""
    await connection.execute(
        "WITH again AS (UPDATE webhook_delivery SET next_try = now() + make_interval(secs => %(own)s),"
        "  status = %(status)s, last_error = %(error)s WHERE id = %(id)s AND sent IS NULL RETURNING webhook_id)"
        " UPDATE webhook SET failures = failures + 1, failing_since = coalesce(failing_since, now()),"
        "  last_failed = now(), last_error = %(error)s,"
        "  held_until = greatest(held_until, now() + make_interval(secs => %(held)s))"
        " WHERE id IN (SELECT webhook_id FROM again)",
        {"id": one.id, "status": status, "error": error, "own": own_s, "held": held_s},
    )


async def failed(connection: Connection, one: Delivery, status: int | None, error: str) -> None:
    """It is not tried again by itself."""
    await connection.execute(
        "WITH done AS (UPDATE webhook_delivery SET failed = now(), next_try = NULL, status = %(status)s,"
        "  last_error = %(error)s, urgent = false WHERE id = %(id)s AND sent IS NULL RETURNING webhook_id)"
        " UPDATE webhook SET failures = failures + 1, failing_since = coalesce(failing_since, now()),"
        "  last_failed = now(), last_error = %(error)s WHERE id IN (SELECT webhook_id FROM done)",
        {"id": one.id, "status": status, "error": error},
    )


async def give_up(connection: Connection, webhook: int, *, after_s: float) -> bool:
    """End a webhook that nothing has reached for so long; what waits for it is missed. True when it ended now."""
    cursor = await connection.execute(
        "WITH dead AS (UPDATE webhook SET dead = now() WHERE id = %(id)s AND dead IS NULL"
        "  AND failing_since <= now() - make_interval(secs => %(after)s) RETURNING id),"
        " ended AS (UPDATE webhook_delivery SET failed = now(), next_try = NULL, urgent = false,"
        "  last_error = CASE WHEN tries > 0 THEN last_error ELSE 'the webhook was given up' END"
        "  WHERE webhook_id IN (SELECT id FROM dead) AND next_try IS NOT NULL RETURNING asked)"
        " SELECT count(*), min(asked), EXISTS (SELECT FROM dead) FROM ended",
        {"id": webhook, "after": after_s},
    )
    row = await cursor.fetchone()
    if row is None or not row[2]:
        return False
    await connection.execute(
        "UPDATE webhook SET dropped = dropped + %(n)s, missed = missed + %(n)s,"
        " missed_since = coalesce(missed_since, %(since)s, now()) WHERE id = %(id)s",
        {"n": row[0], "since": row[1], "id": webhook},
    )
    await _tell_of_dead(connection, webhook)
    return True


async def _tell_of_dead(connection: Connection, webhook: int) -> None:
    """One notice to the people of its side: its operator's channels, or the nearest authority's that has one."""
    await connection.execute(
        "INSERT INTO push (channel_id, about, webhook_id, reason) SELECT told.id, told.id, dead.id, 'webhook_dead'"
        " FROM webhook AS dead JOIN channel AS told ON told.operator_id = dead.operator_id OR told.authority = ("
        "  SELECT holder.authority FROM channel AS holder WHERE holder.authority @> dead.authority"
        "  AND channel_leads(holder.id) ORDER BY nlevel(holder.authority) DESC LIMIT 1)"
        " WHERE dead.id = %s AND channel_leads(told.id)",
        (webhook,),
    )
    await connection.execute("SELECT pg_notify('mingchu_push', '')")
