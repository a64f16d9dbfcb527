"""The doctor names what is wrong and what to do about it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mingchu import doctor
from mingchu.doctor import Level
from store.process import Backlog, ProcessRow

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def spoke(service: str, ago: timedelta, instance: str = "1") -> ProcessRow:
    return ProcessRow(service, instance, 7, NOW - timedelta(hours=3), NOW - ago, 1.0, 2**20, {})


def test_a_process_that_speaks_is_well_and_one_that_is_silent_is_not() -> None:
    quiet, away = timedelta(seconds=12), timedelta(minutes=9)
    found = doctor.processes([spoke("alerts", quiet), spoke("api", quiet), spoke("ingest", away)], NOW)
    assert [(one.what, one.level, one.seen) for one in found] == [
        ("alerts 1", Level.OK, "process 7, up for 3 h"),
        ("api 1", Level.OK, "process 7, up for 3 h"),
        ("ingest 1", Level.FAIL, "not heard for 9 min"),
    ]
    assert "mingchu doctor --forget ingest:1" in found[2].mend


def test_a_service_that_never_ran_is_missed() -> None:
    found = doctor.processes([spoke("api", timedelta())], NOW)
    assert {one.what for one in found if one.level is Level.FAIL} == {"ingest", "alerts"}


def test_what_waits_for_minutes_is_stuck() -> None:
    waiting = [
        Backlog("signals", 3, NOW - timedelta(seconds=2)),
        Backlog("pushes", 40, NOW - timedelta(minutes=20)),
        Backlog("conditions", 9, NOW - timedelta(hours=2)),  # they wait for their rule's duration
    ]
    levels = {one.what: one.level for one in doctor.backlog(waiting, NOW)}
    assert levels == {"signals": Level.OK, "pushes": Level.WARN, "conditions": Level.OK}


def test_a_disk_without_room_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.disk(tmp_path / "nowhere").level is Level.FAIL
    usage = type(shutil.disk_usage(tmp_path))
    for free, level in ((2**30, Level.WARN), (50 * 2**30, Level.OK)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(100 * 2**30, 0, free))
        assert doctor.disk(tmp_path).level is level


def test_a_house_that_is_not_there_is_all_findings_and_no_error(tmp_path: Path) -> None:
    import asyncio

    from mingchu.settings import Settings

    settings = Settings(data_dir=tmp_path / "none", backup_dir=tmp_path, api_port=1)

    async def look() -> list[doctor.Finding]:
        return [one async for one in doctor.examine(settings)]

    found = {one.what.split(" ")[0]: one for one in asyncio.run(look())}
    assert {what: one.level for what, one in found.items()} == dict.fromkeys(
        ("disk", "database", "broker", "console", "backup"), Level.FAIL
    )
    assert all(one.mend for one in found.values())
