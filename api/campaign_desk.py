"""Special campaigns for REST and pages: listed, made, added to."""

from collections.abc import Sequence
from datetime import datetime

from api.campaign_model import Campaign, CampaignOrder
from api.desk import Desk
from api.problem import ProblemError, not_found
from api.workflow_model import Authority
from domain.alert import Role, Status
from store import campaigns, people, queue
from store.campaigns import CampaignRow, Choice, NewCampaign
from store.people import Person
from store.queue import QueueRow

PAGE = 50


def shown(row: CampaignRow) -> Campaign:
    """A row as REST's model."""
    counts = {
        Status.OPEN: row.open,
        Status.ACKNOWLEDGED: row.acknowledged,
        Status.RECTIFIED: row.rectified,
        Status.CLOSED: row.closed,
        Status.DISMISSED: row.dismissed,
    }
    return Campaign(
        id=row.id,
        authority=Authority(path=row.authority, zh=row.authority_zh, en=row.authority_en),
        name=row.name,
        goal=row.goal,
        begins=row.begins,
        ends=row.ends,
        may_add=row.may_add,
        alerts=sum(counts.values()),
        counts=counts,
        on_time=row.on_time,
        late=row.late,
    )


async def listed(
    desk: Desk, person: Person, limit: int = 200, before: tuple[datetime, int] = campaigns.ALL
) -> list[Campaign]:
    """All that the person may see, the one that ends last first."""
    async with desk.scoped(person) as connection:
        return [shown(row) for row in await campaigns.listed(connection, limit=limit, before=before)]


async def one(desk: Desk, person: Person, campaign: int) -> Campaign:
    """One of them; 404 where there is none."""
    async with desk.scoped(person) as connection:
        rows = await campaigns.listed(connection, campaign)
    if not rows:
        raise not_found()
    return shown(rows[0])


async def alerts(desk: Desk, person: Person, campaign: int, after: int, limit: int = PAGE + 1) -> list[QueueRow]:
    """Its alerts below `after`, the newest first."""
    async with desk.scoped(person) as connection:
        ids = await campaigns.alerts(connection, campaign, after, limit)
        rows = {row.id: row for row in await queue.some(connection, ids)} if ids else {}
    return [rows[alert] for alert in ids if alert in rows]


async def add(desk: Desk, person: Person, order: CampaignOrder) -> Campaign:
    """Make one for the regulator's authority. Raises ProblemError: 403 for others, 422 for an end before the begin."""
    if person.role is not Role.REGULATOR or person.authority is None or not person.may_act:
        raise ProblemError(403, "campaign_role")
    if order.ends <= order.begins:
        raise ProblemError(422, "campaign_ends")
    choice = Choice(order.since, order.rule or None, order.severity, order.site)
    new = NewCampaign(order.name.strip(), order.goal.strip(), order.begins, order.ends, choice)
    if not new.name:
        raise ProblemError(422, "campaign_name")
    async with desk.scoped(person) as connection:
        campaign = await campaigns.add(connection, person.id, person.authority, new)
        await people.audit(connection, person, "campaign", {"campaign": campaign, "name": new.name})
    return await one(desk, person, campaign)


async def add_alerts(desk: Desk, person: Person, campaign: int, wanted: Sequence[int]) -> Campaign:
    """Add alerts by hand; those that the person may not see are left out."""
    found = await one(desk, person, campaign)
    if not found.may_add or person.role is not Role.REGULATOR or not person.may_act:
        raise ProblemError(403, "campaign_role")
    async with desk.scoped(person) as connection:
        await campaigns.add_alerts(connection, campaign, person.id, wanted)
        await people.audit(connection, person, "campaign_alerts", {"campaign": campaign, "alerts": list(wanted)})
    return await one(desk, person, campaign)
