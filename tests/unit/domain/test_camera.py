"""A camera's modes, and that configurations of before are still read."""

import msgspec
import pytest

from domain.camera import Camera, EdgeConfig, Mode

OLD = b'{"version": 3, "cameras": [{"code": "eye", "site": "hall", "url": "rtsp://h/1", "zones": []}]}'


def test_a_configuration_of_before_is_read_and_its_cameras_are_watched() -> None:
    (camera,) = msgspec.json.decode(OLD, type=EdgeConfig).cameras
    assert (camera.mode, camera.weight) == (Mode.WATCH, 1)


def test_a_watched_camera_is_written_so_that_an_older_edge_reads_it() -> None:
    text = msgspec.json.encode(Camera("eye", "hall", "rtsp://h/1", ()))
    assert b"mode" not in text
    assert b"weight" not in text


def test_a_patrolled_camera_keeps_its_mode() -> None:
    camera = Camera("eye", "hall", "rtsp://h/1", (), mode=Mode.PATROL, weight=3)
    assert msgspec.json.decode(msgspec.json.encode(camera), type=Camera) == camera


@pytest.mark.parametrize("weight", [0, 13])
def test_a_weight_has_bounds(weight: int) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"code": "eye", "site": "hall", "url": "rtsp://h/1", "zones": [], "weight": weight}, type=Camera
        )
