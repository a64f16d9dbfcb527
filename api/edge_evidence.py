"""Where edges bring evidence: bytes by content hash, with the edge's own credential."""

import base64
import binascii
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Path, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.desk import AtDesk, Desk
from api.guard import EVIDENCE_BODY
from api.openapi import problems
from api.partial import BusyError, OffsetError, Stretch
from api.problem import ProblemError
from api.vault import Received, WrongHashError, is_address
from domain import credential
from store import people

router = APIRouter(prefix="/edge/evidence", tags=["edge"])
_log = structlog.get_logger("api.edge")

Address = Annotated[str, Path(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]
OFFSET = "upload-offset"
_NOBODY = credential.protect(credential.generate())
_ASK = {"www-authenticate": 'Basic realm="mingchu edge", charset="UTF-8"'}


async def edge(request: Request, at: AtDesk) -> str:
    """The edge that speaks, by HTTP Basic; 401 otherwise, and 429 after many wrong secrets."""
    name, secret = _basic(request.headers.get("authorization", ""))
    stored = await _stored(at, name)
    if credential.verify(secret, stored or _NOBODY) and stored is not None:
        return name
    address = request.client.host if request.client else ""
    _log.warning("edge credential refused", edge=name[:63], address=address)
    if at.edges.attempt(address):
        raise ProblemError(429, "too_many_logins", {"minutes": 1}, {"retry-after": "60"})
    raise ProblemError(401, "edge_credential", headers=_ASK)


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    name, _, secret = text.partition(":")
    return name, secret


async def _stored(at: Desk, name: str) -> str | None:
    if not name or "\0" in name:
        return None
    async with at.unscoped() as connection:
        return await people.edge_credential(connection, name)


Edge = Annotated[str, Depends(edge)]


def _address(sha256: str) -> str:
    if not is_address(sha256):
        raise ProblemError(422, "address")
    return sha256


@router.head(
    "/{sha256}",
    responses={200: {"description": "The bytes are there."}, **problems(401, 404)},
    response_class=Response,
    response_model=None,
    summary="Is that evidence there?",
)
async def there(at: AtDesk, who: Edge, sha256: Address) -> Response:
    """200 with the length when the bytes are there; 404 when not, with `Upload-Offset`, where a PATCH goes on."""
    size = at.vault.size(_address(sha256))
    if size is None:
        return Response(status_code=404, headers={OFFSET: str(at.vault.begun(who, sha256))})
    return Response(status_code=200, headers={"content-length": str(size), "etag": f'"{sha256}"'})


@router.put(
    "/{sha256}",
    status_code=201,
    responses={
        200: {"description": "The bytes were there already."},
        201: {"description": "Kept."},
        **problems(401, 413, 429, 507),
    },
    response_class=Response,
    response_model=None,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    summary="Bring evidence",
)
async def bring(request: Request, at: AtDesk, who: Edge, sha256: Address) -> Response:
    """At most 64 MiB, checked against the hash while they stream in; safe to repeat."""
    try:
        with _storing():
            received = await at.vault.receive(_address(sha256), _body(request))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is left to read it
    _log.info("evidence", edge=who, sha256=sha256, result=received)
    at.live.forget()  # lists name a picture from now on
    return Response(status_code=201 if received is Received.CREATED else 200)


@router.patch(
    "/{sha256}",
    status_code=201,
    responses={
        200: {"description": "The whole was there already."},
        201: {"description": "That was the last piece: the whole is kept."},
        202: {"description": "The piece is kept; `Upload-Offset` says where the next one begins."},
        **problems(401, 409, 413, 422, 429, 507),
    },
    response_class=Response,
    response_model=None,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    summary="Bring a piece of evidence",
)
async def bring_piece(
    request: Request,
    at: AtDesk,
    who: Edge,
    sha256: Address,
    *,
    upload_offset: Annotated[int, Header(ge=0, examples=[1048576])],
    upload_length: Annotated[int, Header(ge=1, examples=[3145728])],
) -> Response:
    """A piece that begins at `Upload-Offset` of the file's `Upload-Length` bytes.

    At another place than where the bytes that are there end it is answered 409, with the right one. Nobody sees the
    file before it is whole and its hash right.
    """
    if upload_length > EVIDENCE_BODY:
        raise ProblemError(413, "too_large", {"mib": EVIDENCE_BODY // (1024 * 1024)})
    if at.vault.has(_address(sha256)):
        return Response(status_code=200)
    stretch = Stretch(upload_offset, upload_length)
    try:
        with _storing():
            received = await at.vault.resume(who, sha256, stretch, _body(request))
    except OffsetError as error:
        raise ProblemError(409, "upload_offset", headers={OFFSET: str(error.size)}) from error
    except BusyError as error:
        raise ProblemError(409, "upload_busy", headers={"retry-after": "1"}) from error
    except ClientDisconnect:
        return Response(status_code=400)
    if isinstance(received, int):
        return Response(status_code=202, headers={OFFSET: str(received)})
    _log.info("evidence", edge=who, sha256=sha256, result=received)
    at.live.forget()  # lists name a picture from now on
    return Response(status_code=201 if received is Received.CREATED else 200)


@contextmanager
def _storing() -> Iterator[None]:
    """What may go wrong with the bytes, as answers."""
    try:
        yield
    except WrongHashError as error:
        raise ProblemError(422, "wrong_hash") from error


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk
