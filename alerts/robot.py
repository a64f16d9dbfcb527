"""Group robots of WeCom, DingTalk and Feishu: their bodies and signatures, and what their answers mean.

All three answer HTTP 200 and say in the body how it went: https://developer.work.weixin.qq.com/document/path/91770,
https://open.dingtalk.com/document/orgapp/custom-robot-access, https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote_plus

import msgspec

from alerts import call
from alerts.call import Request, Response
from alerts.outcome import Gone, Outcome, Refused, Sent, TryAgain
from domain.channel import ChannelKind

IMAGE_BYTES = 2 * 1024 * 1024  # WeCom, before base64
_JSON = {"Content-Type": "application/json; charset=utf-8"}

# Too fast, with the seconds to wait: a minute's window; DingTalk shuts the robot out for ten minutes (DOMAIN §6).
_TOO_FAST: dict[ChannelKind, dict[int, float]] = {
    ChannelKind.WECOM: {45009: 60.0, 45033: 5.0},
    ChannelKind.DINGTALK: {130101: 600.0, 90018: 60.0},
    ChannelKind.FEISHU: {11232: 60.0, 11233: 60.0, 9499: 60.0},
}
_BUSY: dict[ChannelKind, frozenset[int]] = {
    ChannelKind.WECOM: frozenset({-1}),
    ChannelKind.DINGTALK: frozenset({-1}),
    ChannelKind.FEISHU: frozenset({-1}),
}
# The robot was taken out of its group, or its key was changed.
_GONE: dict[ChannelKind, frozenset[int]] = {
    ChannelKind.WECOM: frozenset({93000, 93004, 93008, 93017}),
    ChannelKind.DINGTALK: frozenset({300001, 400101, 400102, 400106}),
    ChannelKind.FEISHU: frozenset({19001, 11202}),
}


class _Answer(msgspec.Struct):
    """WeCom and DingTalk say `errcode`, Feishu `code`."""

    errcode: int | None = None
    errmsg: str = ""
    code: int | None = None
    msg: str = ""


def text(kind: ChannelKind, url: str, secret: str, words: str, now: datetime) -> Request:
    """A text message, signed as the robot's group demands it when there is a secret."""
    if kind is ChannelKind.FEISHU:
        return _request(url, {**_feishu_sign(secret, now), "msg_type": "text", "content": {"text": words}})
    body = {"msgtype": "text", "text": {"content": words}}
    return _request(_dingtalk_signed(url, secret, now) if kind is ChannelKind.DINGTALK else url, body)


def image(url: str, jpeg: bytes) -> Request:
    """A picture for a WeCom robot; at most IMAGE_BYTES."""
    digest = hashlib.md5(jpeg, usedforsecurity=False).hexdigest()
    return _request(
        url, {"msgtype": "image", "image": {"base64": base64.b64encode(jpeg).decode("ascii"), "md5": digest}}
    )


def _request(url: str, body: Mapping[str, object]) -> Request:
    return Request(url, _JSON, msgspec.json.encode(body))


def _dingtalk_signed(url: str, secret: str, now: datetime) -> str:
    if not secret:
        return url
    stamp = str(int(now.timestamp() * 1000))
    mac = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={stamp}&sign={quote_plus(base64.b64encode(mac))}"


def _feishu_sign(secret: str, now: datetime) -> dict[str, str]:
    if not secret:
        return {}
    stamp = str(int(now.timestamp()))
    mac = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()  # the key is what is signed; so they do
    return {"timestamp": stamp, "sign": base64.b64encode(mac).decode("ascii")}


def verdict(kind: ChannelKind, response: Response) -> Outcome:
    """What the answer means, by the code in its body."""
    outcome = call.verdict(response.status, response.retry_after)
    if not isinstance(outcome, Sent):
        return outcome
    try:
        answer = msgspec.json.decode(response.body, type=_Answer)
    except msgspec.DecodeError:
        return Refused("the answer is not a robot's")
    code = answer.code if kind is ChannelKind.FEISHU else answer.errcode
    return Refused("the answer has no code") if code is None else _of_code(kind, code, answer.errmsg or answer.msg)


def _of_code(kind: ChannelKind, code: int, said: str) -> Outcome:
    why = f"{code}: {said[:200]}" if said else str(code)
    if code == 0:
        return Sent()
    if code in _TOO_FAST[kind]:
        return TryAgain(why, _TOO_FAST[kind][code], apart=True)
    if code in _BUSY[kind]:
        return TryAgain(why)
    return Gone(why) if code in _GONE[kind] else Refused(why)
