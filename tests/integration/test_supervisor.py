"""The supervisor with real processes: what dies comes back, what is stopped goes, and nothing outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from mingchu.supervisor import Child, Program, StartError, State, Supervisor
from tests.servers import PATIENCE_S, wait_for

STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
)
OBEDIENT = "import time\nprint('up', flush=True)\ntime.sleep(600)"


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path)
    yield supervisor
    await supervisor.stop()


def program(name: str, text: str, logs: Path, patience_s: float = 5.0) -> Program:
    """Ready once its log says so."""

    async def ready() -> bool:
        log = logs / f"{name}.log"
        return log.exists() and "up" in log.read_text()

    return Program(name, (sys.executable, "-c", text), ready=ready, patience_s=patience_s, start_s=PATIENCE_S)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_what_is_killed_comes_back_after_a_wait(supervisor: Supervisor, tmp_path: Path) -> None:
    child = await supervisor.start(program("one", OBEDIENT, tmp_path))
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: child.state is State.WAITING)
    await until(lambda: child.state is State.UP)
    assert child.pid != first
    assert [(sight.name, sight.restarts, sight.state) for sight in supervisor.sights()] == [("one", 1, State.UP)]


async def test_all_are_stopped_and_the_stubborn_one_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    first = await supervisor.start(program("obedient", OBEDIENT, tmp_path))
    second = await supervisor.start(program("stubborn", STUBBORN, tmp_path, patience_s=0.2))
    pids = [child.pid for child in (first, second) if child.pid is not None]
    await supervisor.stop()
    assert len(pids) == 2
    assert all(is_gone(pid) for pid in pids)
    assert {child.state for child in (first, second)} == {State.STOPPED}


async def test_the_last_started_is_stopped_first(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    close = Child.close

    async def recorded(child: Child) -> None:
        order.append(child.program.name)
        await close(child)

    monkeypatch.setattr(Child, "close", recorded)
    for name in ("database", "broker", "ingest"):
        await supervisor.start(program(name, OBEDIENT, tmp_path))
    await supervisor.stop()
    assert order == ["ingest", "broker", "database"]


async def test_a_mistake_ends_the_start_with_the_childs_own_sentence(supervisor: Supervisor, tmp_path: Path) -> None:
    text = "import sys; print('mingchu: port 80 is in use', file=sys.stderr); sys.exit(2)"
    with pytest.raises(StartError, match="bad does not start: mingchu: port 80 is in use"):
        await supervisor.start(program("bad", text, tmp_path))


async def test_who_never_comes_is_given_up(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"broken does not start: .*boom"):
        await supervisor.start(program("broken", "raise SystemExit('boom')", tmp_path))
    assert supervisor.sights()[0].restarts == 2


PARENT = """
import asyncio, sys
from pathlib import Path
from mingchu.account import Account
from mingchu.supervisor import Program, Supervisor

async def main():
    supervisor = Supervisor(Path(sys.argv[1]))
    sleep = ("setpriv", "--pdeathsig=KILL", "--", "sleep", "600")
    children = [await supervisor.start(Program("plain", sleep))]
    account = Account.find()
    children.append(await supervisor.start(Program("other", account.command(("sleep", "600"), death_signal="KILL"))))
    print(*(child.pid for child in children), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_nothing_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    wait_for(lambda: all(psutil.Process(pid).name() == "sleep" for pid in pids))
    parent.kill()
    parent.wait()
    wait_for(lambda: all(is_gone(pid) for pid in pids))
