"""The bundled clips are what their truth files say, and stream as a camera would send them."""

import csv
import tomllib
from pathlib import Path

import av
import pytest

import simulators.render
from simulators.render.clips import CLIPS as PLANS
from simulators.render.thing import CLASSES
from simulators.render.truth import toml_of

FOOTAGE = Path(simulators.render.__file__).parents[1] / "footage"
CLIPS = sorted(FOOTAGE.glob("*.mp4"))
MEGABYTE = 1_000_000


def test_every_clip_has_its_truth_and_all_are_small() -> None:
    assert CLIPS
    assert {p.stem for p in CLIPS} == {p.stem for p in FOOTAGE.glob("*.toml")} == set(PLANS)
    assert all(p.stat().st_size <= 3 * MEGABYTE for p in CLIPS)
    assert sum(p.stat().st_size for p in CLIPS) <= 40 * MEGABYTE


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.stem)
def test_the_truth_is_that_of_the_plan(clip: Path) -> None:
    assert clip.with_suffix(".toml").read_text() == toml_of(PLANS[clip.stem](0))


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.stem)
def test_a_clip_has_no_b_frames_and_a_keyframe_every_two_seconds(clip: Path) -> None:
    truth = tomllib.loads(clip.with_suffix(".toml").read_text())
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        assert (video.codec.name, video.width, video.height) == ("h264", truth["width"], truth["height"])
        assert float(video.average_rate or 0) == truth["fps"]
        packets = [p for p in container.demux(video) if p.pts is not None]
    assert len(packets) == pytest.approx(truth["duration_s"] * truth["fps"])
    assert all(p.pts == p.dts for p in packets)
    assert [n for n, p in enumerate(packets) if p.is_keyframe] == list(range(0, len(packets), 50))


@pytest.mark.parametrize("clip", CLIPS, ids=lambda p: p.stem)
def test_boxes_lie_in_the_picture_and_in_the_clip(clip: Path) -> None:
    truth = tomllib.loads(clip.with_suffix(".toml").read_text())
    with (FOOTAGE / truth["boxes"]).open() as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        assert row["class"] in CLASSES
        assert 0 <= float(row["t_s"]) < truth["duration_s"]
        assert 0 <= float(row["x1"]) < float(row["x2"]) <= 1
        assert 0 <= float(row["y1"]) < float(row["y2"]) <= 1
