"""Mosquitto's log lines, as version 2.0 writes them."""

import pytest

from mingchu.conformance.broker_log import BrokerLog
from mingchu.conformance.fact import Connected, Fact, Left, Published, TurnedAway, Will

LINES: list[tuple[str, Fact | None]] = [
    ("New connection from 127.0.0.1:38939 on port 36375.", None),
    ("New client connected from 127.0.0.1:38939 as s.a (p5, c1, k60, u's.a').", Connected(1.0, 5, True, 60)),
    ("Will message specified (16 bytes) (r1, q1).", None),
    ("\tmc/v1/s/a/state", Will(1.0, "mc/v1/s/a/state", 1, True)),
    (
        "Received PUBLISH from s.a (d0, q1, r0, m1, 'mc/v1/s/a/telemetry', ... (2 bytes))",
        Published(1.0, "mc/v1/s/a/telemetry", 1, False, False),
    ),
    (
        "Denied PUBLISH from s.a (d1, q2, r1, m4, 'mc/v1/s/a/it's', ... (2 bytes))",
        Published(1.0, "mc/v1/s/a/it's", 2, True, True, denied=True),
    ),
    ("Received PUBLISH from s.b (d0, q1, r0, m1, 'mc/v1/s/b/telemetry', ... (2 bytes))", None),
    ("Client s.a closed its connection.", Left(1.0, goodbye=False)),
    ("Client s.a disconnected.", Left(1.0, goodbye=True)),
    ("Client s.a has exceeded timeout, disconnecting.", Left(1.0, goodbye=False)),
    ("Client <unknown> disconnected, not authorised.", TurnedAway(1.0)),
    ("New client connected from 127.0.0.1:1 as s.b (p2, c0, k10, u's.b').", None),
    ("Will message specified (16 bytes) (r1, q1).", None),
    ("\tmc/v1/s/b/state", None),
]


def test_every_line_that_matters_is_a_fact_about_the_user() -> None:
    log = BrokerLog("s.a")
    assert [log.read(line, 1.0) for line, _ in LINES] == [fact for _, fact in LINES]


@pytest.mark.parametrize("text", ["", "\t", "Received PUBLISH from", "Will message specified (x)"])
def test_other_lines_tell_nothing(text: str) -> None:
    assert BrokerLog("s.a").read(text, 1.0) is None
