"""One webhook call: sign the body, connect to the checked address, read nothing but the verdict."""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import httpx

from alerts import address

TIMEOUT_S = 5.0
_LONGEST_WAIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver said 2xx."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """It may work later; `after_s` is the receiver's own wish, 0 if it has none."""

    why: str
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never work as it is."""

    why: str


Outcome = Sent | TryAgain | Refused


def signature(secret: str, body: bytes) -> str:
    """X-Mingchu-Signature: HMAC-SHA256 of the body with the channel's secret, in hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def client() -> httpx.AsyncClient:
    """No proxies, no redirects, and a fresh connection each time: one made for one host name serves no other."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S, limits=limits)


async def post(
    sender: httpx.AsyncClient, push: UUID, url: str, secret: str, body: bytes, *, allow_private: bool
) -> Outcome:
    """POST `body` to `url` and say how it went; at most TIMEOUT_S in all. Whether to retry is decided here."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            target = await address.check(url, allow_private=allow_private)
            request = _request(sender, target, push, secret, body)
            response = await sender.send(request, stream=True)
            await response.aclose()
    except address.ForbiddenAddressError as error:
        return Refused(str(error))
    except address.UnknownHostError as error:
        return TryAgain(str(error))
    except (TimeoutError, httpx.TimeoutException):
        return TryAgain(f"no answer within {TIMEOUT_S:g} s")
    except httpx.HTTPError as error:
        return TryAgain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return verdict(response.status_code, response.headers.get("Retry-After", ""))


def _request(sender: httpx.AsyncClient, target: address.Target, push: UUID, secret: str, body: bytes) -> httpx.Request:
    headers = {
        "Host": target.host,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Mingchu",
        "Idempotency-Key": str(push),
        "X-Mingchu-Signature": signature(secret, body),
    }
    # TLS must prove the name of the URL, not the address that we connect to.
    return sender.build_request(
        "POST", target.url, content=body, headers=headers, extensions={"sni_hostname": target.name}
    )


def verdict(status: int, retry_after: str = "") -> Outcome:
    """What a status means: 2xx sent; 408, 429 and 5xx later; the rest is the receiver's last word."""
    if 200 <= status < 300:
        return Sent()
    if status in (408, 429) or status >= 500:
        wish = float(retry_after) if retry_after.isdecimal() else 0.0
        return TryAgain(f"HTTP {status}", min(wish, _LONGEST_WAIT_S))
    if 300 <= status < 400:
        return Refused(f"HTTP {status}: redirects are not followed")
    return Refused(f"HTTP {status}")
