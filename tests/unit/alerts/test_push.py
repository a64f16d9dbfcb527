"""Pushes without a network: the retry policy, what a status means, where a push may go, and what it says."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import address, call, message, outcome, pusher, retry
from alerts.counters import EVERY_S, Counters
from store.pushes import DuePush

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def due(
    *, reason: str = "raised", lang: str = "zh", tries: int = 1, why: str = "air_temp=-9.3, defrost=0", remark: str = ""
) -> DuePush:
    return DuePush(
        id=UUID(int=7), message=UUID(int=7), alert_id=12, channel_id=1, reason=reason, created=NOW, tries=tries,
        kind="webhook", url="https://x/", secret="s",
        lang=lang, enabled=True, to_operator=True, severity=2, due=NOW + timedelta(hours=2), began=NOW, why=why,
        rule_zh="{subject}过热", rule_en="Too warm", site_zh="一号{库}", site_en="Store 1",
        subject_zh="冷冻间", subject_en="Freezer",
        timezone="Asia/Shanghai", remark=remark, picture="ab",
        glossary='{"predicate": "air_temp > -15 and not defrost"}',
    )  # fmt: skip


def test_delays_grow_from_a_second_to_five_minutes() -> None:
    delays = [retry.push_delay(tries, luck=0.0) for tries in range(1, 14)]
    assert delays[:4] == [1.0, 2.0, 4.0, 8.0]
    assert all(one <= other for one, other in pairwise(delays))
    assert retry.push_delay(1000, luck=1.0) == retry.LONGEST_S


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_every_delay_is_between_a_second_and_five_minutes(tries: int, luck: float) -> None:
    assert 1.0 <= retry.push_delay(tries, luck=luck) <= 300.0


@pytest.mark.parametrize(
    "status,want",
    [
        (200, outcome.Sent), (204, outcome.Sent), (301, outcome.Refused), (400, outcome.Refused),
        (404, outcome.Refused),
        (408, outcome.TryAgain), (410, outcome.Refused), (429, outcome.TryAgain), (500, outcome.TryAgain),
        (503, outcome.TryAgain),
    ],
)  # fmt: skip
def test_what_a_status_means(status: int, want: type[object]) -> None:
    assert isinstance(call.verdict(status), want)


def test_a_receiver_may_ask_for_a_pause_but_not_for_ever() -> None:
    assert call.verdict(429, "60") == outcome.TryAgain("HTTP 429", 60.0, apart=True)
    assert call.verdict(503, "999999") == outcome.TryAgain("HTTP 503", 300.0)
    assert call.verdict(503, "Wed, 21 Oct") == outcome.TryAgain("HTTP 503", 0.0)


def test_retries_go_on_for_more_than_a_day_and_end_visibly() -> None:
    later = outcome.TryAgain("HTTP 503")
    assert isinstance(pusher.settle((due(tries=400),), later, NOW + timedelta(hours=24)), outcome.TryAgain)
    assert pusher.settle((due(tries=9),), later, NOW + timedelta(hours=49)) == outcome.Refused(
        "given up after 9 attempts: HTTP 503"
    )


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_of_our_own_networks_are_not_public(text: str) -> None:
    assert not address.is_public(text)


@pytest.mark.parametrize("text", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are(text: str) -> None:
    assert address.is_public(text)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://1.1.1.1/", "gopher://1.1.1.1", "//1.1.1.1", "http://", ""]
)
async def test_only_http_and_https_are_spoken(url: str) -> None:
    with pytest.raises(address.ForbiddenAddressError):
        await address.check(url, allow_private=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1"])
async def test_however_loopback_is_spelled_it_is_refused(host: str) -> None:
    with pytest.raises(address.ForbiddenAddressError):
        await address.check(f"http://{host}/", allow_private=False)


async def test_the_checked_address_is_what_is_connected_to() -> None:
    target = await address.check("https://localhost:8443/hook?key=1", allow_private=True)
    assert target.url.host in {"127.0.0.1", "::1"}
    assert (target.url.port, target.url.raw_path) == (8443, b"/hook?key=1")
    assert (target.host, target.name) == ("localhost:8443", "localhost")
    six = await address.check("http://[2606:4700::1111]/", allow_private=False)
    assert six.url == httpx.URL("http://[2606:4700::1111]/")


def test_a_push_reads_well_in_both_languages() -> None:
    told = message.compose([due()], "https://console/", b"key")
    assert told.title == "【Ⅱ级】冷冻间过热 · 一号{库}"
    assert told.text == (
        "一号{库} 冷冻间：冷冻间过热，始于 2026-03-01 12:00:00。air_temp −9.3，高于 −15；defrost 0。"
        "请在 2026-03-01 14:00:00 前完成整改。"
    )
    assert told.evidence_url == "https://console/api/v1/evidence/ab"
    english = message.compose([due(reason="rejected", lang="en", remark="blurred")], "https://console", b"key")
    assert english.text.endswith("The report was sent back. blurred. Please rectify and report again.")


@pytest.mark.parametrize("reason", ["raised", "rectified", "rejected", "closed", "dismissed"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_turn_has_its_words(reason: str, lang: str) -> None:
    told = message.compose([due(reason=reason, lang=lang, why="", remark="")], "https://console", b"key")
    assert told.title
    assert told.text[-1] in ".。"
    assert b'"turn":"' + reason.encode() in message.encode(told)


def test_counters_are_logged_now_and_then_and_only_when_something_happened() -> None:
    now = 0.0
    counters = Counters(lambda: now)
    counters.add("raised")
    assert not counters.report()
    now = EVERY_S
    assert counters.report()
    now = 3 * EVERY_S
    assert not counters.report()
