"""Clocks of alerts: started, cancelled and fired under their alert's row lock, by the database's time alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg.rows import class_row

from domain.alert import Condition, Status
from domain.severity import Severity
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Sort:
    """What clocks of one rung have in common; `ends` are the marks that cancel one, with blanks between them."""

    ladder: str
    version: int
    rung: str
    kind: str
    ends: str


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to be started, due so long after the transaction's time."""

    alert_id: int
    sort: Sort
    after: timedelta


@dataclass(frozen=True, slots=True)
class Ripe:
    """A clock whose time has come, with what firing it needs of its alert; `now` is the transaction's time."""

    id: int
    alert_id: int
    ladder: str
    version: int
    rung: str
    due: datetime
    now: datetime
    site_id: int
    severity: Severity
    status: Status
    condition: Condition

    def __post_init__(self) -> None:
        object.__setattr__(self, "severity", Severity(self.severity))
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "condition", Condition(self.condition))


@dataclass(frozen=True, slots=True)
class Facts:
    """What starting an alert's clocks needs. `allowed_s`: the rule's own deadline, None for its class's.

    `appeal_s`: how long the regulator has got to answer an appeal.
    """

    rule_code: str
    severity: Severity
    site_id: int
    allowed_s: float | None
    appeal_s: float
    now: datetime
    climbed: list[str]  # the ladders that it is on already, as code:version
    running: list[str]  # those of them that have a clock running, by code

    def __post_init__(self) -> None:
        object.__setattr__(self, "severity", Severity(self.severity))

    @property
    def ladders(self) -> frozenset[tuple[str, int]]:
        """Code and version of each ladder that it is on."""
        parts = (one.rpartition(":") for one in self.climbed)
        return frozenset((code, int(version)) for code, _, version in parts)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock as people see it."""

    ladder: str
    rung: str
    kind: str
    started: datetime
    due: datetime
    done: datetime | None
    outcome: str | None
    paused: datetime | None  # since when it waits, for an appeal or an outage
    zh: str  # the ladder's
    en: str


async def now(connection: Connection) -> datetime:
    """The transaction's time."""
    row = await (await connection.execute("SELECT now()")).fetchone()
    assert row is not None
    assert isinstance(row[0], datetime)
    return row[0]


# Most of what a batch starts is alike: it travels once, and each clock names its sort by number.
_NEW: LiteralString = """
    WITH sort AS (SELECT * FROM unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS sort (ladder, version, rung, kind, ends, number))
    INSERT INTO clock (alert_id, ladder, version, rung, kind, ends, due)
    SELECT alert, ladder, version, rung, kind, string_to_array(ends, ' '), now() + make_interval(secs => span)
    FROM unnest(%s::bigint[], %s::bigint[], %s::float8[]) AS new (alert, number, span) JOIN sort USING (number)
"""
_UNLESS_RUNNING: LiteralString = """
    WHERE NOT EXISTS (SELECT FROM clock AS runs WHERE runs.alert_id = alert AND runs.ladder = sort.ladder
        AND runs.rung = sort.rung AND runs.done IS NULL)
"""


async def start(connection: Connection, new: Sequence[NewClock]) -> None:
    """Let them run; one that runs already goes on as it is. The alerts are locked."""
    if new:
        await connection.execute(_NEW + _UNLESS_RUNNING, _columns(new))


async def start_first(connection: Connection, new: Sequence[NewClock]) -> None:
    """Let the clocks of alerts run that were raised in this transaction: none runs yet."""
    if new:
        await connection.execute(_NEW, _columns(new))


def _columns(new: Sequence[NewClock]) -> tuple[Sequence[object], ...]:
    numbers = {sort: number for number, sort in enumerate(dict.fromkeys(one.sort for one in new), 1)}
    return (
        [one.ladder for one in numbers],
        [one.version for one in numbers],
        [one.rung for one in numbers],
        [one.kind for one in numbers],
        [one.ends for one in numbers],
        [one.alert_id for one in new],
        [numbers[one.sort] for one in new],
        [one.after.total_seconds() for one in new],
    )


async def cancel(connection: Connection, alerts: Collection[int], mark: str, *, every: bool = False) -> None:
    """A mark ends the clocks that say so, or `every` one."""
    if alerts:
        await connection.execute(
            "UPDATE clock SET done = now(), outcome = 'cancelled', why = %(mark)s WHERE alert_id = ANY(%(alerts)s)"
            " AND done IS NULL AND (%(every)s OR %(mark)s = ANY(ends))",
            {"mark": mark, "alerts": list(alerts), "every": every},
        )


async def pause(connection: Connection, alerts: Collection[int], kinds: Collection[str]) -> None:
    """Let locked alerts' clocks of those kinds stand still, until `resume` or an appeal's verdict (store.workflow)."""
    if alerts:
        await connection.execute(
            "UPDATE clock SET paused = now() WHERE alert_id = ANY(%s) AND done IS NULL AND paused IS NULL"
            " AND kind = ANY(%s)",
            (list(alerts), list(kinds)),
        )


async def resume(connection: Connection, alerts: Collection[int]) -> None:
    """Let what stands still go on, with as much time left as there was; what waits for an appeal still waits."""
    if alerts:
        await connection.execute(
            "UPDATE clock SET due = due + (now() - paused), paused = NULL WHERE alert_id = ANY(%s) AND done IS NULL"
            " AND paused IS NOT NULL AND NOT EXISTS (SELECT FROM appeal WHERE appeal.alert_id = clock.alert_id"
            "  AND decided IS NULL)",
            (list(alerts),),
        )


async def ripe(connection: Connection, limit: int) -> list[Ripe]:
    """Clocks whose time has come, longest overdue first. Nothing is locked yet."""
    async with connection.cursor(row_factory=class_row(Ripe)) as cursor:
        await cursor.execute(
            "SELECT clock.id, alert_id, ladder, clock.version, rung, clock.due, now() AS now, site_id, severity,"
            " status, condition"
            " FROM (SELECT * FROM clock WHERE done IS NULL AND paused IS NULL AND due <= now() ORDER BY due LIMIT %s)"
            " AS clock"
            " JOIN alert ON alert.id = alert_id ORDER BY clock.due, clock.id",
            (limit,),
        )
        return await cursor.fetchall()


async def take(connection: Connection, clocks: Sequence[Ripe]) -> list[Ripe]:
    """Lock the alerts, and mark as fired those of the clocks that still run: each is taken once.

    They come back with their alerts as these are under the lock.
    """
    await connection.execute(
        "SELECT FROM alert WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list({one.alert_id for one in clocks}),)
    )
    async with connection.cursor(row_factory=class_row(Ripe)) as cursor:
        await cursor.execute(
            "UPDATE clock SET done = now(), outcome = 'fired' FROM alert WHERE clock.id = ANY(%s) AND done IS NULL"
            " AND paused IS NULL AND clock.due <= now() AND alert.id = clock.alert_id"
            " RETURNING clock.id, alert_id, ladder, clock.version, rung, clock.due, now() AS now, site_id, severity,"
            " status, condition",
            ([one.id for one in clocks],),
        )
        return sorted(await cursor.fetchall(), key=lambda one: (one.due, one.id))


async def fail(connection: Connection, clock: Ripe, fault: str) -> None:
    """One that cannot be fired stops, with its fault."""
    await connection.execute(
        "UPDATE clock SET done = now(), outcome = 'failed', why = %s WHERE id = %s AND done IS NULL",
        (fault, clock.id),
    )


async def seconds_to_next(connection: Connection) -> float | None:
    """Seconds until the next clock runs out (negative: overdue), by the database's time; None when none runs."""
    cursor = await connection.execute(
        "SELECT extract(epoch FROM min(due) - clock_timestamp())::float8 FROM clock WHERE done IS NULL"
        " AND paused IS NULL"
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else float(str(row[0]))


async def facts(connection: Connection, alerts: Collection[int]) -> dict[int, Facts]:
    """What the alerts are, for starting clocks later in their life."""
    cursor = await connection.execute(
        "SELECT alert.id, rule_code, severity, site_id, (SELECT (rule.body->>'deadline_s')::float8 FROM rule"
        "  WHERE rule.code = rule_code AND rule.version = rule_version), coalesce((SELECT"
        "  (rule.body->>'appeal_s')::float8 FROM rule WHERE rule.code = rule_code AND rule.version = rule_version),"
        "  259200), now(),"
        " ARRAY(SELECT DISTINCT ladder || ':' || clock.version FROM clock WHERE alert_id = alert.id),"
        " ARRAY(SELECT DISTINCT ladder FROM clock WHERE alert_id = alert.id AND done IS NULL)"
        " FROM alert WHERE alert.id = ANY(%s)",
        (list(alerts),),
    )
    return {int(str(row[0])): Facts(*row[1:]) for row in await cursor.fetchall()}  # type: ignore[arg-type]


async def set_due(connection: Connection, alert: int, due: datetime) -> None:
    """When people must have acted by, from now on. The alert is locked."""
    await connection.execute("UPDATE alert SET due = %s WHERE id = %s", (due, alert))


async def call(connection: Connection, calls: Sequence[tuple[int, str, str]]) -> None:
    """Write a push to the channels of a lift's rescuer, by (alert, role, reason), and wake the pusher at commit."""
    if calls:
        await connection.execute(
            "INSERT INTO push (alert_id, channel_id, reason, role) SELECT alert.id, channel.id, wanted.reason,"
            " wanted.role FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (alert, role, reason)"
            " JOIN alert ON alert.id = wanted.alert JOIN device_rescuer AS served"
            " ON served.device_id = alert.device_id AND served.role = wanted.role"
            " JOIN channel ON channel.rescuer_id = served.rescuer_id AND channel.enabled",
            ([alert for alert, _, _ in calls], [role for _, role, _ in calls], [reason for _, _, reason in calls]),
        )
        await connection.execute("SELECT pg_notify('mingchu_push', '')")


async def of_alert(connection: Connection, alert: int) -> list[ClockRow]:
    """Every clock of an alert, in the order in which they run or ran out."""
    async with connection.cursor(row_factory=class_row(ClockRow)) as cursor:
        await cursor.execute(
            "SELECT clock.ladder, rung, kind, started, due, done, outcome, paused, ladder.body->>'zh' AS zh,"
            " ladder.body->>'en' AS en FROM clock JOIN ladder ON ladder.code = clock.ladder"
            " AND ladder.version = clock.version WHERE alert_id = %s ORDER BY due, rung, started",
            (alert,),
        )
        return await cursor.fetchall()


def late(clock: Ripe) -> timedelta:
    """How long after its time a clock is fired."""
    return clock.now - clock.due
