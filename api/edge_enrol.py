"""Where an edge brings its one-time code, and the hash of its new secret."""

import structlog
from fastapi import APIRouter, Request

from api.desk import AtDesk
from api.edge_model import Enrolled, Redemption
from api.openapi import problems
from api.problem import ProblemError
from domain import enrolment
from store import edges, people

router = APIRouter(prefix="/edge", tags=["edge"])
_log = structlog.get_logger("api.edge")


@router.post("/enrol", status_code=201, responses=problems(403, 429), summary="Redeem an enrolment code")
async def redeem(request: Request, at: AtDesk, offered: Redemption) -> Enrolled:
    """Exchanges a code from the console for a place as an edge. The secret itself stays with the edge.

    Safe to repeat with the same hash, in case the answer was lost.
    """
    address = request.client.host if request.client else ""
    if await at.codes.attempt(address):
        raise ProblemError(429, "too_many_logins", {"minutes": 1}, {"retry-after": "60"})
    try:
        sha256 = enrolment.fingerprint(enrolment.normalise(offered.code))
    except enrolment.BadEnrolmentCodeError as error:
        raise ProblemError(403, "enrolment_code") from error
    async with at.unscoped() as connection:
        found = await edges.redeem(connection, sha256, offered.credential)
        action, detail = ("edge_enrolled", {"edge": found.edge}) if found else ("edge_enrol_refused", {})
        await people.audit(connection, None, action, {**detail, "address": address})
    if found is None:
        _log.warning("an enrolment code is refused", address=address)
        raise ProblemError(403, "enrolment_code")
    await at.codes.forgive(address)
    _log.info("edge enrolled", edge=found.edge, address=address)
    mqtt_url = at.config.edge_mqtt_url
    return Enrolled(edge=found.edge, zh=found.zh, en=found.en, site=found.site, mqtt_url=mqtt_url)
