"""What pages and REST do for a vendor: look at one's devices, replace a credential, hand a kit's report in; audited."""

from dataclasses import dataclass
from datetime import timedelta

from psycopg import errors
from starlette.responses import Response

from api import letter_view
from api.desk import Desk
from api.letter_view import DeviceGap
from api.problem import ProblemError, not_found
from domain import credential
from domain.topic import FOREIGN, ROOT
from store import people, places, supply
from store.connection import Connection
from store.people import Person
from store.supply import SuppliedDevice

MAX_REPORT = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Handed:
    """A new credential as its device needs it; `password` is not kept."""

    device: SuppliedDevice
    mqtt_url: str | None
    user: str
    password: str
    topic: str
    foreign_topic: str


async def device(connection: Connection, identity: int) -> SuppliedDevice:
    """One of the vendor's devices; 404 for any other."""
    found = await supply.device(connection, identity)
    if found is None:
        raise not_found()
    return found


async def gaps(connection: Connection, identity: int, span: timedelta) -> list[DeviceGap]:
    """What is missing of the last `span`. Afterwards the transaction works in the device's station's scope."""
    await supply.enter(connection, identity)  # from here on only what is reckoned of this device is read
    row = await places.device(connection, identity)
    if row is None:
        raise not_found()
    return await letter_view.device_gaps(connection, row, span)


async def rotate(at: Desk, person: Person, identity: int) -> Handed:
    """A new credential; the old one ends its connection within seconds. 409 for a device that has none in force."""
    secret = credential.generate()
    async with at.scoped(person) as connection:
        found = await device(connection, identity)
        if not await supply.rotate(connection, identity, credential.protect(secret)):
            raise ProblemError(409, "not_admitted")
        await people.audit(connection, person, "device_rotated", {"site": found.site, "code": found.code})
    return Handed(
        device=found,
        mqtt_url=at.config.edge_mqtt_url,
        user=credential.device_user(found.site, found.code),
        password=secret,
        topic=f"{ROOT}/{found.site}/{found.code}/telemetry",
        foreign_topic=f"{FOREIGN}/{found.site}/{found.code}/",
    )


async def hand_in(at: Desk, person: Person, written: bytes) -> None:
    """Keep a report whose signature holds. Raises ProblemError 409 or 422."""
    read = None if at.config.read_report is None else at.config.read_report(written)
    if read is None:
        raise ProblemError(422, "kit_report")
    async with at.scoped(person) as connection:
        if not await supply.hand_in(connection, read):
            raise ProblemError(409, "kit_report_twice")
        detail = {"sha256": read.sha256, "profile": read.profile}
        await people.audit(connection, person, "conformance_handed_in", detail)


async def report_file(at: Desk, person: Person, report: int, vendor: str | None = None) -> Response:
    """A report's page as a file, verified again with `mingchu vendor verify`; `vendor`: 404 for another's."""
    try:
        async with at.scoped(person) as connection:
            page = await supply.report_page(connection, report, vendor)
    except errors.NumericValueOutOfRange as error:
        raise not_found() from error
    if page is None:
        raise not_found()
    headers = {"content-disposition": f'attachment; filename="conformance-{report}.html"', "cache-control": "no-store"}
    return Response(page, media_type="application/octet-stream", headers=headers)
