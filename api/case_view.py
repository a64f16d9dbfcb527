"""Alerts as REST's models: a row of the queue, and the whole case of one."""

from functools import lru_cache
from typing import Literal, cast

from alerts import workflow
from api import alert_model as model
from api import paging, papers_view
from api.vault import Vault
from api.workflow_model import Assignee, Authority, Supervision
from domain import reason
from domain.alert import Action, Condition, Role, Status
from domain.wire import REDACTED, EvidenceKind
from store import case, clocks, evidence_chain, evidence_keeping, outages, queue
from store import workflow as cases
from store.connection import Connection
from store.people import Person
from store.queue import QueueRow


def summary(row: QueueRow, vault: Vault) -> model.AlertSummary:
    """One row of the queue."""
    picture = vault.shown(row.picture)
    zh, en = _sentences(row.why, row.glossary)
    return model.AlertSummary(
        responsible=Authority(path=row.authority, zh=row.authority_zh, en=row.authority_en),
        transferred=row.transferred,
        assignee=None if row.assignee_id is None else Assignee(id=row.assignee_id, name=row.assignee_name),
        supervised=_supervised(row),
        appeal_due=row.appeal_due,
        id=row.id,
        version=row.version,
        severity=row.severity,
        status=Status(row.status),
        condition=Condition(row.condition),
        rule=model.RuleName(code=row.rule_code, version=row.rule_version, zh=row.rule_zh, en=row.rule_en),
        site=model.Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
        operator=model.Names(zh=row.operator_zh, en=row.operator_en),
        subject=_subject(row),
        zone=row.zone,
        why=row.why,
        wording=model.Names(zh=zh, en=en),
        began=row.began,
        raised=row.raised,
        changed=row.changed,
        cleared=row.cleared,
        due=row.due,
        picture=picture,
        picture_awaited=picture != row.picture,
    )


@lru_cache(maxsize=4096)
def _sentences(why: str, glossary: str) -> tuple[str, str]:
    """A reason in both languages; remembered, because every change has the same rows read again."""
    known = reason.glossary(glossary)
    return reason.wording(why, "zh", known), reason.wording(why, "en", known)


def _supervised(row: QueueRow) -> Supervision | None:
    if row.supervised is None or row.supervised_due is None:
        return None
    by = Authority(path=row.supervised, zh=row.supervised_zh or "", en=row.supervised_en or "")
    return Supervision(by=by, due=row.supervised_due, reason=row.supervised_why)


def worded(why: str, known: reason.Glossary = reason.NO_GLOSSARY) -> model.Names:
    """A named reason in both languages."""
    return model.Names(zh=reason.wording(why, "zh", known), en=reason.wording(why, "en", known))


def _subject(row: QueueRow) -> model.Subject:
    kind: Literal["camera", "device", "site"] = "camera" if row.camera_id else "device" if row.device_id else "site"
    return model.Subject(
        id=row.camera_id or row.device_id or row.site_id,
        code=row.subject_code,
        zh=row.subject_zh,
        en=row.subject_en,
        kind=kind,
        device_kind=row.device_kind,
    )


async def _members(connection: Connection, row: QueueRow) -> list[model.Member]:
    """Of an outage: what it holds, or held."""
    if row.device_id or row.camera_id:
        return []
    return [model.Member.model_validate(one) for one in await outages.members(connection, row.id)]


async def whole(connection: Connection, vault: Vault, person: Person, alert_id: int) -> model.AlertCase | None:
    """One alert with all that belongs to it, or None where the person may not see it."""
    row = await queue.one(connection, alert_id)
    if row is None:
        return None
    rule = await case.rule(connection, row.rule_code, row.rule_version)
    seen = None if row.scene_event_id is None else await case.scene(connection, row.scene_event_id)
    evidence = await _evidence(connection, vault, row)
    # Before the reports: who may report no more must see the one that has just come.
    offered = await _offered(connection, person, alert_id)
    reports = await papers_view.reports(connection, alert_id, reason.glossary(row.glossary))
    absent = [item.sha256 for item in evidence if not item.there]
    absent += [sha256 for report in reports for sha256 in report.photos if not vault.has(sha256)]
    return model.AlertCase(
        **summary(row, vault).model_dump(),
        actions=offered,
        rule_body=None if rule is None else model.Rule.model_validate(rule),
        scene=None if seen is None else model.SceneSeen.model_validate(seen),
        samples=await _samples(connection, row),
        measured=[model.Measured.model_validate(one) for one in await case.measured(connection, alert_id)],
        sources=[_source(one, reason.glossary(row.glossary)) for one in await case.sources(connection, alert_id)],
        members=await _members(connection, row),
        evidence=evidence,
        expired=await _expired(connection, absent),
        missing=await _missing(connection, row),
        chain=await _chain(connection, row),
        history=await _history(connection, alert_id, reason.glossary(row.glossary)),
        clocks=[model.Clock.model_validate(one) for one in await clocks.of_alert(connection, alert_id)],
        rectifications=reports,
        reviews=[_review(review) for review in await case.reviews(connection, alert_id)],
        pushes=[push(one) for one in await case.pushes(connection, alert_id)],
        comments=await papers_view.comments(connection, alert_id),
        appeal=await papers_view.appeal(connection, alert_id),
        draw=await papers_view.draw(connection, alert_id),
        precision=None if seen is None else await papers_view.precision_of(connection, seen.scene, row.camera_id),
    )


async def _offered(connection: Connection, person: Person, alert_id: int) -> list[Action]:
    found = await cases.look(connection, alert_id) if person.may_act else None
    return [] if found is None else list(workflow.offered(found, person.role, person.authority))


async def _history(connection: Connection, alert_id: int, known: reason.Glossary) -> list[model.Step]:
    steps = await case.history(connection, alert_id)
    named = await papers_view.named(connection, steps)
    return [_step(step, known, named) for step in steps]


async def _samples(connection: Connection, row: QueueRow) -> list[model.Sample]:
    if row.scene_event_id is None:
        return []
    return [model.Sample.model_validate(sample) for sample in await case.samples(connection, row.scene_event_id)]


async def _evidence(connection: Connection, vault: Vault, row: QueueRow) -> list[model.Evidence]:
    if row.scene_event_id is None:
        return []
    return [_item(vault, item) for item in await case.evidence(connection, row.scene_event_id)]


async def _expired(connection: Connection, absent: list[str]) -> list[model.EvidenceExpired]:
    """Of what is not there, what was there until its time was over."""
    found = await evidence_keeping.tombstones(connection, absent)
    return [model.EvidenceExpired.model_validate(one) for one in found.values()]


async def _missing(connection: Connection, row: QueueRow) -> list[model.EvidenceGone]:
    if row.scene_event_id is None:
        return []
    return [
        model.EvidenceGone(
            part=EvidenceKind(gone.part),
            sha256=gone.sha256 or None,
            at=gone.at,
            why=gone.why,
            wording=worded(gone.why),
        )
        for gone in await case.missing(connection, row.scene_event_id)
    ]


def _source(row: case.SourceRow, known: reason.Glossary) -> model.Source:
    return model.Source(
        code=row.code, version=row.version, zh=row.zh, en=row.en,
        since=row.since, over=row.over, why=row.why, wording=worded(row.why, known),
    )  # fmt: skip


async def _chain(connection: Connection, row: QueueRow) -> model.EvidenceChain | None:
    if row.scene_event_id is None:
        return None
    own, flaws = await evidence_chain.of_event(connection, row.scene_event_id)
    if not own:
        return model.EvidenceChain(state="none", first=0, last=0, head="", place=None, fault=None, detail="")
    flaw = flaws[0] if flaws else None
    return model.EvidenceChain(
        state="intact" if flaw is None else "broken",
        first=own[0].place,
        last=own[-1].place,
        head=own[-1].hash,
        place=None if flaw is None else flaw.place or own[0].place,
        fault=None if flaw is None else flaw.fault.value,
        detail="" if flaw is None else flaw.detail,
    )


def _item(vault: Vault, row: case.EvidenceRow) -> model.Evidence:
    return model.Evidence(
        kind=EvidenceKind(row.kind),
        sha256=row.sha256,
        of=row.of_sha256,
        guarded=row.kind not in REDACTED,
        media_type=row.media_type,
        size=row.size,
        begin=row.begin_at,
        end=row.end_at,
        complete=row.complete,
        why=row.why,
        wording=worded(row.why),
        there=vault.has(row.sha256),
    )


def _step(row: case.HistoryRow, known: reason.Glossary, named: papers_view.Named) -> model.Step:
    by_system = row.person_name is None
    zh, en = named.sentences(row.action, row.reason)
    return model.Step(
        at=row.at,
        by=row.person_name,
        role=None if row.role is None else Role(row.role),
        action=row.action,
        source=None if row.source is None else Status(row.source),
        target=Status(row.target),
        condition=Condition(row.condition),
        reason=row.reason,
        wording=worded(row.reason, known) if by_system else model.Names(zh=zh, en=en),
    )


def _review(row: case.ReviewRow) -> model.Review:
    verdict = cast(Literal["accept", "reject", "dismiss"], row.verdict)
    return model.Review(at=row.at, by=row.person_name, verdict=verdict, reason=row.reason)


def push(row: case.PushRow) -> model.Push:
    """One message and how it went."""
    state: Literal["waiting", "sent", "failed"] = "waiting"
    if row.sent is not None:
        state = "sent"
    elif row.failed is not None or row.next_try is None:
        state = "failed"
    return model.Push(
        id=row.id,
        reason=row.reason,
        to=_recipient(row),
        host=row.host,
        state=state,
        created=row.created,
        next_try=row.next_try,
        tries=row.tries,
        sent=row.sent,
        failed=row.failed,
        last_error=row.last_error,
        kind=row.kind,
        together=row.together,
        instead=row.instead,
        opened=row.opened,
    )


def _recipient(row: case.PushRow) -> model.Names | None:
    if row.operator_zh is not None:
        return model.Names(zh=row.operator_zh, en=row.operator_en or row.operator_zh)
    if row.authority_zh is not None:
        return model.Names(zh=row.authority_zh, en=row.authority_en or row.authority_zh)
    if row.rescuer_zh is not None:
        return model.Names(zh=row.rescuer_zh, en=row.rescuer_en or row.rescuer_zh)
    return None


def place(row: QueueRow) -> tuple[int, int]:
    """Where a row stands in the queue, for the cursor after it."""
    return row.severity, row.id


def page(rows: list[QueueRow], limit: int, vault: Vault) -> model.AlertPage:
    """A page from one row more than it shows, so that the end is known."""
    shown = rows[:limit]
    more = paging.encode(place(shown[-1])) if len(rows) > limit else None
    return model.AlertPage(items=[summary(row, vault) for row in shown], next=more)
