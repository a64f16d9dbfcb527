"""The uploader: brings evidence files to the platform, by content hash, until it has them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import structlog

from edge.bucket import Bucket
from edge.counters import Counters
from edge.journal import JournalError
from edge.vault import Kept, Vault

log = structlog.get_logger(__name__)

LEAST_WAIT_S = 1.0
MOST_WAIT_S = 10.0
PIECE = 1024 * 1024  # bytes of one request: after each the gravest file that waits goes first
LEAST_PIECE = 64 * 1024
PIECE_S = 4.0  # at a limited rate a request takes no longer than about this
_IDLE_S = 10.0  # files come with a signal; so often old ones are removed
_BLOCK = 16 * 1024
_TIMEOUT = httpx.Timeout(10.0, write=60.0, read=60.0)
_NEVER = frozenset({400, 413, 415, 422})  # the platform refuses these bytes themselves: trying again is no use
OFFSET, LENGTH = "upload-offset", "upload-length"


class UploadError(Exception):
    """The platform does not take evidence now; the message is one sentence. The upload is tried again."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where evidence goes, and as whom. `rate`: bytes a second, 0 for no limit."""

    api_url: str
    edge: str
    secret: str = field(repr=False)
    kept_s: float = 3600.0  # how long an uploaded file stays here
    rate: float = 0.0


@dataclass(slots=True)
class _Progress:
    """Of the file that is being brought piece by piece, how much the platform has."""

    sha256: str = ""
    offset: int = 0


class Uploader:
    """Runs in a thread of its own. Uploading twice does no harm: the name is the content."""

    def __init__(self, account: Account, vault: Vault, counters: Counters) -> None:
        self._account, self._vault, self._counters = account, vault, counters
        self._bucket = Bucket(account.rate)
        self._piece = min(PIECE, max(LEAST_PIECE, int(account.rate * PIECE_S))) if account.rate else PIECE
        self._progress = _Progress()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        self._wait = 0.0  # after a failure
        self._told = ""

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop after the piece in hand."""
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
        """Bring what waits, the gravest first; raises UploadError at the first that is not taken."""
        while not self._stop.is_set() and (waiting := self._vault.waiting(1)):
            self._bring(client, waiting[0])
            self._wait, self._told = 0.0, ""
        self._vault.forget_uploaded(self._account.kept_s)

    def _failed(self, why: str) -> None:
        self._counters.add("uploads_failed")
        self._progress = _Progress()
        self._wait = min(max(LEAST_WAIT_S, self._wait * 2), MOST_WAIT_S)
        if why != self._told:  # once per outage, not at each attempt
            self._told = why
            log.warning("evidence cannot be uploaded, trying again", why=why)

    def _bring(self, client: httpx.Client, kept: Kept) -> None:
        """Bring a file, or of a long one the next piece."""
        url = f"{self._account.api_url.rstrip('/')}/edge/evidence/{kept.sha256}"
        try:
            answer = self._ask(client, url, kept) if self._progress.sha256 != kept.sha256 else None
            if answer is None:
                answer = self._send(client, url, kept)
        except FileNotFoundError:
            self._vault.give_up(kept.sha256, "its file is gone from the edge's disk")
            return
        except httpx.HTTPError as error:
            raise UploadError(f"the platform at {self._account.api_url} cannot be reached ({error})") from error
        self._judge(kept, answer)

    def _ask(self, client: httpx.Client, url: str, kept: Kept) -> httpx.Response | None:
        """The platform's answer when it has the file or cannot say; None when it wants (the rest of) it."""
        answer = client.head(url)
        if answer.status_code != 404:
            return answer
        if OFFSET in answer.headers:
            self._progress = _Progress(kept.sha256, int(answer.headers[OFFSET]))
        return None

    def _send(self, client: httpx.Client, url: str, kept: Kept) -> httpx.Response:
        resumable = self._progress.sha256 == kept.sha256
        offset = self._progress.offset if resumable else 0
        if not resumable or (offset == 0 and kept.size <= self._piece):
            headers = {"content-type": kept.media_type, "content-length": str(kept.size)}
            return client.put(url, content=self._blocks(kept, 0, kept.size), headers=headers)
        size = min(self._piece, kept.size - offset)
        headers = {
            OFFSET: str(offset),
            LENGTH: str(kept.size),
            "content-type": "application/offset+octet-stream",
            "content-length": str(size),
        }
        return client.patch(url, content=self._blocks(kept, offset, size), headers=headers)

    def _blocks(self, kept: Kept, offset: int, size: int) -> Iterator[bytes]:
        """`size` bytes of the file from `offset` on, no faster than the limit."""
        with self._vault.path(kept.sha256).open("rb") as file:
            file.seek(offset)
            while size > 0 and (block := file.read(min(_BLOCK, size))):
                self._stop.wait(self._bucket.take(len(block)))
                size -= len(block)
                yield block

    def _judge(self, kept: Kept, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in (202, 409) and OFFSET in answer.headers:  # a piece was taken, or another one is wanted
            self._progress = _Progress(kept.sha256, int(answer.headers[OFFSET]))
            return
        self._progress = _Progress()
        if status in (200, 201):
            self._vault.settle(kept.sha256)
            self._counters.add("uploads")
        elif status in _NEVER:
            self._refused(kept, status)
        elif status in (401, 403):
            raise UploadError(f"the platform refuses this edge's secret (HTTP {status}): check its code and secret")
        else:
            raise UploadError(f"the platform answers HTTP {status}")

    def _refused(self, kept: Kept, status: int) -> None:
        """These bytes: spoilt on their way, on our disk, or not wanted at all."""
        sound = self._vault.sound(kept.sha256)
        if status == 422 and sound:
            raise UploadError("an evidence file was spoilt on its way to the platform")
        self._counters.add("uploads_refused")
        log.error("an evidence file is given up", sha256=kept.sha256, status=status, sound=sound)
        why = f"the platform refused it (HTTP {status})" if sound else "its file was damaged on the edge's disk"
        self._vault.give_up(kept.sha256, why)
