"""Kinds of channels without a network: bodies, signatures, and what each platform's answer means."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02

from alerts import mail, message, robot, webpush
from alerts.call import Response
from alerts.outcome import Gone, Outcome, Refused, Sent, TryAgain
from domain.channel import ChannelKind
from domain.enclosure import Enclosure
from simulators import robot as platforms

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
WECOM, DINGTALK, FEISHU = ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU


@pytest.mark.parametrize(
    "kind,body,want",
    [
        (WECOM, {"errcode": 0, "errmsg": "ok"}, Sent()),
        (WECOM, {"errcode": 45009, "errmsg": "freq"}, TryAgain("45009: freq", 60.0, apart=True)),
        (WECOM, {"errcode": 93000, "errmsg": "bad"}, Gone("93000: bad")),
        (WECOM, {"errcode": 40058, "errmsg": "long"}, Refused("40058: long")),
        (WECOM, {"errcode": -1, "errmsg": "busy"}, TryAgain("-1: busy")),
        (DINGTALK, {"errcode": 130101, "errmsg": "fast"}, TryAgain("130101: fast", 600.0, apart=True)),
        (DINGTALK, {"errcode": 310000, "errmsg": "sign"}, Refused("310000: sign")),
        (DINGTALK, {"errcode": 300001, "errmsg": "token"}, Gone("300001: token")),
        (FEISHU, {"code": 0, "msg": "success"}, Sent()),
        (FEISHU, {"code": 11232, "msg": "freq"}, TryAgain("11232: freq", 60.0, apart=True)),
        (FEISHU, {"code": 19001, "msg": "token"}, Gone("19001: token")),
        (FEISHU, {"code": 19021, "msg": "sign"}, Refused("19021: sign")),
        (FEISHU, {"errcode": 0}, Refused("the answer has no code")),
    ],
)
def test_a_robots_answer_is_in_its_body(kind: ChannelKind, body: dict[str, object], want: Outcome) -> None:
    assert robot.verdict(kind, Response(200, "", json.dumps(body).encode())) == want


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errcode": "x"}', b"\xff"])
def test_what_is_no_robots_answer_is_refused(body: bytes) -> None:
    assert isinstance(robot.verdict(WECOM, Response(200, "", body)), Refused)
    assert isinstance(robot.verdict(WECOM, Response(502, "", body)), TryAgain)


@pytest.mark.parametrize(
    "kind,platform,url",
    [(DINGTALK, platforms.DINGTALK, "https://x/robot/send?access_token=k"), (FEISHU, platforms.FEISHU, "https://x/k")],
)
def test_a_signature_holds_for_an_hour_and_for_its_secret(
    kind: ChannelKind, platform: platforms.Platform, url: str
) -> None:
    import httpx

    made = robot.text(kind, url, "secret", "你好", NOW)
    query = dict(httpx.URL(made.url).params)
    assert platforms.Robot(platform, "k", "secret").take(made.body, query, NOW) == 0
    assert platforms.Robot(platform, "k", "another").take(made.body, query, NOW) == platform.unsigned
    late = NOW + timedelta(hours=2)
    assert platforms.Robot(platform, "k", "secret").take(made.body, query, late) == platform.unsigned


@given(st.text(max_size=3000), st.integers(100, 2048))
def test_a_text_is_cut_to_its_bytes_and_never_within_a_letter(text: str, limit: int) -> None:
    cut = message.clip(text.encode(errors="ignore").decode(), limit)
    assert len(cut.encode()) <= limit


def test_a_browser_can_read_what_was_sealed_for_it_and_knows_who_sent_it() -> None:
    private, public = webpush.generate()
    browser = ec.generate_private_key(ec.SECP256R1())
    point = browser.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    keys = f"{base64.urlsafe_b64encode(point).decode().rstrip('=')}.{base64.urlsafe_b64encode(b'0' * 16).decode()}"
    vapid = webpush.Vapid(private, public, "mailto:a@city.example")
    made = webpush.request(vapid, "https://push.example/one", keys, "困人".encode(), NOW, urgent=True)
    opened = http_ece.decrypt(made.body, private_key=browser, auth_secret=b"0" * 16, version="aes128gcm")
    assert opened.decode() == "困人"
    assert made.headers["Urgency"] == "high"
    assert f"k={public}" in made.headers["Authorization"]
    assert Vapid02.verify(made.headers["Authorization"])
    assert webpush.verdict(Response(201, "", b"")) == Sent()
    assert isinstance(webpush.verdict(Response(410, "", b"")), Gone)
    assert isinstance(webpush.verdict(Response(429, "30", b"")), TryAgain)


@pytest.mark.parametrize("keys", ["", "x", "!!.!!", "AAAA.AAAA", "." * 9])
def test_a_browser_with_bad_keys_is_said_so(keys: str) -> None:
    vapid = webpush.Vapid(*webpush.generate(), "mailto:a@city.example")
    with pytest.raises(webpush.BadSubscriptionError):
        webpush.request(vapid, "https://push.example/one", keys, b"x", NOW, urgent=False)


def test_a_mails_headers_are_ours() -> None:
    server = mail.MailServer("mail", 587, "mingchu@city.example")
    words = "困人\r\nBcc: everybody@x.example"
    jpeg = Enclosure("evidence.jpg", "image/jpeg", b"jpeg")
    made = mail.compose(server, mail.Letter("wang@x.example", words, "text", UUID(int=7), NOW, jpeg))
    assert made["Subject"] == "困人 Bcc: everybody@x.example"
    assert made["Bcc"] is None
    assert made["Message-ID"] == f"<{UUID(int=7)}@city.example>"
    assert [part.get_content_type() for part in made.iter_attachments()] == ["image/jpeg"]
