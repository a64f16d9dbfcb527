"""Events on their way: the envelope's bytes, the signature as the specification has it, and what an answer means."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import deliverer, envelope, retry
from alerts.call import Response
from alerts.outcome import Gone, Outcome, Refused, Sent, TryAgain
from domain import webhook
from domain.webhook import RATE
from store.deliveries import Delivery, DueWebhook

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
ONE = Delivery(5, 3, UUID(int=7), "alert.opened", NOW, "alerts/17", '{"alert": 17, "why": "超温"}', 1, NOW)
HOOK = DueWebhook(3, "https://x/", "whsec_AAAA", None, None, NOW, 0, NOW)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification's own libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = envelope.signature([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    both = envelope.signature([webhook.new_secret(), secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                              b'{"test": 2432232314}')  # fmt: skip
    assert both.split()[1] == made
    assert both.split()[0] != made


def test_the_envelope_is_a_cloud_event_and_the_same_at_each_attempt() -> None:
    first = envelope.request(ONE, "https://x/", HOOK.secrets, "https://console/", NOW)
    again = envelope.request(replace(ONE, tries=2), "https://x/", HOOK.secrets, "https://console", NOW + timedelta(60))
    assert first.body == again.body
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == str(UUID(int=7))
    assert first.headers["webhook-signature"] != again.headers["webhook-signature"]  # another time is signed
    assert json.loads(first.body) == {
        "specversion": "1.0", "id": str(UUID(int=7)), "source": "https://console", "type": "mingchu.alert.opened",
        "subject": "alerts/17", "time": "2026-03-01T04:00:00Z", "datacontenttype": "application/json",
        "data": {"alert": 17, "why": "超温"},
    }  # fmt: skip


@pytest.mark.parametrize(
    "status,want",
    [(200, Sent()), (204, Sent()), (302, TryAgain("HTTP 302: redirects are not followed")), (401, TryAgain("HTTP 401")),
     (404, TryAgain("HTTP 404")), (503, TryAgain("HTTP 503"))],
)  # fmt: skip
def test_only_410_is_the_last_word(status: int, want: Outcome) -> None:
    assert deliverer.verdict(Response(status, "", b"")) == want
    assert isinstance(deliverer.verdict(Response(410, "", b"")), Gone)


def test_what_has_waited_for_two_days_is_given_up() -> None:
    late = NOW + retry.GIVE_UP
    assert deliverer.settle(ONE, TryAgain("w"), late - timedelta(seconds=1)) == TryAgain("w")
    assert deliverer.settle(ONE, TryAgain("w"), late) == Refused("given up after 48 h: w")
    assert deliverer.settle(ONE, Sent(), late) == Sent()


@given(st.floats(0, 50), st.floats(-1e6, 1e6))
def test_a_bucket_never_holds_more_than_it_can_nor_loses_by_a_clock(tokens: float, seconds: float) -> None:
    hook = replace(HOOK, tokens=tokens, now=NOW + timedelta(seconds=seconds))
    assert min(tokens, RATE.capacity) <= deliverer.refilled(hook) <= RATE.capacity
    assert deliverer.refilled(HOOK) == RATE.capacity


def test_secrets_are_long_and_never_the_same() -> None:
    one, other = webhook.new_secret(), webhook.new_secret()
    assert one != other
    assert len(webhook.key(one)) == 32
