"""REST: evidence bytes, to those who may see the alert that they belong to; every look is audited.

The only place where evidence leaves the vault. Originals, which may show faces, need a stated purpose (ADR 20).
"""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from starlette.responses import FileResponse, Response

from api import photo
from api.desk import Asking, AtDesk, Desk
from api.openapi import Responses, problems
from api.problem import ProblemError, not_found
from api.unblurred import needed
from api.vault import is_address
from store import evidence, evidence_keeping, people, unblurred
from store.connection import Connection
from store.evidence import EvidenceLink
from store.people import Person

router = APIRouter(prefix="/api/v1/evidence", tags=["evidence"])

Address = Annotated[str, Path(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]
# What a person may see now may be another's tomorrow on the same browser: kept privately, and not for long.
_CACHE = "private, max-age=3600"
_CACHE_GUARDED = "private, no-store"
_BYTES: Responses = {
    200: {
        "description": "The bytes.",
        "content": {
            "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
            "video/mp4": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    304: {"description": "Unchanged: the bytes of an address never change."},
}


async def _visible(at: Desk, person: Person, sha256: str, look: str | None) -> EvidenceLink:
    """The link through which the person may see those bytes, audited when bytes go out; 404 otherwise.

    403 for an original as long as the person has not stated a purpose.
    """
    if not is_address(sha256):
        raise not_found()
    async with at.scoped(person) as connection:
        link = await evidence.link(connection, sha256)
        if link is None:
            raise not_found()
        if not at.vault.has(sha256):
            raise await _absent(connection, sha256)
        grant = await unblurred.of_evidence(connection, sha256, at.clock()) if link.guarded else None
        if link.guarded and grant is None:
            raise needed(person)
        if look is not None:
            detail: dict[str, object] = {"sha256": sha256, "linked_to": link.linked_to, "range": look}
            if grant is not None:
                detail |= {"grant": grant.id, "purpose": grant.purpose}
            await people.audit(connection, person, "evidence_unblurred" if grant else "evidence_read", detail)
    return link


async def _absent(connection: Connection, sha256: str) -> ProblemError:
    """Why bytes that the person may see are not there: their time was over, or they have not come."""
    tombstone = (await evidence_keeping.tombstones(connection, [sha256])).get(sha256)
    if tombstone is None:
        return not_found()
    return ProblemError(410, "evidence_expired", {"rule": tombstone.rule, "at": f"{tombstone.gone:%Y-%m-%dT%H:%M:%SZ}"})


def _headers(link: EvidenceLink, tag: str) -> dict[str, str]:
    return {"etag": tag, "cache-control": _CACHE_GUARDED if link.guarded else _CACHE}


@router.get(
    "/{sha256}",
    response_class=FileResponse,
    response_model=None,
    responses={
        **_BYTES,
        206: {"description": "A range of the bytes.", "content": _BYTES[200]["content"]},
        **problems(401, 403, 404, 410),
    },
    summary="Evidence bytes",
)
async def content(request: Request, at: AtDesk, person: Asking, sha256: Address) -> Response:
    """The picture or clip; Range requests are answered, the ETag is the address."""
    tag = f'"{sha256}"'
    unchanged = tag in request.headers.get("if-none-match", "")
    link = await _visible(at, person, sha256, None if unchanged else request.headers.get("range", "")[:40])
    headers = _headers(link, tag)
    if unchanged:
        return Response(status_code=304, headers=headers)
    return FileResponse(at.vault.path(sha256), headers=headers, media_type=link.media_type)


@router.get(
    "/{sha256}/thumbnail",
    response_class=Response,
    response_model=None,
    responses={**_BYTES, **problems(401, 403, 404, 410)},
    summary="A small picture",
)
async def thumbnail(request: Request, at: AtDesk, person: Asking, sha256: Address) -> Response:
    """The evidence picture at 360 px, for lists."""
    tag = f'"{sha256}-360"'
    unchanged = tag in request.headers.get("if-none-match", "")
    link = await _visible(at, person, sha256, None if unchanged else "thumbnail")
    headers = _headers(link, tag)
    if unchanged:
        return Response(status_code=304, headers=headers)
    if link.media_type != "image/jpeg":
        raise not_found()
    try:
        small = await to_thread.run_sync(lambda: photo.thumbnail(at.vault.read(sha256)))
    except (photo.PhotoError, FileNotFoundError) as error:
        raise not_found() from error
    return Response(small, headers=headers, media_type="image/jpeg")
