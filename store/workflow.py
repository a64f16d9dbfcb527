"""What people do to an alert: the locked case, the move, the operator's report and the regulator's verdict."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from domain.alert import Condition, Status
from domain.severity import Severity
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Case:
    """An alert under its row lock. `cleared_s`: for how long the condition has been CLEARED, None while ACTIVE."""

    id: int
    site_id: int
    severity: Severity
    status: Status
    condition: Condition
    version: int
    cleared_s: float | None
    recheck_s: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "severity", Severity(self.severity))
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "condition", Condition(self.condition))


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that was stored under its SHA-256; size in bytes."""

    sha256: str
    media_type: str
    size: int


async def lock(connection: Connection, alert: int) -> Case | None:
    """Lock an alert until the transaction ends; None where there is none, or none that the person may see."""
    async with connection.cursor(row_factory=class_row(Case)) as cursor:
        await cursor.execute(
            "SELECT alert.id, site_id, severity, status, condition, alert.version,"
            " CASE condition WHEN 'CLEARED' THEN extract(epoch FROM clock_timestamp() - cleared)::float8 END"
            " AS cleared_s,"
            " coalesce((SELECT (rule.body->>'recheck_s')::float8 FROM rule WHERE rule.code = alert.rule_code"
            "  AND rule.version = alert.rule_version), 0) AS recheck_s"
            " FROM alert WHERE alert.id = %s FOR UPDATE",
            (alert,),
        )
        return await cursor.fetchone()


async def move(connection: Connection, alert: int, target: Status) -> int:
    """Give a locked alert its new status; returns its new version."""
    cursor = await connection.execute(
        "UPDATE alert SET status = %s, version = version + 1, changed = clock_timestamp() WHERE id = %s"
        " RETURNING version",
        (target, alert),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def add_rectification(
    connection: Connection, alert: int, person: int, text: str, photos: Sequence[Photo]
) -> None:
    """The operator's report; the same photo twice is one."""
    cursor = await connection.execute(
        "INSERT INTO rectification (alert_id, person_id, text) VALUES (%s, %s, %s) RETURNING id", (alert, person, text)
    )
    row = await cursor.fetchone()
    assert row is not None
    for photo in photos:
        await connection.execute(
            "INSERT INTO rectification_photo (rectification_id, sha256, media_type, size) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (row[0], photo.sha256, photo.media_type, photo.size),
        )


async def add_review(connection: Connection, alert: int, person: int, verdict: str, reason: str) -> None:
    """The regulator's verdict: accept, reject or dismiss."""
    await connection.execute(
        "INSERT INTO review (alert_id, person_id, verdict, reason) VALUES (%s, %s, %s, %s)",
        (alert, person, verdict, reason),
    )
