"""A camera's answer to an RTSP request: read strictly, and written anew, so that FFmpeg reads what was checked."""

import re
from collections.abc import Sequence

MOST_HEAD, MOST_BODY = 8192, 16384  # bytes; FFmpeg takes no longer session description
_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(r"RTSP/\d\.\d +(\d{3})\b")
_HEADER = re.compile(r"([A-Za-z-]+)[ \t]*:[ \t]*([\x20-\x7e]*)")
# What FFmpeg needs of a camera. Others would have it take the camera for a server of Real's or Microsoft's.
_NEEDED = frozenset(
    {"cseq", "session", "transport", "public", "content-base", "content-type", "www-authenticate", "range"}
)


class AnswerError(Exception):
    """The answer is not handed on; the message is a sentence in which `{where}` stands for the camera's address."""


def split(data: bytes) -> tuple[bytes, bytes] | None:
    """The first answer, written anew, and what came after it; None while it is not whole. Raises AnswerError."""
    data = data.lstrip(b"\r\n")
    end = _END.search(data)
    if end is None:
        if len(data) > MOST_HEAD:
            raise AnswerError("what the camera at {where} answers is no RTSP")
        return None
    first, *lines = data[: end.start()].decode("latin-1").splitlines()
    status, headers = _status(first), [match.groups() for match in map(_HEADER.fullmatch, lines) if match]
    whole = end.end() + _length(headers)
    if len(data) < whole:
        return None
    kept = [(name, value) for name, value in headers if name.lower() in _NEEDED]
    return _written(status, kept, data[end.end() : whole]), data[whole:]


def _status(line: str) -> int:
    match = _STATUS.match(line)
    if match is None:
        raise AnswerError("what the camera at {where} answers is no RTSP")
    if match[1][0] == "3":
        raise AnswerError(
            "the camera at {where} sends its viewers to another address: register the one that it has now"
        )
    return int(match[1])


def _length(headers: Sequence[tuple[str, ...]]) -> int:
    said = [value.strip() for name, value in headers if name.lower() == "content-length"] or ["0"]
    if not said[0].isdecimal() or len(said[0]) > len(str(MOST_BODY)) or int(said[0]) > MOST_BODY:
        raise AnswerError("the camera at {where} describes its stream at a length that is not valid")
    return int(said[0])


def _written(status: int, headers: Sequence[tuple[str, ...]], body: bytes) -> bytes:
    lines = [f"RTSP/1.0 {status} -", *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
