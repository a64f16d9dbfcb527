"""What the reports' pages do with subscriptions: list, add, end; audited, in one transaction."""

from dataclasses import dataclass

from api.channel_desk import must_keep
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.channel import ChannelKind
from domain.enclosure import Attached
from domain.period import Span
from store import people, report_subscriptions, reports
from store.connection import Connection
from store.people import Person
from store.report_figures import Scope
from store.report_subscriptions import NewSubscription, Reach


@dataclass(frozen=True, slots=True)
class Wish:
    """Which report somebody wants, over which channel. `site` empty: all sites of the person's authority."""

    span: Span
    site: str
    channel: int
    attached: Attached


async def scope(connection: Connection, person: Person, site: str) -> Scope:
    """The site, or all of the person's authority; an operator reports on sites."""
    found = None
    if site:
        found = await reports.of_site(connection, int(site))
    elif person.authority is not None:
        found = await reports.of_authority(connection, person.authority)
    if found is None:
        raise not_found()
    return found


async def subscribe(at: Desk, person: Person, wish: Wish) -> None:
    """Send that report over that channel from now on. A file goes with a mail alone: the others carry its link."""
    async with at.scoped(person) as connection:
        channel = await _reach(connection, person, wish.channel)
        wanted = await scope(connection, person, wish.site)
        if wish.attached and channel.kind is not ChannelKind.EMAIL:
            raise ProblemError(422, "report_attached")
        if not await report_subscriptions.fits(connection, channel.id, wanted):
            raise ProblemError(422, "report_reader")
        new = NewSubscription(channel.id, wish.span, wanted, wish.attached)
        made = await report_subscriptions.add(connection, person.id, new)
        told = {"subscription": made, "channel": channel.id, "span": wish.span, "of": wanted.thing.code}
        await people.audit(connection, person, "report_subscribed", told)


async def end(at: Desk, person: Person, subscription: int) -> None:
    """Send it no more."""
    async with at.scoped(person) as connection:
        if not await report_subscriptions.sees(connection, subscription):
            raise not_found()
        must_keep(person)
        if not await report_subscriptions.end(connection, subscription):
            raise ProblemError(403, "channel_foreign")
        await people.audit(connection, person, "report_unsubscribed", {"subscription": subscription})


async def _reach(connection: Connection, person: Person, channel: int) -> Reach:
    found = next((one for one in await report_subscriptions.reaches(connection, person.id) if one.id == channel), None)
    if found is None:
        raise not_found()
    must_keep(person)
    return found
