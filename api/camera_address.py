"""A camera's address as people type it: checked, and joined with its login. Nothing here ever connects to it."""

import ipaddress
from typing import NoReturn
from urllib.parse import quote, unquote, urlsplit

from api.camera_model import Source
from api.problem import FieldFault, ProblemError
from domain.network import is_nobody

_SCHEMES = ("rtsp", "rtsps")
MASK = "***"  # what the database puts where a secret was


def url_of(source: Source) -> str:
    """The whole address of a new camera, with its login. ProblemError 422 says what is wrong with it."""
    address = source.address.strip()
    _check(address)
    scheme, _, rest = address.partition("://")
    secret = source.password.get_secret_value() if source.password is not None else ""
    if not source.user:
        return address if not secret else _refuse("address_user")
    return f"{scheme}://{quote(source.user, safe='')}:{quote(secret, safe='')}@{rest}"


def changed_url(source: Source, address: str | None, login: str | None) -> str | None:
    """The new address of a camera that has one (shown as `address` and `login`); None where it stays.

    The old password is not sent to a new address: who may change the one need not know the other.
    """
    same = source.address.strip() == address and source.user == unquote(login or "")
    if same and source.password is None:
        return None
    if source.user and source.password is None:
        _refuse("address_password")
    return url_of(source)


def _check(address: str) -> None:
    if MASK in address:
        _refuse("address_masked")
    if not address.isprintable() or " " in address or "\\" in address:
        _refuse("address_form")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        _refuse("address_form")
    if parts.scheme not in _SCHEMES:
        _refuse("address_scheme")
    if "@" in parts.netloc:
        _refuse("address_login")
    if not host or port == 0 or parts.fragment or _is_nobody(host):
        _refuse("address_form")


def _is_nobody(host: str) -> bool:
    """Addresses that no camera has, but a cloud's metadata service may."""
    try:
        known = ipaddress.ip_address(host)
    except ValueError:
        return False
    return is_nobody(known)


def _refuse(code: str) -> NoReturn:
    raise ProblemError(422, code, faults=(FieldFault(place="body.source.address", fault=code),))
