"""REST: the channels that pushes go over."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from api import channel_desk, language
from api.channel_model import Channel, ChannelSettings, NewChannel, PushKey, Subscription
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import Paged

router = APIRouter(prefix="/api/v1", tags=["configuration"])

Sent = Annotated[UUID, Path(examples=["0d9a2c6e-1111-4222-8333-444455556666"])]
Identity = Annotated[int, Path(examples=[3])]
_ERRORS = problems(401, 403, 404)


@router.get("/channels", responses=problems(401), summary="List channels")
async def channels(at: AtDesk, person: Asking, paging: Paged) -> list[Channel]:
    """The channels of the own side and of those that it looks after, with state, budget and last error."""
    (after,) = paging.after((0,))
    return paging.page(await channel_desk.page(at, person, after, paging.wanted), lambda one: (one.id,))


@router.post("/channels", status_code=201, responses=problems(401, 403), summary="Add a channel")
async def add(at: AtDesk, person: Asking, wanted: NewChannel) -> Channel:
    """Of the own side. A robot's address must be its platform's; an address is never shown again."""
    return await channel_desk.add(at, person, wanted)


@router.get("/channels/push-key", responses=problems(401), summary="The key for browsers")
async def push_key(at: AtDesk, person: Asking) -> PushKey:
    """What a browser subscribes with (VAPID, RFC 8292)."""
    return await channel_desk.push_key(at)


@router.post("/channels/browser", status_code=201, responses=problems(401), summary="Tell this browser")
async def subscribe(request: Request, at: AtDesk, person: Asking, wanted: Subscription) -> Channel:
    """A browser's subscription as a channel of the person who asks; the same one again replaces it."""
    return await channel_desk.subscribe(at, person, wanted, language.of_request(request).value)


@router.get("/channels/{channel_id}", responses=problems(401, 404), summary="One channel")
async def channel(at: AtDesk, person: Asking, channel_id: Identity) -> Channel:
    """The channel with its state."""
    return await channel_desk.read(at, person, channel_id)


@router.put("/channels/{channel_id}", responses=_ERRORS, summary="Change a channel")
async def change(at: AtDesk, person: Asking, channel_id: Identity, wanted: ChannelSettings) -> Channel:
    """Name, rank, language, quiet hours, on or off. One that was given up is tried again."""
    return await channel_desk.change(at, person, channel_id, wanted)


@router.post("/channels/{channel_id}/test", responses=problems(401, 403, 404, 409), summary="Send a test")
async def test(at: AtDesk, person: Asking, channel_id: Identity) -> Channel:
    """A test message over this channel; how it went is seen in `last_sent` and `last_error` soon after."""
    return await channel_desk.test(at, person, channel_id)


@router.delete("/channels/{channel_id}", status_code=204, responses=_ERRORS, summary="Remove a channel")
async def remove(at: AtDesk, person: Asking, channel_id: Identity) -> Response:
    """What was sent over it stays on record."""
    await channel_desk.remove(at, person, channel_id)
    return Response(status_code=204)


@router.post("/pushes/{push_id}/opened", status_code=204, responses=problems(401, 404), summary="A push was opened")
async def opened(at: AtDesk, person: Asking, push_id: Sent) -> Response:
    """What the console's service worker says when a notification is clicked."""
    await channel_desk.opened(at, person, push_id)
    return Response(status_code=204)
