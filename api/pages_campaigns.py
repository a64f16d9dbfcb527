"""Console pages: special campaigns, one of them, and the form for a new one."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import campaign_desk, case_view, language, problem, render
from api.brought import local_time
from api.campaign_model import CampaignOrder
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.paging import NO_END
from api.problem import ProblemError
from domain.alert import Role
from store import places
from store.people import Person

router = APIRouter(include_in_schema=False)

CampaignId = Annotated[int, Path()]
Text = Annotated[str, Form(max_length=2000)]
Short = Annotated[str, Form(max_length=100)]


async def _list(request: Request, at: Desk, person: Person, *, fault: str = "", typed: object = None) -> Response:
    async with at.scoped(person) as connection:
        sites = await places.names(connection)
    context = {
        "campaigns": await campaign_desk.listed(at, person),
        "sites": sites,
        "may": person.role is Role.REGULATOR and person.may_act,
        "fault": fault,
        "typed": typed or {},
    }
    return render.page(request, at, person, "campaigns.html", context, status=422 if fault else 200)


@router.get("/campaigns")
async def campaigns_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """All campaigns with their progress; for a regulator the form for a new one."""
    return await _list(request, at, person)


@router.post("/campaigns")
async def add(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    name: Short = "",
    goal: Text = "",
    begins: Short = "",
    ends: Short = "",
    since: Short = "",
    rule: Short = "",
    severity: Short = "",
    site: Short = "",
) -> Response:
    """A new campaign by form; a refusal keeps what was typed."""
    typed = {"name": name, "goal": goal, "begins": begins, "ends": ends, "since": since, "rule": rule,
             "severity": severity, "site": site}  # fmt: skip
    spoken = language.of_page(request, person.lang)
    times = {key: local_time(typed[key], at.config.timezone) for key in ("begins", "ends", "since")}
    choice = {key: typed[key] or None for key in ("rule", "severity", "site")}
    try:
        order = CampaignOrder.model_validate({"name": name, "goal": goal, **times, **choice})
        made = await campaign_desk.add(at, person, order)
    except ValidationError:
        return await _list(request, at, person, fault=language.text(spoken, "campaigns.incomplete"), typed=typed)
    except ProblemError as error:
        return await _list(request, at, person, fault=problem.sentence(error, spoken), typed=typed)
    return RedirectResponse(f"/campaigns/{made.id}", 303)


@router.get("/campaigns/{campaign_id}")
async def campaign_page(
    request: Request, at: AtDesk, person: Reader, campaign_id: CampaignId, after: int = NO_END
) -> Response:
    """One campaign: progress and alerts."""
    found = await campaign_desk.one(at, person, campaign_id)
    rows = await campaign_desk.alerts(at, person, campaign_id, after)
    shown = [case_view.summary(row, at.vault) for row in rows[: campaign_desk.PAGE]]
    more = shown[-1].id if len(rows) > campaign_desk.PAGE else None
    context = {
        "campaign": found,
        "alerts": shown,
        "more": more,
        "may": person.role is Role.REGULATOR and person.may_act and found.may_add,
    }
    return render.page(request, at, person, "campaign.html", context)


@router.post("/campaigns/{campaign_id}/alerts")
async def add_alerts(at: AtDesk, person: Reader, campaign_id: CampaignId, *, alerts: Text = "") -> Response:
    """Alerts by their numbers, as they were typed; what is no number is passed over."""
    parts = alerts.replace(",", " ").replace("，", " ").replace("#", " ").split()
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) < 18][:200]
    await campaign_desk.add_alerts(at, person, campaign_id, numbers)
    return RedirectResponse(f"/campaigns/{campaign_id}", 303)
