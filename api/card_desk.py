"""Yellow and red cards: who may lift one, and what is kept of it."""

from api.alert_model import Names
from api.desk import Desk
from api.place_model import Card
from api.problem import ProblemError, not_found
from domain.alert import Role
from store import cards, people, places
from store.cards import CardRow
from store.people import Person


def card(row: CardRow) -> Card:
    """One card as REST says it."""
    return Card(
        id=row.id,
        alert=row.alert_id,
        colour="red" if row.colour == "red" else "yellow",
        rule=Names(zh=row.rule_zh, en=row.rule_en),
        issued=row.issued,
        lifted=row.lifted,
        lifted_by=row.lifted_by,
        reason=row.reason,
    )


async def of_site(at: Desk, person: Person, site: int) -> list[Card]:
    """A site's cards, those in force first; 404 for another tenant's site."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site) is None:
            raise not_found()
        return [card(row) for row in await cards.of_site(connection, site)]


async def lift(at: Desk, person: Person, site: int, which: int, reason: str) -> None:
    """A regulator lifts a card, with a reason; it is audited. Raises ProblemError."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site) is None:
            raise not_found()
        if person.role is not Role.REGULATOR or not person.may_act:
            raise ProblemError(403, "role", {"role": Role.REGULATOR})
        if not reason.strip():
            raise ProblemError(422, "card_reason")
        done = await cards.lift(connection, site, which, person.id, reason.strip())
        if done is None:
            raise not_found()
        if not done:
            raise ProblemError(409, "card_gone")
        await people.audit(connection, person, "card_lifted", {"card": which, "site": site, "reason": reason.strip()})
