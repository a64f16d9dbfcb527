"""Camera addresses: which ones are opened at all, and how they are named without their password."""

from urllib.parse import urlsplit

SCHEMES = frozenset({"rtsp", "rtsps"})


class AddressError(ValueError):
    """A camera's address is rtsp:// or rtsps://, with a host."""


def check(url: str, *, allow_files: bool) -> str:
    """Return `url` when it may be opened; raise AddressError, without the credential, when it may not.

    Anything else that FFmpeg understands (http:, concat:, file:) would let a configuration read what it must not.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise AddressError("the camera's address is not valid: correct it in the registry") from error
    if parts.scheme == "file" and allow_files:
        return url
    if parts.scheme not in SCHEMES:
        raise AddressError(f"the camera's address begins with {parts.scheme[:20]!r}: it must be rtsp:// or rtsps://")
    if not host:
        raise AddressError("the camera's address names no host: correct it in the registry")
    return url


def redacted(url: str) -> str:
    """Scheme, host, port and path: what may be logged. Some cameras take passwords in the query, so it goes too."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an invalid address"
    return f"{parts.scheme}://{host}{port}{parts.path}"
