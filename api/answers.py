"""Layers around REST: how often one may ask, and answers that are not sent twice when nothing has changed."""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problem
from api.allowance import Allowance, Standing
from api.desk import SESSION_COOKIE, token_hash
from api.problem import ProblemError

REST = "/api/v1/"


class Paced:
    """Bounds the requests of each session or token, and of each address; every answer says how many are left."""

    def __init__(self, app: ASGIApp, *, session: Allowance, address: Allowance) -> None:
        self._app = app
        self._session = session
        self._address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(REST):
            await self._app(scope, receive, send)
            return
        standing = self._standing(HTTPConnection(scope))

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in standing.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if standing.wait_s:
            seconds = standing.headers["retry-after"]
            refusal = problem.respond(HTTPConnection(scope), ProblemError(429, "too_often", {"seconds": seconds}))
            await refusal(scope, receive, telling)
            return
        await self._app(scope, receive, telling)

    def _standing(self, connection: HTTPConnection) -> Standing:
        """The tighter of both buckets; a request that its address may not make is not asked of the session's."""
        address = self._address.take(connection.client.host if connection.client else "")
        token = connection.headers.get("authorization") or connection.cookies.get(SESSION_COOKIE)
        if address.wait_s or not token:
            return address
        session = self._session.take(token_hash(token).hex())
        return session if session.wait_s or session.remaining < address.remaining else address


class Unchanged:
    """Gives each JSON answer to a GET a weak ETag, and answers 304 to whoever has that very answer already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(REST):
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        held: Message | None = None

        async def comparing(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _comparable(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                if not message.get("more_body"):
                    start, message = _compared(start, message, known)
                await send(start)
            await send(message)

        await self._app(scope, receive, comparing)


def _comparable(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type") == "application/json" and "etag" not in headers


def _compared(start: Message, message: Message, known: str) -> tuple[Message, Message]:
    tag = f'W/"{hashlib.sha256(message.get("body", b"")).hexdigest()[:32]}"'
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["etag"] = tag
    headers.setdefault("cache-control", "private, no-cache")
    headers.add_vary_header("Cookie, Authorization")
    if not matches(known, tag):
        return {**start, "headers": headers.raw}, message
    del headers["content-length"], headers["content-type"]
    return {**start, "status": 304, "headers": headers.raw}, {**message, "body": b""}


def matches(known: str, tag: str) -> bool:
    """Whether If-None-Match names that tag, by weak comparison (RFC 9110, 13.1.2)."""
    names = {name.strip().removeprefix("W/") for name in known.split(",")}
    return "*" in names or tag.removeprefix("W/") in names
