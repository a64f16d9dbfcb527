"""Open incidents, evidence files and the configuration, as they are found again after a restart."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.camera import Camera, EdgeConfig
from domain.scene import Scene
from domain.wire import Sample, Verdict
from edge import configuration
from edge.counters import Counters
from edge.incidents import Incidents
from edge.journal import Journal
from edge.spool import Priority
from edge.vault import Kept, Vault
from inference.scenes import Cleared, Violation

NOW = datetime(2026, 7, 1, tzinfo=UTC)


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
    assert reborn.orphans("cam") == ["e1"]
    assert reborn.find("cam", violation(1, zone="door")) is None
    assert reborn.find("cam", violation(1)) == "e1"
    reborn.begin("e1", "cam", violation(1))
    assert reborn.orphans("cam") == []
    assert reborn.find("cam", cleared(1)) == "e1"
    assert reborn.find("cam", violation(2)) is None


def vault_in(folder: Path, journal: Journal, cap: int = 10**6) -> Vault:
    vault = Vault(folder / "evidence", journal, cap, Counters())
    vault.open()
    return vault


def test_evidence_is_found_by_its_content_and_waits_until_the_platform_has_it(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal)
    kept = vault.put(b"picture", "image/jpeg", Priority.SCENE)
    assert kept == Kept(hashlib.sha256(b"picture").hexdigest(), "image/jpeg", 7)
    assert vault.path(kept.sha256).read_bytes() == b"picture"
    assert vault_in(tmp_path, journal).waiting(9) == [kept]
    vault.settle(kept.sha256, "done")
    assert vault.waiting(9) == []
    vault.forget_uploaded(3600)
    assert vault.path(kept.sha256).exists()
    vault.forget_uploaded(-1)
    assert not vault.path(kept.sha256).exists()


def test_a_full_vault_gives_up_what_the_platform_has_before_what_it_has_not(tmp_path: Path, journal: Journal) -> None:
    vault = vault_in(tmp_path, journal, cap=300)
    had = vault.put(b"a" * 100, "image/jpeg", Priority.CLASS_I)
    vault.settle(had.sha256, "done")
    grave = vault.put(b"b" * 100, "image/jpeg", Priority.CLASS_I)
    lesser = vault.put(b"c" * 100, "image/jpeg", Priority.SCENE)
    newest = vault.put(b"d" * 100, "image/jpeg", Priority.SCENE)
    assert set(vault.waiting(9)) == {grave, lesser, newest}
    vault.put(b"e" * 100, "image/jpeg", Priority.CLASS_I)
    assert lesser not in vault.waiting(9)
    assert grave in vault.waiting(9)


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
