"""What pages and REST do with channels: list, add, change, test, remove; audited, in one transaction."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from api import channel_model as model
from api.alert_model import Names
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.budget import Budget, full
from domain.channel import ALLOWANCES, ChannelKind, fits
from domain.permission import Permission
from store import channels, people, push_keys
from store.channels import ChannelRow
from store.connection import Connection
from store.people import Person

SECRET_LENGTH = 16  # of a webhook's signing key, in characters


def channel(row: ChannelRow, now: datetime) -> model.Channel:
    """One channel as it is `now`."""
    return model.Channel(
        id=row.id,
        kind=row.kind,
        name=row.name,
        place=row.place,
        owner=Names(zh=row.owner_zh, en=row.owner_en),
        person=row.person,
        mine=row.mine,
        lang="en" if row.lang == "en" else "zh",
        rank=row.rank,
        enabled=row.enabled,
        state=_state(row),
        quiet_from=row.quiet_from,
        quiet_to=row.quiet_to,
        budget=_budget(row, now),
        held_until=row.ordinary_after if row.ordinary_after is not None and row.ordinary_after > now else None,
        waiting=row.waiting,
        last_sent=row.last_sent,
        last_failed=row.last_failed,
        last_error=row.last_error,
    )


def _state(row: ChannelRow) -> Literal["working", "failing", "dead", "off", "new"]:
    if not row.enabled:
        return "off"
    if row.dead is not None:
        return "dead"
    if row.last_error:
        return "failing"
    return "new" if row.last_sent is None else "working"


def _budget(row: ChannelRow, now: datetime) -> model.ChannelBudget:
    allowance = ALLOWANCES[row.kind]
    whole = full(allowance, row.budget_at)
    kept = Budget(
        whole.open if row.tokens_open is None else row.tokens_open,
        whole.reserved if row.tokens_reserved is None else row.tokens_reserved,
        row.budget_at,
    ).now(allowance, now)
    return model.ChannelBudget(
        ordinary=kept.ordinary,
        reserved=kept.grave - kept.ordinary,
        ordinary_of=int(allowance.open.capacity),
        reserved_of=int(allowance.reserved.capacity),
    )


async def listed(at: Desk, person: Person) -> list[model.Channel]:
    """The channels of the person's side and of those that it looks after."""
    async with at.scoped(person) as connection:
        return [channel(row, datetime.now(UTC)) for row in await channels.channels(connection)]


async def page(at: Desk, person: Person, after: int, limit: int) -> list[model.Channel]:
    """The same by id, from after one on."""
    async with at.scoped(person) as connection:
        return [channel(row, datetime.now(UTC)) for row in await channels.page(connection, after, limit)]


async def read(at: Desk, person: Person, channel_id: int) -> model.Channel:
    """One of them; 404 where it is not the person's to see."""
    async with at.scoped(person) as connection:
        return channel(await _row(connection, channel_id), datetime.now(UTC))


async def add(at: Desk, person: Person, wanted: model.NewChannel) -> model.Channel:
    """A channel of the person's own side."""
    must_keep(person)
    kind = ChannelKind(wanted.kind)
    url = f"mailto:{wanted.address.strip()}" if kind is ChannelKind.EMAIL else wanted.address.strip()
    if not fits(kind, url):
        raise ProblemError(422, "channel_address")
    if kind is ChannelKind.WEBHOOK and len(wanted.secret) < SECRET_LENGTH:
        raise ProblemError(422, "channel_secret")
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        raise ProblemError(422, "channel_quiet")
    new = channels.NewChannel(
        *(kind, wanted.name.strip(), url, wanted.secret, wanted.lang, wanted.rank, wanted.quiet_from, wanted.quiet_to)
    )
    return await _add(at, person, new)


async def subscribe(at: Desk, person: Person, wanted: model.Subscription, lang: str) -> model.Channel:
    """The browser of the person who asks."""
    if not fits(ChannelKind.WEBPUSH, wanted.endpoint):
        raise ProblemError(422, "channel_address")
    keys = f"{wanted.keys.p256dh.rstrip('=')}.{wanted.keys.auth.rstrip('=')}"
    new = channels.NewChannel(ChannelKind.WEBPUSH, person.name, wanted.endpoint, keys, lang, person_id=person.id)
    return await _add(at, person, new)


async def _add(at: Desk, person: Person, new: channels.NewChannel) -> model.Channel:
    async with at.scoped(person) as connection:
        made = await channels.add(connection, person, new)
        row = await _row(connection, made)
        await people.audit(connection, person, "channel_added", {"channel": made, "kind": row.kind, "to": row.place})
        return channel(row, datetime.now(UTC))


async def change(at: Desk, person: Person, channel_id: int, wanted: model.ChannelSettings) -> model.Channel:
    """Change name, rank, language, quiet hours; switch it on or off."""
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        raise ProblemError(422, "channel_quiet")
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, channel_id)
        changed = channels.Changed(
            *(wanted.name.strip(), wanted.rank, wanted.enabled, wanted.lang, wanted.quiet_from, wanted.quiet_to)
        )
        await channels.change(connection, row.id, changed)
        await people.audit(connection, person, "channel_changed", {"channel": row.id, **wanted.model_dump(mode="json")})
        return channel(await _row(connection, channel_id), datetime.now(UTC))


async def remove(at: Desk, person: Person, channel_id: int) -> None:
    """Take it away."""
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, channel_id)
        await channels.remove(connection, row.id)
        await people.audit(connection, person, "channel_removed", {"channel": row.id, "to": row.place})


async def test(at: Desk, person: Person, channel_id: int) -> model.Channel:
    """Send a test message over it."""
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, channel_id)
        if not row.enabled:
            raise ProblemError(409, "channel_off")
        await channels.send_test(connection, row.id)
        await people.audit(connection, person, "channel_tested", {"channel": row.id})
        return channel(await _row(connection, channel_id), datetime.now(UTC))


async def opened(at: Desk, person: Person, push_id: UUID) -> None:
    """Note that the person has opened a push of an own browser."""
    async with at.scoped(person) as connection:
        if not await channels.opened(connection, push_id, person.id):
            raise not_found()


async def push_key(at: Desk) -> model.PushKey:
    """The public key that browsers subscribe with."""
    async with at.unscoped() as connection:
        key, _ = await push_keys.public(connection)
    return model.PushKey(key=key)


def must_keep(person: Person) -> None:
    """Operators keep their own channels, an authority's those who may configure; others are answered 403."""
    if not person.may(Permission.CHANNEL_MANAGE):
        raise ProblemError(403, "may_not_configure")


async def _row(connection: Connection, channel_id: int) -> ChannelRow:
    row = await channels.channel(connection, channel_id)
    if row is None:
        raise not_found()
    return row


async def _mine(connection: Connection, person: Person, channel_id: int) -> ChannelRow:
    """One that the person may change: an own browser, or one of the own side."""
    row = await _row(connection, channel_id)
    if not row.mine:
        raise ProblemError(403, "channel_foreign")
    if row.person_id != person.id:
        must_keep(person)
    return row
