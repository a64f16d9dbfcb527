"""An alert that a person makes: with deadline, clocks, history and pushes as one of the machine's, at once."""

from dataclasses import dataclass
from datetime import timedelta

from alerts.audience import Turn, audiences
from alerts.clockwork import Begun, Clockwork
from domain.alert import Condition, Status
from domain.by_hand import RULE, VERSION
from domain.rule import Rule, RuleKind
from domain.severity import Severity
from store import alerts, by_hand, pushes
from store.alerts import HistoryEntry, NewAlert, Subject
from store.by_hand import Origin
from store.connection import Connection
from store.people import Person
from store.pushes import News


@dataclass(frozen=True, slots=True)
class Order:
    """What a person wants of it: its class, how long people have got, and what is to be put right."""

    severity: Severity
    allowed: timedelta
    words: str


_clockwork = Clockwork()


async def make(connection: Connection, person: Person, origin: Origin, order: Order) -> int:
    """Raise the alert in the caller's transaction; returns its id.

    Its condition is over from the first: no machine watches it, so that closing it waits for people alone.
    """
    named = f"{RULE} {origin.finding_id or f'{origin.inspection_id} {origin.item}'}"  # one open alert of each
    subject = Subject(RULE, None, origin.camera_id, named, None if origin.camera_id is not None else origin.site_id)
    new = NewAlert(
        subject, VERSION, origin.site_id, None, order.severity, origin.at, origin.at, order.allowed, order.words
    )
    alert = (await alerts.add(connection, [new]))[subject]
    await _clockwork.look(connection)
    await _clockwork.raised(connection, [Begun(alert, _bearing(order), origin.site_id, over=True)])
    entry = HistoryEntry(alert, "raised", None, Status.OPEN, Condition.CLEARED, order.words, person.id)
    await alerts.add_history(connection, [entry])
    news = [News(alert, origin.site_id, Turn.RAISED, audience) for audience in audiences(Turn.RAISED, order.severity)]
    await pushes.enqueue(connection, news)
    await by_hand.note(connection, alert, person.id, origin, await by_hand.pictures(connection, origin))
    await alerts.announce(connection, [alert])
    return alert


def _bearing(order: Order) -> Rule:
    """The rule as this alert bears it."""
    return Rule(
        RULE, VERSION, RuleKind.EVENT, "人工发现", "Found by a person", order.severity, "ours", codes=(RULE,),
        deadline_s=order.allowed.total_seconds(),
    )  # fmt: skip
