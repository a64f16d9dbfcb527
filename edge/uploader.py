"""The uploader: brings evidence files to the platform, by content hash, until it has them."""

import threading
from dataclasses import dataclass, field

import httpx
import structlog

from edge.counters import Counters
from edge.journal import JournalError
from edge.vault import Kept, Vault

log = structlog.get_logger(__name__)

LEAST_WAIT_S = 1.0
MOST_WAIT_S = 10.0
_IDLE_S = 10.0  # files come with a signal; so often old ones are removed
_BATCH = 20
_TIMEOUT = httpx.Timeout(10.0, write=60.0, read=60.0)
_NEVER = frozenset({400, 413, 415, 422})  # the platform refuses these bytes themselves: trying again is no use


class UploadError(Exception):
    """The platform does not take evidence now; the message is one sentence. The upload is tried again."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where evidence goes, and as whom."""

    api_url: str
    edge: str
    secret: str = field(repr=False)
    kept_s: float = 3600.0  # how long an uploaded file stays here


class Uploader:
    """Runs in a thread of its own. Uploading twice does no harm: the name is the content."""

    def __init__(self, account: Account, vault: Vault, counters: Counters) -> None:
        self._account, self._vault, self._counters = account, vault, counters
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        self._wait = 0.0  # after a failure
        self._told = ""

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after the file in hand."""
        self._stop.set()
        self._vault.filled.set()
        self._thread.join()

    def _run(self) -> None:
        auth = httpx.BasicAuth(self._account.edge, self._account.secret)
        with httpx.Client(auth=auth, timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
            while not self._stop.is_set():
                self._vault.filled.clear()
                try:
                    self._round(client)
                except (UploadError, JournalError, OSError) as error:
                    self._failed(str(error))
                except Exception as error:
                    log.exception("the uploader failed")
                    self._failed(type(error).__name__)
                self._rest()

    def _rest(self) -> None:
        if self._wait:
            self._stop.wait(self._wait)
        elif not self._stop.is_set():
            self._vault.filled.wait(_IDLE_S)

    def _round(self, client: httpx.Client) -> None:
        """Bring all that waits; raises UploadError at the first that is not taken."""
        while batch := self._vault.waiting(_BATCH):
            for kept in batch:
                if self._stop.is_set():
                    return
                self._bring(client, kept)
                self._wait, self._told = 0.0, ""
        self._vault.forget_uploaded(self._account.kept_s)

    def _failed(self, why: str) -> None:
        self._counters.add("uploads_failed")
        self._wait = min(max(LEAST_WAIT_S, self._wait * 2), MOST_WAIT_S)
        if why != self._told:  # once per outage, not at each attempt
            self._told = why
            log.warning("evidence cannot be uploaded, trying again", why=why)

    def _bring(self, client: httpx.Client, kept: Kept) -> None:
        url = f"{self._account.api_url.rstrip('/')}/edge/evidence/{kept.sha256}"
        try:
            answer = client.head(url)
            if answer.status_code == 404:
                answer = self._put(client, url, kept)
        except httpx.HTTPError as error:
            raise UploadError(f"the platform at {self._account.api_url} cannot be reached ({error})") from error
        self._judge(kept, answer.status_code)

    def _put(self, client: httpx.Client, url: str, kept: Kept) -> httpx.Response:
        path = self._vault.path(kept.sha256)
        headers = {"content-type": kept.media_type, "content-length": str(path.stat().st_size)}
        with path.open("rb") as file:
            return client.put(url, content=file, headers=headers)

    def _judge(self, kept: Kept, status: int) -> None:
        if status in (200, 201):
            self._vault.settle(kept.sha256, "done")
            self._counters.add("uploads")
        elif status in _NEVER:
            self._vault.settle(kept.sha256, "refused", f"HTTP {status}")
            self._counters.add("uploads_refused")
            log.error("the platform refused an evidence file for good", sha256=kept.sha256, status=status)
        elif status in (401, 403):
            raise UploadError(f"the platform refuses this edge's secret (HTTP {status}): check its code and secret")
        else:
            raise UploadError(f"the platform answers HTTP {status}")
