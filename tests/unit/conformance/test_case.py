"""What the kit understands of foreign devices: a vendor's JSON by its mapping, a Sparkplug node by its births."""

import msgspec

from domain.profile import DeviceProfile
from ingest.library import profiles
from ingest.sparkplug_payload import Payload
from mingchu.conformance.case import Case, open_case
from mingchu.conformance.fact import Connected, Fact, Heard, Published, Will
from mingchu.conformance.finding import Verdict
from mingchu.conformance.judge import conforms, judge
from tests.vendor_life import verdicts

SHIPPED = {one.code: one for one in profiles()}
NOON = 1_782_864_000.0


def seen(profile: DeviceProfile, device: str, will: tuple[str, bool], *said: tuple[str, bytes, int]) -> Case:
    """A device that connects and says these, one a second: topic, payload, QoS."""
    facts: list[Fact] = [Connected(NOON, 4, True, 60), Will(NOON, will[0], 1, will[1])]
    for n, (topic, payload, qos) in enumerate(said, 1):
        facts += [Published(NOON + n, topic, qos, False, False), Heard(NOON + n, topic, payload)]
    return open_case(profile, ("s", device), facts, NOON + 60)


def poll(at: float, packet: int, *points: tuple[str, object]) -> bytes:
    said = [{"tag": tag, "v": value, "q": 0} for tag, value in points]
    return msgspec.json.encode({"ts": int(at * 1000), "pkt": packet, "points": said})


def test_a_vendors_json_is_judged_as_its_mapping_reads_it() -> None:
    topic = "mx/v1/s/d/gw/G1/data"
    said = [(topic, poll(NOON + n, n, ("T1", -183), ("DI", 2), ("SP", -180)), 1) for n in (1, 2, 3)]
    case = seen(SHIPPED["cold-store-modbus-json"], "d", ("mc/v1/s/d/state", True), *said)
    assert conforms(judge(case))
    assert verdicts(case)["sequence"] is Verdict.PASS
    odd = seen(
        *(SHIPPED["cold-store-modbus-json"], "d", ("mc/v1/s/d/state", True)),
        (topic, poll(NOON + 1, 1, ("T1", "cold")), 1),
        (topic, poll(NOON + 2, 2, ("T1", 9000), ("XX", 1)), 1),
        ("mx/v1/s/d/other", b"{}", 1),
    )
    found = verdicts(odd)
    assert [found[code] for code in ("payload", "metrics", "ranges")] == [Verdict.FAIL] * 3
    assert len(odd.unread) == 2


def payload(seq: int | None, at: float, **values: float) -> bytes:
    made = Payload(timestamp=int(at * 1000)) if seq is None else Payload(timestamp=int(at * 1000), seq=seq)
    for alias, (name, value) in enumerate(values.items(), 1):
        named = {"name": f"Room/{name.replace('_', ' ')}"} if seq == 1 else {}
        made.metrics.add(alias=alias, datatype=9, float_value=value, **named)
    encoded: bytes = made.SerializeToString()
    return encoded


def test_a_device_behind_a_gateway_is_judged_by_its_births_and_data() -> None:
    node, room = "spBv1.0/s/NBIRTH/gw", "spBv1.0/s/{}/gw/room"
    said = [
        (node, payload(0, NOON), 0),
        (room.format("DBIRTH"), payload(1, NOON + 1, Air_Temperature=-18.5, Humidity=84), 0),
        (room.format("DDATA"), payload(2, NOON + 2, Air_Temperature=-18.0), 0),
    ]
    profile = SHIPPED["cold-store-sparkplug"]
    case = seen(profile, "gw", ("spBv1.0/s/NDEATH/gw", False), *said)
    assert conforms(judge(case))
    assert [one.readings.values for one in case.spoken if one.readings] == [
        {"air_temp": -18.5, "humidity": 84.0},
        {"air_temp": -18.0},
    ]
    unborn = seen(profile, "gw", ("spBv1.0/s/NDEATH/gw", False), said[0], said[2])
    assert verdicts(unborn)["payload"] is Verdict.FAIL
    wrong = seen(profile, "gw", ("spBv1.0/s/STATE/gw", False), *said)
    assert verdicts(wrong)["will"] is Verdict.FAIL
