"""Child processes whose CPU time a benchmark reads from outside."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

STOP_S = 30.0  # a house with all its servers ends in less


class BenchError(Exception):
    """The benchmark could not be run."""


@contextmanager
def child(command: Sequence[str], log: Path, **environment: str) -> Iterator[psutil.Popen]:
    """A process that is ended with the block, and killed where that takes too long; what it says goes to `log`."""
    with log.open("wb") as output:
        process = psutil.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment}, cwd="/")
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=STOP_S)
            except psutil.TimeoutExpired:
                process.kill()


def watch(processes: Sequence[psutil.Popen], seconds: float) -> list[float]:
    """CPU seconds that each process spends in the same wall-clock seconds. Raises BenchError when one ends."""
    before = [spent(process) for process in processes]
    time.sleep(seconds)
    return [spent(process) - start for process, start in zip(processes, before, strict=True)]


def until(holds: Callable[[], bool], else_: str, *, patience_s: float = 60.0, every_s: float = 0.2) -> None:
    """Wait for something to hold; raises BenchError with the words when it does not in time."""
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            raise BenchError(else_)
        time.sleep(every_s)


def checkout() -> str:
    """Where the modules are imported from."""
    return str(Path(__file__).resolve().parents[2])


def spent(process: psutil.Process) -> float:
    """CPU seconds since it began; raises BenchError when it has ended."""
    if isinstance(process, psutil.Popen) and process.poll() is not None:
        raise BenchError(f"{process.args[-2]} ended before the measurement did")
    times = process.cpu_times()
    return float(times.user + times.system)


def memory(process: psutil.Process) -> int:
    """Bytes that it holds in memory."""
    return int(process.memory_info().rss)
