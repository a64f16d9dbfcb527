"""Pages of a list: `after` and `limit` come in, `Link: <…>; rel="next"` (RFC 8288) goes out.

A cursor holds the sort key of the last row of its page. Whatever is added or taken out meanwhile, a walk shows each
row that was there all the time exactly once.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Depends, Query, Request, Response

from api.problem import FieldFault, ProblemError

K = TypeVar("K", bound=tuple[int | str | date, ...])
R = TypeVar("R")
NO_END = 2**63 - 1  # where a list of the newest first begins
LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_LONGEST = 1000  # characters of a cursor


def encode(key: tuple[int | str | date, ...]) -> str:
    """A row's sort key as URL-safe text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode(cursor: str, first: K) -> K:
    """The key from encode(), of the types of `first`; ProblemError 422 for what is no cursor of that list."""
    form: Any = tuple[tuple(type(part) for part in first)]  # type: ignore[misc]
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key: K = msgspec.json.decode(data, type=form)
        for part in key:
            _must_fit(part)
    except (binascii.Error, msgspec.MsgspecError, ValueError, OverflowError) as error:
        fault = FieldFault(place="query.after", fault="A cursor comes unchanged from the page before it.")
        raise ProblemError(422, "invalid", faults=(fault,)) from error
    return key


def _must_fit(part: int | str | date) -> None:
    """Numbers are PostgreSQL's bigint, and a zone may carry the first and the last days beyond all time."""
    if isinstance(part, int) and not -NO_END - 1 <= part <= NO_END:
        raise OverflowError
    if isinstance(part, datetime):
        part.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is wanted; and where the answer says what comes after it."""

    limit: int
    cursor: str
    request: Request
    response: Response

    @property
    def wanted(self) -> int:
        """Rows to read: one more than a page tells that there is another."""
        return self.limit + 1

    def after(self, first: K) -> K:
        """The key of the last row that was shown; `first` where there is none: it sorts before every row."""
        return decode(self.cursor, first) if self.cursor else first

    def page(self, rows: Sequence[R], key: Callable[[R], tuple[int | str | date, ...]]) -> list[R]:
        """The page out of `wanted` rows that come after the cursor, and the link to the next."""
        shown = list(rows[: self.limit])
        if shown and len(rows) > self.limit:
            query = [pair for pair in self.request.query_params.multi_items() if pair[0] != "after"]
            query.append(("after", encode(key(shown[-1]))))
            path = quote(self.request.scope["path"])
            self.response.headers["link"] = f'<{path}?{urlencode(query)}>; rel="next"'
        return shown

    def part(self, rows: Iterable[R], key: Callable[[R], K], first: K) -> list[R]:
        """The same out of all rows of a list that stays short by nature, in the order of their keys."""
        last = self.after(first)
        return self.page([row for row in sorted(rows, key=key) if key(row) > last][: self.wanted], key)


def paged(usual: int = 100, most: int = 500) -> Callable[..., Awaitable[Paging]]:
    """A list's parameters, with its bounds of `limit`."""

    async def paging(
        request: Request,
        response: Response,
        after: Annotated[
            str,
            Query(
                max_length=_LONGEST,
                pattern=r"^[A-Za-z0-9_\-]*$",
                description="a cursor, from the page before: follow its `Link` header",
                examples=[""],
            ),
        ] = "",
        limit: Annotated[int, Query(ge=1, le=most, description="rows of a page", examples=[usual])] = usual,
    ) -> Paging:
        return Paging(limit, after, request, response)

    return paging


Paged = Annotated[Paging, Depends(paged())]
