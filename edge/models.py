"""The models that cameras name, beside the one that the edge ships: a thread fetches, checks, tries and opens them."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from domain.model import MOST_BYTES, Model
from edge.analyst import Sees
from edge.model_shelf import ModelError, ModelShelf
from edge.uploader import Account
from inference import pack
from inference.weights import WeightsError

log = structlog.get_logger(__name__)

MOST = 4  # open at once: each takes some 60 MB
LEAST_WAIT_S, MOST_WAIT_S = 5.0, 300.0  # until what could not be had is tried again


class Models:
    """`news` is set whenever one has become ready, or cannot be had; the main thread looks and clears it."""

    def __init__(self, folder: Path, account: Account, open_eye: Callable[[Path], Sees]) -> None:
        self.news = threading.Event()
        self._stop, self._wake = threading.Event(), threading.Event()
        self._shelf, self._open_eye = ModelShelf(folder, account, self._stop), open_eye
        self._lock = threading.Lock()
        self._wanted: dict[str, Model] = {}
        self._eyes: dict[str, Sees] = {}
        self._whys: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="models", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop; waits for the trial in hand."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def want(self, models: Iterable[Model]) -> None:
        """Have these, and let go of all others."""
        wanted = {model.sha256: model for model in sorted(models, key=lambda one: one.sha256)}
        with self._lock:
            self._wanted = wanted
            self._eyes = {key: eye for key, eye in self._eyes.items() if key in wanted}
            over = dict.fromkeys(list(wanted)[MOST:], f"is one too many: an edge takes at most {MOST} at once")
            self._whys = {key: why for key, why in self._whys.items() if key in wanted} | over
        self._wake.set()

    def eye(self, model: Model) -> Sees | None:
        """What looks with it; None while it is not ready."""
        with self._lock:
            return self._eyes.get(model.sha256)

    def why(self, model: Model) -> str | None:
        """Why it cannot be used: the end of a sentence about it; empty when it is ready, None before either."""
        with self._lock:
            return "" if model.sha256 in self._eyes else self._whys.get(model.sha256)

    def _run(self) -> None:
        wait_s = LEAST_WAIT_S
        self._wake.wait()  # before it is said which are wanted, nothing is too much
        while not self._stop.is_set():
            self._wake.clear()
            missing = self._missing()
            done = [self._settle(model) for model in missing]
            if all(done):
                self._tidy()
                wait_s = LEAST_WAIT_S
                self._wake.wait()
            else:
                wait_s = LEAST_WAIT_S if self._wake.wait(wait_s) else min(wait_s * 2, MOST_WAIT_S)

    def _missing(self) -> list[Model]:
        with self._lock:
            return [model for model in list(self._wanted.values())[:MOST] if model.sha256 not in self._eyes]

    def _tidy(self) -> None:
        """All that are named work: the files of former ones are of no use any more."""
        if not self._missing():
            with self._lock:
                named = frozenset(self._wanted)
            self._shelf.keep_only(named)

    def _settle(self, model: Model) -> bool:
        """Open it, or find out why not."""
        eye, why = None, ""
        try:
            eye = self._opened(model)
        except ModelError as error:
            why = str(error)
        except WeightsError as error:
            why = f"fails its trial: {error}"
        except Exception as error:
            log.exception("a model failed", model=model.release)
            why = f"fails its trial ({type(error).__name__})"
        with self._lock:
            if model.sha256 not in self._wanted:
                return True
            if eye is not None:
                self._eyes[model.sha256] = eye
            else:
                self._whys[model.sha256] = why
        log.info("model", release=model.release, sha256=model.sha256, ready=eye is not None, why=why)
        self.news.set()
        return eye is not None

    def _opened(self, model: Model) -> Sees:
        data = self._shelf.pack(model)
        with TemporaryDirectory(prefix="mingchu-model-") as folder:
            return self._open_eye(pack.lay(data, Path(folder), MOST_BYTES))
