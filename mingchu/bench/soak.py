"""`mingchu bench soak`: the whole house under an ordinary load for hours; what each process holds, sample by sample.

The house is `mingchu up --demo` on the scenario `soak`: simulated cold rooms, a lift and two cameras; one more
device is the prober, whose messages are looked for in the table, and somebody reads the console. All goes into a
journal, which a stop of any kind leaves whole: the soak goes on from it, and the report is made of it alone.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ingest.message import message_key
from mingchu import demo
from mingchu.bench import intake, soak_reader, soak_report
from mingchu.bench.figure import Figure
from mingchu.bench.house import House, house
from mingchu.bench.prober import PATIENCE_S, Prober, prober
from mingchu.bench.process import BenchError
from mingchu.bench.soak_journal import Begun, Counted, Held, Journal, Life, Sample, lives, soaked
from mingchu.bench.soak_reader import Reader
from simulators import sent
from store import process, status, tally
from store.connection import Connection

PROBE_S = 1.0
SETTLE_S = 60.0  # for what is on its way at the end


def begin(journal: Journal, seconds: float, period_s: float, data: Path | None) -> dict[str, Figure]:
    """Soak for so long; `data`: a data directory to make and leave there. Raises BenchError."""
    if data is not None and data.exists() and any(data.iterdir()):
        raise BenchError(f"{data} is not empty: a soak has a data directory of its own")
    root = data.absolute() if data is not None else Path(tempfile.mkdtemp(prefix="mingchu-soak-"))
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o711)  # the servers' own account must be able to enter
    journal.begin(Begun(time.time(), seconds, period_s, str(root), data is None))
    return resume(journal)


def resume(journal: Journal) -> dict[str, Figure]:
    """Go on where the journal ends; raises BenchError."""
    begun = journal.begun()
    left = begun.seconds - soaked(lives(journal.lines()))
    root = Path(begun.data)
    if left > begun.period_s:  # less is none: samples are no finer
        if not root.is_dir():
            raise BenchError(f"the data directory {root} of {journal.path} is gone: begin a new soak")
        _live(journal, begun, root, left)
    if begun.passing:
        shutil.rmtree(root, ignore_errors=True)
    return soak_report.report(journal)


def _live(journal: Journal, begun: Begun, root: Path, left: float) -> None:
    """One life of the house."""
    options = ("--demo", "--scenario", str(demo.shipped_scenario("soak")))
    with ExitStack() as stack:
        where = stack.enter_context(house(root, 1, options))
        reader = stack.enter_context(soak_reader.reader(where.console, *where.login()))
        show = stack.enter_context(_progress(begun, left))
        journal.add(Life(time.time()))
        _Soak(journal, begun.period_s, where, reader, show).run(left)
        journal.add(_counted(where))


class _Show:
    """The bar: how far it is, and what was seen last."""

    def __init__(self, progress: Progress, task: TaskID, before: float) -> None:
        self._progress, self._task, self._before = progress, task, before

    def tell(self, passed: float, sample: Sample) -> None:
        most = max(sample.processes, key=lambda name: sample.processes[name].own, default="")
        slowest = max(sample.waits, default=0.0)
        words = f"{sample.messages} messages, slowest {slowest:.2f} s, most memory: {most}"
        self._progress.update(self._task, completed=self._before + passed, description=words)


@contextmanager
def _progress(begun: Begun, left: float) -> Iterator[_Show]:
    columns = (BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=1) as progress:
        task = progress.add_task("the house is up", total=begun.seconds, completed=int(begun.seconds - left))
        yield _Show(progress, task, begun.seconds - left)


class _Soak:
    """Probes every second, reads a page each time, looks at the processes every `period_s`."""

    def __init__(self, journal: Journal, period_s: float, where: House, reader: Reader, show: _Show) -> None:
        self._journal, self._period_s, self._where = journal, period_s, where
        self._reader, self._show = reader, show
        self._waits = list[float]()
        self._began = self._due = time.monotonic()

    def run(self, seconds: float) -> None:
        """For so long; raises BenchError when the house ends before."""
        until = self._began + seconds
        while time.monotonic() < until:
            if not self._where.itself.is_running() or self._where.itself.status() == psutil.STATUS_ZOMBIE:
                raise BenchError(f"the house has ended (log: {self._where.log}); --resume {self._journal.path} goes on")
            try:
                with prober(self._where) as probing:
                    self._probe(probing, until)
            except (BenchError, OSError, psycopg.OperationalError):  # it was away: that is a figure, not the end
                self._waits.append(PATIENCE_S)
                self._look()
                time.sleep(PROBE_S)

    def _probe(self, probing: Prober, until: float) -> None:
        while (now := time.monotonic()) < until + PROBE_S:  # the last sample is due at the very end
            self._waits.append(probing.probe())
            self._reader.read()
            self._look()
            time.sleep(max(0.0, PROBE_S - (time.monotonic() - now)))

    def _look(self) -> None:
        """A sample, where one is due."""
        if time.monotonic() < self._due:
            return
        self._due += self._period_s
        sample = self._sample()
        self._journal.add(sample)
        self._show.tell(time.monotonic() - self._began, sample)

    def _sample(self) -> Sample:
        messages, waiting = intake.ask(self._where.dsn, _work)
        waits, self._waits = tuple(round(wait, 4) for wait in self._waits), []
        spool = sum(file.stat().st_size for file in self._where.root.glob("edge/*/spool.db*"))
        return Sample(
            round(time.time(), 2), _processes(self._where), waiting, spool, messages, waits,
            self._reader.refused, round(os.getloadavg()[0], 2),
        )  # fmt: skip


async def _work(connection: Connection) -> tuple[int, dict[str, int]]:
    """Messages that were committed, and what waits between the processes."""
    counts = await status.counts(connection)
    return counts.messages, {each.name: each.waiting for each in await process.backlog(connection)}


def _processes(where: House) -> dict[str, Held]:
    """The house itself, and each of its processes with those below it; one that is just starting is left out."""
    found = {"up": _held([where.itself], 0)}
    for tenant in where.tenants().values():
        try:
            root = psutil.Process(tenant.pid) if tenant.pid is not None else None
            if root is not None:
                found[tenant.name] = _held([root, *root.children(recursive=True)], tenant.restarts)
        except psutil.NoSuchProcess:
            continue
    return found


def _held(family: list[psutil.Process], restarts: int) -> Held:
    """Of one that ends meanwhile nothing is counted; raises NoSuchProcess where that is the first."""
    rss, uss, own, descriptors, threads, spent = 0, 0, 0, 0, 0, 0.0
    for one in family:
        try:
            memory, times = one.memory_full_info(), one.cpu_times()
            held = (memory.rss, memory.uss, _own(one.pid), one.num_fds(), one.num_threads())
        except psutil.NoSuchProcess:
            if one is family[0]:
                raise
            continue
        rss, uss, own = rss + held[0], uss + held[1], own + held[2]
        descriptors, threads, spent = descriptors + held[3], threads + held[4], spent + times.user + times.system
    return Held(family[0].pid, restarts, rss, uss, own, descriptors, threads, round(spent, 2))


def _own(pid: int) -> int:
    """Bytes of its anonymous memory, the swapped-out too; raises NoSuchProcess."""
    try:
        words = [line.split() for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    return sum(int(line[1]) * 1024 for line in words if line[0] in {"RssAnon:", "VmSwap:"})


def _counted(where: House) -> Counted:
    """What the broker has acknowledged by now, and how much of it is stored once it has had its time."""
    keys = list({message_key(each.topic, each.body) for each in sent.lines(where.root / "simulators" / "sent.jsonl")})
    deadline = time.monotonic() + SETTLE_S
    while (stored := intake.ask(where.dsn, lambda connection: tally.stored(connection, keys))) < len(keys):
        if time.monotonic() > deadline:
            break
        time.sleep(1.0)
    _, repeated = intake.ask(where.dsn, tally.readings)
    return Counted(time.time(), len(keys), stored, repeated)
