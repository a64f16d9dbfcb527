"""RTSP 1.0 on the wire (RFC 2326): requests in, responses out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

HEADER_LIMIT = 16 * 1024
BODY_LIMIT = 64 * 1024
TRACK = "trackID=0"

REASONS = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
    454: "Session Not Found", 455: "Method Not Valid in This State", 459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport", 503: "Service Unavailable", 505: "RTSP Version Not Supported",
}  # fmt: skip

_REQUEST_LINE = re.compile(r"([A-Z_]+) (\S+) (RTSP/\d\.\d)")


class MessageError(Exception):
    """What came in is not RTSP; the connection cannot be read any further."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    uri: str
    version: str
    headers: dict[str, str]

    @property
    def camera(self) -> str:
        """The camera's path, without slashes around it, track or query."""
        path = unquote(urlsplit(self.uri).path).strip("/")
        return path.removesuffix(TRACK).strip("/")


@dataclass(frozen=True, slots=True)
class Response:
    """One response; `headers` are pairs, since a challenge may come more than once."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    def encode(self, sequence: str) -> bytes:
        """The bytes to send as the answer to the request numbered `sequence` (CSeq)."""
        lines = [f"RTSP/1.0 {self.status} {REASONS[self.status]}", f"CSeq: {sequence}", "Server: Mingchu simulator"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class Reader:
    """Cuts a connection's bytes into requests; interleaved packets from the client (receiver reports) come as bytes."""

    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Request | bytes]:
        """What is complete so far. Raises MessageError, after which the connection is of no use."""
        self._buffer += data
        while self._strip():
            item = self._packet() if self._buffer[0] == 0x24 else self._request()
            if item is None:
                return
            yield item

    def _strip(self) -> bool:
        """Stray line ends between requests are allowed (RFC 2326 §4.1); True if anything else is left."""
        if self._buffer.startswith((b"\r", b"\n")):
            self._buffer = self._buffer.lstrip(b"\r\n")
        return bool(self._buffer)

    def _packet(self) -> bytes | None:
        if len(self._buffer) < 4:
            return None
        end = 4 + int.from_bytes(self._buffer[2:4], "big")
        return self._take(end)[4:] if len(self._buffer) >= end else None

    def _request(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > HEADER_LIMIT:
                raise MessageError("a request's header has no end")
            return None
        request = _parse(bytes(self._buffer[:end]).decode("utf-8", "replace"))
        size = request.headers.get("content-length", "0")
        if not size.isdecimal() or int(size) > BODY_LIMIT:
            raise MessageError("a request's body is too large or its length is no number")
        if len(self._buffer) < end + 4 + int(size):
            return None
        self._take(end + 4 + int(size))
        return request

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def _parse(head: str) -> Request:
    first, *lines = head.split("\r\n")
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        raise MessageError("a request line is not RTSP")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    try:
        urlsplit(match[2])
    except ValueError as error:
        raise MessageError("a request's address is not a URL") from error
    return Request(match[1], match[2], match[3], headers)


@dataclass(frozen=True, slots=True)
class Transport:
    """How a client wants its packets: two interleaved channels, or two UDP ports of its own."""

    kind: str  # "tcp" or "udp"
    first: int
    second: int


def parse_transport(header: str) -> Transport | None:
    """The first wish of a Transport header that can be met: unicast, TCP interleaved or UDP."""
    wishes = (_wish(text.strip().split(";")) for text in header.split(","))
    return next((wish for wish in wishes if wish is not None), None)


def _wish(parts: list[str]) -> Transport | None:
    protocol = parts[0].upper()
    options = {name.strip().lower(): value.strip() for name, _, value in (part.partition("=") for part in parts[1:])}
    if "multicast" in options:
        return None
    if protocol == "RTP/AVP/TCP":
        pair = _pair(options.get("interleaved", "0-1"), 255)
        return Transport("tcp", *pair) if pair else None
    if protocol in ("RTP/AVP", "RTP/AVP/UDP"):
        pair = _pair(options.get("client_port", ""), 65535)
        return Transport("udp", *pair) if pair else None
    return None


def _pair(text: str, highest: int) -> tuple[int, int] | None:
    first, _, second = text.partition("-")
    if not first.isdecimal() or not (second or "0").isdecimal():
        return None
    low = int(first)
    high = int(second) if second else low + 1
    return (low, high) if max(low, high) <= highest else None
