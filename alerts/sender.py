"""A message to its channel, the way that kind of channel is spoken to."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx
import msgspec

from alerts import call, mail, message, robot, thumbnail, webhook, webpush
from alerts.call import Request, Response
from alerts.config import AlertsConfig
from alerts.message import Message
from alerts.outcome import Outcome, Refused
from alerts.webpush import Vapid
from domain.channel import ROBOTS, TEXT_BYTES, ChannelKind
from domain.enclosure import Enclosure
from domain.severity import Severity
from store.pushes import DuePush


class _Notification(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the console's service worker shows."""

    push: str
    title: str
    text: str
    url: str
    severity: int
    action_url: str | None = None


class Sender:
    """Composes and sends; what an answer means is each kind's own matter."""

    def __init__(self, config: AlertsConfig, http: httpx.AsyncClient, vapid: Vapid, link_key: bytes) -> None:
        self._config = config
        self._http = http
        self._vapid = vapid
        self._link_key = link_key

    async def send(self, pushes: Sequence[DuePush], enclosed: Enclosure | None = None) -> Outcome:
        """Send the pushes of one message; a mail takes a file along."""
        first, kind = pushes[0], ChannelKind(pushes[0].kind)
        if not first.enabled:
            return Refused("the channel is switched off")
        told = message.compose(pushes, self._config.console_url, self._link_key)
        if kind in ROBOTS:
            words = message.plain(told, TEXT_BYTES[kind])
            response = await self._post(robot.text(kind, first.url, first.secret, words, datetime.now(UTC)))
            return robot.verdict(kind, response) if isinstance(response, Response) else response
        match kind:
            case ChannelKind.EMAIL:
                return await self._mail(first, told, enclosed)
            case ChannelKind.WEBPUSH:
                return await self._webpush(first, told)
            case _:
                request = webhook.request(first.message, first.url, first.secret, message.encode(told))
                response = await self._post(request)
                return _verdict(response)

    async def picture(self, push: DuePush) -> Outcome | None:
        """Send the evidence's thumbnail after a message; None where there is none, or the channel takes none."""
        if push.picture is None or push.kind != ChannelKind.WECOM:
            return None
        jpeg = await asyncio.to_thread(thumbnail.made, self._config.evidence_dir, push.picture)
        if jpeg is None:
            return None
        response = await self._post(robot.image(push.url, jpeg))
        return robot.verdict(ChannelKind.WECOM, response) if isinstance(response, Response) else response

    async def _post(self, request: Request) -> Response | Outcome:
        return await call.post(self._http, request, allow_private=self._config.push_allow_private)

    async def _mail(self, first: DuePush, told: Message, enclosed: Enclosure | None) -> Outcome:
        server = self._config.mail
        if server is None:
            return Refused("no mail server is set (MINGCHU_SMTP_URL)")
        if first.picture is not None and not told.items:
            jpeg = await asyncio.to_thread(thumbnail.made, self._config.evidence_dir, first.picture)
            enclosed = None if jpeg is None else Enclosure("evidence.jpg", "image/jpeg", jpeg)
        words = message.plain(told, TEXT_BYTES[ChannelKind.EMAIL])
        letter = mail.Letter(first.url.removeprefix("mailto:"), told.title, words, first.message, told.at, enclosed)
        return await mail.send(server, letter)

    async def _webpush(self, first: DuePush, told: Message) -> Outcome:
        text = message.clip(told.text, TEXT_BYTES[ChannelKind.WEBPUSH])
        shown = _Notification(
            str(first.id), message.clip(told.title, 400), text, told.url, told.severity, told.action_url
        )
        urgent = first.severity == Severity.I
        now = datetime.now(UTC)
        try:
            body = msgspec.json.encode(shown)
            request = webpush.request(self._vapid, first.url, first.secret, body, now, urgent=urgent)
        except webpush.BadSubscriptionError as error:
            return Refused(str(error))
        response = await self._post(request)
        return webpush.verdict(response) if isinstance(response, Response) else response


def _verdict(response: Response | Outcome) -> Outcome:
    return call.verdict(response.status, response.retry_after) if isinstance(response, Response) else response
