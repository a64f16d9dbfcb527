"""What each fault does to a camera's pictures, on a clock that the test moves."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from simulators import fault
from simulators.agenda import Agenda, Mishap
from simulators.clip import AccessUnit, Clip
from simulators.fault import Black, Corrupt, Fault, Frozen, Replay, Restart, Stall, WrongPassword
from simulators.rtp import H264
from simulators.rtsp_camera import Camera, Feed, Happening
from simulators.rtsp_outlet import Outlet, Shipment
from simulators.timetable import Showing, Timetable

EPOCH = 1_700_000_000.0


def clip(name: str) -> Clip:
    """Four seconds, a picture each 0.25 s, a keyframe each second; a payload says its clip and its number."""
    units = tuple(AccessUnit(i / 4, i / 4, i % 4 == 0, (f"{name} {i}".encode(),), 8) for i in range(16))
    return Clip(name, H264, 16, 16, (b"\x67",), units, 4.0)


QUIET, RAT = clip("quiet"), clip("rat")


class Eye(Outlet):
    """A viewer that writes down what it is shown, and when it was taken."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self.seen: list[tuple[float, str]] = []

    def _has_room(self, size: int) -> bool:
        return True

    def _send(self, shipment: Shipment) -> None:
        self.seen.append((round(shipment.shown, 3), shipment.payloads[0].decode(errors="replace")))

    def _control(self, packet: bytes) -> None:
        pass


class Stage:
    """A watched camera and its clock."""

    def __init__(self, *mishaps: Mishap, showings: Sequence[Showing] = (), every_s: float | None = None) -> None:
        self.told: list[Happening] = []
        timetable = Timetable(QUIET, tuple(showings), every_s)
        self.feed = Feed(Camera("cam", timetable, mishaps), 0.0, lambda at: EPOCH + at, self.told.append)
        self.eye, self.hung_up = Eye(), 0
        self.feed.add(self.eye, self._hang_up, 0.0)

    def until(self, moment: float) -> "Stage":
        while self.feed.due() <= moment:
            self.feed.run(self.feed.due())
        return self

    def inject(self, what: Fault, now: float) -> "Stage":
        self.feed.inject(what, now)
        return self

    def pictures(self, since: float = 0.0) -> list[str]:
        return [text for at, text in self.eye.seen if at >= since]

    def news(self) -> list[tuple[str, str, float]]:
        return [(each.kind, each.name, round(each.at.timestamp() - EPOCH, 3)) for each in self.told]

    def _hang_up(self) -> None:
        self.hung_up += 1


def dressed(original: Clip) -> Clip:
    units = tuple(replace(unit, payloads=(b"black " + unit.payloads[0],)) for unit in original.units)
    return replace(original, name=f"{original.name}.black", units=units)


def test_a_frozen_camera_repeats_the_latest_keyframe_with_times_that_grow() -> None:
    stage = Stage().until(1.6).inject(Frozen(for_s=1.0), 1.6).until(3.2)
    frozen = [(at, text) for at, text in stage.eye.seen if 1.6 <= at < 2.6]
    assert {text for _, text in frozen} == {"quiet 4"}
    assert [at for at, _ in frozen] == [1.6, 1.8, 2.0, 2.2, 2.4]
    assert stage.pictures(2.6) == ["quiet 12"]  # it joins its own time again at a keyframe


def test_a_replayed_camera_loops_its_own_past_while_the_truth_goes_on() -> None:
    stage = Stage(showings=[Showing(RAT, 4.0)]).until(3.1).inject(Replay(for_s=5.0, seconds=1.0), 3.1).until(9.3)
    assert [text for at, text in stage.eye.seen if 3.1 <= at < 8.1] == [f"quiet {8 + i % 5}" for i in range(23)]
    assert ("clip_began", "rat", 4.0) in stage.news()


def test_an_altered_camera_keeps_its_timetable() -> None:
    stage = Stage(showings=[Showing(RAT, 2.0)]).until(1.1).inject(Black(2.0, dressed), 1.1).until(4.3)
    assert stage.pictures(1.1)[:5] == [f"black rat {i}" for i in range(5)]  # the quiet clip's next keyframe is the cut
    assert stage.pictures(3.1) == [f"rat {i}" for i in range(8, 10)]
    assert ("clip_began", "rat", 2.0) in stage.news()


def test_what_is_called_for_while_altered_is_altered_too() -> None:
    stage = Stage().until(0.3).inject(Black(None, dressed), 0.3)
    stage.feed.play(RAT, 1.4, 1)
    assert stage.until(2.0).pictures(1.4) == [f"black rat {i}" for i in range(3)]


def test_the_description_is_of_what_is_on() -> None:
    def half(original: Clip) -> Clip:
        return replace(dressed(original), parameter_sets=(b"\x67\x42\x00\x0a", b"\x68\xce"))

    stage = Stage().until(0.3)
    assert "42000A" not in stage.feed.describe("127.0.0.1")
    stage.inject(fault.Resized(None, half), 0.3)
    assert "profile-level-id=42000A" in stage.feed.describe("127.0.0.1")


def test_a_corrupt_stream_keeps_sizes_headers_and_small_packets() -> None:
    large, small = bytes(range(256)) * 5, b"\x67" * 40
    units = [AccessUnit(0, 0, True, (small, large + bytes([n])), 1321) for n in range(40)]
    shaped = [unit for each in units if (unit := Corrupt().shape(each)) is not None]
    assert len(shaped) == 40
    assert all(unit.payloads[0] == small for unit in shaped)
    assert all(len(unit.payloads[1]) == 1281 and unit.payloads[1][:8] == large[:8] for unit in shaped)
    hurt = sum(new.payloads != old.payloads for new, old in zip(shaped, units, strict=True))
    assert 4 <= hurt <= 20


def test_a_changed_password_hangs_up_and_admits_nobody_until_it_is_over() -> None:
    stage = Stage().until(0.3).inject(WrongPassword(for_s=1.0), 0.3)
    assert (stage.hung_up, stage.feed.admits, stage.feed.answers) == (1, False, True)
    assert stage.until(2.0).feed.admits


def test_faults_come_at_their_time_and_again_with_the_timetable() -> None:
    stage = Stage(Mishap(Stall(1.0), 2.0, every_s=10.0), Mishap(Restart(0.5), 4.0)).until(14.0)
    assert [item for item in stage.news() if item[0] != "clip_began"] == [
        ("fault_began", "stall", 2.0),
        ("fault_ended", "stall", 3.0),
        ("fault_began", "restart", 4.0),
        ("fault_ended", "restart", 4.5),
        ("fault_began", "stall", 12.0),
        ("fault_ended", "stall", 13.0),
    ]


def test_a_camera_that_is_placed_anew_begins_its_time_and_keeps_its_viewers() -> None:
    stage = Stage().until(1.6)
    stage.feed.place(Camera("cam", Timetable(RAT), (Mishap(Stall(), 1.9),)), 1.6)
    assert stage.until(9.0).pictures(1.6) == [f"rat {i}" for i in range(8)]
    assert stage.hung_up == 0
    assert stage.news()[-1] == ("fault_began", "stall", 3.5)


def test_an_agenda_hands_out_what_is_due_once() -> None:
    agenda = Agenda([Mishap(Stall(), 1.0), Mishap(Frozen(), 1.0)], 5.0)
    assert (agenda.due(), list(agenda.take(5.9))) == (6.0, [])
    assert [found.name for _, found in agenda.take(6.0)] == ["stall", "frozen"]
    assert agenda.due() == float("inf")


@pytest.mark.parametrize("name", fault.NAMES)
def test_each_fault_is_made_by_its_name(name: str) -> None:
    made = fault.make(name, 3.0, lambda _: dressed)
    assert (made.name, made.for_s) == (name, 3.0)


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        fault.make("sleepy", None, lambda _: dressed)
