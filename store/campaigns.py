"""Special campaigns: a named set of alerts with a goal and an end, and how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Choice:
    """What a campaign's alerts are chosen by; None: any. Those raised between `since` and now."""

    since: datetime
    rule: str | None = None
    severity: int | None = None
    site: int | None = None


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to be made for the person's authority."""

    name: str
    goal: str
    begins: datetime
    ends: datetime
    choice: Choice


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign with its counts. On time: reported or finished by the deadline; late: it passed first."""

    id: int
    authority: str
    authority_zh: str
    authority_en: str
    name: str
    goal: str
    begins: datetime
    ends: datetime
    may_add: bool
    open: int
    acknowledged: int
    rectified: int
    closed: int
    dismissed: int
    on_time: int
    late: int


ALL = (datetime(9999, 12, 31, tzinfo=UTC), 2**63 - 1)  # before which every campaign ends
# Counts are of the alerts that the person may see. Class I is on time when it was acknowledged by its deadline.
_ROWS: LiteralString = """
    SELECT campaign.id, campaign.authority::text AS authority, authority.zh AS authority_zh,
        authority.en AS authority_en, campaign.name, campaign.goal, campaign.begins, campaign.ends,
        campaign.authority <@ scope_authority() AS may_add,
        count(*) FILTER (WHERE alert.status = 'open')::int AS open,
        count(*) FILTER (WHERE alert.status = 'acknowledged')::int AS acknowledged,
        count(*) FILTER (WHERE alert.status = 'rectified')::int AS rectified,
        count(*) FILTER (WHERE alert.status = 'closed')::int AS closed,
        count(*) FILTER (WHERE alert.status = 'dismissed')::int AS dismissed,
        count(*) FILTER (WHERE acted.at <= alert.due)::int AS on_time,
        count(*) FILTER (WHERE coalesce(acted.at, now()) > alert.due)::int AS late
    FROM campaign JOIN authority ON authority.path = campaign.authority
    LEFT JOIN campaign_alert ON campaign_alert.campaign_id = campaign.id
    LEFT JOIN alert ON alert.id = campaign_alert.alert_id
    LEFT JOIN LATERAL (SELECT min(step.at) AS at FROM alert_history AS step WHERE step.alert_id = alert.id
        AND (step.target IN ('rectified', 'closed', 'dismissed') AND step.source <> step.target
            OR alert.severity = 1 AND step.action = 'acknowledge')) AS acted ON true
    WHERE (%(campaign)s::bigint IS NULL OR campaign.id = %(campaign)s)
        AND (campaign.ends, campaign.id) < (%(ends)s, %(id)s)
    GROUP BY campaign.id, authority.path ORDER BY campaign.ends DESC, campaign.id DESC LIMIT %(limit)s
"""


async def listed(
    connection: Connection, campaign: int | None = None, limit: int = 200, before: tuple[datetime, int] = ALL
) -> list[CampaignRow]:
    """The campaigns of the person's authority, and of those above and below; or one of them."""
    async with connection.cursor(row_factory=class_row(CampaignRow)) as cursor:
        await cursor.execute(_ROWS, {"campaign": campaign, "limit": limit, "ends": before[0], "id": before[1]})
        return await cursor.fetchall()


async def add(connection: Connection, person: int, authority: str, new: NewCampaign) -> int:
    """Make a campaign with the alerts that its choice finds now, of those that the person may see."""
    choice = new.choice
    body = {
        "rule": choice.rule, "severity": choice.severity, "site": choice.site, "since": choice.since.isoformat(),
    }  # fmt: skip
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "INSERT INTO campaign (authority, name, goal, begins, ends, filter, person_id)"
            " VALUES (%s::ltree, %s, %s, %s, %s, %s, %s) RETURNING id",
            (authority, new.name, new.goal, new.begins, new.ends, Jsonb(body), person),
        )
        campaign = int(str(await cursor.fetchone()))
    await connection.execute(
        "INSERT INTO campaign_alert (campaign_id, alert_id, by_hand, person_id)"
        " SELECT %(campaign)s, id, false, %(person)s FROM alert WHERE raised >= %(since)s"
        " AND (%(rule)s::text IS NULL OR rule_code = %(rule)s)"
        " AND (%(severity)s::int IS NULL OR severity = %(severity)s)"
        " AND (%(site)s::bigint IS NULL OR site_id = %(site)s)",
        {**body, "campaign": campaign, "person": person, "since": choice.since},
    )
    return campaign


async def add_alerts(connection: Connection, campaign: int, person: int, alerts: Sequence[int]) -> int:
    """Add alerts by hand, of those that the person may see; returns how many are new."""
    cursor = await connection.execute(
        "INSERT INTO campaign_alert (campaign_id, alert_id, by_hand, person_id)"
        " SELECT %s, id, true, %s FROM alert WHERE id = ANY(%s) ON CONFLICT DO NOTHING",
        (campaign, person, list(alerts)),
    )
    return cursor.rowcount


async def alerts(connection: Connection, campaign: int, after: int, limit: int) -> list[int]:
    """Ids of a campaign's alerts below `after`, the newest first."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT alert_id FROM campaign_alert WHERE campaign_id = %s AND alert_id < %s"
            " ORDER BY alert_id DESC LIMIT %s",
            (campaign, after, limit),
        )
        return await cursor.fetchall()
