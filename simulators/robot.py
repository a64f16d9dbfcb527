"""Group robots as their platforms run them: what they take, how fast, and the codes with which they refuse."""

import base64
import hashlib
import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import msgspec

GONE_KEY = "gone"  # a robot that was taken out of its group
SIGNED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's limits (count, seconds), how long it shuts out who exceeds them, and its codes."""

    name: Literal["wecom", "dingtalk", "feishu"]
    limits: tuple[tuple[int, float], ...]
    shut_s: float
    text_bytes: int
    too_fast: int
    gone: int
    malformed: int
    too_long: int
    unsigned: int

    def answer(self, code: int) -> bytes:
        """The body of its answer."""
        said = "ok" if code == 0 else _SAID.get(code, "refused")
        if self.name == "feishu":
            return msgspec.json.encode({"code": code, "msg": "success" if code == 0 else said, "data": {}})
        return msgspec.json.encode({"errcode": code, "errmsg": said})


WECOM = Platform("wecom", ((20, 60.0),), 0.0, 2048, 45009, 93000, 40008, 40058, 93000)
DINGTALK = Platform("dingtalk", ((20, 60.0),), 600.0, 20_000, 130101, 300001, 40035, 460101, 310000)
FEISHU = Platform("feishu", ((100, 60.0), (5, 1.0)), 0.0, 20_000, 11232, 19001, 9499, 11246, 19021)
_SAID = {
    45009: "api freq out of limit",
    93000: "invalid webhook url",
    40058: "content exceed max length",
    130101: "send too fast, exceed 20 times per minute",
    300001: "token is not exist",
    310000: "sign not match",
    11232: "frequency limited",
    19001: "param invalid: incoming webhook access token invalid",
    19021: "sign match fail or timestamp is not within one hour from current time",
}


@dataclass(slots=True)
class Robot:
    """One robot in one group. With a secret it demands signatures, where its platform has any."""

    platform: Platform
    key: str
    secret: str = ""
    _times: deque[datetime] = field(default_factory=lambda: deque(maxlen=200))
    _shut_until: datetime | None = None

    def take(self, body: bytes, query: Mapping[str, str], now: datetime) -> int:
        """The code that it answers with; 0 when it shows the message."""
        if not self.key or self.key == GONE_KEY:
            return self.platform.gone
        if self._too_fast(now):
            return self.platform.too_fast
        message = fields(body)
        if not self._signed(message, query, now):
            return self.platform.unsigned
        return self._shown(message, body)

    def _shown(self, message: Mapping[str, object], body: bytes) -> int:
        kind = message.get("msg_type" if self.platform.name == "feishu" else "msgtype")
        if kind == "image" and self.platform.name == "wecom":
            return 0
        part = message.get("content" if self.platform.name == "feishu" else "text")
        words = part.get("text" if self.platform.name == "feishu" else "content") if isinstance(part, Mapping) else None
        if kind != "text" or not isinstance(words, str) or not words:
            return self.platform.malformed
        size = len(words.encode()) if self.platform.name == "wecom" else len(body)
        return self.platform.too_long if size > self.platform.text_bytes else 0

    def _too_fast(self, now: datetime) -> bool:
        if self._shut_until is not None and now < self._shut_until:
            return True
        for count, seconds in self.platform.limits:
            if sum(now - at < timedelta(seconds=seconds) for at in self._times) >= count:
                self._shut_until = now + timedelta(seconds=self.platform.shut_s)
                return True
        self._times.append(now)
        return False

    def _signed(self, message: Mapping[str, object], query: Mapping[str, str], now: datetime) -> bool:
        if not self.secret or self.platform.name == "wecom":
            return True
        feishu = self.platform.name == "feishu"
        given: Mapping[str, object] = message if feishu else query
        stamp, sign = str(given.get("timestamp", "")), str(given.get("sign", ""))
        if not stamp.isdecimal() or abs(now.timestamp() - int(stamp) / (1 if feishu else 1000)) > SIGNED_WITHIN.seconds:
            return False
        text = f"{stamp}\n{self.secret}".encode()
        mac = hmac.new(text, b"", hashlib.sha256) if feishu else hmac.new(self.secret.encode(), text, hashlib.sha256)
        return hmac.compare_digest(base64.b64encode(mac.digest()).decode(), sign)


def fields(body: bytes) -> dict[str, object]:
    """The message's fields; none where it is no JSON object."""
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except msgspec.DecodeError:
        return {}
