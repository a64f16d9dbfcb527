"""The gate on the bundled clips of the night: no small, slow mover is skipped, however dark and grainy it is."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edge.decoder import Decoder
from edge.gate import ChangeGate, changed
from edge.picture import Grey, Picture, luma
from edge.ring import EncodedPacket, StreamFormat
from edge.view import View, agreement, sharpness
from tests.unit.edge.footage import CLIPS, EVERY_S, FOLDER

NEVER_S = 1e9  # between two forced looks: here only what changed is looked at
MOVED = 0.8  # of its length since the last look (the truth has one box a second, it moves in jerks)
EMPTY_S = 8.0  # nothing has come in before

Box = NDArray[np.float64]


@dataclass(frozen=True)
class Night:
    """What is done to the clip: light taken away, noise of the sensor added (grey levels), and seen from further."""

    light: float = 1.0
    noise: float = 0.0
    far: int = 1


NIGHTS = [Night(), Night(noise=12), Night(light=0.5, noise=12), Night(light=0.3, noise=8), Night(noise=6, far=2)]


@cache
def pictures(clip: str, every: float) -> tuple[tuple[float, Grey], ...]:
    """Second and brightness of the clip's pictures, so many seconds apart."""
    with av.open(str(FOLDER / f"{clip}.mp4")) as container:
        if every == EVERY_S:
            container.streams.video[0].codec_context.skip_frame = "NONKEY"
        frames = ((float(frame.time or 0), frame) for frame in container.decode(video=0))
        return tuple(
            (second, luma(frame).copy()) for second, frame in frames if round(second * 25) % round(every * 25) == 0
        )


@cache
def grain() -> NDArray[np.float32]:
    return np.random.default_rng(3).normal(0, 1, (800, 1360)).astype(np.float32)


def seen(picture: Grey, night: Night, random: np.random.Generator) -> Grey:
    """The thumbnail that the gate gets."""
    height, width = picture.shape
    small = cv2.resize(picture, (width // night.far, height // night.far), interpolation=cv2.INTER_AREA)
    down, right = random.integers(0, (80, 80))
    noisy = np.tile(small, (night.far, night.far)) * np.float32(night.light)
    noisy += np.float32(night.noise) * grain()[down : down + height, right : right + width]
    sharp = np.clip(noisy, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(sharp, (240, 135), interpolation=cv2.INTER_AREA), dtype=np.uint8)


@cache
def boxes(clip: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When the mover is seen, and its boxes."""
    with (FOLDER / "boxes" / f"{clip}.csv").open() as file:
        rows = [[float(row[name]) for name in ("t_s", "x1", "y1", "x2", "y2")] for row in csv.DictReader(file)]
    table = np.array(rows)
    return table[:, 0], table[:, 1:]


def box_at(clip: str, second: float) -> Box | None:
    times, corners = boxes(clip)
    if not times[0] <= second <= times[-1]:
        return None
    return np.array([np.interp(second, times, corners[:, corner]) for corner in range(4)])


def has_moved(before: Box | None, now: Box) -> bool:
    if before is None:
        return True
    way = np.abs((now[:2] + now[2:]) - (before[:2] + before[2:])) / 2
    return bool(way.max() > MOVED * (now[2:] - now[:2]).max())


def looks(clip: str, night: Night, slower: int) -> Iterator[tuple[float, bool]]:
    """Second of the clip of each look, and whether the gate lets it through."""
    gate, random = ChangeGate(NEVER_S), np.random.default_rng(1)
    for second, picture in pictures(clip, EVERY_S / slower):
        yield second, gate.wants(seen(picture, night, random), second * slower)


@pytest.mark.parametrize("night", NIGHTS, ids=str)
@pytest.mark.parametrize(
    ("clip", "slower"), [("rat-night", 1), ("rat-night", 10), ("cat-night", 1), ("intrusion-night", 1)]
)
def test_what_has_moved_by_its_length_is_looked_at(clip: str, slower: int, night: Night) -> None:
    last: Box | None = None
    due, early = 0, 0
    for second, wanted in looks(clip, night, slower):
        box = box_at(clip, second)
        early += wanted and second < EMPTY_S
        if box is not None and has_moved(last, box):
            due += 1
            assert wanted, f"skipped at {second:.1f} s"
        last = box if wanted else last
    assert due
    assert early <= 3  # the gate is no sieve: the empty kitchen before, at the first look and hardly again


@pytest.mark.parametrize("clip", CLIPS)
def test_a_glance_shows_the_gate_and_the_lens_what_the_exact_picture_shows(clip: str) -> None:
    form, packets = _keyframes(clip)
    for packet in packets:
        exact, rough = (_thumb(Decoder(form, rough=rough).lone(packet)) for rough in (False, True))
        assert not changed(exact, rough)
        base, view = View.of(exact), View.of(rough)
        assert agreement(view, base) > 0.95
        assert 0.95 < sharpness(view, base.detail, base.contrast, base.structured) < 1.1


def _thumb(frame: VideoFrame | None) -> Grey:
    assert frame is not None
    return Picture("cam", frame).thumb()


def _keyframes(clip: str) -> tuple[StreamFormat, list[EncodedPacket]]:
    """The clip's first two."""
    with av.open(str(FOLDER / f"{clip}.mp4")) as container:
        stream = container.streams.video[0]
        form = StreamFormat(stream.codec_context.name, bytes(stream.codec_context.extradata or b""))
        keyframes = (packet for packet in container.demux(stream) if packet.is_keyframe)
        return form, [EncodedPacket(float(each.pts or 0), True, bytes(each)) for each in islice(keyframes, 2)]
