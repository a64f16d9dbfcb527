"""Pushes: one thing told to one channel each; the table is the queue, the lease and the record of how it went."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class DuePush:
    """A claimed push with all that its message says. `tries` counts this one; `lang` is the channel's.

    Those of one `message` are told together. `alert_id` is None for what is about a channel: `subject` names that one;
    and for a report, where it names whose it is, `began` and `due` are its period, and `count` its alerts.
    """

    id: UUID
    message: UUID
    alert_id: int | None
    channel_id: int
    reason: str
    created: datetime
    tries: int
    kind: str
    url: str
    secret: str
    lang: str
    enabled: bool
    to_operator: bool
    severity: int
    due: datetime
    began: datetime
    why: str
    rule_zh: str
    rule_en: str
    site_zh: str
    site_en: str
    subject_zh: str
    subject_en: str
    timezone: str
    remark: str  # the reviewer's, for rejected and dismissed
    picture: str | None  # SHA-256 of the redacted boxed frame
    glossary: str  # domain.reason.Glossary as JSON
    role: str = ""  # of the lift's rescuer that is called, who gets a link signed with `link_key`
    link_key: str = field(default="", repr=False)
    address: str = ""  # the site's
    holder_zh: str = ""  # the authority that is responsible
    holder_en: str = ""
    report_id: int | None = None
    span: str = ""  # domain.period.Span
    attached: str = ""  # domain.enclosure.Attached
    count: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What an audience ('operator', 'authority', 'level-0' …) is to be told about an alert.

    `authority`: of those at and above which one, where it is not the one that is responsible for the alert.
    """

    alert_id: int
    site_id: int
    reason: str
    audience: str
    authority: str | None = None


async def enqueue(connection: Connection, news: Sequence[News]) -> int:
    """Write a push of each to the first channels of its audience and wake the pusher at commit; returns how many.

    First: of the lowest rank on their side that works. The others are for what does not get through there.
    """
    if not news:
        return 0
    cursor = await connection.execute(
        "WITH news AS (SELECT told.*, coalesce(path, alert.authority::text, '') AS responsible"
        "  FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])"
        "  AS told (alert, site, reason, audience, path) JOIN alert ON alert.id = told.alert),"
        " reached AS MATERIALIZED (SELECT site, audience, responsible,"
        "  push_channels(site, audience, responsible) AS channel"
        "  FROM (SELECT DISTINCT site, audience, responsible FROM news) AS place),"
        " first AS MATERIALIZED (SELECT channel FROM (SELECT DISTINCT channel FROM reached) AS one"
        "  WHERE channel_leads(channel))"
        " INSERT INTO push (alert_id, channel_id, reason) SELECT DISTINCT alert, channel, reason"
        " FROM news JOIN reached USING (site, audience, responsible) JOIN first USING (channel)",
        (
            [one.alert_id for one in news],
            [one.site_id for one in news],
            [one.reason for one in news],
            [one.audience for one in news],
            [one.authority for one in news],
        ),
    )
    if cursor.rowcount:
        await connection.execute("SELECT pg_notify('mingchu_push', '')")
    return cursor.rowcount
