"""The pusher against robots, a browser's push service and a mail server that behave as the real ones do."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts import call, pusher, robot
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.decider import Decider
from alerts.mail import MailServer
from domain.channel import ChannelKind
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from simulators.receiver import PushReceiver, ReceiverConfig
from store.connection import connect
from tests import alert_world as world
from tests.mailbox import mailbox
from tests.servers import wait_for

SECRET = "a shared secret"
GRAVE = Rule("grave", 1, RuleKind.EVENT, "困人：{subject}", "Trapped: {subject}", Severity.I, "test", codes=("9",))
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key=k",
    "dingtalk": "/robot/send?access_token=k",
    "feishu": "/open-apis/bot/v2/hook/k",
}
BROWSER = (  # an example of RFC 8291, appendix A
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4.BTBZMqHH6r4Tts7J_aSIgg"
)


@asynccontextmanager
async def receiving() -> AsyncIterator[PushReceiver]:
    receiver = PushReceiver(ReceiverConfig(port=0, secret=SECRET))
    await receiver.open()
    try:
        yield receiver
    finally:
        await receiver.close()


@asynccontextmanager
async def pushing(dsn: str, mail: MailServer | None = None) -> AsyncIterator[None]:
    stop = asyncio.Event()
    config = AlertsConfig(dsn, "https://console", Path(), push_allow_private=True, mail=mail)
    task = asyncio.create_task(pusher.push(config, Counters(), stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _raise(dsn: str, rule: Rule, *devices: int) -> None:
    async with await connect(dsn, autocommit=True) as ingest, await world.as_engine(dsn) as connection:
        for device in devices:
            await world.signal(ingest, rule, device, True)
        await Decider(connection, Counters()).signals()


def _channel(dsn: str, kind: str, url: str, secret: str = SECRET) -> int:
    return world.count(
        dsn,
        "INSERT INTO channel (operator_id, kind, url, secret, person_id) SELECT operator_id, %s, %s, %s,"
        " CASE WHEN %s = 'webpush' THEN id END FROM person WHERE login = 'mine' RETURNING id",
        (kind, url, secret, kind),
    )


async def _until(dsn: str, query: str) -> None:
    await asyncio.to_thread(wait_for, lambda: world.count(dsn, query) == 1)


@pytest.mark.parametrize("kind", PATHS)
async def test_a_robot_takes_a_storm_without_ever_saying_too_fast(dsn: str, kind: str) -> None:
    async with receiving() as receiver:
        town = await world.build(dsn, devices=40, more_rules=[GRAVE])
        _channel(dsn, kind, receiver.url + PATHS[kind])
        async with pushing(dsn):
            await _raise(dsn, world.BROKEN, *town.devices[:10])
            await _raise(dsn, GRAVE, *town.devices[:3])
            await _raise(dsn, world.BROKEN, *town.devices[10:])
            await _until(dsn, "SELECT (count(*) = 3)::int FROM push JOIN alert ON alert.id = alert_id"
                              " WHERE severity = 1 AND sent IS NOT NULL")  # fmt: skip
            await _until(dsn, "SELECT (count(*) >= 10)::int FROM push JOIN alert ON alert.id = alert_id"
                              " WHERE severity = 3 AND sent IS NOT NULL")  # fmt: skip
        assert receiver.counts.refused == 0
        assert receiver.counts.pushes <= 8
        words = [json.dumps(push.body, ensure_ascii=False) for push in receiver.pushes]
        assert sum("困人" in text for text in words) == 3
        assert all("https://console/a/" in text for text in words if "困人" in text)
        assert any("【汇总】" in text for text in words)


async def test_a_robot_that_is_shut_out_is_left_alone_for_its_ten_minutes(dsn: str) -> None:
    async with receiving() as receiver:
        town = await world.build(dsn)
        url = receiver.url + PATHS["dingtalk"]
        channel = _channel(dsn, "dingtalk", url)
        async with call.client() as http:
            for _ in range(21):  # somebody else's program speaks through the same robot
                wild = robot.text(ChannelKind.DINGTALK, url, SECRET, "x", datetime.now(UTC))
                await call.post(http, wild, allow_private=True)
        async with pushing(dsn):
            await _raise(dsn, world.BROKEN, town.devices[0])
            await _until(dsn, "SELECT count(*) FROM push WHERE last_error LIKE '130101%%'")
        assert world.rows(
            dsn, "SELECT next_try > now() + interval '9 minutes', ordinary_after > now() + interval '9 minutes'"
            " FROM push JOIN channel ON channel.id = channel_id WHERE channel.id = %s", (channel,),
        ) == [(True, True)]  # fmt: skip


async def test_a_robot_out_of_its_group_is_given_up_at_once_and_the_next_channel_tells(dsn: str) -> None:
    async with receiving() as receiver:
        town = await world.build(dsn)
        gone = _channel(dsn, "wecom", f"{receiver.url}/cgi-bin/webhook/send?key=gone")
        second = _channel(dsn, "feishu", receiver.url + PATHS["feishu"])
        world.rows(dsn, "UPDATE channel SET rank = 2 WHERE id = %s RETURNING id", (second,))
        async with pushing(dsn):
            await _raise(dsn, world.BROKEN, town.devices[0])
            await _until(dsn, "SELECT count(*) FROM push WHERE sent IS NOT NULL AND instead_of IS NOT NULL")
        assert world.rows(dsn, "SELECT id, last_error FROM channel WHERE dead IS NOT NULL") == [
            (gone, "93000: invalid webhook url")
        ]


async def test_a_browser_gets_sealed_messages_until_it_gives_up_its_subscription(dsn: str) -> None:
    async with receiving() as receiver:
        town = await world.build(dsn, devices=2)
        _channel(dsn, "webpush", f"{receiver.url}/webpush/one", BROWSER)
        lost = _channel(dsn, "webpush", f"{receiver.url}/webpush/gone", BROWSER)
        async with pushing(dsn):
            await _raise(dsn, world.BROKEN, town.devices[0])
            await _until(dsn, "SELECT count(*) FROM channel WHERE removed IS NOT NULL")
            await _raise(dsn, world.BROKEN, town.devices[1])
            await _until(dsn, "SELECT (count(*) = 2)::int FROM push WHERE sent IS NOT NULL")
        assert world.rows(dsn, "SELECT id FROM channel WHERE removed IS NOT NULL") == [(lost,)]
        assert [push.channel for push in receiver.pushes] == ["webpush one"] * 2


async def test_a_mail_is_handed_in_and_an_unknown_mailbox_is_the_end(dsn: str) -> None:
    town = await world.build(dsn)
    _channel(dsn, "email", "mailto:wang@canteen.example", "")
    unknown = _channel(dsn, "email", "mailto:nobody@canteen.example", "")
    async with mailbox() as (server, mails), pushing(dsn, server):
        await _raise(dsn, world.BROKEN, town.devices[0])
        await _until(dsn, "SELECT (count(*) = 1 AND count(failed) = 0)::int FROM push WHERE sent IS NOT NULL")
        await _until(dsn, "SELECT count(*) FROM channel WHERE dead IS NOT NULL")
    (mail,) = mails
    assert "To: wang@canteen.example" in mail
    assert "Auto-Submitted: auto-generated" in mail
    assert world.rows(dsn, "SELECT id FROM channel WHERE dead IS NOT NULL") == [(unknown,)]
