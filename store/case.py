"""One alert's whole case: history, scene event with its samples and evidence, rectifications, reviews, pushes."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One step, a link of a hash chain; `person_name` is None where the system itself did it."""

    id: int
    at: datetime
    person_id: int | None
    person_name: str | None
    role: str | None
    action: str
    source: str | None
    target: str
    condition: str
    reason: str
    hash: str


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One look at the subject; `box` is x1, y1, x2, y2, relative to the picture."""

    at: datetime
    box: list[float]
    score: float
    verdict: str


@dataclass(frozen=True, slots=True)
class SceneRow:
    """What the camera saw: times by the capture clock, the model's hash and the rule's version."""

    id: str
    scene: str
    zone: str
    zone_zh: str
    zone_en: str
    track: int
    first: datetime
    best: datetime
    last: datetime
    why: str
    model: str
    rule_version: int
    ended: datetime | None
    ended_why: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One piece of evidence and the capture times that it covers; `of_sha256` is a redacted picture's original."""

    kind: str
    sha256: str
    media_type: str
    size: int
    begin_at: datetime
    end_at: datetime
    complete: bool
    why: str
    of_sha256: str | None


@dataclass(frozen=True, slots=True)
class MissingRow:
    """Evidence that will never come; `sha256` of what had been announced, else empty."""

    part: str
    sha256: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One value that proved an alert: a metric's reading, or a figure; in the profile's unit."""

    at: datetime
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A rule that shares the alert; `over`: since when its own condition is so no more."""

    code: str
    version: int
    zh: str
    en: str
    since: datetime
    over: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class RectificationRow:
    """The operator's report; `photos` and `signature` are SHA-256."""

    id: int
    at: datetime
    person_name: str | None
    text: str
    photos: list[str]
    claimed: list[datetime | None]  # of each photo, when it was taken as the phone says
    signature: str | None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """The regulator's verdict."""

    at: datetime
    person_name: str | None
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class PushRow:
    """One message to one recipient; `host` is where it goes, without path and key."""

    id: str
    reason: str
    host: str
    operator_zh: str | None
    operator_en: str | None
    authority_zh: str | None
    authority_en: str | None
    rescuer_zh: str | None
    rescuer_en: str | None
    created: datetime
    next_try: datetime | None
    tries: int
    sent: datetime | None
    failed: datetime | None
    last_error: str
    kind: str  # of channel; empty where that is out of the reader's scope
    together: bool  # told in one message with others
    instead: bool  # of one that did not get through
    opened: datetime | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The rule as it was when it decided."""

    kind: str
    source: str
    predicate: str
    for_s: float
    recheck_s: float
    active: bool


async def history(connection: Connection, alert: int) -> list[HistoryRow]:
    """Every step in order."""
    async with connection.cursor(row_factory=class_row(HistoryRow)) as cursor:
        await cursor.execute(
            "SELECT step.id, step.at, step.person_id,"
            " coalesce(person.name, CASE WHEN step.person_id IS NULL THEN NULL ELSE '—' END) AS person_name,"
            " person.role, step.action, step.source, step.target, step.condition, step.reason,"
            " encode(step.hash, 'hex') AS hash"
            " FROM alert_history AS step LEFT JOIN person ON person.id = step.person_id"
            " WHERE step.alert_id = %s ORDER BY step.id",
            (alert,),
        )
        return await cursor.fetchall()


async def scene(connection: Connection, scene_event: str) -> SceneRow | None:
    """The scene event of an alert, with the zone's names from the camera's configuration."""
    async with connection.cursor(row_factory=class_row(SceneRow)) as cursor:
        await cursor.execute(
            "SELECT seen.id::text, seen.scene, seen.zone, coalesce(part.body->>'zh', seen.zone) AS zone_zh,"
            " coalesce(part.body->>'en', seen.zone) AS zone_en, seen.track, seen.first, seen.best, seen.last, seen.why,"
            " seen.model, seen.rule_version, seen.ended, seen.ended_why"
            " FROM scene_event AS seen JOIN camera ON camera.id = seen.camera_id"
            " LEFT JOIN LATERAL jsonb_array_elements(camera.zones) AS part (body)"
            " ON part.body->>'code' = seen.zone"
            " WHERE seen.id = %s::uuid LIMIT 1",
            (scene_event,),
        )
        return await cursor.fetchone()


async def samples(connection: Connection, scene_event: str) -> list[SampleRow]:
    """The samples that a scene event rests on, in order of time."""
    async with connection.cursor(row_factory=class_row(SampleRow)) as cursor:
        await cursor.execute(
            "SELECT (sample->>'at')::timestamptz AS at, ARRAY(SELECT side::float8 FROM"
            " jsonb_array_elements_text(sample->'box') AS side) AS box, (sample->>'score')::float8 AS score,"
            " sample->>'verdict' AS verdict FROM scene_event, jsonb_array_elements(samples) AS sample"
            " WHERE scene_event.id = %s::uuid ORDER BY 1",
            (scene_event,),
        )
        return await cursor.fetchall()


async def evidence(connection: Connection, scene_event: str) -> list[EvidenceRow]:
    """What was kept of a scene event, in the order in which it was taken."""
    async with connection.cursor(row_factory=class_row(EvidenceRow)) as cursor:
        await cursor.execute(
            "SELECT kind, sha256, media_type, size, begin_at, end_at, complete, why, of_sha256 FROM evidence"
            " WHERE scene_event_id = %s::uuid ORDER BY begin_at, kind",
            (scene_event,),
        )
        return await cursor.fetchall()


async def missing(connection: Connection, scene_event: str) -> list[MissingRow]:
    """What will never come of a scene event's evidence."""
    async with connection.cursor(row_factory=class_row(MissingRow)) as cursor:
        await cursor.execute(
            "SELECT part, sha256, at, why FROM evidence_missing WHERE scene_event_id = %s::uuid ORDER BY at, part",
            (scene_event,),
        )
        return await cursor.fetchall()


async def measured(connection: Connection, alert: int) -> list[MeasuredRow]:
    """What was kept of the values that proved an alert, in order of time."""
    async with connection.cursor(row_factory=class_row(MeasuredRow)) as cursor:
        await cursor.execute(
            "SELECT at, name, value FROM alert_sample WHERE alert_id = %s ORDER BY at, name LIMIT 500", (alert,)
        )
        return await cursor.fetchall()


async def sources(connection: Connection, alert: int) -> list[SourceRow]:
    """The rules that share an alert; none where it is one rule's alone."""
    async with connection.cursor(row_factory=class_row(SourceRow)) as cursor:
        await cursor.execute(
            "SELECT rule_code AS code, rule_version AS version, coalesce(rule.body->>'zh', rule_code) AS zh,"
            " coalesce(rule.body->>'en', rule_code) AS en, since, over, alert_source.why FROM alert_source"
            " LEFT JOIN rule ON rule.code = rule_code AND rule.version = rule_version"
            " WHERE alert_id = %s ORDER BY since, rule_code",
            (alert,),
        )
        return await cursor.fetchall()


async def rectifications(connection: Connection, alert: int) -> list[RectificationRow]:
    """The operator's reports in order."""
    async with connection.cursor(row_factory=class_row(RectificationRow)) as cursor:
        await cursor.execute(
            "SELECT report.id, report.at, person.name AS person_name, report.text,"
            " ARRAY(SELECT sha256 FROM rectification_photo WHERE rectification_id = report.id AND kind = 'photo'"
            "  ORDER BY sha256) AS photos,"
            " ARRAY(SELECT claimed FROM rectification_photo WHERE rectification_id = report.id AND kind = 'photo'"
            "  ORDER BY sha256) AS claimed,"
            " (SELECT sha256 FROM rectification_photo WHERE rectification_id = report.id AND kind = 'signature'"
            "  LIMIT 1) AS signature"
            " FROM rectification AS report LEFT JOIN person ON person.id = report.person_id"
            " WHERE report.alert_id = %s ORDER BY report.id",
            (alert,),
        )
        return await cursor.fetchall()


async def reviews(connection: Connection, alert: int) -> list[ReviewRow]:
    """The regulator's verdicts in order."""
    async with connection.cursor(row_factory=class_row(ReviewRow)) as cursor:
        await cursor.execute(
            "SELECT review.at, person.name AS person_name, review.verdict, review.reason"
            " FROM review LEFT JOIN person ON person.id = review.person_id WHERE alert_id = %s ORDER BY review.id",
            (alert,),
        )
        return await cursor.fetchall()


async def pushes(connection: Connection, alert: int) -> list[PushRow]:
    """Every message about an alert and how it went."""
    async with connection.cursor(row_factory=class_row(PushRow)) as cursor:
        await cursor.execute(
            "SELECT push.id::text, push.reason, coalesce(channel.place, '') AS host,"
            " coalesce(channel.kind, '') AS kind,"
            " push.message IS DISTINCT FROM push.id AND push.message IS NOT NULL AS together, push.opened,"
            " push.instead_of IS NOT NULL AS instead,"
            " operator.zh AS operator_zh, operator.en AS operator_en, authority.zh AS authority_zh,"
            " authority.en AS authority_en, rescuer.zh AS rescuer_zh, rescuer.en AS rescuer_en,"
            " push.created, push.next_try, push.tries, push.sent, push.failed,"
            " push.last_error FROM push LEFT JOIN channel ON channel.id = push.channel_id"
            " LEFT JOIN operator ON operator.id = channel.operator_id"
            " LEFT JOIN authority ON authority.path = channel.authority"
            " LEFT JOIN rescuer ON rescuer.id = channel.rescuer_id"
            " WHERE push.alert_id = %s ORDER BY push.created, push.id",
            (alert,),
        )
        return await cursor.fetchall()


async def rule(connection: Connection, code: str, version: int) -> RuleRow | None:
    """The rule in that version."""
    async with connection.cursor(row_factory=class_row(RuleRow)) as cursor:
        await cursor.execute(
            "SELECT body->>'kind' AS kind, body->>'source' AS source, coalesce(body->>'predicate', '') AS predicate,"
            " coalesce((body->>'for_s')::float8, 0) AS for_s, coalesce((body->>'recheck_s')::float8, 0) AS recheck_s,"
            " active FROM rule WHERE code = %s AND version = %s",
            (code, version),
        )
        return await cursor.fetchone()
