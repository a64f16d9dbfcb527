"""REST: random draws of sites and inspectors, with all that it takes to draw again."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import draw_desk
from api.alert_model import Names
from api.desk import Asking, AtDesk
from api.draw_desk import Examined
from api.draw_model import DrawCandidate, DrawnInspector, DrawnSite, DrawOrder, DrawSummary, SiteDraw
from api.openapi import problems
from api.paging import NO_END, Paged
from store.draws import DrawRow, Kept

router = APIRouter(prefix="/api/v1/draws", tags=["risk"])

Identity = Annotated[int, Path(ge=1, le=2**62, examples=[4])]


@router.get("", responses=problems(401), summary="List draws")
async def listed(at: AtDesk, person: Asking, paging: Paged) -> list[DrawSummary]:
    """The newest first."""
    (before,) = paging.after((NO_END,))
    rows = await draw_desk.listed(at, person, paging.wanted, before)
    return [
        _summary(row, sites=row.sites, inspectors=row.inspectors) for row in paging.page(rows, lambda row: (row.id,))
    ]


@router.post("", status_code=201, responses=problems(401, 403), summary="Draw sites and inspectors by lot")
async def draw(at: AtDesk, person: Asking, order: DrawOrder) -> SiteDraw:
    """Among the sites and regulators of one's authority; a site of risk 99 has a hundred times the lots of one of 0."""
    made = await draw_desk.perform(at, person, order.seed, sites=order.sites, inspectors=order.inspectors)
    return _whole(await draw_desk.examined(at, person, made))


@router.get("/{draw_id}", responses=problems(401, 404), summary="One draw")
async def one(at: AtDesk, person: Asking, draw_id: Identity) -> SiteDraw:
    """Its seed, candidates, who was drawn, and whether drawing again gives the same."""
    return _whole(await draw_desk.examined(at, person, draw_id))


def _summary(row: DrawRow | Kept, *, sites: int, inspectors: int) -> DrawSummary:
    return DrawSummary(
        id=row.id, at=row.at, authority=Names(zh=row.zh, en=row.en), person=row.person, sites=sites,
        inspectors=inspectors,
    )  # fmt: skip


def _whole(found: Examined) -> SiteDraw:
    kept, draw = found.kept, found.kept.draw
    lots = {one.code: one.lots for one in draw.sites}
    summary = _summary(kept, sites=len(draw.drawn_sites), inspectors=len(draw.drawn_inspectors))
    return SiteDraw(
        **summary.model_dump(), seed=draw.seed, day=draw.day, weights=draw.weights, sha256=kept.sha256,
        holds=found.holds, misweighted=found.misweighted,
        drawn_sites=[_site(found, code, lots.get(code, 0)) for code in draw.drawn_sites],
        drawn_inspectors=[_inspector(found, login) for login in draw.drawn_inspectors],
        candidates=[DrawCandidate.model_validate(one) for one in draw.sites],
        inspector_candidates=[one.code for one in draw.inspectors],
    )  # fmt: skip


def _site(found: Examined, code: str, lots: int) -> DrawnSite:
    known = found.sites.get(code)
    names = (None, None, None) if known is None else (known.id, known.zh, known.en)
    return DrawnSite(code=code, lots=lots, id=names[0], zh=names[1], en=names[2])


def _inspector(found: Examined, login: str) -> DrawnInspector:
    known = found.inspectors.get(login)
    return DrawnInspector(login=login, name=None if known is None else known.zh)
