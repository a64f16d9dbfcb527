"""Open incidents, evidence files and the configuration, as they are found again after a restart."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from domain.camera import Camera, EdgeConfig
from domain.scene import Scene
from domain.wire import EdgeBody, EvidenceKind, EvidenceMissing, Sample, Verdict
from edge import configuration
from edge.counters import Counters
from edge.incidents import Incidents
from edge.journal import Journal
from edge.spool import Priority, Spool
from edge.vault import Kept, Piece, Vault
from inference.scenes import Cleared, Violation

NOW = datetime(2026, 7, 1, tzinfo=UTC)
PIECE = Piece("e" * 32, "cam", EvidenceKind.FRAME)


def violation(track: int, zone: str = "stove", scene: Scene = Scene.PEST) -> Violation:
    sample = Sample(NOW, (0, 0, 1, 1), 0.9, Verdict.VIOLATING)
    return Violation(scene, zone, track, NOW, NOW, NOW, NOW, "seen", (sample,), 1)


def cleared(track: int) -> Cleared:
    return Cleared(Scene.PEST, "stove", track, NOW + timedelta(minutes=1), "gone")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "spool.db")
    journal.open()
    yield journal
    journal.close()


def test_an_end_finds_the_event_that_it_ends(journal: Journal) -> None:
    incidents = Incidents(journal)
    incidents.begin("e1", "cam", violation(1))
    incidents.begin("e2", "cam", violation(2))
    assert incidents.find("cam", cleared(2)) == "e2"
    assert incidents.find("cam", cleared(3)) is None
    assert incidents.find("other", cleared(2)) is None
    incidents.end("e2")
    assert incidents.find("cam", cleared(2)) is None


def test_after_a_restart_an_incident_is_adopted_once_by_its_place(journal: Journal) -> None:
    Incidents(journal).begin("e1", "cam", violation(7))
    reborn = Incidents(journal)
    assert reborn.orphans("cam") == [("e1", Scene.PEST)]
    assert reborn.find("cam", violation(1, zone="door")) is None
    assert reborn.find("cam", violation(1)) == "e1"
    reborn.begin("e1", "cam", violation(1))
    assert reborn.orphans("cam") == []
    assert reborn.find("cam", cleared(1)) == "e1"
    assert reborn.find("cam", violation(2)) is None


def vault_in(folder: Path, journal: Journal, cap: int = 10**6) -> Vault:
    vault = Vault(folder / "evidence", Spool(journal, 10**6), cap, Counters())
    vault.open()
    return vault


def test_evidence_is_found_by_its_content_and_waits_until_the_platform_has_it(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal)
    kept = vault.put(b"picture", "image/jpeg", Priority.CLASS_II, PIECE)
    assert kept == Kept(hashlib.sha256(b"picture").hexdigest(), "image/jpeg", 7)
    assert vault.path(kept.sha256).read_bytes() == b"picture"
    assert vault_in(tmp_path, journal).waiting(9) == [kept]
    vault.settle(kept.sha256)
    assert vault.waiting(9) == []
    vault.forget_uploaded(3600)
    assert vault.path(kept.sha256).exists()
    vault.forget_uploaded(-1)
    assert not vault.path(kept.sha256).exists()


def test_a_full_vault_gives_up_what_the_platform_has_before_what_it_has_not(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal, cap=300)
    had = vault.put(b"a" * 100, "image/jpeg", Priority.CLASS_I, PIECE)
    vault.settle(had.sha256)
    grave = vault.put(b"b" * 100, "image/jpeg", Priority.CLASS_I, PIECE)
    lesser = vault.put(b"c" * 100, "image/jpeg", Priority.CLASS_II, PIECE)
    newest = vault.put(b"d" * 100, "image/jpeg", Priority.CLASS_II, PIECE)
    assert set(vault.waiting(9)) == {grave, lesser, newest}
    vault.put(b"e" * 100, "image/jpeg", Priority.CLASS_I, PIECE)
    assert lesser not in vault.waiting(9)
    assert grave in vault.waiting(9)


def spooled(journal: Journal) -> list[EvidenceMissing]:
    items = Spool(journal, 10**6).waiting(tuple(Priority), 99, 10**6, {}).items
    bodies = [msgspec.json.decode(item.body, type=EdgeBody) for item in items]
    return [body for body in bodies if isinstance(body, EvidenceMissing)]


def test_what_is_given_up_is_told_with_its_reason(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal, cap=250)
    old = vault.put(b"a" * 100, "image/jpeg", Priority.CLASS_II, PIECE)
    for letter in (b"b", b"c"):
        vault.put(letter * 100, "image/jpeg", Priority.CLASS_II, PIECE)
    assert [(one.id, one.sha256, one.part) for one in spooled(journal)] == [(PIECE.event, old.sha256, PIECE.part)]
    assert "was full" in spooled(journal)[0].why
    assert not vault.path(old.sha256).exists()


def test_a_lower_class_leaves_a_share_to_the_graver_ones(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal, cap=1000)
    for number in range(20):
        vault.put(bytes([number]) * 100, "image/jpeg", Priority.CLASS_III, PIECE)
    assert len(vault.waiting(99)) == 7
    for number in range(20, 40):
        vault.put(bytes([number]) * 100, "image/jpeg", Priority.CLASS_I, PIECE)
    assert len(vault.waiting(99)) == 10
    assert all(vault.path(kept.sha256).read_bytes()[0] >= 30 for kept in vault.waiting(99))


def test_a_full_disk_is_relieved_of_what_the_platform_has(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal)
    had, waits = (vault.put(data, "image/jpeg", Priority.CLASS_II, PIECE) for data in (b"had", b"waits"))
    vault.settle(had.sha256)
    vault.relieve()
    assert not vault.path(had.sha256).exists()
    assert vault.path(waits.sha256).exists()


def test_files_of_a_lost_journal_are_brought_all_the_same(tmp_path: Path, journal: Journal) -> None:
    kept = vault_in(tmp_path, journal).put(b"picture", "image/jpeg", Priority.CLASS_II, PIECE)
    spoilt = vault_in(tmp_path, journal).put(b"spoilt", "image/jpeg", Priority.CLASS_II, PIECE)
    vault_in(tmp_path, journal).path(spoilt.sha256).write_bytes(b"spoil")
    fresh = Journal(tmp_path / "new.db")
    fresh.open()
    assert [one.sha256 for one in vault_in(tmp_path, fresh).waiting(9)] == [kept.sha256]
    fresh.close()


def test_a_file_of_no_event_is_swept(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal)
    journal.renewed = False
    stray = vault.path("ab" * 32)
    stray.parent.mkdir()
    stray.write_bytes(b"adopted, but its event was never spooled")
    vault.open()
    assert not stray.exists()


def test_half_written_files_of_a_killed_process_are_swept(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal)
    stray = vault.folder / "x.part"
    stray.write_bytes(b"half")
    vault.open()
    assert not stray.exists()


def test_the_configuration_is_kept_for_this_user_only_and_a_spoilt_one_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    assert configuration.load(file) is None
    config = EdgeConfig(3, (Camera("cam", "site", "rtsp://u:p@h/x", ()),))
    configuration.save(file, config)
    assert configuration.load(file) == config
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(b"{half")
    assert configuration.load(file) is None
