"""Redaction: what is hidden is gone, what is not is untouched, and on the bundled clips every head is hidden."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Colour
from edge.redaction import MARGIN, redacted
from edge.ring import EncodedPacket, Stretch
from edge.storyboard import MOST, chosen, storyboard
from inference.crop import pixels
from inference.detections import Detections, Floats
from inference.eye import Eye
from tests.unit.edge.film import T0, film, ring_of

NOISE: Colour = np.random.default_rng(3).integers(0, 256, (180, 320, 3), dtype=np.uint8)
FOOTAGE = Path("simulators/footage")
WEIGHTS = Path("models/weights/detector.toml")


def boxes(*rows: tuple[float, float, float, float]) -> Floats:
    return np.array(rows, dtype=np.float32).reshape(-1, 4)


def detail(part: Colour) -> float:
    """Energy of what is finer than a few pixels."""
    return float(cv2.Laplacian(part.astype(np.float32), cv2.CV_32F).var())


def test_a_head_is_gone_and_all_else_is_untouched() -> None:
    head = boxes((0.4, 0.2, 0.6, 0.7))
    hidden = redacted(NOISE, head)
    left, top, right, bottom = pixels(NOISE, head[0])
    assert detail(hidden[top:bottom, left:right]) < detail(NOISE[top:bottom, left:right]) / 1000
    far = MARGIN * 1.1
    left, top, right, bottom = pixels(NOISE, head[0] + np.array((-0.2, -0.5, 0.2, 0.5), dtype=np.float32) * far)
    around = np.ones(NOISE.shape[:2], dtype=bool)
    around[top:bottom, left:right] = False
    assert (hidden[around] == NOISE[around]).all()


def test_nothing_finer_than_an_eighth_of_the_head_is_left() -> None:
    """Bands finer than a cell leave one grey, whatever their phase."""
    banded = np.zeros((400, 400, 3), dtype=np.uint8)
    banded[:, ::2] = 255
    part = redacted(banded, boxes((0.3, 0.3, 0.7, 0.7)))[130:270, 130:270]
    assert int(part.max()) - int(part.min()) <= 8


def test_a_small_head_keeps_still_fewer_cells() -> None:
    hidden = redacted(NOISE, boxes((0.5, 0.5, 0.5 + 8 / 320, 0.5 + 8 / 180)))
    assert detail(hidden[90:98, 160:168]) < detail(NOISE[90:98, 160:168]) / 50


@given(st.lists(st.tuples(*[st.floats(-0.5, 1.5, width=32)] * 4), max_size=5))
@settings(max_examples=50, deadline=None)
def test_boxes_of_any_place_and_shape(found: list[tuple[float, float, float, float]]) -> None:
    hidden = redacted(NOISE, boxes(*found))
    assert hidden.shape == NOISE.shape
    assert hidden is not NOISE


def test_a_picture_without_heads_stays_what_it_is() -> None:
    assert (redacted(NOISE, Detections.empty().boxes) == NOISE).all()


def test_a_storyboard_shows_the_whole_stretch_with_heads_hidden() -> None:
    ring = ring_of(*film(20 * 25))
    whole, seen = boxes((0, 0, 1, 1)), []

    def find(image: Colour) -> Floats:
        seen.append(image.shape)
        return whole

    board = storyboard(ring.stretch(T0, T0 + 20, T0 + 10), T0 + 10, find)
    assert board is not None
    assert seen == [(360, 640, 3)] * MOST
    assert board.begin == pytest.approx(T0)
    assert board.end == pytest.approx(T0 + 19)
    sheet = cv2.imdecode(np.frombuffer(board.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert sheet is not None
    assert sheet.shape == (4 * 360, 2 * 640, 3)
    tile = np.asarray(sheet[60:340, 200:620], dtype=np.uint8)  # beside the label
    assert int(np.abs(np.diff(tile.astype(int), axis=1)).max()) < 30


def test_a_stretch_without_a_sound_keyframe_has_no_storyboard() -> None:
    ring = ring_of(*film(1))
    assert storyboard(ring.stretch(T0 + 50, T0 + 60, T0), T0, lambda _: boxes()) is not None
    form, (packet,) = film(1)

    broken = Stretch(form, (EncodedPacket(T0, True, packet.data[:20]),))
    assert storyboard(broken, T0, lambda _: boxes()) is None


def test_the_pictures_of_a_storyboard_are_spread_evenly() -> None:
    _, packets = film(25 * 30, gop=25)
    keyframes = [packet for packet in packets if packet.keyframe]
    picked = [keyframes.index(packet) for packet in chosen(keyframes)]
    assert (len(picked), picked[0], picked[-1]) == (MOST, 0, 29)
    assert set(np.diff(picked)) <= {4, 5}
    assert chosen(keyframes[:3]) == keyframes[:3]


CLIPS = ("no-hat", "no-mask", "no-uniform", "smoking", "phone", "intrusion-night", "cold-antechamber", "disposing")


@pytest.fixture(scope="module")
def eye() -> Eye:
    return Eye.open(WEIGHTS)


def truth(clip: str) -> dict[int, list[tuple[float, ...]]]:
    """Heads by second, from the file beside the clip."""
    heads = defaultdict(list)
    for row in csv.DictReader((FOOTAGE / "boxes" / f"{clip}.csv").open(encoding="utf-8")):
        if row["class"] == "head":
            heads[round(float(row["t_s"]))].append(tuple(float(row[side]) for side in ("x1", "y1", "x2", "y2")))
    return heads


def frames(clip: str, heads: Mapping[int, object]) -> Iterator[tuple[int, Colour]]:
    """Every third keyframe whose second the truth tells of."""
    with av.open(str(FOOTAGE / f"{clip}.mp4")) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        told = (frame for frame in container.decode(video=0) if (frame.time or 0.0) in heads)
        for frame in islice(told, 0, None, 3):
            yield round(frame.time or 0.0), np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)


@pytest.mark.slow
def test_on_the_bundled_clips_heads_are_hidden_where_the_truth_has_one(eye: Eye) -> None:
    hidden_in = shown = 0
    for clip in CLIPS:
        heads = truth(clip)
        for second, image in frames(clip, heads):
            hidden = redacted(image, eye.heads(image))
            for head in heads[second]:
                left, top, right, bottom = pixels(image, boxes(head)[0])  # type: ignore[arg-type]
                before, after = image[top:bottom, left:right], hidden[top:bottom, left:right]
                shown += 1
                hidden_in += bool((before != after).any(axis=2).mean() > 0.5 and detail(after) < detail(before) / 10)
    assert shown >= 30
    assert hidden_in >= 0.95 * shown
