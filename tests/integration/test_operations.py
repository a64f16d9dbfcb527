"""What runs, how far behind it is and what it dropped: one page for people, one address for Prometheus, one command."""

import asyncio
from contextlib import suppress
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from domain.wire import EdgeLoad
from store import edge_load, process
from store.connection import Connection, ServiceRole, connect
from tests.console_client import Console, console
from tests.console_world import now
from tests.servers import PATIENCE_S


async def spoken(dsn: str) -> list[process.ProcessRow]:
    """Three processes have begun, and said their first word."""
    began = now()
    owner = await connect(dsn, autocommit=True)
    speaking = [
        asyncio.create_task(
            process.speak(dsn, role, role.name.lower(), "one", lambda: {"dead_letters": 4, "waiting": 2})
        )
        for role in ServiceRole
    ]
    try:
        async with asyncio.timeout(PATIENCE_S):
            heard = await process.heard(owner)
            while sum(one.instance == "one" and one.started >= began for one in heard) < len(speaking):
                await asyncio.sleep(0.01)
                heard = await process.heard(owner)
    finally:
        for task in speaking:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await owner.close()
    return heard


async def said_by_edge(dsn: str, edge: str, dropped: int) -> None:
    async with await connect(dsn, ServiceRole.INGEST, autocommit=True) as connection:
        found = await _id(connection, edge)
        await edge_load.put(connection, found, EdgeLoad(now(), 0, 1, 1, 0, 0, 0, {"frames_dropped": dropped}))


async def _id(connection: Connection, edge: str) -> int:
    cursor = await connection.execute("SELECT id FROM edge WHERE code = %s", (edge,))
    row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0]))


async def scraped(house: Console, token: str) -> tuple[int, dict[tuple[str, tuple[str, ...]], float]]:
    """The answer's status, and each sample by its name and the values of its labels."""
    async with house.visitor() as client:
        answer = await client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    text = answer.text if answer.status_code == 200 else ""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return answer.status_code, {(one.name, tuple(sorted(one.labels.values()))): one.value for one in samples}


async def test_each_service_speaks_under_its_own_role_and_takes_its_former_place(dsn: str) -> None:
    first = await spoken(dsn)
    again = await spoken(dsn)
    assert [one.service for one in again] == ["alerts", "api", "ingest"]
    assert all(new.started > old.started for new, old in zip(again, first, strict=True))
    assert all(one.memory > 0 and one.cpu_s > 0 for one in again)


async def test_prometheus_gets_every_process_queue_and_edge(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        await spoken(dsn)
        await said_by_edge(dsn, "edge-yx", 17)
        desk = house.app.state.desk
        status, samples = await scraped(house, desk.config.metrics_token)
    assert status == 200
    assert samples["mingchu_ingest_dead_letters_total", ("one",)] == 4
    assert samples["mingchu_ingest_waiting", ("one",)] == 2  # it goes down, too: a gauge
    assert samples["mingchu_process_memory_bytes", ("alerts", "one")] > 2**20
    assert samples["mingchu_edge_frames_dropped_total", ("edge-yx",)] == 17
    assert samples["mingchu_waiting", ("pushes",)] == 0
    assert sum(value for (name, _), value in samples.items() if name == "mingchu_devices") > 0
    assert samples["mingchu_database_bytes", ()] > 2**20


async def test_metrics_need_their_token(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        for token in ("", "wrong", house.app.state.desk.config.metrics_token[:-1]):
            status, samples = await scraped(house, token)
            assert (status, samples) == (401, {})


async def test_the_page_shows_processes_and_what_waits(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        await spoken(dsn)
        async with house.as_("admin") as client:
            page = (await client.get("/operations")).text
        assert page.count('<span title="dead_letters" class="warn">无法识别&nbsp;<b>4</b></span>') == 3
        async with house.as_("yuexiu") as client:
            assert (await client.get("/operations")).status_code == 403
