"""Whole columns say what the messages say one by one: units, ranges, clocks, what is new."""

import random

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain import unit
from domain.quality import Quality
from ingest import clock, measure
from ingest.library import profiles
from ingest.message import Message
from ingest.profile_table import ProfileTable
from ingest.reader import read
from ingest.roster import Roster, build
from store.roster import DeviceRow, MetricRow, RosterRows

NOW = 1_795_323_967_000_000
PROFILES = {profile.code: profile for profile in profiles() if profile.code in ("cold-store", "elevator-second-list")}
DEVICES = {"cold": "cold-store", "lift": "elevator-second-list"}
FAHRENHEIT = {"air_temp": "[degF]", "product_temp": "K"}


def roster() -> Roster:
    metrics = [(code, metric.name) for code, profile in PROFILES.items() for metric in profile.metrics]
    return build(
        RosterRows(
            devices=[
                DeviceRow(n, "hall", code, profile, enabled=True) for n, (code, profile) in enumerate(DEVICES.items())
            ],
            edges=[],
            cameras=[],
            metrics=[MetricRow(100 + n, code, name) for n, (code, name) in enumerate(metrics)],
            profiles=[msgspec.json.encode(profile).decode() for profile in PROFILES.values()],
            rules=[],
        )
    )


ROSTER = roster()
Said = tuple[str, dict[str, float | bool], bool, int]


@st.composite
def messages(draw: st.DrawFn) -> Said:
    """Device, values, whether it measures in units of its own, how many µs ago."""
    device = draw(st.sampled_from(list(DEVICES)))
    metrics = PROFILES[DEVICES[device]].metrics
    chosen = draw(st.lists(st.sampled_from(metrics), min_size=1, max_size=6, unique=True))
    numbers = st.floats(-300, 5000, allow_nan=False) | st.integers(-300, 5000)
    values = {metric.name: draw(st.booleans() | st.just(1) if metric.flag else numbers) for metric in chosen}
    ago = draw(st.sampled_from([0, 1, -4 * 60 * clock.SECOND, -6 * 60 * clock.SECOND, 3600 * clock.SECOND]))
    return device, values, draw(st.booleans()), ago


def payload(said: Said) -> bytes:
    _, values, foreign, ago = said
    units = {name: code for name, code in FAHRENHEIT.items() if foreign and name in values}
    return msgspec.json.encode({"ts": clock.moment(NOW - ago), "values": values, "units": units})


def one_by_one(said: Said, table: ProfileTable) -> list[tuple[int, int, float, int]]:
    """Time, metric id, value, quality of each value by the plainest means."""
    _, values, foreign, ago = said
    wrong = NOW - ago > NOW + clock.AHEAD
    time = NOW if wrong else NOW - ago
    found = []
    for name, given_ in values.items():
        metric = table.profile.metric(name)
        assert metric is not None
        source = FAHRENHEIT.get(name, metric.unit) if foreign else metric.unit
        scale, offset = unit.conversion(source, metric.unit)
        value = float(given_) * scale + offset
        value = 1 - value if metric.inverted else value
        quality = (Quality.CLOCK if wrong else 0) | (0 if metric.low <= value <= metric.high else Quality.RANGE)
        quality |= Quality.HISTORICAL if time < NOW - clock.STALE else 0
        found.append((time, int(table.ids[table.names.index(name)]), value, int(quality)))
    return found


@given(st.lists(messages(), max_size=12), st.randoms())
def test_columns_are_their_messages(said: list[Said], chance: random.Random) -> None:
    landing = read([Message(f"mc/v1/hall/{one[0]}/telemetry", payload(one), NOW) for one in said], ROSTER)
    assert not landing.dead
    new = np.array([chance.random() < 0.8 for _ in said], dtype=np.bool_)
    for code, measured in landing.measured.items():
        rows = measure.columns(measured, new, NOW).readings()
        wanted = [
            row
            for place, one in enumerate(said)
            if DEVICES[one[0]] == code and new[place]
            for row in one_by_one(one, ROSTER.tables[code])
        ]
        parts = (rows.time, rows.metric, rows.value, rows.quality)
        found = list(zip(*(part.tolist() for part in parts), strict=True))
        assert [(time, metric, quality) for time, metric, _, quality in found] == [
            (time, metric, quality) for time, metric, _, quality in wanted
        ]
        assert np.allclose([row[2] for row in found], [row[2] for row in wanted], rtol=1e-12, atol=1e-9)
