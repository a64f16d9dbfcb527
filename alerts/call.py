"""One HTTP call: to a checked and pinned address, without redirects or proxies, bounded in time and in what is read."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from alerts import address
from alerts.outcome import Outcome, Refused, Sent, TryAgain

TIMEOUT_S = 5.0
_LONGEST_WAIT_S = 300.0
_ANSWER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Request:
    """What is POSTed."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, as far as it is of interest."""

    status: int
    retry_after: str
    body: bytes


def client() -> httpx.AsyncClient:
    """No proxies, no redirects, and a fresh connection each time: one made for one host name serves no other."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S, limits=limits)


async def post(sender: httpx.AsyncClient, request: Request, *, allow_private: bool) -> Response | TryAgain | Refused:
    """POST it; at most TIMEOUT_S in all. What is no HTTP answer is judged here already."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            target = await address.check(request.url, allow_private=allow_private)
            response = await sender.send(_prepared(sender, target, request), stream=True)
            try:
                return Response(response.status_code, response.headers.get("Retry-After", ""), await _read(response))
            finally:
                await response.aclose()
    except address.ForbiddenAddressError as error:
        return Refused(str(error))
    except address.UnknownHostError as error:
        return TryAgain(str(error), apart=True)
    except httpx.ConnectError as error:
        return TryAgain(f"no connection: {error}", apart=True)
    except (TimeoutError, httpx.TimeoutException):
        return TryAgain(f"no answer within {TIMEOUT_S:g} s")
    except httpx.HTTPError as error:
        return TryAgain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _prepared(sender: httpx.AsyncClient, target: address.Target, request: Request) -> httpx.Request:
    headers = {"Host": target.host, "User-Agent": "Mingchu", **request.headers}
    # TLS must prove the name of the URL, not the address that we connect to.
    return sender.build_request(
        "POST", target.url, content=request.body, headers=headers, extensions={"sni_hostname": target.name}
    )


async def _read(response: httpx.Response) -> bytes:
    """The beginning of the answer; whoever sends more is not listened to."""
    body = b""
    async for chunk in response.aiter_raw(_ANSWER_BYTES):
        body += chunk
        if len(body) >= _ANSWER_BYTES:
            break
    return body[:_ANSWER_BYTES]


def verdict(status: int, retry_after: str = "") -> Outcome:
    """What a status means: 2xx sent; 408, 429 and 5xx later; the rest is the receiver's last word."""
    if 200 <= status < 300:
        return Sent()
    if status in (408, 429) or status >= 500:
        wish = float(retry_after) if retry_after.isdecimal() else 0.0
        return TryAgain(f"HTTP {status}", min(wish, _LONGEST_WAIT_S), apart=status == 429)
    if 300 <= status < 400:
        return Refused(f"HTTP {status}: redirects are not followed")
    return Refused(f"HTTP {status}")
