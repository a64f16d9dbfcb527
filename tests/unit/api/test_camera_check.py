"""A camera's wanted configuration: each fault is refused by its name, at its place, in words."""

from typing import Any

import msgspec
import pytest

from api import camera_check, camera_diff, problem
from api.camera_model import CameraSettings, Hours
from api.language import Language
from api.problem import ProblemError
from domain.camera import Zone

_SQUARE = [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)]
_BOW = [(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)]


def _camera(*zones: dict[str, Any], **more: Any) -> CameraSettings:
    plain = {"code": "z", "zh": "灶台", "en": "Stove", "polygon": _SQUARE, "scenes": ["PEST"]}
    return CameraSettings.model_validate({"zh": "机", "en": "Camera", "zones": [plain | zone for zone in zones]} | more)


@pytest.mark.parametrize(
    "zone, code, place",
    [
        ({"polygon": _BOW}, "polygon_crossing", "body.zones.0.polygon.0"),
        ({"polygon": _SQUARE[:2]}, "polygon_few", "body.zones.0.polygon"),
        ({"polygon": [*_SQUARE[:3], (0.1, 1.5)]}, "polygon_outside", "body.zones.0.polygon.3"),
        ({"masks": [_SQUARE, _BOW]}, "polygon_crossing", "body.zones.0.masks.1.0"),
        ({"code": "stove_1"}, "zone_code", "body.zones.0.code"),
        ({"en": " "}, "zone_name", "body.zones.0.en"),
        ({"scenes": []}, "zone_idle", "body.zones.0.scenes"),
        ({"overrides": {"PEST": {"min_hits": 0}}}, "zone_number", "body.zones.0.overrides.PEST.min_hits"),
        ({"overrides": {"PEST": {"min_hits": 2.5}}}, "zone_number", "body.zones.0.overrides.PEST.min_hits"),
        ({"overrides": {"PEST": {"sped": 1}}}, "zone_number_unknown", "body.zones.0.overrides.PEST.sped"),
        ({"overrides": {"PHONE": {"min_s": 9}}}, "zone_number_unknown", "body.zones.0.overrides.PHONE.min_s"),
        (
            {"breaks": {"openings": [{"days": [0], "begin": "12:00", "end": "12:00"}]}},
            "hours_empty",
            "body.zones.0.breaks.openings.0",
        ),
        ({"allowed": {"timezone": "../../etc/passwd"}}, "hours_zone", "body.zones.0.allowed.timezone"),
    ],
)
def test_a_fault_is_named_with_its_place(zone: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(ProblemError) as refused:
        camera_check.zones(_camera(zone))
    assert (refused.value.code, refused.value.faults[0].place) == (code, place)
    for spoken in Language:
        assert "{" not in problem.sentence(refused.value, spoken)


def test_a_crossing_says_where() -> None:
    with pytest.raises(ProblemError) as refused:
        camera_check.zones(_camera({"polygon": _BOW}))
    assert (
        problem.sentence(refused.value, Language.ZH) == "区域“灶台”的第 1 条边与第 3 条边相交（横 50.0%，纵 50.0%）。"
    )


def test_codes_are_unique_and_points_are_bounded() -> None:
    with pytest.raises(ProblemError, match="zone_twice"):
        camera_check.zones(_camera({}, {}))
    many = [[0.5 + 0.4 * (i % 2), 0.01 * i] for i in range(40)]
    assert len(many) == 40
    masks = [_SQUARE] * 16
    zones = [{"code": f"z{n}", "masks": masks} for n in range(7)]
    with pytest.raises(ProblemError, match="points"):
        camera_check.zones(_camera(*zones))


def test_what_is_right_becomes_what_the_edge_reads() -> None:
    zone = {
        "masks": [_SQUARE],
        "overrides": {"PEST": {"closed_hours.min_hits": 2}},
        "breaks": {"openings": [{"days": [0, 6], "begin": "22:00", "end": "02:30"}], "holidays": ["2026-10-01"]},
    }
    (made,) = camera_check.zones(_camera(zone))
    assert made.polygon == tuple(_SQUARE)
    assert made.breaks.openings[0].end.isoformat() == "02:30:00"
    assert made.breaks.holidays == ("2026-10-01",)
    assert camera_check.schedule(None) is None
    assert camera_check.schedule(Hours()) is not None


def _kept(*zones: Zone) -> tuple[camera_diff.Kept, ...]:
    return msgspec.convert(msgspec.to_builtins(zones), tuple[camera_diff.Kept, ...])


def test_what_changed_is_said_in_words() -> None:
    (plain,) = camera_check.zones(_camera({}))
    (other,) = camera_check.zones(_camera({"masks": [_SQUARE], "scenes": ["PHONE"]}))
    (new,) = camera_check.zones(_camera({"code": "y", "zh": "后门", "en": "Door"}))
    before = camera_diff.Body("机", "Camera", "rtsp://a/1", _kept(plain), turns=False, replay=False, view=1)
    after = camera_diff.Body("机", "Camera", "rtsp://b/1", _kept(other, new), turns=True, replay=False, view=2)
    assert [said.en for said in camera_diff.changes(before, after)] == [
        "stream address", "view enrolled anew", "meant to turn", "new zone “Door”", "zone “Stove”: masks, scenes",
    ]  # fmt: skip
    assert [said.zh for said in camera_diff.changes(after, before)] == [
        "取流地址", "重新登记视角", "不再是云台摄像机", "删除区域“后门”", "区域“灶台”：遮罩、场景",
    ]  # fmt: skip
    assert [said.en for said in camera_diff.changes(None, after)] == ["added"]
    assert [said.en for said in camera_diff.changes(after, after)] == ["stream password"]
