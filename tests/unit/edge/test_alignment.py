"""Whatever a camera does: a clip shows first, best and last sample at their time, or says why it does not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.camera import Camera
from domain.scene import Scene
from domain.wire import EvidenceItem, Sample, Verdict
from edge import evidence
from edge.bitstream import parameter_sets
from edge.clip import ClipError
from edge.counters import Counters
from edge.evidence import Case
from edge.journal import Journal
from edge.picture import moment
from edge.ring import EncodedPacket, Ring, StreamFormat
from edge.spool import Spool
from edge.vault import Vault
from inference.scenes import Violation
from tests.unit.edge.film import FPS, T0, film, number_of

LENGTH = 28 * FPS  # pictures
OTHER_SIZE = (352, 200)

_film = cache(film)


@dataclass(frozen=True)
class Stream:
    """What a camera does: its keyframes' distance, B-frames, a silence, a new resolution, a clock that is set."""

    gop: int
    bframes: int
    silence: tuple[int, int] | None  # pictures from, to
    renewed: int | None  # the first picture of another resolution
    stepped: tuple[int, float] | None  # the first picture after the step, and the step in seconds


streams = st.builds(
    Stream,
    gop=st.sampled_from([12, 100, 250]),
    bframes=st.sampled_from([0, 2]),
    silence=st.none() | st.tuples(st.integers(200, 500), st.integers(510, 650)),
    renewed=st.none() | st.sampled_from([400, 500]),
    stepped=st.none() | st.tuples(st.integers(150, 650), st.sampled_from([-3600.0, -7.0, 7.0, 3600.0])),
)


def packets_of(stream: Stream) -> Iterator[tuple[StreamFormat, EncodedPacket, int]]:
    """Packets in the order of their arrival, with the picture's number; a new resolution begins with a keyframe."""
    parts, step = [(0, LENGTH, (320, 180))], 0.0
    if stream.renewed is not None:
        parts = [(0, stream.renewed, (320, 180)), (stream.renewed, LENGTH, OTHER_SIZE)]
    for first, end, size in parts:
        _, packets = _film(LENGTH - first, gop=stream.gop, bframes=stream.bframes, size=size, first=first)
        form = StreamFormat("h264", parameter_sets("h264", packets[0].data))
        for packet in packets:
            number = round((packet.at - T0) * FPS)
            if number < end:
                step = step or (stream.stepped[1] if stream.stepped and number >= stream.stepped[0] else 0.0)
                yield form, replace(packet, at=packet.at + step), number


@cache
def captured(stream: Stream) -> dict[int, float]:
    """When each picture was taken, by the clock at its arrival: B-frames that come after a step are dated anew."""
    return {number: packet.at for _, packet, number in packets_of(stream)}


def ring_of(stream: Stream, told: int) -> tuple[Ring, int]:
    """And how many packets it had seen when the picture of number `told` had come."""
    ring, seen = Ring(50, 48 * 2**20), 0
    silent = range(*stream.silence) if stream.silence else range(0)
    for form, packet, number in packets_of(stream):
        if number in silent:
            ring.break_off()
        else:
            ring.append(form, packet)
        if number == told:
            seen = ring.seen
    return ring, seen


def case_of(stream: Stream, numbers: tuple[int, ...]) -> Case:
    first, best, last = sorted(numbers)
    times = [moment(captured(stream)[number]) for number in (first, best, last)]
    samples = tuple(Sample(at, (0.2, 0.2, 0.6, 0.9), 0.8, Verdict.VIOLATING) for at in times)
    what = Violation(Scene.INTRUSION, "store", 0, *(times[0], times[0], times[1], times[2]), "seen", samples, 1)
    ring, seen = ring_of(stream, last)
    return Case("e" * 32, Camera("cam", "site", "rtsp://h/x", ()), ring, what, "ab" * 32, seen)


def shown(path: Path, item: EvidenceItem) -> dict[int, float]:
    """The clip's pictures by number, and the capture time that the clip gives each of them."""
    with av.open(str(path)) as container:
        return {
            number_of(frame): item.begin.timestamp() + float(frame.time or 0) for frame in container.decode(video=0)
        }


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("edge")
    journal = Journal(folder / "spool.db")
    journal.open()
    vault = Vault(folder / "evidence", Spool(journal, 10**8), 10**9, Counters())
    vault.open()
    yield vault
    journal.close()


Cutter = Callable[[Case], list[EvidenceItem]]


@pytest.fixture(scope="module")
def cut(vault: Vault) -> Cutter:
    def cutting(case: Case) -> list[EvidenceItem]:
        with ExitStack() as stack:
            return evidence.adopt(case, vault, evidence.cut(case, vault, stack))

    return cutting


def is_event(stream: Stream, numbers: tuple[int, ...]) -> bool:
    """Samples are pictures that came, in order of time: a clock that is set back makes the judge begin anew."""
    if stream.silence and any(number in range(*stream.silence) for number in numbers):
        return False
    if stream.stepped is None or stream.stepped[1] > 0:
        return True
    return len({captured(stream)[number] < T0 + number / FPS - 1 for number in numbers}) == 1


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(streams, st.tuples(*[st.integers(260, 620)] * 3))
@example(Stream(100, 0, None, None, (261, -7.0)), (260, 260, 260))  # its time comes again seven seconds later
@example(Stream(250, 2, None, None, (261, -7.0)), (260, 260, 260))
def test_a_clip_shows_its_samples_at_their_time_or_says_why_not(
    vault: Vault, cut: Cutter, stream: Stream, numbers: tuple[int, ...]
) -> None:
    if not is_event(stream, numbers):
        return
    case = case_of(stream, numbers)
    try:
        items = cut(case)
    except ClipError:
        assert stream.silence or stream.stepped  # nothing was sent, or since the step no keyframe, which is said
        return
    assert 1 <= len(items) <= 2
    for item in items:
        pictures = shown(vault.path(item.sha256), item)
        truth = {number for number, at in pictures.items() if abs(at - captured(stream)[number]) < 0.002}
        assert len(truth) >= len(pictures) - 2 * stream.bframes  # at a cut some B-frames lack what they refer to
        if item.complete:
            assert set(numbers) <= truth
        else:
            assert item.why


def test_a_new_resolution_gives_a_clip_of_each_and_together_they_show_all(vault: Vault, cut: Cutter) -> None:
    stream = Stream(25, 0, None, 500, None)
    numbers = (400, 440, 510)
    early, late = cut(case_of(stream, numbers))
    assert [early.why, late.why] == [f"part {n} of 2: the camera changed its picture format" for n in (1, 2)]
    assert not early.complete
    assert not late.complete
    assert set(numbers) <= {number for item in (early, late) for number in shown(vault.path(item.sha256), item)}


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_clock_that_is_set_does_not_cost_the_clip_before_it(vault: Vault, cut: Cutter, step: float) -> None:
    stream = Stream(25, 0, None, None, (520, step))
    (item,) = cut(case_of(stream, (400, 440, 500)))
    assert item.complete
    assert {400, 440, 500, 519} <= set(shown(vault.path(item.sha256), item))


def test_a_damaged_first_keyframe_costs_its_own_pictures_only(vault: Vault, cut: Cutter) -> None:
    stream = Stream(25, 0, None, None, None)
    case = case_of(stream, (400, 440, 500))
    ring = Ring(50, 48 * 2**20)
    for form, packet, number in packets_of(stream):
        ring.append(form, replace(packet, data=b"\0" * len(packet.data)) if number == 175 else packet)
    (item,) = cut(replace(case, ring=ring))
    assert item.complete
    assert item.begin == moment(T0 + 200 / FPS)
