"""REST: webhooks, which tell programs of events, and what each was sent."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import webhook_desk
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import NO_END, Paged
from api.webhook_model import Delivery, MadeWebhook, NewWebhook, Webhook, WebhookChange, WebhookSecret

router = APIRouter(prefix="/api/v1", tags=["webhooks"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[3])]
Sent = Annotated[int, Path(ge=1, le=2**62, examples=[41])]
_ERRORS = problems(401, 403, 404)


@router.get("/webhooks", responses=problems(401), summary="List webhooks")
async def webhooks(at: AtDesk, person: Asking, paging: Paged) -> list[Webhook]:
    """Those of the own side, with state, what waits and the last error."""
    (after,) = paging.after((0,))
    return paging.page(await webhook_desk.page(at, person, after, paging.wanted), lambda one: (one.id,))


@router.post("/webhooks", status_code=201, responses=problems(401, 403, 409), summary="Add a webhook")
async def add(at: AtDesk, person: Asking, wanted: NewWebhook) -> MadeWebhook:
    """Of the own side: it is told what that side may read. The secret is shown this once."""
    return await webhook_desk.add(at, person, wanted)


@router.get("/webhooks/{webhook_id}", responses=problems(401, 404), summary="One webhook")
async def webhook(at: AtDesk, person: Asking, webhook_id: Identity) -> Webhook:
    """The webhook with its state."""
    return await webhook_desk.read(at, person, webhook_id)


@router.patch("/webhooks/{webhook_id}", responses=_ERRORS, summary="Change a webhook")
async def change(at: AtDesk, person: Asking, webhook_id: Identity, wanted: WebhookChange) -> Webhook:
    """Name, address, kinds, on or off; what is left out stays. One that was given up is tried again."""
    return await webhook_desk.change(at, person, webhook_id, wanted)


@router.delete("/webhooks/{webhook_id}", status_code=204, responses=_ERRORS, summary="Remove a webhook")
async def remove(at: AtDesk, person: Asking, webhook_id: Identity) -> Response:
    """Nothing more is sent there; what was sent is forgotten."""
    await webhook_desk.remove(at, person, webhook_id)
    return Response(status_code=204)


@router.post("/webhooks/{webhook_id}/secret", status_code=201, responses=_ERRORS, summary="A new secret")
async def rotate(at: AtDesk, person: Asking, webhook_id: Identity) -> WebhookSecret:
    """Shown this once. The one before signs as well for 24 hours: a delivery then has two signatures."""
    return await webhook_desk.rotate(at, person, webhook_id)


@router.post(
    "/webhooks/{webhook_id}/ping", status_code=202, responses=problems(401, 403, 404, 409), summary="Send a ping"
)
async def ping(at: AtDesk, person: Asking, webhook_id: Identity) -> Delivery:
    """A test before all that waits; how it went stands in its delivery soon after."""
    return await webhook_desk.ping(at, person, webhook_id)


@router.get("/webhooks/{webhook_id}/deliveries", responses=problems(401, 404), summary="What a webhook was sent")
async def deliveries(at: AtDesk, person: Asking, webhook_id: Identity, paging: Paged) -> list[Delivery]:
    """The newest first; kept for 14 days."""
    (before,) = paging.after((-NO_END,))
    found = await webhook_desk.deliveries(at, person, webhook_id, -before, paging.wanted)
    return paging.page(found, lambda one: (-one.id,))


@router.get("/webhooks/{webhook_id}/deliveries/{delivery_id}", responses=problems(401, 404), summary="One delivery")
async def delivery(at: AtDesk, person: Asking, webhook_id: Identity, delivery_id: Sent) -> Delivery:
    """The event and how its delivery went."""
    return await webhook_desk.one_delivery(at, person, webhook_id, delivery_id)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    status_code=202,
    responses=problems(401, 403, 404, 409),
    summary="Send it again",
)
async def redeliver(at: AtDesk, person: Asking, webhook_id: Identity, delivery_id: Sent) -> Delivery:
    """The same event under the same id, before all that waits."""
    return await webhook_desk.redeliver(at, person, webhook_id, delivery_id)
