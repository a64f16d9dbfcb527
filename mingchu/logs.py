"""Logs: one JSON line per event on stderr, with secrets struck out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/@\s:]*:)[^@\s/]+(?=@)", re.IGNORECASE)
_PARAMETER = re.compile(
    r"(?P<before>\b(?:password|passwd|secret|token|credential|authorization)\b['\"]?\s*[=:]\s*['\"]?)[^\s'\",}]+",
    re.IGNORECASE,
)
_SECRET_KEY = re.compile(r"password|passwd|secret|token|credential|authorization|cookie", re.IGNORECASE)
_STRUCK = "***"


def redact(text: str) -> str:
    """Strike out what looks like a secret: the password of a URL, `password=…`, `secret: …`."""
    return _PARAMETER.sub(rf"\g<before>{_STRUCK}", _URL_PASSWORD.sub(rf"\g<before>{_STRUCK}", text))


def strike(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that redacts every value, however deep."""
    return {key: _STRUCK if _SECRET_KEY.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: object) -> object:
    match value:
        case str():
            return redact(value)
        case dict():
            return {key: _STRUCK if _SECRET_KEY.search(str(key)) else _clean(part) for key, part in value.items()}
        case list() | tuple():
            return [_clean(part) for part in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return redact(str(value))


def configure(level: str, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard logging (of libraries) alike; `stream`: instead of stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                strike,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn", "httpx", "httpcore", "aiortc", "aioice", "asyncio", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
