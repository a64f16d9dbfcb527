"""How the client speaks: one request at a time, repeated where that is safe; refusals as exceptions; pages followed."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urljoin

import httpx
import msgspec

T = TypeVar("T")
_ATTEMPTS = 3
_LONGEST_WAIT_S = 30.0
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


class Refused(Exception):  # noqa: N818 - it is an answer
    """The platform's answer is a problem (RFC 9457): `code` is stable, `detail` says what to do."""

    def __init__(self, status: int, code: str, detail: str, faults: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail, self.faults = status, code, detail, faults


class File(NamedTuple):
    """A file to send."""

    name: str
    data: bytes
    media_type: str = "image/jpeg"


class Session:
    """A connection to one platform, with an API token. A POST carries a new Idempotency-Key, and may be repeated.

    `transport` is for tests and proxies. A request waits as long as `Retry-After` says, at most 30 seconds, and is
    tried three times in all; then Refused or httpx.TransportError is raised.
    """

    def __init__(
        self, url: str, *, token: str = "", language: str = "zh", transport: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"accept-language": language} | ({"authorization": f"Bearer {token}"} if token else {})
        self.http = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT, transport=transport)

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def call(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        form: Mapping[str, object] | None = None,
        content: bytes | None = None,
        media_type: str = "application/json",
    ) -> httpx.Response:
        """One request and its answer; raises Refused."""
        headers = {"idempotency-key": str(uuid.uuid4())} if verb == "POST" else {}
        if body is not None:
            content = msgspec.json.encode(body)
        if content is not None:
            headers["content-type"] = media_type
        fields, files = _parts(form or {})
        request = self.http.build_request(
            verb, path, params=_told(query), headers=headers, content=content, data=fields or None,
            files=files or None,
        )  # fmt: skip
        request.read()  # the same bytes each time
        return judged(self._sent(request, repeatable=verb != "PATCH"))

    def _sent(self, request: httpx.Request, *, repeatable: bool) -> httpx.Response:
        for left in range(_ATTEMPTS - 1, -1, -1):
            try:
                answer = self.http.send(request)
            except httpx.TransportError:
                if not (left and repeatable):
                    raise
                continue
            if not (left and _worth_a_wait(answer)):
                return answer
            time.sleep(min(float(answer.headers.get("retry-after", 1)), _LONGEST_WAIT_S))
        raise AssertionError

    def pages(self, path: str, form: type[list[T]], query: Mapping[str, object]) -> Iterator[T]:
        """All rows of a list, a page at a time, by the links of the answers."""
        answer = self.call("GET", path, query=query)
        while True:
            yield from msgspec.json.decode(_rows(answer.content), type=form)
            following = answer.links.get("next", {}).get("url")
            if following is None:
                return
            answer = self.call("GET", urljoin(str(answer.url), following))

    def save(self, path: str, target: str, *, query: Mapping[str, object] | None = None) -> int:
        """Write a long answer (an export, a clip) to a file as it comes; returns its bytes."""
        with (
            self.http.stream("GET", path, params=_told(query)) as answer,
            open(target, "wb") as file,
        ):
            if answer.is_error:
                answer.read()
            judged(answer)
            return sum(file.write(piece) for piece in answer.iter_bytes())


def _rows(page: bytes) -> bytes | msgspec.Raw:
    """The rows of a page: all of it, or what stands under `items`."""
    return page if page[:1] == b"[" else msgspec.json.decode(page, type=dict[str, msgspec.Raw])["items"]


def segment(value: object) -> str:
    """A value as one segment of a path."""
    return quote(str(value), safe="")


def _told(query: Mapping[str, object] | None) -> httpx.QueryParams | None:
    """The parameters that are given, a list as many; None: those that the address has."""
    if not query:
        return None
    pairs = [(name, value) for name, given in query.items() for value in _many(given) if value is not None]
    return httpx.QueryParams([(name, _plain(value)) for name, value in pairs])


def _many(given: object) -> Sequence[object]:
    return given if isinstance(given, Sequence) and not isinstance(given, str | bytes) else [given]


def _plain(value: object) -> str:
    built = msgspec.to_builtins(value)
    return str(built).lower() if isinstance(built, bool) else str(built)


def _parts(form: Mapping[str, object]) -> tuple[dict[str, Any], list[tuple[str, tuple[str, bytes, str]]]]:
    """Fields and files of a form."""
    given = [(name, one) for name, value in form.items() for one in _many_files(value) if one is not None]
    files = [(name, tuple(one)) for name, one in given if isinstance(one, File)]
    fields: dict[str, Any] = {}
    for name, one in given:
        if not isinstance(one, File):
            fields.setdefault(name, []).append(_plain(one))
    return fields, files  # type: ignore[return-value]


def _many_files(value: object) -> Sequence[object]:
    return [value] if isinstance(value, File) else _many(value)


def _worth_a_wait(answer: httpx.Response) -> bool:
    if answer.status_code == 409:
        return b'"idempotency_busy"' in answer.content
    return answer.status_code in (429, 503)


def judged(answer: httpx.Response) -> httpx.Response:
    """The answer where it is none of a refusal; raises Refused."""
    if not answer.is_error:
        return answer
    try:
        told = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        told = {}
    code, detail = str(told.get("code", "http")), str(told.get("detail", answer.reason_phrase))
    raise Refused(answer.status_code, code, detail, told.get("faults", ()))
