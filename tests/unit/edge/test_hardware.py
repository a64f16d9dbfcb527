"""Which device decodes: what is wished for and opens; else, and whenever it refuses, FFmpeg's software."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import av
import pytest
from av.codec.codec import Codec
from av.codec.context import CodecContext
from av.video.frame import VideoFrame
from structlog.testing import capture_logs

from edge import hardware
from edge.counters import Counters
from edge.decoder import DecodeError, Decoder
from edge.hardware import Hardware
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.sampler import Sampler
from tests.unit.edge.film import film, number_of


class Device:
    """Stands for PyAV's HWAccel on a machine where some devices are built in, and fewer open."""

    built_in = ("cuda", "vaapi", "videotoolbox")
    opening = frozenset({"cuda", "videotoolbox"})

    def __init__(self, name: str, **_: object) -> None:
        self.name = name

    def create(self, codec: Codec) -> "Device":
        if self.name not in self.opening:
            raise PermissionError(1, "Operation not permitted")
        return self


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    hardware.find.cache_clear()
    monkeypatch.setattr(hardware, "HWAccel", Device)
    monkeypatch.setattr(hardware, "hwdevices_available", lambda: list(Device.built_in))
    yield
    hardware.find.cache_clear()


@pytest.mark.parametrize(
    ("wish", "found", "says"),
    [
        ("auto", "cuda", "video is decoded by a device"),
        ("videotoolbox", "videotoolbox", "video is decoded by a device"),
        ("vaapi", None, "video is decoded in software: the wanted device does not open"),
        ("graphics card", None, "video is decoded in software: the wanted device does not open"),
    ],
)
def test_the_wish_is_met_where_the_device_opens_and_told_in_one_sentence(
    wish: str, found: str | None, says: str
) -> None:
    with capture_logs() as logs:
        devices = [hardware.find(wish) for _ in range(3)]
    assert [device and device.name for device in devices] == [found] * 3
    assert [entry["event"] for entry in logs if entry["log_level"] != "debug"] == [says]


def test_off_asks_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "hwdevices_available", lambda: pytest.fail("a device was asked for"))
    assert hardware.find("off") is None


def test_without_any_device_software_decodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "opening", frozenset())
    with capture_logs() as logs:
        assert hardware.find("auto") is None
    assert logs[-1]["event"] == "video is decoded in software: no device for it was found"


def test_a_device_that_refuses_a_decoder_is_replaced_by_software_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(codec: str, mode: Literal["r"], hwaccel: object = None) -> CodecContext:
        if hwaccel is not None:
            raise av.error.ExternalError(1, "no more sessions")
        return CodecContext.create(codec, mode)

    monkeypatch.setattr(hardware, "CodecContext", type("Refusing", (), {"create": staticmethod(refuse)}))
    form, packets = film(10)
    device = Hardware("cuda")
    with capture_logs() as logs:
        for _ in range(2):
            decoder = Decoder(form, hardware=device)
            frames = [frame for packet in packets for frame in decoder.take(packet)] + decoder.drain()
            assert [number_of(frame) for frame in frames] == list(range(10))
    assert [entry["event"] for entry in logs] == ["the device fails a decoder, software does its work"]


class Losing(Decoder):
    """A decoder whose device is lost at its nth packet; `asked` counts those that were made on it."""

    nth, asked = 0, 0

    def __init__(self, form: StreamFormat, *, rough: bool = False, hardware: Hardware | None = None) -> None:
        super().__init__(form, rough=rough)
        self._left = Losing.nth if hardware is not None else -1
        Losing.asked += hardware is not None

    def take(self, packet: EncodedPacket) -> list[VideoFrame]:
        self._left -= 1
        if self._left == -1:
            raise DecodeError("the device was lost")
        return super().take(packet)


@pytest.mark.parametrize("nth", [0, 1, 40])
def test_a_device_that_is_lost_in_mid_stream_costs_no_picture_and_is_asked_again_on_the_next_connection(
    nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.sampler.Decoder", Losing)
    monkeypatch.setattr(Losing, "nth", nth)
    monkeypatch.setattr(Losing, "asked", 0)
    form, packets = film(150, gop=50)
    ring, counters = Ring(60, 10**7), Counters()
    sampler = Sampler("cam", ring.group, counters, Hardware("cuda"))

    def seen() -> list[int]:
        pictures = [sampler.take(form, packet, 5.0) for packet in packets if ring.append(form, packet)]
        return [number_of(picture.frame) for picture in pictures if picture is not None]

    with capture_logs() as logs:
        assert seen() == list(range(0, 150, 5))
        assert (Losing.asked, counters.snapshot()["device_failures"]) == (1, 1)
        sampler.restart()
        seen()
    assert Losing.asked == 2
    assert [entry["event"] for entry in logs] == ["the device fails a decoder, software does its work"]


def test_a_damaged_stream_is_not_the_devices_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hardware, "context", lambda _, codec: hardware.software(codec))
    form, packets = film(100, gop=50)
    ring, counters = Ring(60, 10**7), Counters()
    sampler = Sampler("cam", ring.group, counters, Hardware("cuda"))
    spoiled = [replace(packet, data=b"\0\0\0\1\x65" + bytes(40)) if packet.keyframe else packet for packet in packets]
    for packet in spoiled:
        ring.append(form, packet)
        sampler.take(form, packet, 5.0)
    assert counters.snapshot().get("frames_corrupt")
    assert "device_failures" not in counters.snapshot()


def test_this_machine_whatever_it_has_decodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    form, packets = film(10)
    decoder = Decoder(form, hardware=hardware.find("auto"))
    frames = [frame for packet in packets for frame in decoder.take(packet)] + decoder.drain()
    assert [number_of(frame) for frame in frames] == list(range(10))
