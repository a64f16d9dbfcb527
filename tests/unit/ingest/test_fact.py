"""Event, sale and health rules told as timelines; an edge's item that waits for its scene event."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain import profile
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from domain.wire import CameraHealth, DeviceEvent, EventPhase, Health
from ingest.fact import EventStory, HealthStory, Said
from ingest.inbox import BATCH_MESSAGES, RECEIVE_MAXIMUM, Inbox
from ingest.landing import Place
from ingest.library import profiles
from ingest.message import Message
from ingest.patience import Patience
from ingest.session import Address, BadUrlError, address

BEGIN, END, PULSE = EventPhase.BEGIN, EventPhase.END, EventPhase.PULSE
FAULT = Rule("fault", 1, RuleKind.EVENT, "故障", "Fault", Severity.II, "test", codes=("1", "2"))
DARK = Rule("dark", 1, RuleKind.HEALTH, "黑", "Dark", Severity.III, "test", codes=("BLACK", "OFFLINE"))
LIFT = next(one for one in profiles() if one.code == "elevator-gbt24476")


def at(second: float) -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=second)


def told(story: EventStory, *steps: tuple[float, str, EventPhase]) -> list[tuple[float, bool, bool]]:
    """(second, value, pulse) of each signal."""
    found = []
    for second, code, phase in steps:
        for signal in story.tell(DeviceEvent(at(second), code, phase), at(second), [FAULT]):
            found.append(((signal.time - at(0)).total_seconds(), signal.value, signal.pulse))
    return found


def test_a_fault_holds_until_its_last_code_ends() -> None:
    steps = ((1.0, "1", BEGIN), (2.0, "2", BEGIN), (3.0, "1", END), (4.0, "9", BEGIN), (5.0, "2", END), (6.0, "2", END))
    assert told(EventStory(7, LIFT, {}), *steps) == [(1.0, True, False), (5.0, False, False)]


def test_a_pulse_is_its_own_signal() -> None:
    assert told(EventStory(7, LIFT, {}), (1.0, "1", PULSE), (2.0, "1", PULSE)) == [(1.0, True, True), (2.0, True, True)]


def test_what_is_stored_is_where_the_story_begins() -> None:
    story = EventStory(7, LIFT, {"1": Said(True, at(5)), "2": Said(False, at(5))})
    assert told(story, (4.0, "1", END), (4.0, "2", BEGIN), (6.0, "2", BEGIN), (7.0, "1", END), (8.0, "2", END)) == [
        (8.0, False, False)
    ]


def test_the_reason_names_the_code_and_what_it_means() -> None:
    signal = EventStory(7, LIFT, {}).tell(DeviceEvent(at(0), "1", BEGIN, text="car 2"), at(0), [FAULT])[0]
    assert signal.why == "event 1 (Safety circuit open while running, car 2) began"


def test_health_flips_between_the_rules_codes_and_all_others() -> None:
    story, found = HealthStory(3, "OFFLINE", None), []
    for second, state in (
        (1, Health.OFFLINE),
        (2, Health.BLACK),
        (3, Health.FROZEN),
        (0, Health.BLACK),
        (4, Health.OK),
    ):
        signals = story.tell(CameraHealth("eye", at(second), state, "why"), at(second), [DARK])
        found += [(second, signal.value, signal.why) for signal in signals]
    assert found == [(1, True, "OFFLINE: why"), (3, False, "FROZEN: why")]


def test_an_item_waits_two_minutes_for_its_scene_event() -> None:
    now = 0.0
    patience, place = Patience(lambda: now), Place("box", 1, "5" * 32, 1)
    assert patience.waits(place)
    now = 119.0
    assert patience.waits(place)
    now = 120.0
    assert not patience.waits(place)
    assert patience.waits(place)  # it came once more: it begins to wait anew


async def test_the_inbox_gives_batches_and_says_when_there_is_room() -> None:
    calls: list[str] = []
    inbox = Inbox(lambda: calls.append("room"))
    while not inbox.full:
        inbox.put([Message("t", b"x" * 10, 0)] * 100)
    assert len(inbox.waiting) == RECEIVE_MAXIMUM
    sizes = [len(await inbox.take()) for _ in range(3)]
    assert sizes == [BATCH_MESSAGES] * 3
    assert calls == ["room"]
    inbox.put([Message("t", bytes(3_000_000), 0), Message("t", bytes(3_000_000), 0), Message("t", b"", 0)])
    assert [len(await inbox.take()) for _ in range(2)] == [2, 1]
    assert inbox.bytes == 0


async def test_while_a_batch_lands_the_next_one_fills() -> None:
    inbox, landing = Inbox(), asyncio.get_running_loop().create_future()
    inbox.put([Message("t", b"x", 0)])
    taking = asyncio.ensure_future(inbox.take(landing))
    await asyncio.sleep(0.1)
    assert not taking.done()
    inbox.put([Message("t", b"x", 0)])
    landing.set_result(None)
    assert len(await taking) == 2
    inbox.put([Message("t", b"x", 0)] * (BATCH_MESSAGES + 1))
    busy = asyncio.get_running_loop().create_future()
    assert len(await inbox.take(busy)) == BATCH_MESSAGES
    taking = asyncio.ensure_future(inbox.take(busy))
    await asyncio.sleep(0)
    taking.cancel()
    assert len(inbox.waiting) == 1, "what was not taken is still there"


async def test_room_is_awaited() -> None:
    inbox = Inbox()
    assert inbox.roomy.is_set()
    inbox.put([Message("t", b"x", 0)] * RECEIVE_MAXIMUM)
    assert not inbox.roomy.is_set()
    await inbox.take()
    assert inbox.roomy.is_set()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("mqtt://127.0.0.1:1884", Address("127.0.0.1", 1884, False)),
        ("mqtts://broker.example", Address("broker.example", 8883, True)),
        ("mqtt://[::1]", Address("::1", 1883, False)),
    ],
)
def test_addresses(url: str, wanted: Address) -> None:
    assert address(url) == wanted


@pytest.mark.parametrize("url", ["", "127.0.0.1:1883", "http://x", "mqtt://x:port", "mqtt://"])
def test_a_wrong_address_is_one_sentence(url: str) -> None:
    with pytest.raises(BadUrlError, match="The broker's address is mqtt://host"):
        address(url)


KITCHEN = {
    *("kitchen-fridge", "kitchen-label-printer", "kitchen-morning-check", "kitchen-receiving-scale"),
    *("kitchen-sterilizer", "kitchen-gas-smoke"),
}
DIALECTS = {
    *("elevator-thing-model", "cold-store-modbus-json", "scale-yuan-gbk"),
    *("cold-store-sparkplug", "gateway-sparkplug"),
}


def test_the_shipped_profiles_are_complete() -> None:
    """Both languages everywhere; flags are 0 or 1; the lists of DOMAIN §2 and §4 are all there."""
    shipped = {one.code: one for one in profiles()}
    assert (
        set(shipped)
        == {"cold-store", "elevator-gbt24476", "elevator-second-list", "scale-jjg1204"} | KITCHEN | DIALECTS
    )
    for one in shipped.values():
        names = [(metric.zh, metric.en) for metric in one.metrics] + [(event.zh, event.en) for event in one.events]
        assert all(zh and en and zh != en for zh, en in [*names, (one.zh, one.en)])
        assert all((metric.low, metric.high) == (0.0, 1.0) for metric in one.metrics if metric.flag)
        assert any(metric.chart for metric in one.metrics)
        assert len({event.code for event in one.events}) == len(one.events)
    assert {event.code for event in LIFT.events} == {str(n) for n in (*range(1, 9), *range(40, 48), 90)}
    with pytest.raises(profile.BadProfileError):
        profile.parse("code = 'x'")


def test_a_begin_that_lands_after_its_end_was_a_short_event() -> None:
    story = EventStory(7, LIFT, {})
    assert told(story, (5.0, "1", END), (4.0, "1", BEGIN)) == [(4.0, True, True)]
    assert told(story, (3.0, "1", END)) == []
    holding = EventStory(7, LIFT, {"2": Said(True, at(1))})
    assert told(holding, (5.0, "1", END), (4.0, "1", BEGIN)) == []
