"""Console pages: the channels that pushes go over."""

from datetime import time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import channel_desk, language, problem, render
from api.channel_model import ChannelSettings, NewChannel
from api.desk import AtDesk, Desk
from api.pages import Reader
from api.problem import ProblemError
from domain.channel import ChannelKind
from domain.permission import Permission
from store.people import Person

router = APIRouter(include_in_schema=False)

KINDS = tuple(kind for kind in ChannelKind if kind is not ChannelKind.WEBPUSH)
_SHORT = Annotated[str, Form(max_length=100)]
_LONG = Annotated[str, Form(max_length=2000)]


@router.get("/channels")
async def channels_page(request: Request, at: AtDesk, person: Reader, done: str = "") -> Response:
    """All that the person sees."""
    return await _page(request, at, person, done=done if done in ("added", "changed", "tested", "removed") else "")


@router.post("/channels")
async def add(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    kind: _SHORT = "",
    name: _SHORT = "",
    address: _LONG = "",
    secret: _LONG = "",
    lang: _SHORT = "zh",
    rank: _SHORT = "1",
    quiet_from: _SHORT = "",
    quiet_to: _SHORT = "",
) -> Response:
    """Add one, or say in one sentence why not."""
    typed: dict[str, object] = {"kind": kind, "name": name, "address": address, "secret": secret, "lang": lang}
    typed |= {"rank": rank, "quiet_from": _clock(quiet_from), "quiet_to": _clock(quiet_to)}
    try:
        await channel_desk.add(at, person, NewChannel.model_validate(typed))
    except ValidationError:
        fault = ProblemError(422, "channel_form")
    except ProblemError as error:
        if error.status != 422:
            raise
        fault = error
    else:
        return RedirectResponse("/channels?done=added", 303)
    return await _page(request, at, person, typed={**typed, "secret": ""}, fault=fault)


@router.post("/channels/{channel_id}")
async def change(
    request: Request,
    at: AtDesk,
    person: Reader,
    channel_id: int,
    *,
    name: _SHORT = "",
    lang: _SHORT = "zh",
    rank: _SHORT = "1",
    enabled: _SHORT = "",
    quiet_from: _SHORT = "",
    quiet_to: _SHORT = "",
) -> Response:
    """Change it."""
    typed = {"name": name, "lang": lang, "rank": rank, "enabled": bool(enabled)}
    quiet = {"quiet_from": _clock(quiet_from), "quiet_to": _clock(quiet_to)}
    try:
        await channel_desk.change(at, person, channel_id, ChannelSettings.model_validate({**typed, **quiet}))
    except ValidationError:
        await channel_desk.read(at, person, channel_id)
        return await _page(request, at, person, fault=ProblemError(422, "channel_form"))
    except ProblemError as error:
        if error.status != 422:
            raise
        return await _page(request, at, person, fault=error)
    return RedirectResponse("/channels?done=changed", 303)


@router.post("/channels/{channel_id}/test")
async def test(at: AtDesk, person: Reader, channel_id: int) -> Response:
    """Send a test over it."""
    await channel_desk.test(at, person, channel_id)
    return RedirectResponse("/channels?done=tested", 303)


@router.post("/channels/{channel_id}/remove")
async def remove(at: AtDesk, person: Reader, channel_id: int) -> Response:
    """Take it away."""
    await channel_desk.remove(at, person, channel_id)
    return RedirectResponse("/channels?done=removed", 303)


async def _page(
    request: Request,
    at: Desk,
    person: Person,
    *,
    typed: dict[str, object] | None = None,
    fault: ProblemError | None = None,
    done: str = "",
) -> Response:
    context = {
        "channels": await channel_desk.listed(at, person),
        "kinds": KINDS,
        "keeps": person.may(Permission.CHANNEL_MANAGE),
        "typed": typed or {},
        "fault": "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang)),
        "done": done,
        "me": person.id,
    }
    return render.page(request, at, person, "channels.html", context, status=fault.status if fault else 200)


def _clock(text: str) -> time | None:
    """What a time field gives; nothing where it is empty or no time."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None
