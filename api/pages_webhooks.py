"""Console pages: webhooks, which tell programs of events, and what each was sent."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import language, problem, render, webhook_desk
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.paging import NO_END
from api.problem import ProblemError
from api.webhook_model import NewWebhook, WebhookChange
from domain.permission import Permission
from domain.webhook import MOST, EventKind
from store.people import Person

router = APIRouter(include_in_schema=False)

_DONE = ("changed", "removed", "pinged", "redelivered")
_SHOWN = 20  # deliveries on a page
_Short = Annotated[str, Form(max_length=100)]
_Long = Annotated[str, Form(max_length=2000)]
_Kinds = Annotated[list[str], Form(max_length=len(EventKind))]


@router.get("/webhooks")
async def webhooks_page(request: Request, at: AtDesk, person: Reader, done: str = "") -> Response:
    """All of the person's side."""
    return await _list(request, at, person, done=done)


@router.post("/webhooks")
async def add(
    request: Request, at: AtDesk, person: Reader, *, name: _Short = "", url: _Long = "",
    kinds: _Kinds = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Add one and show its secret this once, or say in one sentence why not."""
    typed: dict[str, object] = {"name": name, "url": url, "kinds": kinds}
    try:
        made = await webhook_desk.add(at, person, NewWebhook.model_validate(typed))
    except (ValidationError, ProblemError) as error:
        return await _list(request, at, person, typed=typed, fault=_fault(error))
    return await _one(request, at, person, made.webhook.id, secret=made.secret)


@router.get("/webhooks/{webhook_id}")
async def webhook_page(
    request: Request, at: AtDesk, person: Reader, webhook_id: int, *, done: str = "", before: int = NO_END
) -> Response:
    """One webhook and what it was sent, the newest first."""
    return await _one(request, at, person, webhook_id, done=done, before=before)


@router.post("/webhooks/{webhook_id}")
async def change(
    request: Request, at: AtDesk, person: Reader, webhook_id: int, *, name: _Short = "", url: _Long = "",
    enabled: _Short = "", kinds: _Kinds = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Change it; an address that is left empty stays."""
    typed = {"name": name, "url": url.strip() or None, "kinds": kinds, "enabled": bool(enabled)}
    try:
        await webhook_desk.change(at, person, webhook_id, WebhookChange.model_validate(typed))
    except (ValidationError, ProblemError) as error:
        return await _one(request, at, person, webhook_id, fault=_fault(error))
    return RedirectResponse(f"/webhooks/{webhook_id}?done=changed", 303)


@router.post("/webhooks/{webhook_id}/secret")
async def rotate(request: Request, at: AtDesk, person: Reader, webhook_id: int) -> Response:
    """A new secret, shown this once."""
    made = await webhook_desk.rotate(at, person, webhook_id)
    return await _one(request, at, person, webhook_id, secret=made.secret)


@router.post("/webhooks/{webhook_id}/ping")
async def ping(at: AtDesk, person: Reader, webhook_id: int) -> Response:
    """Send a test."""
    await webhook_desk.ping(at, person, webhook_id)
    return RedirectResponse(f"/webhooks/{webhook_id}?done=pinged", 303)


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver")
async def redeliver(at: AtDesk, person: Reader, webhook_id: int, delivery_id: int) -> Response:
    """Send an event once more."""
    await webhook_desk.redeliver(at, person, webhook_id, delivery_id)
    return RedirectResponse(f"/webhooks/{webhook_id}?done=redelivered", 303)


@router.post("/webhooks/{webhook_id}/remove")
async def remove(at: AtDesk, person: Reader, webhook_id: int) -> Response:
    """Take it away."""
    await webhook_desk.remove(at, person, webhook_id)
    return RedirectResponse("/webhooks?done=removed", 303)


def _fault(error: ValidationError | ProblemError) -> ProblemError:
    """What is said on the page itself; who may not, or asks for what is not there, is answered so."""
    if isinstance(error, ValidationError):
        return ProblemError(422, "webhook_form")
    if error.status not in (409, 422):
        raise error
    return error


def _groups() -> dict[str, list[EventKind]]:
    """The kinds by what they are about."""
    groups: dict[str, list[EventKind]] = {}
    for kind in EventKind:
        groups.setdefault(kind.partition(".")[0], []).append(kind)
    return groups


async def _list(
    request: Request,
    at: Desk,
    person: Person,
    *,
    typed: dict[str, object] | None = None,
    fault: ProblemError | None = None,
    done: str = "",
) -> Response:
    found = await webhook_desk.page(at, person, 0, 500)
    context = {"webhooks": found, "typed": typed or {}, "most": MOST, **_said(request, person, fault, done)}
    return render.page(request, at, person, "webhooks.html", context, status=fault.status if fault else 200)


async def _one(
    request: Request,
    at: Desk,
    person: Person,
    webhook_id: int,
    *,
    secret: str = "",
    fault: ProblemError | None = None,
    done: str = "",
    before: int = NO_END,
) -> Response:
    hook = await webhook_desk.read(at, person, webhook_id)
    sent = await webhook_desk.deliveries(at, person, webhook_id, before, _SHOWN + 1)
    context = {
        "hook": hook,
        "sent": sent[:_SHOWN],
        "older": sent[_SHOWN - 1].id if len(sent) > _SHOWN else None,
        "secret": secret,
        **_said(request, person, fault, done),
    }
    status = fault.status if fault else 201 if secret else 200
    return render.page(request, at, person, "webhook.html", context, status=status)


def _said(request: Request, person: Person, fault: ProblemError | None, done: str) -> dict[str, object]:
    """What both pages are told."""
    return {
        "groups": _groups(),
        "keeps": person.may(Permission.CHANNEL_MANAGE),
        "fault": "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang)),
        "done": done if done in _DONE else "",
    }
