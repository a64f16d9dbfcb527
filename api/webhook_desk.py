"""What pages and REST do with webhooks: list, add, change, ping, send again, remove; audited, in one transaction."""

from typing import Literal

from api import webhook_model as model
from api.alert_model import Names
from api.channel_desk import must_keep
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain import webhook as rules
from domain.channel import ChannelKind, fits
from store import people, webhooks
from store.connection import Connection
from store.people import Person
from store.webhooks import DeliveryRow, WebhookRow


def webhook(row: WebhookRow) -> model.Webhook:
    """One webhook."""
    return model.Webhook(
        id=row.id,
        name=row.name,
        place=row.place,
        owner=Names(zh=row.owner_zh, en=row.owner_en),
        kinds=list(row.kinds),
        enabled=row.enabled,
        state=_state(row),
        made=row.made,
        secret_until=row.secret_until,
        waiting=row.waiting,
        dropped=row.dropped,
        held_until=row.held_until,
        last_sent=row.last_sent,
        last_failed=row.last_failed,
        last_error=row.last_error,
    )


def _state(row: WebhookRow) -> Literal["working", "failing", "dead", "off", "new"]:
    if not row.enabled:
        return "off"
    if row.dead is not None:
        return "dead"
    if row.failures:
        return "failing"
    return "new" if row.last_sent is None else "working"


def delivery(row: DeliveryRow) -> model.Delivery:
    """One delivery."""
    return model.Delivery(
        id=row.id,
        event=row.key,
        kind=row.kind,
        subject=row.subject,
        at=row.at,
        state=_delivery_state(row),
        tries=row.tries,
        asked=row.asked,
        next_try=row.next_try,
        sent=row.sent,
        failed=row.failed,
        status=row.status,
        last_error=row.last_error,
        data=row.data,
    )


def _delivery_state(row: DeliveryRow) -> Literal["waiting", "retrying", "sent", "failed"]:
    if row.sent is not None:
        return "sent"
    if row.failed is not None:
        return "failed"
    return "retrying" if row.tries else "waiting"


async def page(at: Desk, person: Person, after: int, limit: int) -> list[model.Webhook]:
    """Those of the person's side, by id, from after one on."""
    async with at.scoped(person) as connection:
        return [webhook(row) for row in await webhooks.page(connection, after, limit)]


async def read(at: Desk, person: Person, webhook_id: int) -> model.Webhook:
    """One of them; 404 where it is not the person's side's."""
    async with at.scoped(person) as connection:
        return webhook(await _row(connection, webhook_id))


async def add(at: Desk, person: Person, wanted: model.NewWebhook) -> model.MadeWebhook:
    """One of the person's own side, with the secret that is shown this once."""
    must_keep(person)
    url, secret = _address(wanted.url), rules.new_secret()
    new = webhooks.NewWebhook(wanted.name.strip(), url, secret, _kinds(wanted.kinds))
    async with at.scoped(person) as connection:
        if await webhooks.count(connection, person) >= rules.MOST:
            raise ProblemError(409, "webhook_many")
        row = await _row(connection, await webhooks.add(connection, person, new))
        said = {"webhook": row.id, "name": row.name, "to": row.place, "kinds": list(row.kinds)}
        await people.audit(connection, person, "webhook_added", said)
        return model.MadeWebhook(webhook=webhook(row), secret=secret)


async def change(at: Desk, person: Person, webhook_id: int, wanted: model.WebhookChange) -> model.Webhook:
    """Change what is said of it; the rest stays."""
    changed = webhooks.Changed(
        None if wanted.name is None else wanted.name.strip(),
        None if wanted.url is None else _address(wanted.url),
        None if wanted.kinds is None else _kinds(wanted.kinds),
        wanted.enabled,
    )
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, webhook_id)
        await webhooks.change(connection, row.id, changed)
        row = await _row(connection, webhook_id)
        said = wanted.model_dump(mode="json", exclude_none=True, exclude={"url"})
        moved = {} if wanted.url is None else {"to": row.place}
        await people.audit(connection, person, "webhook_changed", {"webhook": row.id, **said, **moved})
        return webhook(row)


async def rotate(at: Desk, person: Person, webhook_id: int) -> model.WebhookSecret:
    """A new secret, shown this once; the one before signs too for a day."""
    secret = rules.new_secret()
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, webhook_id)
        await webhooks.rotate(connection, row.id, secret)
        await people.audit(connection, person, "webhook_secret", {"webhook": row.id, "name": row.name})
    return model.WebhookSecret(secret=secret)


async def remove(at: Desk, person: Person, webhook_id: int) -> None:
    """Take it away with what it was sent."""
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, webhook_id)
        await webhooks.remove(connection, row.id)
        said = {"webhook": row.id, "name": row.name, "to": row.place}
        await people.audit(connection, person, "webhook_removed", said)


async def ping(at: Desk, person: Person, webhook_id: int) -> model.Delivery:
    """Send it a test."""
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, webhook_id)
        if not row.enabled:
            raise ProblemError(409, "webhook_off")
        made = await webhooks.ping(connection, row.id)
        await people.audit(connection, person, "webhook_pinged", {"webhook": row.id})
        return delivery(await _delivery(connection, row.id, made))


async def deliveries(at: Desk, person: Person, webhook_id: int, before: int, limit: int) -> list[model.Delivery]:
    """What it was sent, the newest first."""
    async with at.scoped(person) as connection:
        row = await _row(connection, webhook_id)
        return [delivery(one) for one in await webhooks.deliveries(connection, row.id, before, limit)]


async def one_delivery(at: Desk, person: Person, webhook_id: int, delivery_id: int) -> model.Delivery:
    """One of them."""
    async with at.scoped(person) as connection:
        row = await _row(connection, webhook_id)
        return delivery(await _delivery(connection, row.id, delivery_id))


async def redeliver(at: Desk, person: Person, webhook_id: int, delivery_id: int) -> model.Delivery:
    """Send the same event once more."""
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, webhook_id)
        one = await _delivery(connection, row.id, delivery_id)
        if not row.enabled:
            raise ProblemError(409, "webhook_off")
        await webhooks.redeliver(connection, row.id, one.id)
        said = {"webhook": row.id, "delivery": one.id, "event": str(one.key)}
        await people.audit(connection, person, "webhook_redelivered", said)
        return delivery(await _delivery(connection, row.id, one.id))


def _address(url: str) -> str:
    """Checked again whenever something is sent there: what it names may be another then."""
    bare = url.strip()
    if not fits(ChannelKind.WEBHOOK, bare):
        raise ProblemError(422, "webhook_address")
    return bare


def _kinds(wanted: list[rules.EventKind]) -> list[rules.EventKind]:
    """Each once, in their order."""
    return [one for one in rules.EventKind if one in wanted]


async def _row(connection: Connection, webhook_id: int) -> WebhookRow:
    row = await webhooks.webhook(connection, webhook_id)
    if row is None:
        raise not_found()
    return row


async def _mine(connection: Connection, person: Person, webhook_id: int) -> WebhookRow:
    """One of the own side, of somebody who may keep it."""
    row = await _row(connection, webhook_id)
    must_keep(person)
    return row


async def _delivery(connection: Connection, webhook_id: int, delivery_id: int) -> DeliveryRow:
    row = await webhooks.delivery(connection, webhook_id, delivery_id)
    if row is None:
        raise not_found()
    return row
