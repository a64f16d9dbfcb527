"""A device on a given clock: its faults come in time, its messages are numbered, and a seed repeats a life."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from paho.mqtt.client import Client
from paho.mqtt.reasoncodes import ReasonCode

from domain.wire import DeviceState, EventPhase
from simulators import device_kind
from simulators.clock import WallClock
from simulators.fault_script import FaultScript
from simulators.link import Kind
from simulators.mqtt_client import Login, MqttClient
from simulators.scenario_file import FaultRole
from simulators.sent import SentLedger
from tests.device_life import BEGAN, Said, born, events, sales, telemetry

BEGIN, END = EventPhase.BEGIN, EventPhase.END
KINDS = list(device_kind.KINDS)


def script(roles: list[FaultRole], every_s: float | None, until: int) -> list[tuple[int, str, str]]:
    turns = FaultScript(roles, 10.0, every_s)
    return [(now, str(phase), role.fault) for now in range(until) for phase, role in turns.due(float(now))]


def test_faults_begin_and_end_in_time_and_again_where_the_timeline_repeats() -> None:
    roles = [FaultRole(2.0, "a", 3.0), FaultRole(5.0, "b", 0.0)]
    once = [(12, "begin", "a"), (15, "end", "a"), (15, "begin", "b"), (15, "end", "b")]
    assert script(roles, None, 60) == once
    assert script(roles, 20.0, 50) == once + [(at + 20, phase, name) for at, phase, name in once]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("speed", [1.0, 50.0])
def test_the_same_seed_publishes_the_same_bytes(kind: str, speed: float) -> None:
    faults = [FaultRole(5.0, "garbage", 20.0), FaultRole(6.0, "reordering", 10.0), FaultRole(8.0, "loss", 9.0)]
    one, other = (born(kind, seed=3, speed=speed, faults=faults).live(60) for _ in range(2))
    assert one == other
    assert one != born(kind, seed=4, speed=speed, faults=faults).live(60)


def test_messages_are_numbered_and_dated_in_order() -> None:
    life = born("elevator", faults=[FaultRole(3.0, "power-loss", 5.0)])
    said = life.live(60)
    numbers = [(one.seq or 0, one.ts) for one in telemetry(said)] + [(one.seq or 0, one.ts) for one in events(said)]
    numbers.sort()
    assert [seq for seq, _ in numbers] == list(range(1, len(numbers) + 1))
    assert all(earlier <= later for (_, earlier), (_, later) in pairwise(numbers))
    assert [(happened.fault, happened.phase, happened.at) for happened in life.happened] == [
        ("power-loss", BEGIN, BEGAN + timedelta(seconds=3)),
        ("power-loss", END, BEGAN + timedelta(seconds=8)),
    ]
    assert [(one.code, one.phase) for one in events(said)] == [("41", BEGIN), ("41", END), ("40", EventPhase.PULSE)]


def test_sales_have_numbers_of_their_own_and_ids_that_differ() -> None:
    made = sales(born("scale").live(600))
    assert [sale.seq for sale in made] == list(range(1, len(made) + 1))
    assert len({sale.tx_id for sale in made}) == len(made) > 100


def test_status_comes_in_its_time_and_at_once_when_a_flag_changes() -> None:
    life = born("cold_store", every_s=60)
    times = [each.at for each in life.live(600)]
    assert all(later - earlier <= 60.25 for earlier, later in pairwise(times))
    life.device.body.begin("door-left-open")
    (said,) = telemetry(life.live(0.25))
    assert said.values["door_open"] is True


async def test_a_device_works_on_its_own_clock_until_cancelled() -> None:
    life = born("elevator", faults=[FaultRole(60.0, "alarm-button", 5.0)])
    work = asyncio.create_task(life.device.run())
    while life.clock.time() < 120:
        await asyncio.sleep(0)
    work.cancel()
    life.device.leave()
    states = [said.wire for said in life.broker.said if said.topic.endswith("/state")]
    assert [state.online for state in states if isinstance(state, DeviceState)] == [True, False]
    assert [one.code for one in events(life.broker.said)] == ["90", "90"]


async def test_a_faster_clock_is_as_much_faster() -> None:
    usual, fast = WallClock(), WallClock(1000.0)
    began, date = fast.time(), fast.wall()
    await fast.sleep(5.0)
    assert fast.time() - began >= 5.0
    assert fast.wall() - date >= timedelta(seconds=5)
    assert usual.time() - began < fast.time() - began


class _Broker:
    """Acknowledges what was published when told to."""

    def __init__(self) -> None:
        self.mid = 0
        self.topics: list[object] = []

    def publish(self, topic: object, *_args: object, **_named: object) -> SimpleNamespace:
        self.mid += 1
        self.topics.append(topic)
        return SimpleNamespace(mid=self.mid)


async def test_what_is_said_without_a_connection_is_kept_and_told_in_its_order(tmp_path: Path) -> None:
    client, broker = MqttClient(Login("mqtt://127.0.0.1:1", "u", "p"), SentLedger(tmp_path / "sent.jsonl")), _Broker()
    client._client = cast(Client, broker)
    for topic in ("one", "two"):
        client.publish(topic, b"")
    assert broker.topics == []
    client._resume()
    client.publish("three", b"")
    assert broker.topics == ["one", "two", "three"]


async def test_the_ledger_has_each_message_once_and_counts_the_rest_apart(tmp_path: Path) -> None:
    sent = SentLedger(tmp_path / "sent.jsonl")
    sent.open()
    client, broker = MqttClient(Login("mqtt://127.0.0.1:1", "u", "p"), sent), _Broker()
    client._client = cast(Client, broker)
    life = born("scale", faults=[FaultRole(1.0, "duplicates", 100.0), FaultRole(1.0, "garbage", 100.0, 0.3)])
    said = [one for one in life.live(120) if not one.topic.endswith("/state")]
    for one in said:
        client.publish(one.topic, one.payload, kind=one.kind)
    client._resume()
    acknowledge(client, range(1, broker.mid + 1))
    sent.close()
    assert sent.count == kinds(said, Kind.MESSAGE) == len((tmp_path / "sent.jsonl").read_text().splitlines())
    assert sent.repeats == kinds(said, Kind.REPEAT) > 10
    assert sent.garbage == kinds(said, Kind.GARBAGE) > 10


def kinds(said: list[Said], kind: Kind) -> int:
    return sum(one.kind is kind for one in said)


def acknowledge(client: MqttClient, mids: range) -> None:
    good = cast(ReasonCode, SimpleNamespace(is_failure=False))
    for mid in mids:
        client._on_publish(cast(Any, None), None, mid, good, cast(Any, None))
