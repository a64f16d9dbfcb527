"""Console pages: a one-time link out of a push. Opening it only shows a button; nobody has to log in."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from alerts import workflow
from alerts.workflow import WorkflowError
from api import actions, language, problem, render
from api.desk import AtDesk, Desk
from api.problem import ProblemError
from domain import action_link
from domain.alert import Action, Role, Status
from store import channels, people, push_keys, queue
from store.channels import Link
from store.people import Person
from store.queue import QueueRow

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=64)]


@router.get("/a/{token}")
async def show(request: Request, at: AtDesk, token: Token) -> Response:
    """What the link is about, and its button."""
    link = await _link(at, token)
    return await _page(request, at, link, token)


@router.post("/a/{token}")
async def act(request: Request, at: AtDesk, token: Token) -> Response:
    """Acknowledge, once, in the name of the person or of the channel that the push went to."""
    link = await _link(at, token)
    try:
        await _acknowledge(at, link)
    except WorkflowError as error:
        return await _page(request, at, link, token, fault=actions.refusal(error))
    except ProblemError as error:
        return await _page(request, at, link, token, fault=error)
    return await _page(request, at, link, token, done=True)


async def _acknowledge(at: Desk, link: Link) -> None:
    """Use and act in one transaction: a link whose action is refused was not used."""
    async with at.scoped(_side(link)) as connection:
        alert = await queue.one(connection, link.alert_id)
        actor = await channels.use_link(connection, link.push)
        if alert is None or actor is None:
            raise ProblemError(409, "link_used")
        person = replace(_side(link), id=actor)
        await workflow.act(connection, person, alert.id, Action.ACKNOWLEDGE, alert.version)
        await people.audit(connection, person, "link_used", {"push": str(link.push), "alert": alert.id})


async def _link(at: Desk, token: str) -> Link:
    """The link that we signed and that is still good; else 404 or 410."""
    async with at.unscoped() as connection:
        _, key = await push_keys.public(connection)
        push = action_link.opened(key, token)
        link = None if push is None else await channels.link(connection, push)
    if link is None or link.operator_id is None or link.reason != "raised":
        raise ProblemError(404, "link_unknown")
    if not link.living or datetime.now(UTC) - link.created > action_link.LASTS:
        raise ProblemError(410, "link_over")
    return link


def _side(link: Link) -> Person:
    """The side that the channel belongs to, as far as row-level security goes."""
    return Person(0, "", "", Role.OPERATOR, link.authority, link.operator_id, link.lang)


async def _page(
    request: Request, at: Desk, link: Link, token: str, *, fault: ProblemError | None = None, done: bool = False
) -> Response:
    async with at.scoped(_side(link)) as connection:
        alert: QueueRow | None = await queue.one(connection, link.alert_id)
    if alert is None:
        raise ProblemError(404, "link_unknown")
    context = {
        "alert": alert,
        "token": token,
        "open": alert.status == Status.OPEN and link.acted is None and not done,
        "done": done,
        "fault": "" if fault is None else problem.sentence(fault, language.of_page(request)),
    }
    return render.page(request, at, None, "link.html", context, status=fault.status if fault else 200)
