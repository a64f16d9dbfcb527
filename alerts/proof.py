"""What was measured while a condition lasted: how much is excused, on how many samples it held, what proves it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.incident import Change
from domain import course, derived, finding, predicate
from domain.course import Hits, Spell
from domain.rule import Rule, RuleKind
from store import proof
from store.connection import Connection
from store.proof import Proved


async def excused(
    connection: Connection, rule: Rule, device: int | None, since: datetime, until: datetime
) -> timedelta:
    """How much of the time was excused by the rule's guards, together."""
    if device is None or not rule.guards:
        return timedelta(0)
    excuses: list[Spell] = []
    for guard in rule.guards:
        begin = since - timedelta(seconds=guard.at_most_s)
        if guard.when:
            asked = predicate.parse(guard.when)
            cells = await proof.cells(connection, device, asked.metrics, begin, until)
            spells = course.spells(asked, cells, until.timestamp())
        else:
            spells = await proof.events(connection, device, guard.event, begin, until)
        excuses += [course.limited(spell, guard.at_most_s) for spell in spells]
    return timedelta(seconds=course.covered(excuses, since.timestamp(), until.timestamp()))


async def hits(connection: Connection, rule: Rule, device: int, since: datetime, until: datetime) -> Hits:
    """On how many of the samples since then the rule's predicate held."""
    asked = predicate.parse(rule.predicate)
    cells = await proof.cells(connection, device, asked.metrics, since, until)
    return course.hits(asked, cells, since.timestamp())


async def keep(connection: Connection, raised: Sequence[tuple[int, int | None, Rule, Change]]) -> None:
    """Store the samples that proved alerts: (alert, device, rule, change)."""
    await proof.keep(connection, [_proved(*one) for one in raised if one[2].needs_predicate])


def _proved(alert: int, device: int | None, rule: Rule, change: Change) -> Proved:
    asked = predicate.parse(rule.predicate).metrics
    read = {one.metric if (one := derived.read(name)) else name for name in asked} | asked
    measured = rule.kind is RuleKind.THRESHOLD
    figures = {} if measured else finding.read(change.why.rpartition(": ")[2]) or {}
    return Proved(alert, device, read if measured else (), change.at, figures)
