"""Child processes whose CPU time a benchmark reads from outside."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil


class BenchError(Exception):
    """The benchmark could not be run."""


@contextmanager
def child(command: Sequence[str], log: Path, **environment: str) -> Iterator[psutil.Popen]:
    """A process that is ended with the block; what it says goes to `log`."""
    with log.open("wb") as output:
        process = psutil.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment}, cwd="/")
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except psutil.TimeoutExpired:
                process.kill()


def watch(processes: Sequence[psutil.Popen], seconds: float) -> list[float]:
    """CPU seconds that each process spends in the same wall-clock seconds. Raises BenchError when one ends."""
    before = [_spent(process) for process in processes]
    time.sleep(seconds)
    return [_spent(process) - start for process, start in zip(processes, before, strict=True)]


def until(holds: Callable[[], bool], else_: str) -> None:
    """Wait a minute at most for something to hold; raises BenchError with the words."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            raise BenchError(else_)
        time.sleep(0.2)


def checkout() -> str:
    """Where the modules are imported from."""
    return str(Path(__file__).resolve().parents[2])


def _spent(process: psutil.Popen) -> float:
    if process.poll() is not None:
        raise BenchError(f"{process.args[-2]} ended before the measurement did")
    times = process.cpu_times()
    return float(times.user + times.system)
