"""Random draws (双随机): who is inspected, and by whom, drawn by lot, so that anybody can draw again (ADR 34).

Each candidate's key is ln(u) / lots, u the first 53 bits of SHA-256("seed\\nkind\\ncode") as a number in (0, 1]; those
with the greatest keys are drawn (Efraimidis and Spirakis, 2006). Whoever has the seed and the candidates gets the same.
"""

import hashlib
import math
from collections.abc import Sequence
from datetime import date

import msgspec

_BITS = 53


class BadDrawError(ValueError):
    """A draw wants at least one site, has a seed, and not more are wanted than there are candidates."""


class Candidate(msgspec.Struct, frozen=True):
    """One that may be drawn, with its number of lots: at least 1."""

    code: str
    lots: int = 1


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A draw as it is recorded. `day` and `weights`: which risk scores the sites' lots are of; None without scores."""

    authority: str
    seed: str
    day: date | None
    weights: int | None
    sites: tuple[Candidate, ...]
    inspectors: tuple[Candidate, ...]
    drawn_sites: tuple[str, ...]
    drawn_inspectors: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether drawing again gives the same."""
        again = (
            drawn(self.seed, "site", self.sites, len(self.drawn_sites)),
            drawn(self.seed, "inspector", self.inspectors, len(self.drawn_inspectors)),
        )
        return again == (self.drawn_sites, self.drawn_inspectors)


def lots(score: int) -> int:
    """A site's lots by its risk score: none is safe from being drawn, one of score 99 has a hundred times the lots."""
    return 1 + score


def drawn(seed: str, kind: str, candidates: Sequence[Candidate], n: int) -> tuple[str, ...]:
    """The codes of `n` of the candidates, in the order in which they were drawn."""
    keys = sorted((-_key(seed, kind, one), one.code) for one in candidates)
    return tuple(code for _, code in keys[:n])


def _key(seed: str, kind: str, one: Candidate) -> float:
    number = int.from_bytes(hashlib.sha256(f"{seed}\n{kind}\n{one.code}".encode()).digest()[:8], "big") >> (64 - _BITS)
    return math.log((number + 1) / 2**_BITS) / one.lots


def check(seed: str, sites: int, inspectors: int, among: tuple[int, int]) -> None:
    """Raise BadDrawError with the exact fault. `among`: how many sites and inspectors there are."""
    if not seed.strip() or len(seed) > 200 or not seed.isprintable():
        raise BadDrawError("the seed is a line of 1 to 200 letters")
    if not 1 <= sites <= among[0]:
        raise BadDrawError(f"{sites} sites are wanted, there are {among[0]}")
    if not 0 <= inspectors <= among[1]:
        raise BadDrawError(f"{inspectors} inspectors are wanted, there are {among[1]}")


def digest(draw: Draw) -> str:
    """The SHA-256 of a draw in canonical JSON."""
    return hashlib.sha256(msgspec.json.encode(draw, order="sorted")).hexdigest()
