"""REST: vendors, and the profiles by which their devices are read; for admins."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from api import supply_desk, vendor_desk
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.paging import NO_END, Paged
from api.provision_model import Profile, ProfileCheck, ProfileSummary, ProfileVersion, Vendor, VendorNames
from api.rest_supply import REPORT_FILE
from api.supply_model import KitReport
from store import supply

router = APIRouter(prefix="/api/v1", tags=["provisioning"])

VendorCode = Annotated[str, Path(max_length=63, examples=["acme"])]
ProfileCode = Annotated[str, Path(max_length=63, examples=["acme-room"])]
Text = Annotated[
    str,
    Body(
        media_type="application/toml",
        max_length=1_000_000,
        description="the profile's file",
        examples=['code = "acme-room"\nbase = "cold-store"\nversion = 3\n…'],
    ),
]


@router.get("/vendors", responses=problems(401, 403), summary="List vendors")
async def vendors(at: AtDesk, person: Asking, paging: Paged) -> list[Vendor]:
    """All vendors, with how many profiles and how many devices of the person's authority each has."""
    return paging.part(await vendor_desk.vendors(at, person), lambda one: (one.code,), ("",))


@router.get("/vendors/{vendor_code}", responses=problems(401, 403, 404), summary="One vendor")
async def vendor(at: AtDesk, person: Asking, vendor_code: VendorCode) -> Vendor:
    """The vendor."""
    return await vendor_desk.vendor(at, person, vendor_code)


@router.put("/vendors/{vendor_code}", responses=problems(401, 403), summary="Add or change a vendor")
async def put_vendor(at: AtDesk, person: Asking, vendor_code: VendorCode, known: VendorNames) -> Vendor:
    """For an admin of the whole platform: vendors are everybody's."""
    return await vendor_desk.put_vendor(at, person, vendor_code, known)


@router.get(
    "/vendors/{vendor_code}/reports", responses=problems(401, 403, 404), summary="Kit reports that a vendor handed in"
)
async def reports(at: AtDesk, person: Asking, vendor_code: VendorCode, paging: Paged) -> list[KitReport]:
    """The newest first: which device conforms, by which version of its profile."""
    await vendor_desk.vendor(at, person, vendor_code)
    (before,) = paging.after((NO_END,))
    async with at.scoped(person) as connection:
        rows = await supply.reports(connection, vendor_code, paging.wanted, before)
    return [KitReport.model_validate(row) for row in paging.page(rows, lambda row: (row.id,))]


@router.get(
    "/vendors/{vendor_code}/reports/{report_id}", response_class=Response, response_model=None,
    responses={**REPORT_FILE, **problems(401, 403, 404)}, summary="A vendor's report as it was signed",
)  # fmt: skip
async def report(
    at: AtDesk, person: Asking, vendor_code: VendorCode, report_id: Annotated[int, Path(ge=1, le=2**62, examples=[3])]
) -> Response:
    """To be verified again with `mingchu vendor verify`."""
    await vendor_desk.vendor(at, person, vendor_code)
    return await supply_desk.report_file(at, person, report_id, vendor_code)


@router.get("/profiles", responses=problems(401, 403), summary="List profiles")
async def profiles(
    at: AtDesk, person: Asking, paging: Paged, vendor: Annotated[str, Query(max_length=63, examples=["acme"])] = ""
) -> list[ProfileSummary]:
    """The profiles in the versions that are in use."""
    return paging.part(await vendor_desk.summaries(at, person, vendor), lambda one: (one.code,), ("",))


@router.post("/profiles/check", responses=problems(401, 403, 409), summary="Check a profile")
async def check(at: AtDesk, person: Asking, text: Text) -> ProfileCheck:
    """As if to install it: runs its test vectors and tells what it changes. 422 names each fault and its line."""
    return await vendor_desk.check(at, person, text)


@router.post("/profiles", status_code=201, responses=problems(401, 403, 409), summary="Install a profile")
async def install(
    at: AtDesk, person: Asking, text: Text, vendor: Annotated[str, Query(max_length=63, examples=["acme"])] = ""
) -> Profile:
    """Ingest reads by it within seconds. A changed file needs a higher version; the same once more does no harm."""
    return await vendor_desk.install(at, person, text, vendor)


@router.get("/profiles/{profile_code}", responses=problems(401, 403, 404), summary="One profile")
async def profile(at: AtDesk, person: Asking, profile_code: ProfileCode) -> Profile:
    """Its metrics, units, ranges, codes, and what its test vectors come to."""
    return await vendor_desk.one(at, person, profile_code)


@router.get("/profiles/{profile_code}/versions", responses=problems(401, 403, 404), summary="A profile's versions")
async def versions(at: AtDesk, person: Asking, profile_code: ProfileCode, paging: Paged) -> list[ProfileVersion]:
    """From the newest on, each with its difference to the one before."""
    return paging.part(await vendor_desk.versions(at, person, profile_code), lambda one: (-one.version,), (-(2**31),))
