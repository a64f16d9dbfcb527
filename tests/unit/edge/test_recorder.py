"""The recorder writes down what was seen, also when the disk refuses for a while, and cuts clips short on a stop."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from domain.camera import Camera
from domain.scene import Scene
from domain.wire import (
    EdgeBody,
    EvidenceAdded,
    EvidenceKind,
    EvidenceMissing,
    Health,
    Sample,
    SceneBegan,
    SceneEnded,
    Verdict,
)
from edge.counters import Counters
from edge.evidence import Album, Case
from edge.followup import SET_BACK, Desk, FollowUp
from edge.health import Change
from edge.journal import Journal, JournalError
from edge.picture import moment
from edge.recorder import Recorder
from edge.ring import Ring
from edge.spool import Priority, Spool
from edge.vault import Vault
from inference.detections import Detections
from inference.scenes import Cleared, Violation
from tests.servers import wait_for
from tests.unit.edge.film import T0, film, ring_of

NO_HEADS = Detections.empty().boxes
MODEL = "ab" * 32
CAMERA = Camera("cam", "site", "rtsp://h/x", ())


def violation(first: float, last: float) -> Violation:
    samples = tuple(
        Sample(moment(T0 + second), (0.2, 0.2, 0.6, 0.9), 0.8, Verdict.VIOLATING) for second in (first, last)
    )
    begin, end = samples[0].at, samples[1].at
    return Violation(Scene.INTRUSION, "store", 0, begin, begin, begin, end, "seen", samples, 1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    journal, counters = Journal(tmp_path / "spool.db"), Counters()
    journal.open()
    spool = Spool(journal, 10**7)
    vault = Vault(tmp_path / "evidence", spool, 10**8, counters)
    vault.open()
    yield Desk(spool, vault, lambda _: NO_HEADS, counters)
    journal.close()


def spooled(desk: Desk) -> list[EdgeBody]:
    return [
        msgspec.json.decode(item.body, type=EdgeBody)
        for item in desk.spool.waiting(tuple(Priority), 99, 10**7, {}).items
    ]


def case_of(ring: Ring, what: Violation, digit: str = "e") -> Case:
    return Case(digit * 32, CAMERA, ring, what, MODEL, ring.seen)


def film_ring(seconds: int) -> Ring:
    return ring_of(*film(seconds * 25))


def test_a_scene_its_clip_and_its_end_name_the_same_event(desk: Desk) -> None:
    recorder = Recorder(desk)
    recorder.scene(CAMERA, film_ring(20), violation(11, 14), MODEL)
    recorder.scene(CAMERA, film_ring(1), Cleared(Scene.INTRUSION, "store", 0, moment(T0 + 60), "gone"), MODEL)
    recorder.open()
    recorder.close()
    began, ended, added, board = spooled(desk)
    assert isinstance(began, SceneBegan)
    assert isinstance(ended, SceneEnded)
    assert isinstance(added, EvidenceAdded)
    assert isinstance(board, EvidenceAdded)
    assert began.id == ended.id == added.id == board.id
    kinds = ["frame", "boxed", "crop", "frame_redacted", "boxed_redacted", "crop_redacted"]
    assert [each.kind for each in began.evidence] == kinds
    assert [each.of for each in began.evidence[3:]] == [each.sha256 for each in began.evidence[:3]]
    assert (board.item.kind, board.item.of) == (EvidenceKind.STORYBOARD, added.item.sha256)
    assert {each.begin for each in began.evidence} == {began.best}
    assert added.item.complete
    assert added.item.begin == moment(T0 + 1)
    names = {each.sha256 for each in (*began.evidence, added.item, board.item)}
    assert {kept.sha256 for kept in desk.vault.waiting(9)} == names


def test_a_clip_whose_beginning_the_ring_has_lost_says_so(desk: Desk) -> None:
    form, packets = film(400)
    recorder = Recorder(desk)
    recorder.scene(CAMERA, ring_of(form, packets[300:]), violation(11, 13), MODEL)
    recorder.open()
    recorder.close()
    added = spooled(desk)[-2]  # its storyboard comes after it
    assert isinstance(added, EvidenceAdded)
    assert not added.item.complete
    assert "after the first sample" in added.item.why


def test_a_scene_without_any_picture_is_still_told(desk: Desk) -> None:
    recorder = Recorder(desk)
    recorder.scene(CAMERA, Ring(30, 1000), violation(11, 13), MODEL)
    recorder.open()
    recorder.close()
    began, *missing = spooled(desk)
    assert isinstance(began, SceneBegan)
    assert began.evidence == ()
    assert [(one.part, one.why) for one in missing if isinstance(one, EvidenceMissing)] == [
        (EvidenceKind.FRAME, "no picture of the best sample was left in the ring"),
        (EvidenceKind.CLIP, "the ring holds no packets of that time"),
    ]
    assert desk.counters.snapshot()["clips_failed"] == 1


def test_a_disk_that_refuses_for_a_while_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals, append = iter(range(2)), desk.spool.append

    def refusing(drafts: object) -> None:
        if next(refusals, None) is not None:
            raise JournalError("the disk is full")
        append(drafts)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.spool, "append", refusing)
    monkeypatch.setattr("edge.recorder._RETRY_S", 0.01)
    recorder = Recorder(desk)
    recorder.health("cam", Change(Health.OFFLINE, "gone"))
    recorder.health("cam", Change(Health.OK, "back"))
    recorder.open()
    desk.spool.filled.wait(10)
    recorder.close()
    assert [getattr(body, "state", None) for body in spooled(desk)] == [Health.OFFLINE, Health.OK]
    assert desk.counters.snapshot()["records_retried"] == 2


def test_an_evidence_disk_that_is_full_does_not_keep_the_event_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals, put = iter(range(2)), desk.vault.put

    def refusing(*arguments: object) -> object:
        if next(refusals, None) is not None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.vault, "put", refusing)
    monkeypatch.setattr("edge.recorder._RETRY_S", 0.01)
    recorder = Recorder(desk)
    recorder.scene(CAMERA, film_ring(20), violation(11, 14), MODEL)
    recorder.open()
    wait_for(lambda: len(spooled(desk)) == 7)
    recorder.close()
    began, *later = spooled(desk)
    assert isinstance(began, SceneBegan)
    assert began.evidence == ()
    kinds = [one.item.kind for one in later if isinstance(one, EvidenceAdded)]
    assert kinds[:3] == [EvidenceKind.FRAME, EvidenceKind.BOXED, EvidenceKind.CROP]
    assert kinds[6:] == [EvidenceKind.CLIP, EvidenceKind.STORYBOARD]
    assert desk.counters.snapshot()["storage_refused"] == 2


def test_after_a_kill_the_clip_that_will_never_come_is_told(desk: Desk) -> None:
    killed = Recorder(desk)
    killed._begin(Album(case_of(film_ring(1), violation(0, 0.5)), desk.heads))
    assert not [body for body in spooled(desk) if isinstance(body, EvidenceMissing)]
    for _ in range(2):
        recorder = Recorder(desk)
        recorder.open()
        recorder.close()
    (missing,) = [body for body in spooled(desk) if isinstance(body, EvidenceMissing)]
    assert (missing.id, missing.part) == ("e" * 32, EvidenceKind.CLIP)
    assert "restarted" in missing.why


def test_a_range_reaches_beyond_the_samples_that_lie_far_from_the_best(desk: Desk) -> None:
    wide = violation(0, 19)
    begin, end = case_of(Ring(1, 1), wide).clip_range
    assert begin == T0 - 10
    assert end == T0 + 20
    assert wide.last - wide.first == timedelta(seconds=19)


def test_what_is_due_goes_before_storyboards_which_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.followup.MOST_BOARDS", 1)
    followup = FollowUp(desk, over=True)
    for digit in "ab":
        case = case_of(film_ring(20), violation(11, 14), digit)
        followup.awaited.expect(case, EvidenceKind.CLIP)
        followup.clip_of(case)
    assert [followup.step(), followup.step(), followup.step()] == [True, True, False]
    assert desk.counters.snapshot()["storyboards_dropped"] == 1
    assert [one.part for one in spooled(desk) if isinstance(one, EvidenceMissing)] == [EvidenceKind.STORYBOARD]
    assert [followup.storyboard(), followup.storyboard()] == [True, False]
    added = [body.item.kind for body in spooled(desk) if isinstance(body, EvidenceAdded)]
    assert added.count(EvidenceKind.STORYBOARD) == 1
    assert desk.spool.journal.rows("SELECT * FROM awaited") == []


def test_a_clip_whose_clock_is_set_back_is_taken_at_once_and_says_so(desk: Desk) -> None:
    form, packets = film(25 * 25)
    ring, followup = ring_of(form, packets[: 14 * 25 + 1]), FollowUp(desk)
    case = case_of(ring, violation(11, 14))
    followup.clip_of(case)
    assert not followup.step()
    ring_of(form, [replace(packet, at=packet.at - 3600) for packet in packets[15 * 25 :]], ring)
    assert followup.step()
    (added,) = [body.item for body in spooled(desk) if isinstance(body, EvidenceAdded)]
    assert (added.complete, added.why, added.end) == (True, SET_BACK, moment(T0 + 14))
