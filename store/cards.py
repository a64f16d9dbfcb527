"""Yellow and red cards of sites: issued by the ladder, lifted by a regulator; rows are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card, and how it was lifted, if it was. `rule_zh`: what the alert was about."""

    id: int
    site_id: int
    alert_id: int
    colour: str
    issued: datetime
    rule_zh: str
    rule_en: str
    lifted: datetime | None
    lifted_by: str | None
    reason: str | None


async def issue(connection: Connection, cards: Sequence[tuple[int, int, str]]) -> None:
    """Issue cards by (site, alert, colour). An alert has one of a colour that is not lifted, at most."""
    if cards:
        await connection.execute(
            "INSERT INTO card (site_id, alert_id, colour) SELECT site, alert, shade"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS new (site, alert, shade) WHERE NOT EXISTS ("
            "  SELECT FROM card WHERE alert_id = alert AND colour = shade"
            "  AND NOT EXISTS (SELECT FROM card_lift WHERE card_id = card.id))",
            ([site for site, _, _ in cards], [alert for _, alert, _ in cards], [shade for _, _, shade in cards]),
        )


async def of_site(connection: Connection, site: int, limit: int = 50) -> list[CardRow]:
    """A site's cards, those in force first, then the newest."""
    async with connection.cursor(row_factory=class_row(CardRow)) as cursor:
        await cursor.execute(
            "SELECT card.id, card.site_id, card.alert_id, card.colour, card.issued,"
            " coalesce(rule.body->>'zh', alert.rule_code) AS rule_zh,"
            " coalesce(rule.body->>'en', alert.rule_code) AS rule_en, lift.at AS lifted,"
            " CASE WHEN lift.card_id IS NOT NULL THEN coalesce(person.name, '—') END AS lifted_by, lift.reason"
            " FROM card JOIN alert ON alert.id = card.alert_id"
            " LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version"
            " LEFT JOIN card_lift AS lift ON lift.card_id = card.id LEFT JOIN person ON person.id = lift.person_id"
            " WHERE card.site_id = %s ORDER BY lift.at IS NOT NULL, card.issued DESC, card.id DESC LIMIT %s",
            (site, limit),
        )
        return await cursor.fetchall()


async def lift(connection: Connection, site: int, card: int, person: int, reason: str) -> bool | None:
    """Lift a card of that site; False where it was lifted before, None where the person sees no such card."""
    cursor = await connection.execute("SELECT FROM card WHERE id = %s AND site_id = %s", (card, site))
    if await cursor.fetchone() is None:
        return None
    cursor = await connection.execute(
        "INSERT INTO card_lift (card_id, person_id, reason) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (card, person, reason),
    )
    return cursor.rowcount == 1
