"""REST: live updates as server-sent events; each alert is read again in the reader's own scope."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import psycopg
from fastapi import APIRouter, Header, Request
from psycopg_pool import PoolTimeout
from starlette.responses import StreamingResponse

from api import case_view
from api.desk import Asking, AtDesk, Desk, shown_hash
from api.live import Reader, TooManyReadersError
from api.openapi import problems
from api.problem import ProblemError
from api.vault import Vault
from store import people, queue
from store.people import Person
from store.queue import QueueRow

router = APIRouter(prefix="/api/v1", tags=["live"])

HEARTBEAT_S = 15.0
_MISSED = 200  # more than so many missed changes: the reader had better read the list again
# Rows become visible at commit but are stamped at the begin of their transaction: look back a little.
_OVERLAP = timedelta(seconds=20)
_RESET = "event: reset\ndata: {}\n\n"
_EXAMPLE = 'id: 1795317320000000\nevent: alert\ndata: {"id": 17, "version": 3, "status": "open"}\n\n'


@router.get(
    "/events",
    response_class=StreamingResponse,
    response_model=None,
    responses={
        200: {
            "description": "`alert` events carry the alert as the list shows it; `reset` says: read the list again.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **problems(401, 429),
    },
    summary="Live updates",
)
async def events(
    request: Request,
    at: AtDesk,
    person: Asking,
    last_event_id: Annotated[str | None, Header(max_length=40, examples=["1795317320000000"])] = None,
) -> StreamingResponse:
    """Stays open; a comment every 15 s keeps it alive. Last-Event-ID brings what was missed."""
    token = shown_hash(request)
    stream = _stream(at, person, token, _since(last_event_id))
    # The first piece is taken here, so that one stream too many is answered by its status.
    first = await anext(stream)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_chain(first, stream), headers=headers, media_type="text/event-stream")


async def _chain(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for piece in rest:
        yield piece


def _since(last_event_id: str | None) -> datetime | None:
    if last_event_id is None or not last_event_id.isdecimal():
        return None
    try:
        return datetime.fromtimestamp(int(last_event_id) / 1_000_000, UTC) - _OVERLAP
    except (ValueError, OverflowError, OSError):
        return None


async def _stream(at: Desk, person: Person, token: bytes, since: datetime | None) -> AsyncIterator[str]:
    try:
        async with at.live.reader(person, token) as reader:
            yield ": hello\n\n"
            if since is not None:
                yield await _missed(at, person, since)
            while not at.live.closing:
                heard = await reader.wait(HEARTBEAT_S)
                if not await _still_here(at, token, heard=heard):
                    return
                yield await _news(at, person, reader) if heard else ": here\n\n"
    except TooManyReadersError as error:
        raise ProblemError(429, "too_many_streams", headers={"retry-after": "30"}) from error
    except (psycopg.OperationalError, PoolTimeout):
        return  # the browser comes back by itself, with its Last-Event-ID


async def _still_here(at: Desk, token: bytes, *, heard: bool) -> bool:
    """A logout or an expired session ends its streams; one look for all whom a change wakes together."""
    asked = at.live.told if heard and token in at.live.told else frozenset({token})

    async def look() -> str:
        async with at.glance() as connection:
            ended = await people.ended(connection, asked)
        return " ".join(session.hex() for session in ended)

    return token.hex() not in (await at.live.together(("sessions", asked), look)).split()


async def _missed(at: Desk, person: Person, since: datetime) -> str:
    async with at.scoped(person) as connection:
        rows = await queue.changed_since(connection, since, _MISSED + 1)
    return _RESET if len(rows) > _MISSED else "".join(event(row, at.vault) for row in rows)


async def _news(at: Desk, person: Person, reader: Reader) -> str:
    lost, ids = reader.take()
    if lost:
        return _RESET

    async def read() -> str:
        async with at.scoped(person) as connection:
            rows = await queue.some(connection, ids)
        return "".join(event(row, at.vault) for row in rows)

    return await at.live.together((person.authority, person.operator_id, *ids), read)


def event(row: QueueRow, vault: Vault) -> str:
    """One alert as a server-sent event; its id orders by the time of change."""
    micros = int(row.changed.timestamp() * 1_000_000)
    return f"id: {micros}\nevent: alert\ndata: {case_view.summary(row, vault).model_dump_json()}\n\n"
