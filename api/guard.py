"""Layers around everything: security headers, the size of a body, and where a state-changing request comes from."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problem
from api.problem import ProblemError

CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL_BODY = 64 * 1024
REPORT_BODY = 80 * 1024 * 1024  # photos of one report
PUBLIC_BODY = 32 * 1024 * 1024  # a complaint with its photos
LIST_BODY = 3 * 1024 * 1024
EVIDENCE_BODY = 64 * 1024 * 1024
SHEET_BODY = 2 * 1024 * 1024  # a list of devices, a profile
_SHEETS = ("/profiles", "/profiles/check", "/devices/import", "/map/import", "/picture", "/supply/reports")


class SecurityHeaders:
    """Adds the headers that every answer carries; HSTS where the console is served over TLS.

    `tiles` is the origin of the map's tile server, which pictures may then come from.
    """

    def __init__(self, app: ASGIApp, *, secure: bool, tiles: str = "") -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if tiles:  # and the empty picture that Leaflet puts in the place of a tile that it gives up
            images = f"img-src 'self' blob: data: {tiles}"
            policy = CONTENT_SECURITY_POLICY.replace("img-src 'self' blob:", images)
            self._headers["content-security-policy"] = policy
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class LastWord:
    """Answers what nothing else has caught: it is logged whole, and said in one sentence."""

    def __init__(self, app: ASGIApp, *, say: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app = app
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if scope["type"] != "http":
                raise
            answer = await self._say(Request(scope), error)
            if not begun:
                await answer(scope, receive, send)


class BodyLimit:
    """Refuses a body that is longer than its route needs, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return
        limit = _limit(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            refusal = problem.respond(HTTPConnection(scope), _too_large(limit))
            await refusal(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _limit(path: str) -> int:
    if path.startswith("/edge/evidence/"):
        return EVIDENCE_BODY
    if path.startswith("/p/") and path.endswith("/complaint"):
        return PUBLIC_BODY
    if path.endswith("/equipment/import"):
        return LIST_BODY
    if path.endswith(_SHEETS):
        return SHEET_BODY
    return REPORT_BODY if path.endswith(("/report", "/appeal", "/answers")) or "/signatures/" in path else SMALL_BODY


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "too_large", {"mib": max(1, limit // (1024 * 1024))}, {"connection": "close"})


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counting


class SameOrigin:
    """Refuses state changes that another site's page sends with the person's cookie (CSRF).

    A browser says where a request comes from in Sec-Fetch-Site, or at least in Origin; a request with neither does
    not come from a page. Edges speak with their own credential, not with a cookie, and are left alone.
    """

    def __init__(self, app: ASGIApp, *, netloc: str) -> None:
        self._app = app
        self._netloc = netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changing = scope["type"] == "http" and scope["method"] not in _SAFE and not scope["path"].startswith("/edge/")
        if changing and not same_origin(Headers(scope=scope), self._netloc):
            refusal = problem.respond(HTTPConnection(scope), ProblemError(403, "cross_origin"))
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def same_origin(headers: Headers, netloc: str) -> bool:
    """Whether a request comes from our own pages, or from no page at all. `netloc` is the console's host and port."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc in (netloc, headers.get("host"))
