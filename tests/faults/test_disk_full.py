"""R13 at the edge: a full disk is told once, nothing is spoilt, and all goes on when there is room again."""

import errno
import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pytest

from domain.camera import Camera
from domain.wire import CameraHealth, EdgeBody, EvidenceAdded, EvidenceMissing, Health, SceneBegan, Storage
from edge import clip
from edge.counters import Counters
from edge.followup import Desk
from edge.health import Change
from edge.journal import Journal
from edge.recorder import Recorder
from edge.ring import Stretch
from edge.spool import Priority, Spool
from edge.storage import Signs, StorageWatch
from edge.vault import Vault
from tests.servers import wait_for
from tests.unit.edge.film import film, ring_of
from tests.unit.edge.test_recorder import NO_HEADS, violation

MODEL = "ab" * 32
CAMERA = Camera("cam", "site", "rtsp://h/x", ())


class Disk:
    """Takes nothing while it is full: neither files (ENOSPC) nor the journal's pages (SQLITE_FULL)."""

    def __init__(self, journal: Journal, patch: pytest.MonkeyPatch) -> None:
        self._journal, self.full = journal, False
        write = Path.write_bytes

        def writing(path: Path, data: bytes) -> int:
            self.probe()
            return write(path, data)

        patch.setattr(Path, "write_bytes", writing)
        cut = clip.write

        def cutting(path: Path, stretch: Stretch) -> clip.Coverage:
            self.probe()
            return cut(path, stretch)

        patch.setattr(clip, "write", cutting)
        patch.setattr("edge.recorder._RETRY_S", 0.02)

    def probe(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")

    def fill(self) -> None:
        self.full = True
        ((pages,),) = self._journal.rows("PRAGMA page_count")
        self._journal.rows(f"PRAGMA max_page_count = {pages}")

    def clear(self) -> None:
        self.full = False
        self._journal.rows("PRAGMA max_page_count = 1000000")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    journal, counters = Journal(tmp_path / "spool.db"), Counters()
    journal.open()
    spool = Spool(journal, 10**7)
    vault = Vault(tmp_path / "evidence", spool, 10**8, counters)
    vault.open()
    yield Desk(spool, vault, lambda _: NO_HEADS, counters)
    journal.close()


def told(desk: Desk) -> list[EdgeBody]:
    return [
        msgspec.json.decode(item.body, type=EdgeBody)
        for item in desk.spool.waiting(tuple(Priority), 999, 10**7, {}).items
    ]


def signs(desk: Desk) -> Signs:
    counts = desk.counters.snapshot()
    return Signs(counts.get("storage_refused", 0), desk.spool.load.shed, counts.get("evidence_shed", 0))


def test_a_full_disk_is_one_alert_and_spoils_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, full: bool
) -> None:
    disk = Disk(desk.spool.journal, monkeypatch)
    watch, states = StorageWatch(disk.probe, signs(desk)), list[Storage]()

    def look() -> bool:
        change = watch.look(signs(desk), time.monotonic())
        states.extend([change.state] if change else [])
        return bool(states)

    recorder = Recorder(desk)
    recorder.open()
    ring = ring_of(*film(500))
    for times in range(20 if full else 3):
        disk.fill()
        for number in range(5):
            recorder.scene(CAMERA, ring, replace(violation(11, 14), track=times * 5 + number), MODEL)
            recorder.health("cam", Change(Health.OK, f"{times}-{number}"))
        wait_for(look)
        disk.clear()
        wait_for(partial(_healths, desk, (times + 1) * 5))
        look()
        assert states == [Storage.FULL, Storage.OK]
        states.clear()
    recorder.close()
    _check(desk)


def _healths(desk: Desk, count: int) -> bool:
    return sum(isinstance(one, CameraHealth) for one in told(desk)) == count


def _check(desk: Desk) -> None:
    """Every event is there with its evidence or the word that it is missing, and every file is what its name says."""
    bodies = told(desk)
    events = {one.id: {item.kind for item in one.evidence} for one in bodies if isinstance(one, SceneBegan)}
    assert events
    for one in bodies:
        if isinstance(one, EvidenceAdded):
            events[one.id].add(one.item.kind)
        elif isinstance(one, EvidenceMissing):
            events[one.id].add(one.part)
    assert all({"frame", "clip"} <= kinds for kinds in events.values())
    files = list(desk.vault.folder.glob("*/*"))
    assert files
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in files)
    assert {kept.sha256 for kept in desk.vault.waiting(9999)} == {path.name for path in files}
    assert desk.spool.journal.rows("PRAGMA integrity_check") == [("ok",)]
