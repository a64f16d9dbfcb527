"""What people do to an alert: the locked case, the move, and the papers that come with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row, scalar_row

from domain.alert import Appeal, Condition, Recheck, Side, Status
from domain.severity import Severity
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Case:
    """An alert and what its gates ask.

    `cleared_s`: for how long the machine has seen it clear, since the last report if there is one; None while ACTIVE.
    `authority`: the responsible one, `supervised`: the one above that supervises. `recheck`: of the last report, None
    while it runs, or without one. `human`: what the draw said, None before it.
    """

    id: int
    site_id: int
    severity: Severity
    status: Status
    condition: Condition
    version: int
    cleared_s: float | None
    recheck_s: float
    authority: str
    supervised: str | None
    appeal: Appeal
    recheck: Recheck | None
    human: bool | None
    appeal_s: float
    now: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "severity", Severity(self.severity))
        object.__setattr__(self, "status", Status(self.status))
        object.__setattr__(self, "condition", Condition(self.condition))
        object.__setattr__(self, "appeal", Appeal(self.appeal))
        object.__setattr__(self, "recheck", None if self.recheck is None else Recheck(self.recheck))


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that was stored under its SHA-256; size in bytes.

    `claimed`: when it was taken, as its EXIF ('exif') or its file ('file') says. `kind`: 'photo' or 'signature'.
    """

    sha256: str
    media_type: str
    size: int
    claimed: datetime | None = None
    claimed_by: str | None = None
    kind: str = "photo"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom an alert can be given to; `side` is the operator's or the authority's."""

    id: int
    name: str
    side: Side

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))


_CASE: LiteralString = """
    SELECT alert.id, alert.site_id, alert.severity, alert.status, alert.condition, alert.version,
        CASE alert.condition WHEN 'CLEARED' THEN extract(epoch FROM clock_timestamp() - greatest(alert.cleared,
            (SELECT max(at) FROM rectification WHERE rectification.alert_id = alert.id)))::float8 END AS cleared_s,
        coalesce((rule.body->>'recheck_s')::float8, 0) AS recheck_s,
        coalesce(alert.authority, site.authority)::text AS authority, alert.supervised::text AS supervised,
        coalesce((SELECT CASE WHEN decided IS NULL THEN 'waiting' ELSE 'decided' END FROM appeal
            WHERE appeal.alert_id = alert.id), 'none') AS appeal,
        (SELECT result FROM recheck WHERE recheck.alert_id = alert.id
            ORDER BY rectification_id DESC LIMIT 1) AS recheck,
        (SELECT human FROM audit_draw WHERE audit_draw.alert_id = alert.id) AS human,
        coalesce((rule.body->>'appeal_s')::float8, 259200) AS appeal_s, clock_timestamp() AS now
    FROM alert JOIN site ON site.id = alert.site_id
    LEFT JOIN rule ON rule.code = alert.rule_code AND rule.version = alert.rule_version WHERE alert.id = %s
"""
# Who may be given an alert: the operator's own people, and regulators who may act on it.
_FIT: LiteralString = """
    FROM person, alert JOIN site ON site.id = alert.site_id WHERE alert.id = %(alert)s AND person.enabled
        AND (person.operator_id = site.operator_id OR person.role = 'regulator'
            AND person.authority @> coalesce(alert.authority, site.authority))
"""


async def lock(connection: Connection, alert: int) -> Case | None:
    """Lock an alert until the transaction ends; None where there is none, or none that the person may see."""
    # Two statements: one that waited for the lock would see what others wrote beside the alert as it was before.
    await connection.execute("SELECT FROM alert WHERE id = %s FOR UPDATE", (alert,))
    return await look(connection, alert)


async def look(connection: Connection, alert: int) -> Case | None:
    """An alert as its gates see it, unlocked; None where the person may not see it."""
    async with connection.cursor(row_factory=class_row(Case)) as cursor:
        await cursor.execute(_CASE, (alert,))
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
    connection: Connection, alert: int, person: int, text: str, photos: Sequence[Photo], *, watch_s: float = 0.0
) -> None:
    """The operator's report; the same photo twice is one. The machine looks for `watch_s` from now on."""
    cursor = await connection.execute(
        "INSERT INTO rectification (alert_id, person_id, text) VALUES (%s, %s, %s) RETURNING id", (alert, person, text)
    )
    row = await cursor.fetchone()
    assert row is not None
    for photo in photos:
        await connection.execute(
            "INSERT INTO rectification_photo (rectification_id, sha256, media_type, size, kind, claimed, claimed_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (row[0], photo.sha256, photo.media_type, photo.size, photo.kind, photo.claimed, photo.claimed_by),
        )
    if watch_s > 0:
        await connection.execute(
            "INSERT INTO recheck (rectification_id, alert_id, watch_s, next_look)"
            " VALUES (%s, %s, %s, now() + make_interval(secs => %s))",
            (row[0], alert, watch_s, watch_s),
        )


async def add_review(connection: Connection, alert: int, person: int, verdict: str, reason: str) -> None:
    """The regulator's verdict: accept, reject or dismiss."""
    await connection.execute(
        "INSERT INTO review (alert_id, person_id, verdict, reason) VALUES (%s, %s, %s, %s)",
        (alert, person, verdict, reason),
    )


async def candidates(
    connection: Connection, alert: int, after: tuple[str, int] = ("", 0), limit: int = 200
) -> list[Candidate]:
    """Whom the person can give the alert to: those fit for it whom row-level security shows, by name."""
    async with connection.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(
            "SELECT person.id, person.name, CASE WHEN person.operator_id IS NULL THEN 'authority' ELSE 'operator' END"
            " AS side" + _FIT + " AND (person.name, person.id) > (%(name)s, %(id)s) ORDER BY person.name, person.id"
            " LIMIT %(limit)s",
            {"alert": alert, "name": after[0], "id": after[1], "limit": limit},
        )
        return await cursor.fetchall()


async def assignable(connection: Connection, alert: int, person: int) -> bool:
    """Whether the alert can be given to that person."""
    cursor = await connection.execute(
        "SELECT person.id" + _FIT + " AND person.id = %(person)s", {"alert": alert, "person": person}
    )
    return await cursor.fetchone() is not None


async def assign(connection: Connection, alert: int, person: int | None) -> None:
    """Give a locked alert to somebody, or to nobody any more."""
    await connection.execute("UPDATE alert SET assignee = %s WHERE id = %s", (person, alert))


async def is_authority(connection: Connection, path: str) -> bool:
    """Whether there is an authority at that path of the tree."""
    cursor = await connection.execute("SELECT FROM authority WHERE path::text = %s", (path,))
    return await cursor.fetchone() is not None


async def transfer(connection: Connection, alert: int, authority: str, person: int) -> None:
    """Make another authority responsible for a locked alert; from now on it may read it, and for good."""
    await connection.execute(
        "INSERT INTO alert_transfer (alert_id, authority, person_id) VALUES (%s, %s::ltree, %s)",
        (alert, authority, person),
    )
    await connection.execute("UPDATE alert SET authority = %s::ltree WHERE id = %s", (authority, alert))


async def supervise(
    connection: Connection, alert: int, authority: str | None, until: datetime | None, why: str
) -> None:
    """Flag a locked alert as supervised by an authority with a deadline of its own; None lifts it."""
    await connection.execute(
        "UPDATE alert SET supervised = %s::ltree, supervised_due = %s, supervised_why = %s WHERE id = %s",
        (authority, until, why, alert),
    )


async def add_comment(connection: Connection, alert: int, person: int, side: Side, text: str) -> None:
    """What somebody says about an alert, for those eyes."""
    await connection.execute(
        "INSERT INTO alert_comment (alert_id, person_id, side, text) VALUES (%s, %s, %s, %s)",
        (alert, person, side, text),
    )


async def add_appeal(
    connection: Connection, alert: int, person: int, text: str, photos: Sequence[Photo], *, answer_s: float
) -> None:
    """The operator's dispute, to be answered within `answer_s` from now."""
    async with connection.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "INSERT INTO appeal (alert_id, person_id, text, due)"
            " VALUES (%s, %s, %s, now() + make_interval(secs => %s)) RETURNING id",
            (alert, person, text, answer_s),
        )
        appeal = await cursor.fetchone()
    for photo in photos:
        await connection.execute(
            "INSERT INTO appeal_photo (appeal_id, sha256, media_type, size) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (appeal, photo.sha256, photo.media_type, photo.size),
        )


async def decide_appeal(connection: Connection, alert: int, person: int, verdict: str, reason: str) -> None:
    """The verdict on the waiting appeal, 'upheld' or 'rejected'; after a rejected one what waited goes on."""
    await connection.execute(
        "UPDATE appeal SET decided = clock_timestamp(), decided_by = %s, verdict = %s, reason = %s"
        " WHERE alert_id = %s AND decided IS NULL",
        (person, verdict, reason, alert),
    )
    if verdict == "rejected":
        await connection.execute("SELECT give_back_appeal(%s)", (alert,))
