"""Reports that are sent by schedule: once, with their file and their signed link, for those who may read them."""

import asyncio
import base64
import email
import email.policy
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import psycopg

from alerts import pusher, reporting
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.mail import MailServer
from api import report_file
from domain.period import Span, closed
from store.connection import ServiceRole, connect
from tests import alert_world
from tests.console_client import Console, console
from tests.console_world import now
from tests.mailbox import mailbox
from tests.servers import wait_for


@asynccontextmanager
async def _pushing(dsn: str, mail: MailServer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    config = AlertsConfig(dsn, "https://console", Path(), True, mail, report_file.enclosed)
    task = asyncio.create_task(pusher.push(config, Counters(), stop))
    try:
        yield
    finally:
        stop.set()
        await task


def _mail_channel(house: Console, login: str, name: str) -> int:
    """An e-mail channel of that person's side."""
    return alert_world.count(
        house.world.dsn,
        "INSERT INTO channel (operator_id, authority, kind, url, secret, name) SELECT operator_id, authority, 'email',"
        " %s, '', %s FROM person WHERE login = %s RETURNING id",
        (f"mailto:{name}@city.example", name, login),
    )


async def _day_ends(house: Console) -> None:
    """The subscriptions are older than the newest closed periods, and the job comes by."""
    with psycopg.connect(house.world.dsn) as connection:
        connection.execute("UPDATE report_subscription SET since = since - interval '40 days'")
    async with await connect(house.world.dsn, ServiceRole.ALERTS, autocommit=True) as connection:
        await reporting.keep(connection, now())


async def _all_sent(dsn: str) -> None:
    query = "SELECT (count(*) FILTER (WHERE sent IS NULL) = 0)::int FROM push WHERE report_id IS NOT NULL"
    await asyncio.to_thread(wait_for, lambda: alert_world.count(dsn, query) == 1)


def _texts(pdf: bytes) -> bytes:
    """What a PDF's pages draw, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S)
    drawn = b"".join(zlib.decompress(base64.a85decode(one.strip().removesuffix(b"~>"))) for one in streams)
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), drawn)


async def test_a_subscriber_gets_each_report_once_whatever_restarts(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        mine, theirs = _mail_channel(house, "yuexiu", "li"), _mail_channel(house, "canteen", "wang")
        site = str(house.world.sites["canteen-1"])
        async with house.as_("yuexiu") as client:
            answer = await client.post(
                "/reports/subscriptions", data={"span": "day", "channel": mine, "attached": "pdf"}
            )
            assert answer.headers["location"] == "/reports?done=subscribed"
            assert "等待本周期结束" in (await client.get("/reports?done=subscribed")).text
        async with house.as_("canteen") as client:
            wish = {"span": "week", "channel": theirs, "site": site, "attached": "xlsx"}
            assert (await client.post("/reports/subscriptions", data=wish)).status_code == 303
        async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            await reporting.keep(connection, now())
        assert alert_world.count(dsn, "SELECT count(*) FROM push WHERE report_id IS NOT NULL") == 0, "closed before"
        async with mailbox() as (server, mails):
            for _ in range(2):  # the second time after a restart of both
                await _day_ends(house)
                async with _pushing(dsn, server):
                    await _all_sent(dsn)
        found = {one["To"]: one for one in (_parsed(mail) for mail in mails)}
        assert sorted(found) == ["li@city.example", "wang@city.example"]
        assert len(mails) == 2, "each once"
        yesterday = closed(Span.DAY, now()).first
        assert found["li@city.example"]["Subject"] == f"【日报】越秀区市场监督管理局 {yesterday}"
        (pdf,) = found["li@city.example"].iter_attachments()
        (sheet,) = found["wang@city.example"].iter_attachments()
        assert (pdf.get_content_type(), str(sheet.get_filename())[-5:]) == ("application/pdf", ".xlsx")
        await _read_by_link(house, found["li@city.example"], pdf.get_content())
        async with house.as_("yuexiu") as client:
            page = (await client.get("/reports")).text
            assert "已发送" in page
            assert "已打开" in page


def _parsed(mail: str) -> EmailMessage:
    made = email.message_from_string(mail.replace("\r\n.\r\n", "\r\n"), policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


async def _read_by_link(house: Console, mail: EmailMessage, pdf: bytes) -> None:
    """The link needs no login, opens that report alone, gives the same bytes, and ends with the subscription."""
    body = mail.get_body()
    assert body is not None
    (link,) = re.findall(r"https://console(/r/[\w-]+)", body.get_content())
    async with house.visitor() as client:
        page = await client.get(link)
        assert (page.status_code, "越秀区市场监督管理局" in page.text) == (200, True)
        assert [(await client.get(f"{link}/pdf")).content for _ in range(2)] == [pdf, pdf]
        assert "日报".encode("utf-16-be") in _texts(pdf)
        assert b"/STSong-Light" in pdf
        assert b"/FontFile" not in pdf
        assert (await client.get(f"{link}/xlsx")).status_code == 200
        forged = link[:-4] + ("A" if link[-4] != "A" else "B") + link[-3:]
        assert (await client.get(forged)).status_code == 404
    with psycopg.connect(house.world.dsn, autocommit=True) as connection:
        connection.execute("UPDATE push SET created = now() - interval '15 days' WHERE subscription_id IS NOT NULL")
        async with house.visitor() as client:
            assert (await client.get(link)).status_code == 410
        connection.execute("UPDATE push SET created = now()")
        async with house.as_("yuexiu") as client:
            ended = connection.execute("SELECT id FROM report_subscription WHERE attached = 'pdf'").fetchone()
            assert ended is not None
            again = {"span": "day", "channel": _mail_channel(house, "yuexiu", "zhao"), "site": ""}
            assert (await client.post("/reports/subscriptions", data=again)).status_code == 303
        async with house.visitor() as client:
            assert (await client.get(link)).status_code == 200
            connection.execute("UPDATE report_subscription SET ended = now() WHERE id = %s", ended)
            assert (await client.get(link)).status_code == 410
            connection.execute("UPDATE report_subscription SET ended = NULL WHERE id = %s", ended)


async def test_nobody_is_sent_what_the_people_behind_the_channel_may_not_read(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        district, foreign = _mail_channel(house, "yuexiu", "li"), _mail_channel(house, "tianhe", "zhou")
        robot = alert_world.count(dsn, "SELECT id FROM channel WHERE authority = 'gz.yx' AND kind = 'webhook'")
        async with house.as_("admin") as client:
            city = await client.post("/reports/subscriptions", data={"span": "day", "channel": district})
            assert (city.status_code, "无权查看" in city.text) == (422, True)
            site = {"span": "day", "channel": foreign, "site": str(house.world.sites["canteen-1"])}
            assert (await client.post("/reports/subscriptions", data=site)).status_code == 422
            file = {"span": "day", "channel": robot, "site": site["site"], "attached": "pdf"}
            assert "只有邮件渠道" in (await client.post("/reports/subscriptions", data=file)).text
            assert (await client.post("/reports/subscriptions", data={**file, "attached": ""})).status_code == 303
        async with house.as_("tianhe") as client:
            assert (await client.post("/reports/subscriptions", data={**site, "channel": district})).status_code == 404
            assert alert_world.count(dsn, "SELECT count(*) FROM report_subscription WHERE ended IS NULL") == 1
            (number,) = alert_world.rows(dsn, "SELECT id FROM report_subscription")[0]
            assert (await client.post(f"/reports/subscriptions/{number}/end")).status_code == 404
        async with house.as_("yuexiu") as client:
            assert (await client.post(f"/reports/subscriptions/{number}/end")).status_code == 303
            assert (await client.post(f"/reports/subscriptions/{number}/end")).status_code == 404


async def test_what_is_refused_stays_visible_and_is_never_told_with_others(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        lost = _mail_channel(house, "yuexiu", "nobody")
        async with house.as_("yuexiu") as client:
            for span in Span:
                wish = {"span": span.value, "channel": lost}
                assert (await client.post("/reports/subscriptions", data=wish)).status_code == 303
        await _day_ends(house)
        async with mailbox() as (server, mails), _pushing(dsn, server):
            query = "SELECT count(*) FROM push WHERE report_id IS NOT NULL AND failed IS NOT NULL"
            await asyncio.to_thread(wait_for, lambda: alert_world.count(dsn, query) == 3)
        assert mails == []
        assert alert_world.count(dsn, "SELECT count(DISTINCT message) FROM push WHERE report_id IS NOT NULL") == 3
        async with house.as_("yuexiu") as client:
            page = (await client.get("/reports")).text
            assert "发送失败：SMTP 550" in page
            assert "渠道已停用" in page
