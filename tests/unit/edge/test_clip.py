"""Clips and exact frames: what is cut out of the ring is what was captured at that time."""

from pathlib import Path

import av
import pytest

from edge import clip
from edge.decoder import Decoder, capture_time, frame_at
from edge.ring import Stretch
from tests.unit.edge.film import FPS, T0, film, number_of, ring_of


def numbers(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [number_of(frame) for frame in container.decode(video=0)]


@pytest.mark.parametrize("bframes", [0, 2])
def test_a_clip_holds_the_captured_pictures_in_order_from_the_keyframe_before(tmp_path: Path, bframes: int) -> None:
    ring = ring_of(*film(150, bframes=bframes))
    path = tmp_path / "clip.mp4"
    coverage = clip.write(path, ring.stretch(T0 + 1.5, T0 + 4, T0 + 2))
    shown = numbers(path)
    assert shown == list(range(25, 25 + len(shown)))
    assert coverage.begin == pytest.approx(T0 + 1)
    assert coverage.end == pytest.approx(T0 + shown[-1] / FPS)
    assert coverage.end == pytest.approx(T0 + 4, abs=0.1)


def test_its_index_is_in_front(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    clip.write(path, ring_of(*film(30)).stretch(T0, T0 + 1, T0))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_clip_says_which_samples_it_does_not_contain() -> None:
    coverage = clip.Coverage((T0, T0 + 5, T0 + 9.9, T0 + 10))
    assert coverage.missing((T0, T0 + 5, T0 + 10)) == ""
    assert "after the first sample" in coverage.missing((T0 - 0.1, T0 + 5, T0 + 9))
    assert "before the last sample" in coverage.missing((T0 + 1, T0 + 5, T0 + 10.1))


def test_a_gap_in_the_stream_stays_a_gap_in_the_clip(tmp_path: Path) -> None:
    form, packets = film(100)
    coverage = clip.write(tmp_path / "clip.mp4", Stretch(form, (*packets[:25], *packets[75:])))
    assert coverage.end == pytest.approx(T0 + 99 / FPS)


def test_nothing_to_cut_is_an_error_not_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(clip.ClipError, match="no packets"):
        clip.write(tmp_path / "clip.mp4", Stretch(film(1)[0], ()))


@pytest.mark.parametrize("bframes", [0, 2])
def test_the_frame_of_an_exact_moment_is_found_between_keyframes(bframes: int) -> None:
    ring = ring_of(*film(100, bframes=bframes))
    for wanted in (0, 26, 48, 49, 50, 99):
        at = T0 + wanted / FPS
        stretch = ring.stretch(at, at + 1, at)
        frame = frame_at(stretch.format, stretch.packets, at)
        assert frame is not None
        assert number_of(frame) == wanted
        assert capture_time(frame) == pytest.approx(at, abs=0.001)


def test_a_lone_keyframe_comes_out_at_once_even_of_a_reordered_stream() -> None:
    form, packets = film(60, bframes=3)
    decoder = Decoder(form)
    keyframes = [packet for packet in packets if packet.keyframe]
    frames = [decoder.lone(packet) for packet in keyframes]
    assert [number_of(frame) for frame in frames if frame] == [0, 25, 50]


def test_a_damaged_stretch_costs_its_own_pictures_only() -> None:
    form, packets = film(75)
    spoilt = [
        packet if not 30 <= i < 40 else type(packet)(packet.at, packet.keyframe, bytes(len(packet.data)))
        for i, packet in enumerate(packets)
    ]
    frame = frame_at(form, spoilt[50:], T0 + 60 / FPS)
    assert frame is not None
    assert number_of(frame) == 60
