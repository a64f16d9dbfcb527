"""Console pages: special equipment, its due inspections, its labels; and complaints of the public."""

from typing import Annotated

import segno
from anyio import to_thread
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from markupsafe import Markup
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import complaint_desk, equipment_desk, label_pdf, language, problem, render
from api.absent import absent
from api.camera_desk import must_configure
from api.desk import AtDesk, Desk
from api.equipment_list import COLUMNS
from api.equipment_model import Equipment, EquipmentOrder, RecordOrder
from api.language import Language
from api.pages import Reader
from api.problem import ProblemError, not_found
from domain.equipment import DUE_WITHIN, Kind, Standing
from store import complaints, equipment, places, upkeep
from store.people import Person

router = APIRouter(include_in_schema=False)

_PAGE = 200
_LABELS = 480  # twenty sheets


@router.get("/equipment")
async def listed(
    request: Request,
    at: AtDesk,
    person: Reader,
    *,
    all: bool = False,
    site: int | None = None,
    search: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Response:
    """What is due, or all of it."""
    whole = all or site is not None or bool(search.strip())
    if whole:
        found = await equipment_desk.listed(at, person, site=site, search=search, limit=_PAGE + 1, offset=page * _PAGE)
    else:
        found = await equipment_desk.due(at, person, DUE_WITHIN.days)
    async with at.scoped(person) as connection:
        counts = await equipment.counts(connection)
    gone = (Standing.FAILED, Standing.OVERDUE)
    context = {
        "found": found[:_PAGE] if whole else found,
        "more": whole and len(found) > _PAGE,
        "whole": whole,
        "site": site,
        "search": search,
        "next_page": page + 1,
        "overdue": sum(one.standing in gone for one in found),
        "counts": counts,
    }
    return render.page(request, at, person, "equipment_list.html", context)


@router.get("/equipment/new")
async def new_page(request: Request, at: AtDesk, person: Reader) -> Response:
    """A piece that is not there yet; or a whole list of them."""
    must_configure(person)
    return await _form(request, at, person, {})


@router.post("/equipment")
async def put(request: Request, at: AtDesk, person: Reader) -> Response:
    """Add or change it by form; a refusal keeps what was typed."""
    must_configure(person)
    async with request.form(max_files=1, max_fields=20) as form:
        typed = {name: str(value)[:200] for name, value in form.items() if name in COLUMNS}
    try:
        order = EquipmentOrder.model_validate({
            **typed,
            "next_inspection": typed.get("next_inspection") or None,
            "device": typed.get("device") or None,
        })  # fmt: skip
        made = await equipment_desk.put(at, person, order)
    except ValidationError as error:
        field = language.of_page(request, person.lang)
        name = language.text(field, f"equipment.{error.errors()[0]['loc'][0]}")
        fault = language.text(field, "equipment.line_field", value=name)
        return await _form(request, at, person, typed, fault=fault)
    except ProblemError as error:
        fault = problem.sentence(error, language.of_page(request, person.lang))
        return await _form(request, at, person, typed, fault=fault)
    return RedirectResponse(f"/equipment/{made.id}", 303)


@router.post("/equipment/import")
async def take(
    request: Request, at: AtDesk, person: Reader, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """A list by form, with what became of each line."""
    must_configure(person)
    try:
        lines = await equipment_desk.take(at, person, b"" if file is None else await file.read())
    except ProblemError as error:
        fault = problem.sentence(error, language.of_page(request, person.lang))
        return await _form(request, at, person, {}, fault=fault)
    counts = {
        result: sum(line.result == result for line in lines) for result in ("added", "changed", "same", "refused")
    }
    return render.page(request, at, person, "equipment_import.html", {"lines": lines, "counts": counts})


@router.get("/equipment/labels")
async def labels(
    request: Request,
    at: AtDesk,
    person: Reader,
    id: Annotated[list[int] | None, Query(max_length=_LABELS)] = None,
    site: int | None = None,
) -> Response:
    """Sheets of QR codes to print: those chosen, or a site's."""
    shown = [(one, _qr(one.public)) for one in await _labelled(at, person, id, site)]
    context = {"labels": shown, "query": request.url.query}
    return render.page(request, at, person, "equipment_labels.html", context)


@router.get("/equipment/labels.pdf")
async def labels_pdf(
    request: Request,
    at: AtDesk,
    person: Reader,
    id: Annotated[list[int] | None, Query(max_length=_LABELS)] = None,
    site: int | None = None,
) -> Response:
    """The same sheets as a file to print or to send to a printer's shop."""
    spoken = language.of_page(request, person.lang)
    scan = language.text(spoken, "equipment.scan")
    sheets = [
        label_pdf.Label(
            one.public,
            (
                one.en if spoken is Language.EN else one.zh,
                one.registration or one.code,
                one.site.en if spoken is Language.EN else one.site.zh,
                scan,
            ),
        )
        for one in await _labelled(at, person, id, site)
    ]
    written = await to_thread.run_sync(label_pdf.sheets, sheets, language.text(spoken, "equipment.labels"))
    said = {"content-disposition": 'attachment; filename="labels.pdf"', "cache-control": "no-store"}
    return Response(written, media_type=label_pdf.MEDIA_TYPE, headers=said)


async def _labelled(at: Desk, person: Person, chosen: list[int] | None, site: int | None) -> list[Equipment]:
    async with at.scoped(person) as connection:
        if chosen:
            rows = await equipment.chosen(connection, at.clock(), chosen)
        else:
            rows = await equipment.page(connection, at.clock(), site=site, limit=_LABELS)
    return [equipment_desk.view(at, row) for row in rows]


def _qr(text: str) -> Markup:
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=2, omitsize=True, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - our own drawing of our own text


@router.get("/equipment/{equipment_id}")
async def one_page(request: Request, at: AtDesk, person: Reader, equipment_id: int) -> Response:
    """One piece with its records and complaints."""
    return await _one(request, at, person, equipment_id)


async def _one(request: Request, at: Desk, person: Person, equipment_id: int, fault: str = "") -> Response:
    found = await equipment_desk.read_one(at, person, equipment_id)
    async with at.scoped(person) as connection:
        said = await complaint_desk.shown(connection, await complaints.of_equipment(connection, equipment_id))
        lacking = await absent(connection, at.vault, complaint_desk.photos(said))
        firms = await upkeep.firms(connection) if person.may_configure else []
        firm = await upkeep.firm_of(connection, equipment_id)
    context = {
        "found": found,
        "records": await equipment_desk.records(at, person, equipment_id),
        "complaints": said,
        "absent": lacking,
        "qr": _qr(found.public),
        "firms": firms,
        "firm": firm,
        "fault": fault,
    }
    return render.page(request, at, person, "equipment.html", context, status=422 if fault else 200)


@router.post("/equipment/{equipment_id}/firm")
async def set_firm(
    at: AtDesk, person: Reader, equipment_id: int, firm: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Which firm looks after it, and sees it."""
    await equipment_desk.set_firm(at, person, equipment_id, int(firm) if firm.isdecimal() else None)
    return RedirectResponse(f"/equipment/{equipment_id}", 303)


@router.get("/equipment/{equipment_id}/edit")
async def edit_page(request: Request, at: AtDesk, person: Reader, equipment_id: int) -> Response:
    """What the registry says of it, to change."""
    found = await equipment_desk.read_one(at, person, equipment_id)
    must_configure(person)
    typed = {name: str(getattr(found, name) or "") for name in COLUMNS if name != "site"} | {
        "site": found.site.code,
        "kind": found.kind.value,
    }
    return await _form(request, at, person, typed, found=found)


async def _form(
    request: Request,
    at: Desk,
    person: Person,
    typed: dict[str, str],
    *,
    found: Equipment | None = None,
    fault: str = "",
) -> Response:
    async with at.scoped(person) as connection:
        sites = [(row.code, row.zh, row.en) for row in await places.sites(connection)]
    context = {
        "found": found,
        "typed": typed,
        "fault": fault,
        "sites": sites,
        "kinds": [kind.value for kind in Kind],
        "columns": COLUMNS,
    }
    status = 422 if fault else 200
    return render.page(request, at, person, "equipment_form.html", context, status=status)


@router.post("/equipment/{equipment_id}/records")
async def write_down(request: Request, at: AtDesk, person: Reader, equipment_id: int) -> Response:
    """An inspection or a maintenance by form."""
    await equipment_desk.read_one(at, person, equipment_id)
    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: value for name, value in form.items() if isinstance(value, str) and value}
    spoken = language.of_page(request, person.lang)
    try:
        await equipment_desk.write_down(at, person, equipment_id, RecordOrder.model_validate(typed))
    except ValidationError:
        return await _one(request, at, person, equipment_id, language.text(spoken, "equipment.record_fault"))
    except ProblemError as error:
        return await _one(request, at, person, equipment_id, problem.sentence(error, spoken))
    return RedirectResponse(f"/equipment/{equipment_id}#records", 303)


@router.post("/equipment/{equipment_id}/remove")
async def remove(at: AtDesk, person: Reader, equipment_id: int) -> Response:
    """Take it out of the registry."""
    await equipment_desk.remove(at, person, equipment_id)
    return RedirectResponse("/equipment?all=1", 303)


@router.get("/complaints")
async def complaints_page(
    request: Request,
    at: AtDesk,
    person: Reader,
    all: bool = False,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """What the public wrote: what nobody has closed, or all of it."""
    found = await complaint_desk.listed(at, person, unanswered=not all, before=before, limit=_PAGE)
    async with at.scoped(person) as connection:
        lacking = await absent(connection, at.vault, complaint_desk.photos(found))
    older = found[-1].id if len(found) == _PAGE else None
    context = {"complaints": found, "absent": lacking, "whole": all, "older": older}
    return render.page(request, at, person, "complaints.html", context)


@router.post("/complaints/{complaint_id}/answer")
async def answer(
    at: AtDesk,
    person: Reader,
    complaint_id: int,
    *,
    words: Annotated[str, Form(max_length=2000)] = "",
    closes: Annotated[bool, Form()] = False,
    back: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """A regulator's answer by form, on whatever page shows the complaint."""
    async with at.scoped(person) as connection:
        if await complaints.one(connection, complaint_id) is None:
            raise not_found()
    if not words.strip():
        raise ProblemError(422, "complaint_answer")
    await complaint_desk.answer(at, person, complaint_id, words.strip(), closes=closes)
    return RedirectResponse(f"{render.local_path(back or '/complaints')}#complaint-{complaint_id}", 303)
