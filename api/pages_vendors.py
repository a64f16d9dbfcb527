"""Console pages: vendors, profiles, and a profile's new version."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api import language, problem, render, supply_desk, vendor_desk
from api.desk import AtDesk, Desk
from api.pages import Admin
from api.problem import ProblemError
from api.provision_model import ProfileCheck, VendorNames
from store import provisioning, supply
from store.people import Person

router = APIRouter(include_in_schema=False)

_CODE = Annotated[str, Form(max_length=63)]
_NAME = Annotated[str, Form(max_length=100)]
_CONTACT = Annotated[str, Form(max_length=200)]
_TEXT = Annotated[str, Form(max_length=1_000_000)]
_SAID = (409, 422, 403)  # said on the form; the rest is a page of its own


@router.get("/vendors")
async def vendors_page(request: Request, at: AtDesk, person: Admin) -> Response:
    """All vendors, and a form for another."""
    return await _vendors(request, at, person, {"code": "", "zh": "", "en": "", "contact": ""}, None)


async def _vendors(
    request: Request, at: Desk, person: Person, typed: dict[str, str], fault: ProblemError | None
) -> Response:
    context = {"vendors": await vendor_desk.vendors(at, person), "typed": typed, "fault": _said(request, person, fault)}
    return render.page(request, at, person, "vendors.html", context, status=fault.status if fault else 200)


@router.post("/vendors")
async def put_vendor(
    request: Request, at: AtDesk, person: Admin, *, code: _CODE = "", zh: _NAME = "", en: _NAME = "",
    contact: _CONTACT = "",
) -> Response:  # fmt: skip
    """Add a vendor, or change one."""
    typed = {"code": code.strip(), "zh": zh.strip(), "en": en.strip(), "contact": contact.strip()}
    try:
        known = VendorNames(zh=typed["zh"], en=typed["en"], contact=typed["contact"])
        await vendor_desk.put_vendor(at, person, typed["code"], known)
    except ValidationError:
        return await _vendors(request, at, person, typed, ProblemError(422, "vendor_form"))
    except ProblemError as error:
        if error.status not in _SAID:
            raise
        return await _vendors(request, at, person, typed, error)
    return RedirectResponse(f"/vendors/{typed['code']}", 303)


@router.get("/vendors/{vendor_code}")
async def vendor_page(request: Request, at: AtDesk, person: Admin, vendor_code: str) -> Response:
    """One vendor: its profiles, its labels, and what is known of it."""
    vendor = await vendor_desk.vendor(at, person, vendor_code)
    async with at.scoped(person) as connection:
        labels = await provisioning.labels(connection, vendor_code)
        reports = await supply.reports(connection, vendor_code)
    profiles = await vendor_desk.summaries(at, person, vendor_code)
    context = {"vendor": vendor, "profiles": profiles, "labels": labels, "reports": reports}
    return render.page(request, at, person, "vendor.html", context)


@router.get("/vendors/{vendor_code}/reports/{report_id}")
async def report_page(at: AtDesk, person: Admin, vendor_code: str, report_id: int) -> Response:
    """A report of the vendor kit, as it was handed in."""
    await vendor_desk.vendor(at, person, vendor_code)
    return await supply_desk.report_file(at, person, report_id, vendor_code)


@router.get("/profiles")
async def profiles_page(request: Request, at: AtDesk, person: Admin) -> Response:
    """All profiles."""
    return render.page(request, at, person, "profiles.html", {"profiles": await vendor_desk.summaries(at, person)})


@router.get("/profiles/new")
async def new_page(request: Request, at: AtDesk, person: Admin, vendor: str = "") -> Response:
    """The form for a file."""
    return await _form(request, at, person, text="", vendor=vendor)


@router.post("/profiles/check")
async def check(
    request: Request, at: AtDesk, person: Admin, file: Annotated[UploadFile | None, File()] = None, vendor: _CODE = ""
) -> Response:
    """Say what the file would change, or each fault and its line."""
    text = ""
    try:
        text = await _read(file)
        checked = await vendor_desk.check(at, person, text)
    except ProblemError as error:
        if error.status not in _SAID:
            raise
        return await _form(request, at, person, text=text, vendor=vendor, fault=error)
    return await _form(request, at, person, text=text, vendor=vendor or checked.profile.vendor, checked=checked)


@router.post("/profiles")
async def install(request: Request, at: AtDesk, person: Admin, text: _TEXT = "", vendor: _CODE = "") -> Response:
    """Put the checked file to use."""
    try:
        made = await vendor_desk.install(at, person, text, vendor)
    except ProblemError as error:
        if error.status not in _SAID:
            raise
        return await _form(request, at, person, text=text, vendor=vendor, fault=error)
    return RedirectResponse(f"/profiles/{made.code}", 303)


@router.get("/profiles/{profile_code}")
async def profile_page(request: Request, at: AtDesk, person: Admin, profile_code: str) -> Response:
    """One profile: metrics, codes, vectors, and what each version changed."""
    found = await vendor_desk.one(at, person, profile_code)
    context = {"profile": found, "versions": await vendor_desk.versions(at, person, profile_code)}
    return render.page(request, at, person, "profile.html", context)


async def _read(file: UploadFile | None) -> str:
    try:
        # As browsers send a text back, so that a line has the same number before and after.
        return "" if file is None else (await file.read()).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ProblemError(422, "profile_encoding") from error


async def _form(
    request: Request,
    at: Desk,
    person: Person,
    *,
    text: str,
    vendor: str,
    checked: ProfileCheck | None = None,
    fault: ProblemError | None = None,
) -> Response:
    lines = text.splitlines()
    faults = [
        (one, lines[int(one.place) - 1] if one.place and int(one.place) <= len(lines) else "")
        for one in (fault.faults if fault else ())
    ]
    context = {
        "vendors": await vendor_desk.vendors(at, person), "vendor": vendor, "text": text, "checked": checked,
        "fault": _said(request, person, fault), "faults": faults,
    }  # fmt: skip
    return render.page(request, at, person, "profile_new.html", context, status=fault.status if fault else 200)


def _said(request: Request, person: Person, fault: ProblemError | None) -> str:
    return "" if fault is None else problem.sentence(fault, language.of_page(request, person.lang))
