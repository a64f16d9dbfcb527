"""The commands of oversight, as somebody types them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from alerts.risk import shipped
from domain.period import ZONE, Span, closed
from mingchu.cli import app
from mingchu.risk_commands import as_toml
from store import risk
from store.connection import connect
from tests.console_world import busy_day, registered


async def _town(dsn: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy_day(await registered(dsn, folder / "evidence"))
    (folder / "evidence" / "incoming").mkdir()
    async with await connect(dsn, autocommit=True) as owner:
        await risk.install(owner, shipped())
    monkeypatch.setenv("MINGCHU_DATABASE_URL", dsn)
    monkeypatch.setenv("MINGCHU_DATA_DIR", str(folder))


def _says(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


@pytest.fixture
def town(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    asyncio.run(_town(dsn, tmp_path, monkeypatch))
    return tmp_path


def test_scores_draws_and_reports_by_hand(town: Path, dsn: str) -> None:
    code, said = _says("risk", "compute", "--first", "2")
    assert (code, "9 sites and devices, weights 2" in said) == (0, True)
    today = str(datetime.now(UTC).astimezone(ZONE).date())
    assert _says("risk", "verify", today) == (0, "the same\n")
    code, said = _says("draw", "--authority", "gz.yx", "--sites", "2", "--inspectors", "1", "--seed", "07 12")
    assert (code, said.count("site       "), said.count("inspector  ")) == (0, 2, 1)
    code, said = _says("draw", "--verify", "1")
    assert (code, said.count("ok ")) == (0, 4)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE draw SET body = jsonb_set(body, '{seed}', '\"08\"')")
        connection.execute("UPDATE risk_score SET score = 100 - score")
    assert [line.split()[0] for line in _says("draw", "--verify", "1")[1].splitlines()] == [
        "FAILED", "ok", "FAILED", "FAILED",
    ]  # fmt: skip
    assert _says("risk", "verify", today)[0] == 1
    for suffix, begin in (("html", b"<!doctype"), ("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{")):
        file = town / f"report.{suffix}"
        assert _says("report", "day", "--authority", "gz", "--out", str(file))[0] == 0
        assert file.read_bytes().startswith(begin)
    assert _says("report", "--verify", "1")[0] == 0
    day = str(closed(Span.DAY, datetime.now(UTC)).first)
    assert '"raised"' in _says("report", "day", "--of", day, "--site", "tower")[1]
    assert _says("report", "month", "--of", "2199-01-01", "--site", "tower")[0] == 2


def test_weights_and_how_long_evidence_is_kept(town: Path) -> None:
    file = town / "city.toml"
    file.write_text(_says("risk", "weights")[1], encoding="utf-8")
    assert file.read_text(encoding="utf-8") == as_toml(shipped())
    assert _says("risk", "weights", str(file))[0] == 2, "the version is to be raised"
    file.write_text(file.read_text(encoding="utf-8").replace("version = 2", "version = 3"), encoding="utf-8")
    assert _says("risk", "weights", str(file)) == (0, "version 3 counts from the next scores on\n")
    assert "class II      365 days" in _says("evidence", "retention", "2", "365")[1]
    assert _says("evidence", "expire") == (0, "0 files deleted\n")
    assert _says("evidence", "holds") == (0, "")
    assert _says("risk", "patrol") == (0, "")
