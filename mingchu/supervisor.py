"""The supervisor: child processes that are started in order, restarted when they die, and stopped in reverse."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil
import structlog

from mingchu.backoff import Backoff

_LOG_LIMIT = 10_000_000  # bytes, checked at each start of a child
_POLL_S = 0.1
_USE_ERROR = 2  # the exit code of a mistake that a restart does not cure
_FIRST_DEATHS = 3  # so many before it was ever ready: it will not come

log = structlog.get_logger(__name__)


class State(StrEnum):
    """Where a child is."""

    STARTING = "starting"
    UP = "up"
    WAITING = "waiting"  # for its back-off
    STOPPED = "stopped"


class StartError(Exception):
    """A child does not start."""


async def _at_once() -> bool:
    return True


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `ready` is asked until it says yes; `before` clears what an earlier life left (it may block)."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    ready: Callable[[], Awaitable[bool]] = _at_once
    before: Callable[[], None] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 8.0  # from the stop signal to SIGKILL
    start_s: float = 60.0  # to be ready at first


@dataclass(frozen=True, slots=True)
class Sight:
    """One child as a person sees it. `cpu`: percent of one core since the last look; `memory`: bytes; `note`: its last
    words, or what ended it, while it waits.
    """

    name: str
    pid: int | None
    state: State
    restarts: int
    cpu: float
    memory: int
    note: str = ""


class Child:
    """One program's life after life. `run` keeps it alive until cancelled; `close` ends it and waits."""

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log_file = logs / f"{program.name}.log"
        self.state = State.STARTING
        self.lives = 0
        self.was_ready = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._seen: psutil.Process | None = None
        self._log_start = 0  # where this life's part of the log begins

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def run(self) -> None:
        """Start it, wait for its end, wait for the back-off, start it again; raises StartError when it never comes."""
        backoff = Backoff()
        while True:
            began = time.monotonic()
            code = await self._live()
            backoff = backoff.after(time.monotonic() - began)
            self._give_up(code, backoff)
            self.state = State.WAITING
            log.warning("a child process ended", child=self.program.name, code=code, restart_in_s=backoff.wait_s)
            await asyncio.sleep(backoff.wait_s)

    def _give_up(self, code: int, backoff: Backoff) -> None:
        if self.was_ready.is_set():
            return
        if code == _USE_ERROR or backoff.failures >= _FIRST_DEATHS:
            raise StartError(f"{self.program.name} does not start: {self.last_words()} (log: {self.log_file})")

    async def _live(self) -> int:
        self.state = State.STARTING
        await asyncio.to_thread(self.program.before)
        self.lives += 1
        rotate(self.log_file)
        with self.log_file.open("ab") as out:
            self._log_start = out.tell()
            self._process = await asyncio.create_subprocess_exec(
                *self.program.argv,
                env={**os.environ, **self.program.environment},
                cwd=self.program.directory,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # the terminal's Ctrl-C is the supervisor's alone
            )
        with suppress(psutil.NoSuchProcess):
            self._seen = psutil.Process(self._process.pid)
        readiness = asyncio.create_task(self._become_ready())
        try:
            return await self._process.wait()
        finally:
            readiness.cancel()

    async def _become_ready(self) -> None:
        while True:
            if await self.program.ready():
                break
            await asyncio.sleep(_POLL_S)
        self.state = State.UP
        self.was_ready.set()

    async def close(self) -> None:
        """Ask it to stop, wait, and kill its whole session when it does not."""
        process = self._process
        if process is not None and process.returncode is None:
            _signal(process.pid, self.program.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.program.patience_s)
            except TimeoutError:
                log.warning("a child process would not stop and was killed", child=self.program.name)
                _signal_session(process.pid, signal.SIGKILL)
                await process.wait()
        self.state = State.STOPPED

    def sight(self) -> Sight:
        cpu, memory = 0.0, 0
        if self._seen is not None:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                cpu, memory = self._seen.cpu_percent(), self._seen.memory_info().rss
        pid = self.pid if self.state in (State.STARTING, State.UP) else None
        note = self.last_words() if self.state is State.WAITING else ""
        return Sight(self.program.name, pid, self.state, max(0, self.lives - 1), cpu, memory, note)

    def last_words(self) -> str:
        """What ended it: a signal, or the last line that it wrote in this life."""
        code = None if self._process is None else self._process.returncode
        if code is not None and code < 0:
            return f"ended by {signal.Signals(-code).name}"
        try:
            written = self.log_file.read_bytes()[self._log_start :]
        except OSError:
            written = b""
        lines = written[-4096:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"ended with exit code {code}"


class Supervisor:
    """All children of one `mingchu up`."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self, program: Program) -> Child:
        """Start one more child and return when it is ready; raises StartError."""
        child = Child(program, self._logs)
        self._children.append(child)
        keeper = asyncio.create_task(child.run(), name=program.name)
        self._keepers.append(keeper)
        ready = asyncio.create_task(child.was_ready.wait())
        await asyncio.wait({keeper, ready}, timeout=program.start_s, return_when=asyncio.FIRST_COMPLETED)
        if keeper.done():
            ready.cancel()
            await keeper
        if not child.was_ready.is_set():
            ready.cancel()
            raise StartError(f"{program.name} is not ready after {program.start_s:.0f} s (log: {child.log_file})")
        return child

    async def stop(self) -> None:
        """Stop all children, the last started first."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for child in reversed(self._children):
            await child.close()

    def sights(self) -> tuple[Sight, ...]:
        return tuple(child.sight() for child in self._children)


def rotate(file: Path) -> None:
    """Keep one older generation of a log that has grown past the limit."""
    with suppress(FileNotFoundError):
        if file.stat().st_size > _LOG_LIMIT:
            file.replace(file.with_suffix(".log.1"))


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_session(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)
