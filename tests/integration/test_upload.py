"""The edge's uploader against the real api: cut off in the middle it goes on there; the gravest goes first."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.wire import EvidenceKind
from edge.counters import Counters
from edge.journal import Journal
from edge.spool import Priority, Spool
from edge.uploader import Account, Uploader
from edge.vault import Piece, Vault
from tests.console_client import served
from tests.console_world import EDGE_SECRET
from tests.ingest_world import eventually

CLIP = bytes(range(251)) * 12_000  # 3 MB


def piece(part: EvidenceKind) -> Piece:
    return Piece("e" * 32, "cam", part)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    journal = Journal(tmp_path / "edge" / "spool.db")
    journal.open()
    vault = Vault(tmp_path / "edge" / "evidence", Spool(journal, 10**7), 10**9, Counters())
    vault.open()
    yield vault
    journal.close()


async def test_an_upload_that_was_cut_off_goes_on_where_it_was(dsn: str, tmp_path: Path, vault: Vault) -> None:
    folder = tmp_path / "platform"
    clip = vault.put(CLIP, "video/mp4", Priority.CLASS_III, piece(EvidenceKind.CLIP))
    partial = folder / "incoming" / f"edge-yx.{clip.sha256}"
    async with served(dsn, folder) as (address, _):

        async def begun() -> bool:
            return partial.exists() and partial.stat().st_size > 500_000

        slow = Uploader(Account(address, "edge-yx", EDGE_SECRET, rate=1_000_000), vault, Counters())
        slow.open()
        await eventually(begun)
        await asyncio.to_thread(slow.close)
        size = partial.stat().st_size
        assert 500_000 < size < len(CLIP)
        assert not (folder / clip.sha256[:2] / clip.sha256).exists()

        counters = Counters()
        grave = vault.put(b"grave", "image/jpeg", Priority.CLASS_I, piece(EvidenceKind.FRAME))
        assert [kept.sha256 for kept in vault.waiting(9)] == [grave.sha256, clip.sha256]
        again = Uploader(Account(address, "edge-yx", EDGE_SECRET), vault, counters)
        again.open()

        async def done() -> bool:
            return counters.snapshot().get("uploads") == 2

        await eventually(done)
        await asyncio.to_thread(again.close)
    kept = folder / clip.sha256[:2] / clip.sha256
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == clip.sha256
    assert not partial.exists()
    assert "uploads_failed" not in counters.snapshot()


async def test_a_file_that_was_spoilt_or_lost_on_the_edges_disk_holds_up_no_other(
    dsn: str, tmp_path: Path, vault: Vault
) -> None:
    spoilt, lost, sound = (
        vault.put(data, "image/jpeg", priority, piece(EvidenceKind.FRAME))
        for data, priority in ((b"one", Priority.CLASS_I), (b"two", Priority.CLASS_I), (b"three", Priority.CLASS_III))
    )
    vault.path(spoilt.sha256).write_bytes(b"eno")
    vault.path(lost.sha256).unlink()
    async with served(dsn, tmp_path / "platform") as (address, _):
        uploader = Uploader(Account(address, "edge-yx", EDGE_SECRET), vault, Counters())
        uploader.open()

        async def done() -> bool:
            return not vault.waiting(1)

        await eventually(done)
        await asyncio.to_thread(uploader.close)
    assert (tmp_path / "platform" / sound.sha256[:2] / sound.sha256).read_bytes() == b"three"
    assert not (tmp_path / "platform" / spoilt.sha256[:2] / spoilt.sha256).exists()
