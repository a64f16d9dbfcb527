"""Console page: one alert, and the forms to act on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from api import (
    actions,
    case_view,
    complaint_desk,
    display,
    language,
    photo,
    place_view,
    problem,
    render,
    rescue_view,
    telemetry_view,
)
from api import unblurred as asking
from api.absent import absent
from api.alert_model import AlertCase, Evidence
from api.brought import Brought
from api.desk import AtDesk, Desk
from api.hold_desk import in_force, may_hold
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain.alert import FINISHED, Action, Status
from domain.authority import covers
from domain.profile import DeviceProfile, ValueName
from domain.reason import named
from domain.severity import Severity
from domain.wire import EvidenceKind
from store import by_hand, complaints, papers, places, similar, unblurred, workflow
from store.people import Person

router = APIRouter(include_in_schema=False)

AlertId = Annotated[int, Path()]
_BEFORE = timedelta(minutes=30)
_AFTER = timedelta(minutes=10)
_MAX_CHARTS = 2
_CLEAR = (EvidenceKind.BOXED, EvidenceKind.FRAME, EvidenceKind.CROP, EvidenceKind.CLIP)
_REDACTED = (
    EvidenceKind.BOXED_REDACTED,
    EvidenceKind.FRAME_REDACTED,
    EvidenceKind.CROP_REDACTED,
    EvidenceKind.STORYBOARD,
)


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric around the alert: where to read it, and the line that the rule draws."""

    device: int
    metric: str
    zh: str
    en: str
    unit: str
    limit: float | None
    said: tuple[ValueName, ...]  # of a state


@dataclass(frozen=True, slots=True)
class Draft:
    """What the person typed before an action was refused, and the refusal in words."""

    action: str = ""
    fault: str = ""
    text: str = ""
    reason: str = ""
    status: int = 200
    done: Action | None = None


def clock_runs(case: AlertCase) -> bool:
    """Whether the deadline still counts: class I to acknowledge, the others to rectify."""
    if case.severity == Severity.I:
        return case.status is Status.OPEN
    return case.status in (Status.OPEN, Status.ACKNOWLEDGED)


async def _page(request: Request, at: Desk, person: Person, alert_id: int, draft: Draft) -> Response:
    async with at.scoped(person) as connection:
        case = await case_view.whole(connection, at.vault, person, alert_id)
        if case is None:
            raise not_found()
        device = await places.device(connection, case.subject.id) if case.subject.kind == "device" else None
        grant = await unblurred.of_alert(connection, alert_id, at.clock())
        heard = await complaint_desk.shown(connection, await complaints.of_alert(connection, alert_id))
        alike = await similar.of(connection, alert_id)
        rescue = await rescue_view.of_alert(connection, alert_id) if device is not None else None
        made = await by_hand.of_alert(connection, alert_id)
        lacking = await absent(connection, at.vault, [*complaint_desk.photos(heard), *_papers(case, made)])
        held = await in_force(connection, at.clock(), alert=alert_id)
        candidates = await workflow.candidates(connection, alert_id) if Action.ASSIGN in case.actions else []
        tree = await papers.authorities(connection) if Action.TRANSFER in case.actions else []
        profile = None if device is None else place_view.profile_of(device.profile)
        ledger = (
            None
            if device is None or profile is None
            else await telemetry_view.alert_excursion(connection, device.id, profile, alert_id)
        )
    context = {
        "case": case,
        "draft": draft,
        "ledger": ledger,
        "metrics": {} if profile is None else named(profile),
        "charts": [] if profile is None else _charts(case, profile),
        "chart_from": case.began - _BEFORE,
        "chart_to": None if case.cleared is None else case.cleared + _AFTER,
        "running": clock_runs(case),
        "finished": case.status in FINISHED,
        "shots": _shots(case, _REDACTED if grant is None else _CLEAR),
        "awaited": _awaited(case),
        "grant": grant,
        "rescue": rescue,
        "complaints": heard,
        "absent": lacking,
        "running_clocks": [clock for clock in case.clocks if clock.outcome is None],
        "past_clocks": [clock for clock in case.clocks if clock.outcome is not None],
        "max_photos": photo.MAX_PHOTOS,
        "may_hold": may_hold(person),
        "made": made,
        "pictures": made.pictures if made else [],
        "held": held,
        "similar": alike,
        "similar_days": similar.DAYS,
        "candidates": candidates,
        "watched": lambda seconds: timedelta(seconds=seconds),
        "authorities": [one for one in tree if _reaches(case.responsible.path, one.path)],
    }
    return render.page(request, at, person, "alert.html", context, status=draft.status)


def _reaches(responsible: str, path: str) -> bool:
    """Whether an alert can be passed to there: up or down the tree."""
    return path != responsible and (covers(path, responsible) or covers(responsible, path))


def _shots(case: AlertCase, kinds: Sequence[EvidenceKind]) -> list[Evidence]:
    """What is there of those kinds, in their order."""
    shown = [item for item in case.evidence if item.kind in kinds and item.there]
    return sorted(shown, key=lambda item: kinds.index(item.kind))


def _papers(case: AlertCase, made: by_hand.Made | None) -> list[str]:
    """The pictures that people brought: of an alert by hand, the appeal and the reports."""
    brought = list(made.pictures) if made else []
    brought += case.appeal.photos if case.appeal else []
    for report in case.rectifications:
        brought += [*report.photos, *(still.sha256 for still in report.stills)]
        brought += [report.signature] if report.signature else []
    return brought


def _awaited(case: AlertCase) -> bool:
    """Whether evidence is still on its way: announced and not here, or a clip that nobody has given up."""
    gone = {item.sha256 for item in case.missing} | {item.sha256 for item in case.expired}
    if any(not item.there and item.sha256 not in gone for item in case.evidence):
        return True
    kinds = {item.kind for item in case.evidence} | {item.part for item in case.missing}
    return case.scene is not None and EvidenceKind.CLIP not in kinds


def _charts(case: AlertCase, profile: DeviceProfile) -> list[Chart]:
    """The metrics that tell most of the alert, with the rule's bounds where it has plain ones."""
    text = case.rule_body.predicate if case.rule_body else ""
    limits = {threshold.metric: threshold.limit for threshold in display.thresholds(text)}
    return [
        Chart(case.subject.id, one.name, one.zh, one.en, one.unit, limits.get(one.name), display.said(one))
        for one in display.drawn(text, profile)[:_MAX_CHARTS]
    ]


@router.get("/alerts/{alert_id}")
async def alert_page(request: Request, at: AtDesk, person: Reader, alert_id: AlertId, done: str = "") -> Response:
    """The alert's whole case."""
    said = next((action for action in Action if action == done), None)
    return await _page(request, at, person, alert_id, Draft(done=said))


@router.post("/alerts/{alert_id}/report")
async def report(
    request: Request,
    at: AtDesk,
    person: Reader,
    alert_id: AlertId,
    *,
    version: Annotated[int, Form()],
    text: Annotated[str, Form(max_length=4000)] = "",
    photos: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """The operator's report by form; a refusal keeps the text."""
    try:
        await actions.send(at, person, alert_id, Action.REPORT, version, text=text, files=photos or [])
    except ProblemError as error:
        draft = Draft(action="report", text=text, status=error.status)
        return await _refused(request, at, person, alert_id, draft=draft, error=error)
    return RedirectResponse(f"/alerts/{alert_id}?done=report", 303)


@router.post("/alerts/{alert_id}/unblurred")
async def see_unblurred(
    request: Request,
    at: AtDesk,
    person: Reader,
    alert_id: AlertId,
    *,
    purpose: Annotated[str, Form(max_length=40)] = "",
    words: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """A purpose stated by form: then the page shows the original evidence."""
    try:
        await asking.alert(at, person, alert_id, purpose, words)
    except ProblemError as error:
        draft = Draft(action="unblurred", text=words, status=error.status)
        return await _refused(request, at, person, alert_id, draft=draft, error=error)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


@router.post("/alerts/{alert_id}/appeal")
async def appeal(
    request: Request,
    at: AtDesk,
    person: Reader,
    alert_id: AlertId,
    *,
    version: Annotated[int, Form()],
    words: Annotated[str, Form(max_length=4000)] = "",
    pictures: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """The operator's appeal by form; a refusal keeps the text."""
    try:
        await actions.send(at, person, alert_id, Action.APPEAL, version, text=words, files=pictures or [])
    except ProblemError as error:
        draft = Draft(action="appeal", text=words, status=error.status)
        return await _refused(request, at, person, alert_id, draft=draft, error=error)
    return RedirectResponse(f"/alerts/{alert_id}?done=appeal", 303)


@router.post("/alerts/{alert_id}/still")
async def still(request: Request, at: AtDesk, person: Reader, alert_id: AlertId) -> Response:
    """A fresh picture beside the report."""
    try:
        await actions.take_still(at, person, alert_id)
    except ProblemError as error:
        draft = Draft(action="still", status=error.status)
        return await _refused(request, at, person, alert_id, draft=draft, error=error)
    return RedirectResponse(f"/alerts/{alert_id}", 303)


@router.post("/alerts/{alert_id}/{action}")
async def act(
    request: Request,
    at: AtDesk,
    person: Reader,
    alert_id: AlertId,
    action: Action,
    *,
    version: Annotated[int, Form()],
    brought: Brought,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Any other action by form."""
    try:
        detail = brought.detail(person.role, action, at.config.timezone)
        await actions.act(at, person, alert_id, action, version, reason=reason, detail=detail)
    except ProblemError as error:
        draft = Draft(action=action, reason=reason, status=error.status)
        return await _refused(request, at, person, alert_id, draft=draft, error=error)
    return RedirectResponse(f"/alerts/{alert_id}?done={action}", 303)


async def _refused(
    request: Request, at: Desk, person: Person, alert_id: int, *, draft: Draft, error: ProblemError
) -> Response:
    """The page again, with the refusal in words."""
    if error.status == 404:
        raise error
    fault = problem.sentence(error, language.of_page(request, person.lang))
    kept = Draft(draft.action, fault, draft.text, draft.reason, draft.status)
    return await _page(request, at, person, alert_id, kept)
