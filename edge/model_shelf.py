"""The shelf of models: packs on the edge's disk by their SHA-256, fetched from the platform where they are missing."""

import hashlib
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import httpx
import structlog

from domain.model import MOST_BYTES, Model
from edge.uploader import Account

log = structlog.get_logger(__name__)

FETCH_S = 300.0  # in all
_TIMEOUT = httpx.Timeout(10.0, read=30.0)
_SUFFIX = ".pack"
_ANSWERS = {
    401: "the platform refuses this edge's credential",
    404: "the platform has no such file",
}


class ModelError(Exception):
    """A model cannot be had; the message goes on after its name."""


class ModelShelf:
    """Used by one thread; `stop` ends a fetch."""

    def __init__(self, folder: Path, account: Account, stop: threading.Event) -> None:
        self.folder, self._account, self._stop = folder, account, stop

    def pack(self, model: Model) -> bytes:
        """The bytes that have the model's hash, from the disk or else from the platform. Raises ModelError."""
        kept, changed = self._kept(model)
        if kept is not None:
            return kept
        try:
            data = self._fetch(model)
        except ModelError as error:
            if changed:
                raise ModelError(f"was changed on the edge's disk, and {error}") from error
            raise
        self._keep(model, data)
        return data

    def keep_only(self, sha256: Collection[str]) -> None:
        """Drop the packs of all others."""
        with suppress(OSError):  # what cannot be dropped now can be later
            for file in self.folder.iterdir():
                if file.is_file() and (file.suffix != _SUFFIX or file.stem not in sha256):
                    file.unlink(missing_ok=True)

    def _path(self, model: Model) -> Path:
        return self.folder / f"{model.sha256}{_SUFFIX}"

    def _kept(self, model: Model) -> tuple[bytes | None, bool]:
        """What the disk has of it, and whether that was changed."""
        try:
            data = self._path(model).read_bytes()
        except OSError:
            return None, False
        if hashlib.sha256(data).hexdigest() == model.sha256:
            return data, False
        log.error("a model's file was changed on this disk, it is fetched again", model=model.release)
        return None, True

    def _keep(self, model: Model, data: bytes) -> None:
        part = self._path(model).with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(self._path(model))
        except OSError as error:
            log.warning("a model could not be kept, it holds until the next restart", why=str(error))

    def _fetch(self, model: Model) -> bytes:
        account = self._account
        url = f"{account.api_url.rstrip('/')}/edge/models/{model.sha256}"
        login = (account.edge, account.secret)
        try:
            with (
                httpx.Client(auth=login, timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client,
                client.stream("GET", url) as answer,
            ):
                if answer.status_code != 200:
                    why = _ANSWERS.get(answer.status_code, f"the platform answers {answer.status_code}")
                    raise ModelError(f"cannot be fetched: {why}")
                data = self._read(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(f"cannot be fetched: {type(error).__name__}, the platform does not answer") from error
        if hashlib.sha256(data).hexdigest() != model.sha256:
            raise ModelError("cannot be fetched: what the platform sends does not have its SHA-256")
        return data

    def _read(self, answer: httpx.Response) -> bytes:
        data, end = bytearray(), time.monotonic() + FETCH_S
        for block in answer.iter_bytes():
            data += block
            if len(data) > MOST_BYTES:
                raise ModelError(f"cannot be fetched: it is larger than {MOST_BYTES // 1024 // 1024} MiB")
            if self._stop.is_set() or time.monotonic() > end:
                raise ModelError(f"cannot be fetched: it took longer than {FETCH_S:.0f} s")
        return bytes(data)
