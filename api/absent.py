"""Pictures that are not there any more: a page says when they were deleted instead of showing a broken one."""

from collections.abc import Iterable, Mapping

from api.vault import Vault
from store import evidence_keeping
from store.connection import Connection
from store.evidence_keeping import Tombstone

Absent = Mapping[str, Tombstone | None]  # by SHA-256; None: gone, and nobody wrote down why


async def absent(connection: Connection, vault: Vault, addresses: Iterable[str | None]) -> Absent:
    """Those of these bytes that are not there, with their tombstones as far as the person may see them."""
    lacking = [sha256 for sha256 in addresses if sha256 is not None and not vault.has(sha256)]
    stones = await evidence_keeping.tombstones(connection, lacking) if lacking else {}
    return {sha256: stones.get(sha256) for sha256 in lacking}
