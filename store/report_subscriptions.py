"""Subscriptions to reports: who gets which over which channel, and how the last one went."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from domain.channel import ChannelKind
from domain.enclosure import Attached
from domain.period import Period, Span
from store.connection import Connection
from store.report_figures import Scope


@dataclass(frozen=True, slots=True)
class Reach:
    """A channel that the person may subscribe for: one of the own side, not somebody else's browser."""

    id: int
    kind: ChannelKind
    name: str
    place: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", ChannelKind(self.kind))


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """Which report goes over which channel; a file with a mail alone."""

    channel: int
    span: Span
    scope: Scope
    attached: Attached = Attached.NONE


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """One subscription with the newest report that was sent for it; `mine`: the person may end it."""

    id: int
    span: Span
    attached: Attached
    since: datetime
    zh: str
    en: str
    kind: ChannelKind
    channel: str
    place: str
    working: bool
    mine: bool
    report: int | None
    first_at: datetime | None
    made: datetime | None
    sent: datetime | None
    failed: datetime | None
    opened: datetime | None
    tries: int
    last_error: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "span", Span(self.span))
        object.__setattr__(self, "attached", Attached(self.attached))
        object.__setattr__(self, "kind", ChannelKind(self.kind))


@dataclass(frozen=True, slots=True)
class ReportLink:
    """The signed link of a report's push, and the side that its channel belongs to."""

    push: UUID
    report_id: int
    created: datetime
    lang: str
    operator_id: int | None
    authority: str | None
    living: bool


async def reaches(connection: Connection, person: int) -> list[Reach]:
    """The channels that the person may subscribe for."""
    async with connection.cursor(row_factory=class_row(Reach)) as cursor:
        await cursor.execute(
            "SELECT id, kind, name, place FROM channel WHERE removed IS NULL AND enabled AND rescuer_id IS NULL"
            " AND (authority <@ scope_authority() OR operator_id = scope_operator())"
            " AND (person_id IS NULL OR person_id = %s) ORDER BY kind = 'email' DESC, name, id LIMIT 200",
            (person,),
        )
        return await cursor.fetchall()


async def fits(connection: Connection, channel: int, scope: Scope) -> bool:
    """Whether the people behind the channel may read that report."""
    cursor = await connection.execute(
        "SELECT channel_may_read(%s, %s::ltree, %s)", (channel, scope.authority, scope.site)
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def add(connection: Connection, person: int, new: NewSubscription) -> int:
    """Subscribe from now on; one that is there already is ended and put anew. Returns its id."""
    await connection.execute(
        "UPDATE report_subscription SET ended = now() WHERE channel_id = %s AND span = %s AND ended IS NULL"
        " AND authority IS NOT DISTINCT FROM %s::ltree AND site_id IS NOT DISTINCT FROM %s::bigint",
        (new.channel, new.span, new.scope.authority, new.scope.site),
    )
    cursor = await connection.execute(
        "INSERT INTO report_subscription (channel_id, span, authority, site_id, attached, person_id)"
        " VALUES (%s, %s, %s::ltree, %s, %s, %s) RETURNING id",
        (new.channel, new.span, new.scope.authority, new.scope.site, new.attached, person),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def end(connection: Connection, identity: int) -> bool:
    """Send nothing more for it; False where there is none that the person may end."""
    cursor = await connection.execute(
        "UPDATE report_subscription SET ended = now() WHERE id = %s AND ended IS NULL", (identity,)
    )
    return cursor.rowcount > 0


async def sees(connection: Connection, identity: int) -> bool:
    """Whether the person sees it at all."""
    cursor = await connection.execute("SELECT FROM report_subscription WHERE id = %s AND ended IS NULL", (identity,))
    return await cursor.fetchone() is not None


async def listed(connection: Connection) -> list[SubscriptionRow]:
    """All that the person sees, with how the newest report of each went."""
    async with connection.cursor(row_factory=class_row(SubscriptionRow)) as cursor:
        await cursor.execute(
            "SELECT wanted.id, wanted.span, attached, since, coalesce(authority.zh, site.zh, '') AS zh,"
            "  coalesce(authority.en, site.en, '') AS en, channel.kind, channel.name AS channel, channel.place,"
            "  channel.enabled AND channel.dead IS NULL AND channel.removed IS NULL AS working,"
            "  coalesce(channel.authority <@ scope_authority(), false)"
            "   OR coalesce(channel.operator_id = scope_operator(), false) AS mine,"
            "  report_id AS report, begin_at AS first_at, last.created AS made, sent, failed, opened,"
            "  coalesce(tries, 0) AS tries, coalesce(last.last_error, '') AS last_error"
            " FROM report_subscription AS wanted JOIN channel ON channel.id = channel_id"
            " LEFT JOIN authority ON authority.path = wanted.authority LEFT JOIN site ON site.id = wanted.site_id"
            " LEFT JOIN LATERAL (SELECT push.*, report.begin_at FROM push JOIN report ON report.id = report_id"
            "  WHERE subscription_id = wanted.id ORDER BY report.end_at DESC LIMIT 1) AS last ON true"
            " WHERE ended IS NULL ORDER BY wanted.span, wanted.site_id NULLS FIRST, wanted.id LIMIT 500"
        )
        return await cursor.fetchall()


async def scopes(connection: Connection, period: Period) -> list[tuple[str | None, int | None]]:
    """Authorities and sites whose report of that period somebody waits for, and nobody has made yet."""
    cursor = await connection.execute(
        "SELECT DISTINCT wanted.authority::text, wanted.site_id FROM report_subscription AS wanted"
        " WHERE ended IS NULL AND span = %(span)s AND since < %(closed)s AND NOT EXISTS (SELECT FROM report"
        "  WHERE report.span = wanted.span AND report.begin_at = %(begin)s"
        "  AND report.authority IS NOT DISTINCT FROM wanted.authority"
        "  AND report.site_id IS NOT DISTINCT FROM wanted.site_id) ORDER BY 1, 2",
        {"span": period.span, "begin": period.begin, "closed": period.closes},
    )
    found = await cursor.fetchall()
    return [(None if path is None else str(path), None if site is None else int(str(site))) for path, site in found]


async def enqueue(connection: Connection, period: Period) -> int:
    """Queue a period's reports for those who wait for them, and wake the pusher; asked again, nothing is queued twice.

    What was closed before somebody subscribed is not sent. Returns how many.
    """
    cursor = await connection.execute(
        "INSERT INTO push (channel_id, subscription_id, report_id, reason)"
        " SELECT wanted.channel_id, wanted.id, report.id, 'report' FROM report_subscription AS wanted"
        " JOIN channel ON channel.id = wanted.channel_id AND channel.removed IS NULL"
        " JOIN report ON report.span = wanted.span AND report.begin_at = %(begin)s"
        "  AND report.authority IS NOT DISTINCT FROM wanted.authority"
        "  AND report.site_id IS NOT DISTINCT FROM wanted.site_id"
        " WHERE wanted.ended IS NULL AND wanted.span = %(span)s AND wanted.since < %(closed)s"
        " ON CONFLICT (subscription_id, report_id) WHERE subscription_id IS NOT NULL DO NOTHING",
        {"span": period.span, "begin": period.begin, "closed": period.closes},
    )
    if cursor.rowcount:
        await connection.execute("SELECT pg_notify('mingchu_push', '')")
    return cursor.rowcount


async def link(connection: Connection, push: UUID) -> ReportLink | None:
    """What a report's signed link is of; needs no scope."""
    async with connection.cursor(row_factory=class_row(ReportLink)) as cursor:
        await cursor.execute(
            "SELECT push, report_id, created, lang, operator_id, authority, living FROM report_of_link(%s)", (push,)
        )
        return await cursor.fetchone()


async def opened(connection: Connection, push: UUID) -> None:
    """Note that somebody has opened the link, within the scope of its channel."""
    await connection.execute("UPDATE push SET opened = coalesce(opened, now()) WHERE id = %s", (push,))
