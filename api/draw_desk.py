"""What pages and REST do with random draws: list, draw, look whether a record still holds."""

import secrets
from dataclasses import dataclass

from api.desk import Desk
from api.problem import ProblemError, not_found
from domain.alert import Role
from domain.draw import BadDrawError, digest
from store import draws
from store.draws import DrawRow, Kept, Name
from store.people import Person


@dataclass(frozen=True, slots=True)
class Examined:
    """One draw with the names that the reader may know. `holds`: it is as it was drawn."""

    kept: Kept
    sites: dict[str, Name]
    inspectors: dict[str, Name]
    holds: bool
    misweighted: list[str]


def may_draw(person: Person) -> bool:
    """Drawing is for people of an authority."""
    return person.authority is not None and person.role is not Role.OPERATOR


async def listed(at: Desk, person: Person, limit: int, before: int = draws.NO_END) -> list[DrawRow]:
    """The newest draws that the person may see, of lower ids than `before`."""
    async with at.scoped(person) as connection:
        return await draws.page(connection, limit, before)


async def perform(at: Desk, person: Person, seed: str, *, sites: int, inspectors: int) -> int:
    """Draw by lot among the sites and regulators of the person's authority; returns the draw's id. ProblemError 422."""
    if not may_draw(person):
        raise ProblemError(403, "role")
    assert person.authority is not None
    chosen = seed.strip() or secrets.token_hex(16)
    try:
        async with at.scoped(person) as connection:
            return await draws.perform(connection, person, person.authority, chosen, sites=sites, inspectors=inspectors)
    except BadDrawError as error:
        raise ProblemError(422, "draw") from error


async def examined(at: Desk, person: Person, draw: int) -> Examined:
    """One draw, drawn again; 404 where there is none or it is another tenant's."""
    async with at.scoped(person) as connection:
        kept = await draws.one(connection, draw)
        if kept is None:
            raise not_found()
        return Examined(
            kept,
            await draws.site_names(connection, kept.draw.drawn_sites),
            await draws.inspector_names(connection, kept.draw.drawn_inspectors),
            kept.audited and kept.draw.holds and digest(kept.draw) == kept.sha256,
            await draws.misweighted(connection, kept),
        )
