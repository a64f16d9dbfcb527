"""REST: one alert as an evidence export, for regulators; audited before a byte leaves."""

from anyio import to_thread
from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api import export
from api.desk import Asking, AtDesk, Desk
from api.openapi import Responses, problems
from api.problem import ProblemError, not_found
from domain.export import Exported
from domain.permission import Permission
from store import people, queue, unblurred
from store.people import Person
from store.unblurred import Grant

router = APIRouter(prefix="/api/v1/alerts", tags=["evidence"])

_ZIP: Responses = {
    200: {
        "description": "The zip: manifest.json, manifest.sig, report.html and the files.",
        "content": {export.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/{alert_id}/export",
    response_class=StreamingResponse,
    response_model=None,
    responses={**_ZIP, **problems(401, 403, 404)},
    summary="Evidence export",
)
async def exported(at: AtDesk, person: Asking, alert_id: int) -> Response:
    """The alert's whole case as a signed zip (`mingchu evidence verify`); originals only while a purpose is stated."""
    dossier = await _gathered(at, person, alert_id)
    key = at.config.export_key
    package = await to_thread.run_sync(export.pack, dossier, at.vault, key, at.config.timezone)
    headers = {
        "content-disposition": f'attachment; filename="mingchu-alert-{alert_id}.zip"',
        "cache-control": "private, no-store",
    }
    return StreamingResponse(export.stream(package, key), headers=headers, media_type=export.MEDIA_TYPE)


async def _gathered(at: Desk, person: Person, alert_id: int) -> export.Dossier:
    async with at.scoped(person) as connection:
        if await queue.one(connection, alert_id) is None:
            raise not_found()
        if not person.may(Permission.EVIDENCE_EXPORT):
            raise ProblemError(403, "role")
        grant = await unblurred.of_alert(connection, alert_id, at.clock())
        await people.audit(connection, person, "evidence_exported", _detail(alert_id, grant))
        dossier = await export.gather(connection, at.vault, person, alert_id, _exported(at, person, grant))
    if dossier is None:
        raise not_found()
    return dossier


def _detail(alert_id: int, grant: Grant | None) -> dict[str, object]:
    detail: dict[str, object] = {"alert": alert_id, "pictures": "redacted" if grant is None else "original"}
    return detail if grant is None else detail | {"grant": grant.id, "purpose": grant.purpose}


def _exported(at: Desk, person: Person, grant: Grant | None) -> Exported:
    return Exported(
        at=at.clock(),
        by=person.name,
        login=person.login,
        role=person.role.value,
        release=at.config.release,
        pictures="redacted" if grant is None else "original",
        purpose="" if grant is None else grant.purpose.value,
        words="" if grant is None else grant.words,
    )
