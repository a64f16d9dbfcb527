"""Channels: their addresses, and their quiet hours."""

from datetime import UTC, datetime, time

import pytest

from domain.channel import ChannelKind, fits, quiet_until

ZONE = "Asia/Shanghai"  # UTC+8


@pytest.mark.parametrize(
    "kind,url,good",
    [
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", True),
        (ChannelKind.WECOM, "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", False),
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com.evil.example/send?key=k", False),
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com@evil.example/send?key=k", False),
        (ChannelKind.WECOM, "https://qyapi.weixin.qq.com:8443/send?key=k", False),
        (ChannelKind.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=t", True),
        (ChannelKind.FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/h", True),
        (ChannelKind.FEISHU, "https://oapi.dingtalk.com/robot/send", False),
        (ChannelKind.WEBHOOK, "https://hooks.example/x", True),
        (ChannelKind.WEBHOOK, "file:///etc/passwd", False),
        (ChannelKind.WEBHOOK, "http://[::1", False),
        (ChannelKind.EMAIL, "mailto:wang.min+alerts@example.com", True),
        (ChannelKind.EMAIL, "mailto:a@b.example?bcc=c@d.example", False),
        (ChannelKind.EMAIL, "mailto:a@b.example,c@d.example", False),
        (ChannelKind.EMAIL, "mailto:a@b.example\r\nBcc: c@d.example", False),
        (ChannelKind.EMAIL, "wang@example.com", False),
    ],
)
def test_an_address_belongs_to_its_kind(kind: ChannelKind, url: str, good: bool) -> None:
    assert fits(kind, url) is good


@pytest.mark.parametrize(
    "clock,want",
    [
        (datetime(2026, 3, 1, 13, 59, tzinfo=UTC), None),  # 21:59 there
        (datetime(2026, 3, 1, 14, 0, tzinfo=UTC), datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 20, 0, tzinfo=UTC), datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
        (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_go_past_midnight(clock: datetime, want: datetime | None) -> None:
    assert quiet_until(clock, time(22), time(7), ZONE) == want


def test_quiet_hours_within_a_day_and_none() -> None:
    noon = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    assert quiet_until(noon, time(12), time(13), ZONE) == datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
    assert quiet_until(noon, None, None, ZONE) is None
    assert quiet_until(noon, time(12), time(12), ZONE) is None
