"""A push receiver: takes webhook pushes, shows them as an operator's phone would, and fails when told to.

`python -m simulators.receiver --port 8900`; then `POST /push/{channel}`, `GET /`, `GET /pushes.json`, `POST /fault`.
It pretends to be the group robots too: `/cgi-bin/webhook/send` (WeCom), `/robot/send` (DingTalk),
`/open-apis/bot/v2/hook/{key}` (Feishu), each with its platform's limits and error codes; and a browser's push service:
`/webpush/{browser}`, which answers 410 for the browser `gone`.
"""

import argparse
import asyncio
import contextlib
import hmac
import socket
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulators import robot
from simulators.inbox import Counts, Entry, Inbox, Push, signature
from simulators.listening import ListeningError, listening_error
from simulators.receiver_page import page
from simulators.standalone import interrupted, log_to_stderr, port_number

log = structlog.get_logger(__name__)

BODY_LIMIT = 4 * 1024 * 1024  # a channel that sends pictures inside allows 2 MB, a third more as base64

HANG_LIMIT_S = 120.0  # longer than any sender waits; bounds what a long fault holds open

Mode = Literal["ok", "500", "400", "timeout"]


@dataclass(frozen=True, slots=True)
class ReceiverConfig:
    """Port 0 takes a free one. With a secret, pushes that are not signed with it are refused."""

    host: str = "127.0.0.1"
    port: int = 8900
    secret: str = field(default="", repr=False)
    journal: Path | None = None
    keep: int = 2_000


class FaultOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /fault`; without a time the fault stays until the next order."""

    mode: Mode
    for_s: float | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a sender gets back."""

    ok: bool
    error: str | None = None


class Listing(msgspec.Struct, frozen=True):
    """The body of `GET /pushes.json`."""

    pushes: list[Push]
    counts: Counts
    fault: Mode


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class PushReceiver:
    """Opens, serves, closes."""

    def __init__(self, config: ReceiverConfig) -> None:
        self.config = config
        self.port = config.port
        self._mode: Mode = "ok"
        self._robots: dict[tuple[str, str], robot.Robot] = {}
        self._fault_over = asyncio.Event()
        self._fault_timer: asyncio.TimerHandle | None = None
        routes = [
            Route("/", self._show),
            Route("/pushes.json", self._list),
            Route("/fault", self._set_fault, methods=["POST"]),
            Route("/push/{channel}", self._receive, methods=["POST"]),
            Route("/cgi-bin/webhook/send", self._wecom, methods=["POST"]),
            Route("/robot/send", self._dingtalk, methods=["POST"]),
            Route("/open-apis/bot/v2/hook/{key}", self._feishu, methods=["POST"]),
            Route("/webpush/{browser}", self._webpush, methods=["POST"]),
        ]
        self._app = Starlette(routes=routes)

    @property
    def url(self) -> str:
        """The page's address; a channel's is `<url>/push/<channel>`."""
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        return f"http://{host}:{self.port}"

    @property
    def pushes(self) -> list[Push]:
        """What is kept, oldest first."""
        return self._inbox.pushes()

    @property
    def counts(self) -> Counts:
        """Counts since the journal began, or since it opened."""
        return self._inbox.counts

    async def open(self) -> None:
        """Listen. Raises ListeningError, and OSError or msgspec.DecodeError for a journal that cannot be used."""
        self._inbox = Inbox(self.config.keep, self.config.journal)
        try:
            listener = self._bind()
        except ListeningError:
            self._inbox.close()
            raise
        config = uvicorn.Config(
            self._app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def close(self) -> None:
        """Stop; what a fault holds back is answered first."""
        self.set_fault("ok")
        self._server.should_exit = True
        await self._task
        self._inbox.close()

    def set_fault(self, mode: Mode, for_s: float | None = None) -> None:
        """Answer pushes with a status of 500 or 400, or not at all, for a time or until told otherwise."""
        if self._fault_timer is not None:
            self._fault_timer.cancel()
            self._fault_timer = None
        self._mode = mode
        self._fault_over.set()
        if mode == "ok":
            return
        self._fault_over = asyncio.Event()
        if for_s is not None:
            self._fault_timer = asyncio.get_running_loop().call_later(for_s, self.set_fault, "ok")

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.config.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.config.host, self.config.port))
            listener.listen(128)  # from here on a sender can connect, before the server's task first runs
        except OSError as error:
            listener.close()
            raise listening_error(self.config.host, self.config.port, error) from error
        self.port = listener.getsockname()[1]
        return listener

    async def _show(self, _request: Request) -> Response:
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src http: https:"}
        return HTMLResponse(page(self.pushes, self.counts, self._mode), headers=headers)

    async def _list(self, _request: Request) -> Response:
        return _json(200, Listing(self.pushes, self.counts, self._mode))

    async def _set_fault(self, request: Request) -> Response:
        try:
            order = msgspec.json.decode(await _body(request), type=FaultOrder)
        except (msgspec.DecodeError, _TooLargeError) as error:
            return _json(400, Answer(False, str(error)))
        self.set_fault(order.mode, order.for_s)
        return _json(200, Answer(True))

    async def _receive(self, request: Request) -> Response:
        received = datetime.now(UTC).isoformat()
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        except _TooLargeError as error:
            return self._refuse(413, str(error))
        if self._mode != "ok":
            return await self._fail()
        if not self._signed(request, body):
            return self._refuse(401, "The signature is missing or wrong.")
        try:
            fields = msgspec.json.decode(body, type=dict[str, object])
        except msgspec.DecodeError as error:
            return self._refuse(400, f"The body is not a JSON object: {error}.")
        key, channel = request.headers.get("idempotency-key", ""), request.path_params["channel"]
        outcome = self._inbox.take(Entry(channel=channel, key=key, received_at=received, body=fields))
        log.info("push_received", channel=channel, key=key, outcome=outcome)
        return _json(200, Answer(True))

    async def _wecom(self, request: Request) -> Response:
        return await self._robot(request, robot.WECOM, request.query_params.get("key", ""))

    async def _dingtalk(self, request: Request) -> Response:
        return await self._robot(request, robot.DINGTALK, request.query_params.get("access_token", ""))

    async def _feishu(self, request: Request) -> Response:
        return await self._robot(request, robot.FEISHU, request.path_params["key"])

    async def _robot(self, request: Request, platform: robot.Platform, key: str) -> Response:
        """Answers 200 whatever happens, as robots do; what went wrong is in the body."""
        received = datetime.now(UTC)
        try:
            body = await _body(request)
        except _TooLargeError as error:
            return self._refuse(413, str(error))
        if self._mode != "ok":
            return await self._fail()
        member = self._robots.setdefault((platform.name, key), robot.Robot(platform, key, self.config.secret))
        code = member.take(body, dict(request.query_params), received)
        if code == 0:
            self._inbox.take(
                Entry(
                    channel=f"{platform.name} {key}", key="", received_at=received.isoformat(), body=robot.fields(body)
                )
            )
        else:
            self._inbox.counts.refused += 1
        log.info("robot_message", platform=platform.name, code=code)
        return Response(platform.answer(code), media_type="application/json")

    async def _webpush(self, request: Request) -> Response:
        browser, body = request.path_params["browser"], await _body(request)
        if self._mode != "ok":
            return await self._fail()
        if browser == "gone":
            return self._refuse(410, "The subscription has expired.")
        authorised = request.headers.get("authorization", "").startswith("vapid t=")
        if not authorised or request.headers.get("content-encoding") != "aes128gcm" or "ttl" not in request.headers:
            return self._refuse(400, "This is no Web Push message.")
        received = datetime.now(UTC).isoformat()
        sealed = {"title": "(encrypted)", "size": len(body), "urgency": request.headers.get("urgency", "")}
        self._inbox.take(Entry(channel=f"webpush {browser}", key="", received_at=received, body=sealed))
        return Response(status_code=201)

    def _signed(self, request: Request, body: bytes) -> bool:
        if not self.config.secret:
            return True
        given = request.headers.get("x-mingchu-signature", "").removeprefix("sha256=")
        return hmac.compare_digest(given.encode(), signature(self.config.secret, body).encode())

    def _refuse(self, status: int, why: str) -> Response:
        self._inbox.counts.refused += 1
        return _json(status, Answer(False, why))

    async def _fail(self) -> Response:
        self._inbox.counts.faulted += 1
        mode = self._mode
        if mode == "timeout":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fault_over.wait(), HANG_LIMIT_S)
            return _json(503, Answer(False, "The receiver hung, as told."))
        return _json(int(mode), Answer(False, "The receiver fails, as told."))


class _TooLargeError(Exception):
    """The body is over the limit of 4 MiB."""

    def __str__(self) -> str:
        return "The body is larger than 4 MiB."


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise _TooLargeError
    return bytes(body)


def _json(status: int, value: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Receive until interrupted; the exit status says whether that began."""
    parser = argparse.ArgumentParser(prog="python -m simulators.receiver", description="Receive and show pushes.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=port_number, default=8900, help="TCP port; 0 takes a free one (default: %(default)s)"
    )
    parser.add_argument("--secret", default="", help="refuse pushes that are not signed with it")
    parser.add_argument("--journal", type=Path, help="append each delivery to this file, as JSON lines")
    options = parser.parse_args(arguments)
    try:
        uvloop.run(_serve(ReceiverConfig(options.host, options.port, options.secret, options.journal)))
    except (ListeningError, OSError, msgspec.DecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _serve(config: ReceiverConfig) -> None:
    receiver = PushReceiver(config)
    await receiver.open()
    try:
        print(receiver.url, flush=True)
        await interrupted()
    finally:
        await receiver.close()


if __name__ == "__main__":
    log_to_stderr()
    sys.exit(main())
