"""What is left out of a message is stored later, once, whatever its profile comes to know, and when."""

from collections.abc import Collection

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mapping import Number
from domain.profile import DeviceKind, DeviceProfile, Metric
from ingest import leftover
from ingest.library import profiles
from ingest.message import Message
from ingest.reader import read
from ingest.refusal import RefusedError
from ingest.roster import Roster, build
from store.roster import DeviceRow, MetricRow, RosterRows

NOW = 1_795_323_967_000_000
NAMES = ("alpha", "beta", "gamma", "delta")
TOPIC, FOREIGN = "mc/v1/hall/box/telemetry", "mx/v1/hall/box/gw/G1/data"
POLL = msgspec.json.encode(
    {"ts": NOW // 1000, "pkt": 5, "points": [{"tag": "T1", "v": -183, "q": 0}, {"tag": "FW", "v": 17, "q": 0}]}
)
MODBUS = next(profile for profile in profiles() if profile.code == "cold-store-modbus-json")


def roster(profile: DeviceProfile, *, revoked: bool = False) -> Roster:
    """One device that has no credential of its own: an edge relays it."""
    metrics = [MetricRow(n, profile.code, metric.name) for n, metric in enumerate(profile.metrics)]
    device = DeviceRow(1, "hall", "box", profile.code, enabled=False, revoked=revoked)
    return build(RosterRows([device], [], [], metrics, [msgspec.json.encode(profile).decode()], []))


def knowing(names: Collection[str]) -> DeviceProfile:
    metrics = tuple(Metric(name, "Cel", name, name, -100, 100) for name in NAMES if name in names)
    return DeviceProfile("box", DeviceKind.COLD_STORE, 1, "盒", "Box", "test", 60.0, metrics)


def said(names: Collection[str]) -> bytes:
    values = {name: float(NAMES.index(name)) for name in names}
    return msgspec.json.encode({"ts": "2026-11-22T10:00:00Z", "seq": 9, "values": values})


@given(st.sets(st.sampled_from(NAMES), min_size=1), st.lists(st.sets(st.sampled_from(NAMES), min_size=1)))
def test_each_value_lands_once_when_its_name_is_known(given_: set[str], known: list[set[str]]) -> None:
    payload, landed, keys = said(sorted(given_)), list[str](), list[bytes]()
    for names in known:
        found = leftover.remainder(TOPIC, payload, landed, roster(knowing(names)))
        assert set(found.names) == (given_ & names) - set(landed)
        assert found.unread == bool(given_ - names)
        landing = leftover.read(found, NOW, roster(knowing(names)))
        keys += landing.ledger.key
        values = [value for measured in landing.measured.values() for value in measured.values]
        assert sorted(values) == sorted(NAMES.index(name) for name in found.names)
        assert landing.dead == []
        assert landing.left == []
        assert set(landing.ledger.seq) <= {9}
        landed += found.names
    assert len(set(landed)) == len(landed)
    assert len(set(keys)) == len(keys)


def test_of_a_vendors_message_only_the_new_metric_lands() -> None:
    mapping = MODBUS.mapping[0]
    wider = msgspec.structs.replace(
        MODBUS,
        metrics=(*MODBUS.metrics, Metric("firmware", "1", "固件", "Firmware", 0, 1000)),
        mapping=(msgspec.structs.replace(mapping, values={**mapping.values, "firmware": Number("/FW")}),),
    )
    relayed = leftover.read(leftover.remainder(FOREIGN, POLL, (), roster(MODBUS)), NOW, roster(MODBUS))
    assert relayed.measured[MODBUS.code].values == [-18.3]
    found = leftover.remainder(FOREIGN, POLL, ("air_temp",), roster(wider))
    assert (found.names, found.unread) == (("firmware",), False)
    assert leftover.read(found, NOW, roster(wider)).measured[MODBUS.code].values == [17.0]
    assert leftover.remainder(FOREIGN, POLL, ("air_temp",), roster(MODBUS)).parts == ()


def test_a_vendors_message_says_what_of_it_landed() -> None:
    enabled = build(
        RosterRows(
            [DeviceRow(1, "hall", "box", MODBUS.code, enabled=True)], [], [],
            [MetricRow(n, MODBUS.code, metric.name) for n, metric in enumerate(MODBUS.metrics)],
            [msgspec.json.encode(MODBUS).decode()], [],
        )
    )  # fmt: skip
    (left,) = read([Message(FOREIGN, POLL, NOW)], enabled).left
    assert (left.landed, list(left.entries), left.heard) == (("air_temp",), [0], NOW)


def test_what_cannot_be_read_in_part() -> None:
    with pytest.raises(RefusedError, match="revoked"):
        leftover.remainder(TOPIC, said(("alpha",)), (), roster(knowing(NAMES), revoked=True))
    with pytest.raises(RefusedError, match="only what a device says"):
        leftover.remainder("mc/v1/edge/box/up", b"{}", (), roster(knowing(NAMES)))
