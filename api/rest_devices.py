"""REST: devices let in and out: registered, imported, claimed, given a new secret, revoked; for admins."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from api import device_desk, language
from api.desk import Asking, AtDesk
from api.openapi import problems
from api.provision_model import Access, Claim, Credential, ListLine, NewDevice

router = APIRouter(prefix="/api/v1", tags=["provisioning"])

Identity = Annotated[int, Path(examples=[7])]
Sheet = Annotated[
    bytes,
    Body(
        media_type="text/csv",
        description="columns site, code, profile; zh, en, vendor, serial, behind; UTF-8 or GB 18030",
        examples=["site,code,profile,zh\nmarket-1,scale-9,scale-jjg1204,九号秤\n"],
    ),
]


@router.post(
    "/sites/{site_id}/devices", status_code=201, responses=problems(401, 403, 404, 409), summary="Register a device"
)
async def register(response: Response, at: AtDesk, person: Asking, site_id: Identity, wanted: NewDevice) -> Credential:
    """A device of that site, and how it logs in: shown this once."""
    response.headers["cache-control"] = "no-store"
    return await device_desk.register(at, person, site_id, wanted)


@router.post("/devices/import", responses=problems(401, 403, 413), summary="Register a list of devices")
async def take_list(
    request: Request,
    response: Response,
    at: AtDesk,
    person: Asking,
    *,
    sheet: Sheet,
    check: Annotated[bool, Query(description="only say what would become of each line", examples=[False])] = False,
) -> list[ListLine]:
    """At most 2,000 lines, each by itself: a bad one leaves the others alone. Passwords are shown this once."""
    response.headers["cache-control"] = "no-store"
    return await device_desk.take_list(at, person, sheet, language.of_request(request), only_check=check)


@router.post(
    "/devices/claim", status_code=201, responses=problems(401, 403, 409, 429), summary="Claim a device by its label"
)
async def claim(response: Response, at: AtDesk, person: Asking, wanted: Claim) -> Credential:
    """Registers the device that the label stands for. A label is used once; ten tries a minute."""
    response.headers["cache-control"] = "no-store"
    return await device_desk.claim(at, person, wanted)


@router.post(
    "/devices/{device_id}/credential", status_code=201, responses=problems(401, 403, 404), summary="A new credential"
)
async def rotate(response: Response, at: AtDesk, person: Asking, device_id: Identity) -> Credential:
    """Shown this once. The one before ends its connection within seconds; a revoked device is let in again."""
    response.headers["cache-control"] = "no-store"
    return await device_desk.rotate(at, person, device_id)


@router.post("/devices/{device_id}/revoke", responses=problems(401, 403, 404), summary="Revoke a device")
async def revoke(at: AtDesk, person: Asking, device_id: Identity) -> Access:
    """Its connection ends within seconds, and neither edge nor gateway may speak for it."""
    return await device_desk.revoke(at, person, device_id)
