"""Console pages: devices registered singly, by a list, by a label; new credentials, and revocation."""

import base64
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import device_desk, language, place_view, problem, render, vendor_desk
from api.desk import AtDesk, Desk
from api.pages import Admin, Reader
from api.problem import ProblemError, not_found
from api.provision_model import Claim, Credential, Label, ListLine, NewDevice
from store import places
from store.people import Person

router = APIRouter(include_in_schema=False)

_CODE = Annotated[str, Form(max_length=63)]
_NAME = Annotated[str, Form(max_length=100)]
_LABEL = Annotated[str, Form(max_length=300)]
_SITES = 500  # that the field for a site proposes
_SAID = (409, 422)  # said on the form; the rest is a page of its own


@router.get("/sites/{site_id}/devices/new")
async def new_page(request: Request, at: AtDesk, person: Reader, site_id: int) -> Response:
    """The form for a new device."""
    return await _form(request, at, person, site_id, typed={})


@router.post("/sites/{site_id}/devices")
async def register(
    request: Request, at: AtDesk, person: Reader, site_id: int, *, code: _CODE = "", zh: _NAME = "", en: _NAME = "",
    profile: _CODE = "", vendor: _CODE = "", serial: _NAME = "", behind: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Register it and show how it logs in, or say in one sentence why not."""
    typed: dict[str, str | bool] = {
        "code": code.strip(), "zh": zh.strip(), "en": en.strip() or code.strip(), "profile": profile,
        "vendor": vendor, "serial": serial.strip(), "behind": behind,
    }  # fmt: skip
    try:
        made = await device_desk.register(at, person, site_id, NewDevice.model_validate(typed))
    except (ValidationError, ProblemError) as error:
        return await _form(request, at, person, site_id, typed=typed, fault=_fault(error, "device_form"))
    return _credential(request, at, person, made)


async def _form(
    request: Request,
    at: Desk,
    person: Person,
    site_id: int,
    *,
    typed: dict[str, str | bool],
    fault: ProblemError | None = None,
) -> Response:
    async with at.scoped(person) as connection:
        row = await places.site(connection, site_id)
    if row is None:
        raise not_found()
    vendor_desk.must_provision(person)
    blank = {"code": "", "zh": "", "en": "", "profile": "", "vendor": "", "serial": "", "behind": False}
    context = {
        "site": place_view.site(row),
        "profiles": await vendor_desk.summaries(at, person),
        "vendors": await vendor_desk.vendors(at, person),
        "typed": blank | typed,
        "fault": _said(request, person, fault),
    }
    return render.page(request, at, person, "device_new.html", context, status=fault.status if fault else 200)


@router.get("/devices/import")
async def import_page(request: Request, at: AtDesk, person: Admin) -> Response:
    """The form for a list."""
    vendor_desk.must_provision(person)
    return _import(request, at, person)


@router.post("/devices/import")
async def take_list(
    request: Request, at: AtDesk, person: Admin, file: Annotated[UploadFile | None, File()] = None,
    check: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Register the list and show what became of each line, once."""
    spoken = language.of_page(request, person.lang)
    try:
        written = b"" if file is None else await file.read()
        lines = await device_desk.take_list(at, person, written, spoken, only_check=check)
    except ProblemError as error:
        return _import(request, at, person, fault=_fault(error, "list"))
    return _import(request, at, person, lines=lines, checked=check)


def _import(
    request: Request,
    at: Desk,
    person: Person,
    *,
    lines: list[ListLine] | None = None,
    checked: bool = False,
    fault: ProblemError | None = None,
) -> Response:
    counts = {
        result: sum(line.result == result for line in lines or ()) for result in ("added", "changed", "same", "refused")
    }
    report = "" if lines is None else base64.b64encode(("\ufeff" + device_desk.report(lines)).encode()).decode()
    context = {
        "lines": lines, "checked": checked, "counts": counts, "report": report, "most": device_desk.MOST_LINES,
        "fault": _said(request, person, fault),
    }  # fmt: skip
    return render.page(request, at, person, "device_import.html", context, status=fault.status if fault else 200)


@router.get("/claim")
async def claim_page(
    request: Request, at: AtDesk, person: Admin, code: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """What a label's QR code opens: which device it is, and where it shall stand; without a code, the field for one."""
    vendor_desk.must_provision(person)
    if not code.strip():
        return await _claim(request, at, person, label=None, typed={})
    try:
        label = await device_desk.label(at, person, code)
    except ProblemError as error:
        return await _claim(request, at, person, label=None, typed={"label": code}, fault=_fault(error, "claim_code"))
    return await _claim(request, at, person, label=label, typed={})


@router.post("/claim")
async def claim(
    request: Request, at: AtDesk, person: Admin, *, label: _LABEL = "", site: _CODE = "", code: _CODE = "",
    zh: _NAME = "", en: _NAME = "",
) -> Response:  # fmt: skip
    """Use the label up and show how the device logs in, or say in one sentence why not."""
    typed = {
        "label": label.strip(), "site": site.strip(), "code": code.strip(), "zh": zh.strip(),
        "en": en.strip() or code.strip(),
    }  # fmt: skip
    try:
        made = await device_desk.claim(at, person, Claim.model_validate(typed))
    except (ValidationError, ProblemError) as error:
        fault = _fault(error, "device_form")
        try:
            known = await device_desk.label(at, person, label)
        except ProblemError:  # the label itself is what is wrong
            known = None
        return await _claim(request, at, person, label=known, typed=typed, fault=fault)
    return _credential(request, at, person, made)


async def _claim(
    request: Request,
    at: Desk,
    person: Person,
    *,
    label: Label | None,
    typed: dict[str, str],
    fault: ProblemError | None = None,
) -> Response:
    async with at.scoped(person) as connection:
        sites = [place_view.site(row) for row in await places.sites(connection, "", _SITES)]
    context = {
        "label": label,
        "sites": sites,
        "typed": {"label": "", "site": "", "code": "", "zh": "", "en": ""} | typed,
        "fault": _said(request, person, fault),
    }
    return render.page(request, at, person, "claim.html", context, status=fault.status if fault else 200)


@router.post("/devices/{device_id}/credential")
async def rotate(request: Request, at: AtDesk, person: Reader, device_id: int) -> Response:
    """Show a new credential, once."""
    return _credential(request, at, person, await device_desk.rotate(at, person, device_id))


@router.post("/devices/{device_id}/revoke")
async def revoke(at: AtDesk, person: Reader, device_id: int) -> Response:
    """Let it in no more."""
    await device_desk.revoke(at, person, device_id)
    return RedirectResponse(f"/devices/{device_id}", 303)


def _credential(request: Request, at: Desk, person: Person, made: Credential) -> Response:
    return render.page(request, at, person, "device_credential.html", {"made": made}, status=201)


def _fault(error: Exception, form: str) -> ProblemError:
    """What is said on the form; a problem that is no matter of the form goes on."""
    if isinstance(error, ProblemError):
        if error.status not in _SAID:
            raise error
        return error
    return ProblemError(422, form)


def _said(request: Request, person: Person, fault: ProblemError | None) -> str:
    return "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang))
