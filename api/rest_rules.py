"""REST: rules, their versions, the way back, and previews by replay."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response

from api import actions, rule_desk
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import Paged
from api.rule_model import (
    CheckedRule,
    PreviewOrder,
    RestoreRule,
    RuleDraft,
    RuleLine,
    RulePreview,
    RuleState,
    SaveOrder,
    SwitchRule,
)
from domain.code import PATTERN

router = APIRouter(prefix="/api/v1/rules", tags=["rules"])

RuleCode = Annotated[str, Path(pattern=PATTERN, max_length=63, examples=["cold-frozen-warm"])]
IfMatch = Annotated[
    str | None, Header(max_length=40, examples=['"3"'], description="the version, instead of the field")
]
_CHANGES = problems(401, 403, 404, 409, 422, 428)


def _tagged(response: Response, state: RuleState) -> RuleState:
    response.headers["etag"] = f'"{state.version}"'
    response.headers["cache-control"] = "no-store"
    return state


@router.get("", responses=problems(401, 403), summary="All rules")
async def listed(at: AtDesk, person: Asking, paging: Paged) -> list[RuleLine]:
    """The current version of each, the gravest first. They are the installation's; every regulator sees all."""
    return paging.part(await rule_desk.listed(at, person), lambda one: (int(one.severity), one.code), (0, ""))


@router.post("", status_code=201, responses=problems(401, 403, 409, 422), summary="Add a rule")
async def add(response: Response, at: AtDesk, person: Asking, order: SaveOrder) -> RuleState:
    """A whole document with a code of its own. In force within seconds."""
    state = await rule_desk.add(at, person, order)
    response.headers["location"] = f"/api/v1/rules/{state.code}"
    return _tagged(response, state)


@router.post("/check", responses=problems(401, 403, 404, 422), summary="Check a rule")
async def check(at: AtDesk, person: Asking, draft: RuleDraft) -> CheckedRule:
    """As a document and as fields; nothing is saved. A fault is answered with its line, column and position."""
    return await rule_desk.check(at, person, draft)


@router.post("/previews", status_code=202, responses=problems(401, 403, 404, 422), summary="Preview a rule by replay")
async def ask(response: Response, at: AtDesk, person: Asking, order: PreviewOrder) -> RulePreview:
    """What it would have raised over the last days in the person's authority. Answered in its own time: read it again.

    A new one takes the place of an earlier one of the same person that is not answered yet.
    """
    asked = await rule_desk.ask(at, person, order)
    response.headers["location"] = f"/api/v1/rules/previews/{asked.id}"
    return asked


@router.get("/previews/{preview_id}", responses=problems(401, 404), summary="How far a preview is, or its answer")
async def preview(response: Response, at: AtDesk, person: Asking, preview_id: UUID) -> RulePreview:
    """New, gone and the same, beside what was raised in that time."""
    response.headers["cache-control"] = "no-store"
    return await rule_desk.preview(at, person, preview_id)


@router.get("/{code}", responses=problems(401, 403, 404), summary="A rule and its versions")
async def one(response: Response, at: AtDesk, person: Asking, code: RuleCode) -> RuleState:
    """The ETag is the version."""
    return _tagged(response, await rule_desk.read(at, person, code))


@router.put("/{code}", responses=_CHANGES, summary="Change a rule")
async def save(
    response: Response, at: AtDesk, person: Asking, code: RuleCode, order: SaveOrder, *, if_match: IfMatch = None
) -> RuleState:
    """As its next version, which ingest and the alert engine follow within seconds."""
    version = actions.seen_version(order.version, if_match)
    return _tagged(response, await rule_desk.save(at, person, code, version, order))


@router.post("/{code}/restore", responses=_CHANGES, summary="Go back to a version")
async def restore(
    response: Response, at: AtDesk, person: Asking, code: RuleCode, order: RestoreRule, *, if_match: IfMatch = None
) -> RuleState:
    """As its next version."""
    version = actions.seen_version(order.version, if_match)
    return _tagged(response, await rule_desk.restore(at, person, code, version, (order.to, order.why)))


@router.post("/{code}/switch", responses=_CHANGES, summary="Switch a rule on or off")
async def switch(
    response: Response, at: AtDesk, person: Asking, code: RuleCode, order: SwitchRule, *, if_match: IfMatch = None
) -> RuleState:
    """As its next version. Off, it raises nothing any more, and the conditions of its open alerts are over."""
    version = actions.seen_version(order.version, if_match)
    return _tagged(response, await rule_desk.switch(at, person, code, version, enabled=order.enabled, why=order.why))
