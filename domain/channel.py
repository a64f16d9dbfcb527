"""Channels: the kinds of ways to a recipient, what each may carry, and which addresses belong to it."""

import re
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.budget import Allowance, Bucket

_MAIL = re.compile(r"mailto:[A-Za-z0-9._+'-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
DEAD_AFTER = 5  # final refusals in a row


class ChannelKind(StrEnum):
    """How a channel is spoken to."""

    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    EMAIL = "email"
    WEBPUSH = "webpush"


ROBOTS = frozenset({ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU})

# A robot's address says which robot it is, and nobody else's server is sent what only they should see.
HOSTS: dict[ChannelKind, frozenset[str]] = {
    ChannelKind.WECOM: frozenset({"qyapi.weixin.qq.com"}),
    ChannelKind.DINGTALK: frozenset({"oapi.dingtalk.com"}),
    ChannelKind.FEISHU: frozenset({"open.feishu.cn", "open.larksuite.com"}),
}

# DOMAIN §6. In any minute at most the capacities and a minute's refill: WeCom and DingTalk 8 + 12 of their 20; Feishu
# 4 + 60 of its 100, and in any second 4 + 1 of its 5. The others publish none: these spare the reader.
ALLOWANCES: dict[ChannelKind, Allowance] = {
    ChannelKind.WEBHOOK: Allowance(Bucket(20, 12 / 60), Bucket(20, 5)),
    ChannelKind.WECOM: Allowance(Bucket(4, 4 / 60), Bucket(4, 8 / 60)),
    ChannelKind.DINGTALK: Allowance(Bucket(4, 4 / 60), Bucket(4, 8 / 60)),
    ChannelKind.FEISHU: Allowance(Bucket(2, 12 / 60), Bucket(2, 48 / 60)),
    ChannelKind.EMAIL: Allowance(Bucket(5, 4 / 60), Bucket(10, 1)),
    ChannelKind.WEBPUSH: Allowance(Bucket(5, 6 / 60), Bucket(10, 2)),
}

# Bytes of a message's text in UTF-8 (DOMAIN §6; Web Push: 4,096 of ciphertext, RFC 8291 §4).
TEXT_BYTES: dict[ChannelKind, int] = {
    ChannelKind.WECOM: 2_048,
    ChannelKind.DINGTALK: 18_000,
    ChannelKind.FEISHU: 18_000,
    ChannelKind.EMAIL: 100_000,
    ChannelKind.WEBPUSH: 2_000,
}


def fits(kind: ChannelKind, url: str) -> bool:
    """Whether `url` is an address that this kind of channel can have."""
    if kind is ChannelKind.EMAIL:
        return _MAIL.fullmatch(url) is not None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    return kind not in HOSTS or (parts.scheme == "https" and host in HOSTS[kind] and parts.port in (None, 443))


def quiet_until(now: datetime, begin: time | None, end: time | None, timezone: str) -> datetime | None:
    """When the quiet hours that `now` lies in are over; None outside them. They may go past midnight."""
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(ZoneInfo(timezone))
    clock = local.time()
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not inside:
        return None
    over = local.replace(hour=end.hour, minute=end.minute, second=end.second, microsecond=0)
    return over if over > local else over + timedelta(days=1)
