"""REST: whole tables for other systems, as CSV or Parquet; audited before a byte leaves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse

from api import sheet
from api.desk import Asking, AtDesk, Desk
from api.openapi import Responses, problems
from api.problem import ProblemError, not_found
from api.sheet import Format
from store import extracts, people, places
from store.extracts import FORMS, Row, Table, Wish
from store.people import Person

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

_CHUNK = 2000  # rows: what is held of a table at once
_LONGEST = {Table.ALERTS: 366, Table.READINGS: 31, Table.TRANSACTIONS: 31, Table.RISK: 92}  # days
_OF_A_DEVICE = (Table.READINGS, Table.TRANSACTIONS)
_FILE: Responses = {
    200: {
        "description": "The file, as it is made.",
        "content": {
            kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for kind in sheet.MEDIA_TYPES.values()
        },
    }
}


@router.get(
    "/{table}", response_class=StreamingResponse, response_model=None,
    responses={**_FILE, **problems(401, 404, 501)}, summary="Export a table",
)  # fmt: skip
async def export(
    at: AtDesk,
    person: Asking,
    table: Annotated[Table, Path(examples=["alerts"])],
    *,
    begin: Annotated[AwareDatetime, Query(alias="from", examples=["2026-11-01T00:00:00Z"])],
    end: Annotated[AwareDatetime, Query(alias="to", examples=["2026-11-08T00:00:00Z"])],
    form: Annotated[Format, Query(alias="format", examples=["csv"])] = Format.CSV,
    site: Annotated[int | None, Query(ge=1, le=2**62, description="only of that site", examples=[7])] = None,
    device: Annotated[int | None, Query(ge=1, le=2**62, description="only of that device", examples=[7])] = None,
) -> Response:
    """What the person may read, in order. Readings and transactions are of one device, at most 31 days of them."""
    if not timedelta(0) < end - begin <= timedelta(days=_LONGEST[table]):
        raise ProblemError(422, "span", {"days": _LONGEST[table]})
    if device is None and table in _OF_A_DEVICE:
        raise ProblemError(422, "export_device")
    if not sheet.available(form):
        raise ProblemError(501, "no_parquet")
    wish = Wish(table, begin, end, site, device)
    await _write_down(at, person, wish, form)
    headers = {
        "content-disposition": f'attachment; filename="mingchu-{table}.{form}"',
        "cache-control": "private, no-store",
    }
    return StreamingResponse(_pieces(at, person, wish, form), headers=headers, media_type=sheet.MEDIA_TYPES[form])


async def _write_down(at: Desk, person: Person, wish: Wish, form: Format) -> None:
    """The audit log's entry; 404 for a site or a device that is not the person's to see."""
    async with at.scoped(person) as connection:
        if wish.site is not None and await places.site(connection, wish.site) is None:
            raise not_found()
        if wish.device is not None and await places.device(connection, wish.device) is None:
            raise not_found()
        detail = {"table": wish.table, "format": form, "from": wish.begin.isoformat(), "to": wish.end.isoformat(),
                  "site": wish.site, "device": wish.device}  # fmt: skip
        await people.audit(connection, person, "table_exported", detail)


async def _pieces(at: Desk, person: Person, wish: Wish, form: Format) -> AsyncIterator[bytes]:
    """A transaction for each chunk: no connection waits for a slow reader."""
    table = FORMS[wish.table]
    file = await to_thread.run_sync(sheet.sheet, form, table.columns)
    yield file.begin()
    after: Row = table.first
    while True:
        async with at.scoped(person) as connection:
            rows = await extracts.chunk(connection, wish, after, _CHUNK)
        if rows:
            yield await to_thread.run_sync(file.rows, rows)
            after = rows[-1]
        if len(rows) < _CHUNK:
            break
    yield await to_thread.run_sync(file.end)
