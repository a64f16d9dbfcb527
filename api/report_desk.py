"""What pages and REST do with reports and subscriptions: make, hand out, subscribe, end; audited."""

from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from api.channel_desk import must_keep
from api.desk import Desk
from api.problem import ProblemError, not_found
from domain import period
from domain.channel import ChannelKind
from domain.enclosure import Attached, Enclosure
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


async def make(at: Desk, person: Person, span: Span, day: date, site: int | None) -> int:
    """The report of the closed period that a day lies in, made unless it is there; its id. Raises ProblemError."""
    if not 2000 <= day.year <= 2200:
        raise ProblemError(422, "invalid")
    wanted = period.holding(span, day)
    if wanted.closes > at.clock():
        raise ProblemError(422, "report_open")
    async with at.scoped(person) as connection:
        return await reports.make(
            connection, wanted, await scope(connection, person, "" if site is None else str(site))
        )


def download(file: Enclosure) -> Response:
    """A file to be saved."""
    headers = {"content-disposition": f'attachment; filename="{file.name}"', "cache-control": "no-store"}
    return Response(file.body, headers=headers, media_type=file.media_type)


async def subscribe(at: Desk, person: Person, wish: Wish) -> int:
    """Send that report over that channel from now on; the subscription's id. A file goes with a mail alone."""
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
    return made


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
