"""A small town for tests of the alert engine: two operators, their sites and devices, channels, people, rules."""

import asyncio
import multiprocessing
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import msgspec
import psycopg

from alerts import ladderbook
from alerts.engine import LOCK, AlertsConfig, run
from domain.alert import Role
from domain.profile import DeviceKind, DeviceProfile
from domain.rule import Rule, RuleKind
from domain.schedule import ALWAYS_OPEN
from domain.severity import Severity
from store import dispatch, ladders, profiles, registry, rules, signals
from store.connection import Connection, ServiceRole, connect
from store.people import Person
from store.pushes import DuePush

MINE, THEIRS = "91990100MA5MCQ0010", "91990100MA5MCQ0029"
STATION = "city.district.station"
PROFILE = DeviceProfile("thing", DeviceKind.COLD_STORE, 1, "设备", "Thing", "test", 600.0, ())

WARM = Rule("warm", 1, RuleKind.THRESHOLD, "过热", "Too warm", Severity.II, "test", predicate="t > 0", for_s=0.2)
BROKEN = Rule("broken", 1, RuleKind.EVENT, "故障", "Broken", Severity.III, "test", codes=("1",))
SILENT = Rule("silent", 1, RuleKind.SILENCE, "离线", "Silent", Severity.III, "test", for_s=60.0)


@dataclass(frozen=True, slots=True)
class Town:
    """Ids of what was made. Device 0 … n-1 belong to the first operator, `foreign` to the second."""

    devices: tuple[int, ...]
    foreign: int
    operator: Person
    stranger: Person
    regulator: Person


async def build(dsn: str, *, devices: int = 1, url: str = "", more_rules: Iterable[Rule] = ()) -> Town:
    """Fill a fresh database; with a `url`, operator and regulator have channels below it."""
    connection = await connect(dsn, autocommit=True)
    for path in ("city", "city.district", STATION):
        await registry.put_authority(connection, path, path, path)
    for number, uscc in enumerate((MINE, THEIRS)):
        await registry.put_operator(connection, uscc, f"经营者{number}", f"Operator {number}")
        await registry.put_site(
            connection,
            registry.NewSite(f"site-{number}", "kitchen", "厨房", "Kitchen", "", STATION, uscc, ALWAYS_OPEN),
        )
    await profiles.install(connection, [PROFILE])
    await rules.install(connection, [WARM, BROKEN, SILENT, *more_rules])
    await ladders.install(connection, ladderbook.ladders(), ladderbook.calendars())
    for number in range(devices):
        await _device(connection, "site-0", f"device-{number}")
    await _device(connection, "site-1", "foreign")
    if url:
        await registry.put_channel(connection, f"{url}/operator", "secret-o", operator=MINE)
        await registry.put_channel(connection, f"{url}/regulator", "secret-r", authority="city.district")
    people = [
        await person(connection, "mine", Role.OPERATOR, operator=MINE),
        await person(connection, "stranger", Role.OPERATOR, operator=THEIRS),
        await person(connection, "regulator", Role.REGULATOR, authority="city.district"),
    ]
    cursor = await connection.execute("SELECT id FROM device ORDER BY code = 'foreign', id")
    ids = [int(str(row[0])) for row in await cursor.fetchall()]
    await connection.close()
    return Town(tuple(ids[:-1]), ids[-1], *people)


async def _device(connection: Connection, site: str, code: str) -> None:
    await registry.put_device(connection, registry.NewDevice(site, code, PROFILE.code, "设备", "Device", "x"))


async def person(
    connection: Connection, login: str, role: Role, *, operator: str | None = None, authority: str | None = None
) -> Person:
    await registry.put_person(
        connection, registry.NewPerson(login, login, role, "x", authority=authority, operator=operator)
    )
    cursor = await connection.execute("SELECT id, operator_id FROM person WHERE login = %s", (login,))
    row = await cursor.fetchone()
    assert row is not None
    owner = None if row[1] is None else int(str(row[1]))
    return Person(int(str(row[0])), login, login, role, authority, owner, "zh")


async def signal(
    connection: Connection,
    rule: Rule,
    device: int,
    value: bool,
    *,
    pulse: bool = False,
    time: datetime | None = None,
) -> None:
    """Write a signal as ingest does, and announce it with its commit."""
    at = datetime.now(UTC) if time is None else time
    one = signals.Signal(rule.code, rule.version, value, at, "test", device=device, pulse=pulse)
    async with connection.transaction():
        await signals.insert(connection, [one])


def _run_engine(dsn: str) -> None:
    asyncio.run(run(AlertsConfig(dsn, "http://console", Path(), True), asyncio.Event()))


@contextmanager
def engine(dsn: str) -> Iterator[ForkServerProcess]:
    """An alerts process of its own, killed at the end. Forked from a server that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_run_engine, args=(dsn,), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def active(dsn: str) -> bool:
    """True while an engine holds the lock."""
    return bool(
        rows(
            dsn,
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND (classid::bigint << 32 | objid::bigint) = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (LOCK,),
        )
    )


def rows(dsn: str, query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """Look at the tables as the owner."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


def count(dsn: str, query: str, parameters: Sequence[object] = ()) -> int:
    """The first number of the first row."""
    return int(str(rows(dsn, query, parameters)[0][0]))


async def as_engine(dsn: str) -> Connection:
    """A connection with the alert engine's rights."""
    return await connect(dsn, ServiceRole.ALERTS, autocommit=True)


async def as_api(dsn: str, person: Person) -> Connection:
    """A connection with the api's rights, within one person's scope."""
    connection = await connect(dsn, ServiceRole.API, autocommit=True)
    await connection.execute(
        "SELECT set_config('mingchu.authority', %s, false), set_config('mingchu.operator', %s, false)",
        (person.authority or "", "" if person.operator_id is None else str(person.operator_id)),
    )
    return connection


async def due_pushes(connection: Connection) -> list[DuePush]:
    """Take all that is due, each push as a message of its own, without a lease."""
    async with connection.transaction():
        channels = await dispatch.due(connection, [], 100)
        taken = [
            dispatch.Taken(one.id, [(push.id, [push.id]) for push in one.waiting], one.budget, None) for one in channels
        ]
        return await dispatch.take(connection, taken, 0.0)


async def scene_event(connection: Connection, camera: int, zone: str, scene: str) -> uuid.UUID:
    """A scene event that has begun."""
    event = uuid.uuid4()
    await connection.execute(
        "INSERT INTO scene_event (id, camera_id, scene, zone, track, first, best, last, why, samples, model,"
        " rule_version) VALUES (%s, %s, %s, %s, 1, now(), now(), now(), 'test', %s, %s, 1)",
        (event, camera, scene, zone, msgspec.json.encode([]).decode(), "0" * 64),
    )
    return event
