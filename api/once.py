"""Requests that are made once: a repeated POST with an Idempotency-Key gets its first answer and does nothing."""

import base64
import hashlib
import re
import tempfile
from dataclasses import dataclass
from typing import IO

from cryptography.fernet import Fernet, InvalidToken
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problem
from api.desk import Desk, speaker
from api.problem import ProblemError
from store import idempotency
from store.connection import DatabaseUnreachableError
from store.people import Person

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
PATTERN = "^[!-~]{1,200}$"
_FORM = re.compile(PATTERN)
_SESSIONS = ("/login", "/logout")  # what they answer is a cookie, which is nothing to keep
_KEPT = (b"content-type", b"location")
_IN_MEMORY = 256 * 1024
_CHUNK = 64 * 1024
OUTAGES = (OperationalError, PoolTimeout, DatabaseUnreachableError)


class _Answer(BaseModel):
    status: int
    headers: list[tuple[str, str]]
    body: str  # base64


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A request under its key."""

    desk: Desk
    person: Person
    key_sha256: bytes
    cipher: Fernet


class Once:
    """Keeps the answers of keyed requests.

    What was refused (4xx) has changed nothing, and its key is free again. After a failure (5xx), or the process's end,
    it is not known whether the request acted: its key stays taken, for doing it twice would be worse.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _concerns(scope):
            await self._app(scope, receive, send)
            return
        try:
            await self._keyed(scope, receive, send)
        except ProblemError as error:
            await problem.respond(Request(scope), error)(scope, receive, send)
        except OUTAGES:
            away = ProblemError(503, "unavailable", headers={"retry-after": "5"})
            await problem.respond(Request(scope), away)(scope, receive, send)

    async def _keyed(self, scope: Scope, receive: Receive, send: Send) -> None:
        keyed = await _keyed(Request(scope))
        if keyed is None:
            await self._app(scope, receive, send)
            return
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
            digest = await _read(keyed.person, scope, receive, body)
            if digest is None:
                return  # they hung up in the middle of it
            async with keyed.desk.scoped(keyed.person) as connection:
                earlier = await idempotency.claim(connection, keyed.person, keyed.key_sha256, digest)
            if earlier is not None:
                await _repeated(keyed, earlier, digest)(scope, receive, send)
                return
            await self._first(keyed, scope, _again(body, receive), send)

    async def _first(self, keyed: _Keyed, scope: Scope, receive: Receive, send: Send) -> None:
        """Run it; the answer is kept before it is sent, so that whoever misses it may ask again."""
        messages: list[Message] = []

        async def holding(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, holding)
        await _settle(keyed, messages)
        for message in messages:
            await send(message)


def keeps(path: str) -> bool:
    """Whether a POST to that path may carry a key."""
    return path.startswith("/api/v1/") and not path.endswith(_SESSIONS)


def _concerns(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST" or HEADER not in Headers(scope=scope):
        return False
    return keeps(scope["path"])


async def _keyed(request: Request) -> _Keyed | None:
    """None where nobody is logged in: that is refused further in. Raises ProblemError."""
    key = request.headers[HEADER]
    desk: Desk = request.app.state.desk
    person = await speaker(request, desk)
    if person is None:
        return None
    if not _FORM.fullmatch(key):
        raise ProblemError(422, "idempotency_key")
    secret = hashlib.sha256(f"idempotency {desk.config.ticket_key} {key}".encode()).digest()
    return _Keyed(desk, person, hashlib.sha256(key.encode()).digest(), Fernet(base64.urlsafe_b64encode(secret)))


async def _read(person: Person, scope: Scope, receive: Receive, body: IO[bytes]) -> bytes | None:
    """Spool the body; returns the digest of the request, or None when it breaks off.

    What the person may, and by which token, is part of it: nobody is shown an answer that was got with other rights.
    """
    rights = (person.token, person.authority, person.operator_id, sorted(person.permissions))
    target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    digest = hashlib.sha256(repr((rights, target)).encode())
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        body.write(part)
        digest.update(part)
        if not message.get("more_body"):
            body.seek(0)
            return digest.digest()


def _again(body: IO[bytes], receive: Receive) -> Receive:
    ended = False

    async def replaying() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        part = body.read(_CHUNK)
        ended = len(part) < _CHUNK
        return {"type": "http.request", "body": part, "more_body": not ended}

    return replaying


async def _free(keyed: _Keyed) -> None:
    async with keyed.desk.scoped(keyed.person) as connection:
        await idempotency.release(connection, keyed.person, keyed.key_sha256)


async def _settle(keyed: _Keyed, messages: list[Message]) -> None:
    start = messages[0]
    if start["status"] >= 500:
        return
    if start["status"] >= 400:
        await _free(keyed)
        return
    body = b"".join(message.get("body", b"") for message in messages[1:])
    headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"] if name in _KEPT]
    answer = _Answer(status=start["status"], headers=headers, body=base64.b64encode(body).decode())
    sealed = keyed.cipher.encrypt(answer.model_dump_json().encode())
    async with keyed.desk.scoped(keyed.person) as connection:
        await idempotency.keep(connection, keyed.person, keyed.key_sha256, sealed)


def _repeated(keyed: _Keyed, earlier: idempotency.Earlier, digest: bytes) -> Response:
    if earlier.request_sha256 != digest:
        raise ProblemError(422, "idempotency_other")
    busy = ProblemError(409, "idempotency_busy", headers={"retry-after": "2"})
    if earlier.answer is None:
        raise busy
    try:
        answer = _Answer.model_validate_json(keyed.cipher.decrypt(earlier.answer))
    except InvalidToken:  # the ticket secret is another one by now
        raise busy from None
    headers = dict(answer.headers) | {REPLAYED: "true", "cache-control": "no-store"}
    return Response(base64.b64decode(answer.body), answer.status, headers)
