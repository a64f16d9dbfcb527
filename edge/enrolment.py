"""Enrolment: a one-time code is exchanged for a place as an edge. The secret is made here, and only its hash leaves."""

import ipaddress
import time
from urllib.parse import urlsplit

import httpx
import msgspec

from domain import credential, enrolment
from domain.enrolment import Enrolment

_TRIES = 3  # the same code and hash once more do no harm: the answer may have been lost
_WAIT_S = 1.0
_TIMEOUT = httpx.Timeout(15.0)


class EnrolmentError(Exception):
    """The platform does not enrol this machine; the message is one sentence that says what to do."""


class Kept(msgspec.Struct, frozen=True):
    """What the machine is from now on."""

    edge: str
    secret: str
    api_url: str
    mqtt_url: str | None
    site: str | None = None

    def __repr__(self) -> str:  # a secret is not to be found in any log
        return f"Kept(edge={self.edge!r}, api_url={self.api_url!r})"


def redeem(api_url: str, code: str, mqtt_url: str | None = None) -> Kept:
    """Exchange a code at the platform. Raises EnrolmentError, or BadEnrolmentCodeError for what is no code at all."""
    base = _base(api_url)
    secret = credential.generate()
    body = {"code": enrolment.normalise(code), "credential": credential.protect(secret)}
    said = _enrolment(_post(f"{base}/edge/enrol", body))
    return Kept(said.edge, secret, base, mqtt_url or said.mqtt_url, said.site)


def is_bare(api_url: str) -> bool:
    """True where what is sent can be read on its way: no TLS, and not to this machine itself."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return parts.scheme == "http" and not local


def _base(api_url: str) -> str:
    parts = urlsplit(api_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise EnrolmentError(f"{api_url!r} is not an address: --api-url is the console's, http:// or https://")
    return api_url.rstrip("/")


def _post(url: str, body: dict[str, str]) -> httpx.Response:
    for left in reversed(range(_TRIES)):
        try:
            with httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
                answer = client.post(url, json=body, headers={"accept-language": "en"})
        except httpx.HTTPError as error:
            if not left:
                raise EnrolmentError(f"{url} does not answer: {error or type(error).__name__}") from error
        else:
            if answer.status_code < 500 or not left:
                return answer
        time.sleep(_WAIT_S)
    raise AssertionError


def _enrolment(answer: httpx.Response) -> Enrolment:
    if answer.status_code != 201:
        raise EnrolmentError(_reason(answer))
    try:
        return msgspec.json.decode(answer.content, type=Enrolment)
    except msgspec.DecodeError as error:
        raise EnrolmentError(f"{answer.url} is not a console of ours: check --api-url") from error


def _reason(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=_Problem).detail
    except msgspec.DecodeError:
        return f"{answer.url} answers {answer.status_code}: check --api-url"


class _Problem(msgspec.Struct, frozen=True):
    detail: str
