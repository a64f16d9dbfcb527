"""People at the console: the api process that benches start, and a client with a session."""

import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from mingchu.bench.process import checkout, child, until
from mingchu.broker import free_port

_TLS = ssl.create_default_context()  # made once: six hundred visitors would spend ten seconds on it


@contextmanager
def api(dsn: str, root: Path) -> Iterator[tuple[psutil.Popen, str]]:
    """`mingchu api` as shipped, and its address; `root` is its data directory."""
    port = free_port()
    settings = {"MINGCHU_DATA_DIR": str(root), "MINGCHU_DATABASE_URL": dsn, "MINGCHU_API_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    (root / "secrets").mkdir()
    command = (sys.executable, "-m", "mingchu", "api")
    with child(command, root / "api.log", PYTHONPATH=checkout(), **settings) as process:
        until(lambda: _ready(url), "the api does not answer")
        yield process, url


def _ready(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    return False


@asynccontextmanager
async def browser(url: str, token: str, limits: httpx.Limits | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is logged in with that session's token."""
    cookies = {"mingchu_session": token}
    headers = {"accept": "text/html,application/json"}
    limits = limits or httpx.Limits()
    async with httpx.AsyncClient(
        base_url=url, cookies=cookies, headers=headers, timeout=30, trust_env=False, limits=limits, verify=_TLS
    ) as client:
        yield client
