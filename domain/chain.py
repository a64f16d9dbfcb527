"""The chain of a camera's evidence: how a statement is hashed, and what is wrong with a row of them (ADR 17)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

GENESIS = "0" * 64  # `previous` of a chain's first link


class Fault(StrEnum):
    """What breaks a chain."""

    EDITED = "edited"  # its bytes do not give the hash that was recorded, or the tables say something else
    MISSING = "missing"  # links before it have not come, or were deleted
    UNJOINED = "unjoined"  # it does not follow the link before it
    FORKED = "forked"  # two statements claim the same place


@dataclass(frozen=True, slots=True)
class Standing:
    """A kept link. `sound`: the bytes that are kept give `hash`, and say the same place."""

    chain: str
    index: int
    previous: str
    hash: str
    sound: bool


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is broken; `since` is the first missing index, or `index` itself."""

    chain: str
    index: int
    fault: Fault
    since: int


def digest(statement: bytes) -> str:
    """The hash of a statement, SHA-256 in hex: of its bytes as the edge spooled them, its own link among them.

    These bytes are the canonical form. They travel and are kept as they are: who verifies encodes nothing anew.
    """
    return hashlib.sha256(statement).hexdigest()


def breaks(links: Iterable[Standing], *, whole: bool = True) -> Iterator[Break]:
    """What is wrong with the links of one chain, given in the order of their index; nothing for an intact one.

    `whole`: they begin where the chain begins; else what lies before the first is not looked at.
    """
    before: Standing | None = None
    for link in links:
        if not link.sound:
            yield Break(link.chain, link.index, Fault.EDITED, link.index)
        if before is not None or whole:
            yield from _joint(before, link)
        before = link


def _joint(before: Standing | None, link: Standing) -> Iterator[Break]:
    index, last = (0, GENESIS) if before is None else (before.index, before.hash)
    if link.index == index:
        yield Break(link.chain, link.index, Fault.FORKED, link.index)
    elif link.index != index + 1:
        yield Break(link.chain, link.index, Fault.MISSING, index + 1)
    elif link.previous != last:
        yield Break(link.chain, link.index, Fault.UNJOINED, link.index)
