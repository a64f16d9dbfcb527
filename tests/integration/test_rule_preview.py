"""Previews on a real database: what a rule would have raised over stored readings, events, sales, scenes and health."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import psycopg

from alerts import engine, preview, rulebook
from alerts.config import AlertsConfig
from alerts.preview import Pace, Progress
from domain.replay import Limit, Replayed, Verdict
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.severity import Severity
from ingest import replay
from store import previews
from store.connection import Connection, ServiceRole, connect
from store.replay import Span
from tests.console_world import World, add_alert, add_readings, add_scene, now, registered
from tests.ingest_world import eventually

WARM = next(rule for rule in rulebook.default() if rule.code == "cold-frozen-warm")
MINUTE = timedelta(minutes=1)


def _freezer(world: World, temperatures: Sequence[tuple[float, float]], device: str = "cold-1") -> datetime:
    """A day of a freezer, a reading a minute; `temperatures`: from which minute on which. Returns its first minute."""
    start = now() - timedelta(days=1)
    steps = [(start + n * MINUTE, _at(temperatures, n)) for n in range(1430)]
    add_readings(world, device, "air_temp", steps)
    for metric, value in (("set_point", -18.0), ("defrost", 0.0)):
        add_readings(world, device, metric, [(start, value)])
    return start


def _at(temperatures: Sequence[tuple[float, float]], minute: int) -> float:
    return [value for since, value in temperatures if since <= minute][-1]


async def _replayed(dsn: str, rule: Rule, span: Span | None = None, pace: Pace | None = None) -> Replayed:
    async def tell(_: Progress) -> bool:
        return True

    connection = await connect(dsn, ServiceRole.ALERTS, autocommit=True)
    async with connection:
        wanted = span or Span(now() - timedelta(days=2), now())
        return await preview.run(connection, replay.portions, (rule, wanted), tell, pace or Pace(rest=0.0))


async def test_a_lower_threshold_finds_what_the_higher_one_missed(dsn: str, tmp_path: Path) -> None:
    world = await registered(dsn, tmp_path)
    start = _freezer(world, ((0, -20.0), (100, -14.0), (200, -20.0), (400, -16.5), (460, -20.0), (800, -10.0)))
    found = await _replayed(dsn, WARM)
    assert (found.new, found.same, found.gone, found.looked, found.subjects) == (2, 0, 0, 2, 2)
    long, short = sorted(found.spells, key=lambda one: one.begin, reverse=True)
    assert (long.begin, long.end, long.peak) == (start + 800 * MINUTE, None, -10.0)
    assert (short.begin, short.end, short.peak) == (start + 100 * MINUTE, start + 200 * MINUTE, -14.0)
    assert short.place.zh == "一号冷冻库"
    stricter = msgspec.structs.replace(WARM, predicate=WARM.predicate.replace("-15", "-17"))
    assert (await _replayed(dsn, stricter)).new == 3
    slow = await _replayed(dsn, msgspec.structs.replace(stricter, deadline_s=86400.0))
    assert [one.times for one in slow.spells] == [3]  # while people may still be at it, it is the same alert again
    patient = msgspec.structs.replace(stricter, for_s=70 * 60.0)
    assert (await _replayed(dsn, patient)).new == 2


async def test_new_gone_and_same_are_told_by_what_was_raised(dsn: str, tmp_path: Path) -> None:
    world = await registered(dsn, tmp_path)
    _freezer(world, ((0, -20.0), (1300, -10.0)))
    _freezer(world, ((0, -20.0),), "cold-2")
    same = add_alert(world, "same", WARM.code, device="cold-1", began=timedelta(minutes=60))
    gone = add_alert(world, "gone", WARM.code, device="cold-2", began=timedelta(hours=5), condition="CLEARED")
    found = await _replayed(dsn, WARM)
    assert [(one.verdict, one.alert) for one in found.spells] == [(Verdict.GONE, gone), (Verdict.SAME, same)]
    assert (found.new, found.same, found.gone) == (0, 1, 1)
    elsewhere = await _replayed(dsn, WARM, Span(now() - timedelta(days=2), now(), "gz.th"))
    assert (elsewhere.subjects, elsewhere.spells) == (0, ())


async def test_pieces_of_any_size_tell_the_same(dsn: str, tmp_path: Path) -> None:
    world = await registered(dsn, tmp_path)
    _freezer(world, tuple((n * 50, -20.0 + (n % 3) * 4) for n in range(28)))
    quick = msgspec.structs.replace(WARM, for_s=120.0, deadline_s=60.0, recheck_s=0.0)
    whole = await _replayed(dsn, quick)
    wanted, replay.WANTED = replay.WANTED, 40
    try:
        pieces = await _replayed(dsn, quick)
    finally:
        replay.WANTED = wanted
    assert pieces.spells == whole.spells
    assert whole.new > 5


async def test_events_sales_scenes_and_health(dsn: str, tmp_path: Path) -> None:
    world = await registered(dsn, tmp_path)
    button = Rule("b", 1, RuleKind.EVENT, "b", "b", Severity.I, "test", codes=("90",), profiles=("elevator-gbt24476",))
    cheat = Rule("c", 1, RuleKind.TRANSACTION, "c", "c", Severity.II, "test", predicate="amount > 100")
    fire = Rule("f", 1, RuleKind.SCENE, "f", "f", Severity.I, "test", scene=Scene.FIRE_UNATTENDED)
    dark = Rule("d", 1, RuleKind.HEALTH, "d", "d", Severity.III, "test", codes=("BLACK",), for_s=60.0)
    at = now() - timedelta(hours=3)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for phase, minute in (("begin", 0), ("end", 5), ("pulse", 50)):
            connection.execute(
                "INSERT INTO device_event (device_id, code, phase, time, text) VALUES (%s, '90', %s, %s, '')",
                (world.devices["lift-1"], phase, at + minute * MINUTE),
            )
        for n, amount in enumerate((50, 150, 99)):
            connection.execute(
                "INSERT INTO transaction (device_id, tx_id, seq, time, product, gross_g, tare_g, net_g, unit_price,"
                " amount, pay, trace, received) VALUES (%s, %s, %s, %s, 'p', 1, 0, 1, 1, %s, '', '', %s)",
                (world.devices["scale-1"], f"t{n}", n, at, amount, at),
            )
        for state, minute in (("OK", 0), ("BLACK", 10), ("OK", 11), ("BLACK", 20), ("OK", 40)):
            connection.execute(
                "INSERT INTO camera_health (camera_id, state, at, why) VALUES (%s, %s, %s, 'x')",
                (world.cameras["market-1-gate"], state, at + minute * MINUTE),
            )
    add_scene(world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="w", began=timedelta(hours=1))
    found = await _replayed(dsn, button)
    assert [(one.begin, one.end) for one in reversed(found.spells)] == [
        (at, at + 5 * MINUTE),
        (at + 50 * MINUTE, at + 50 * MINUTE),
    ]
    sale = (await _replayed(dsn, cheat)).spells
    assert [(one.begin, one.why) for one in sale] == [(at, "sale t1: amount=150")]
    burning = (await _replayed(dsn, fire)).spells
    assert [(one.place.zone, one.end, one.why) for one in burning] == [("stove", None, "w")]
    black = (await _replayed(dsn, dark)).spells
    assert [(one.begin, one.end) for one in black] == [(at + 20 * MINUTE, at + 40 * MINUTE)]


async def test_limits_are_named(dsn: str, tmp_path: Path) -> None:
    world = await registered(dsn, tmp_path)
    _freezer(world, ((0, -10.0),))
    found = await _replayed(dsn, WARM, pace=Pace(rows=100, rest=0.0))
    assert (found.limit, found.looked < found.subjects) == (Limit.ROWS, True)
    assert (await _replayed(dsn, WARM, pace=Pace(seconds=0.0))).limit is Limit.TIME


async def _ask(dsn: str, world: World, rule: Rule) -> previews.PreviewRow:
    connection = await connect(dsn, ServiceRole.API, autocommit=True)
    async with connection:
        for name, value in (("authority", "gz"), ("configures", "on"), ("person", str(world.people["admin"]))):
            await connection.execute("SELECT set_config(%s, %s, false)", (f"mingchu.{name}", value))
        identity = await previews.ask(connection, rule, now() - timedelta(days=2), now())
        return await _answered(connection, identity)


async def _answered(connection: Connection, identity: object) -> previews.PreviewRow:
    found: list[previews.PreviewRow] = []

    async def finished() -> bool:
        row = await previews.one(connection, identity)  # type: ignore[arg-type]
        found.extend([row] if row is not None and row.state in ("done", "failed") else [])
        return bool(found)

    await eventually(finished)
    return found[0]


async def test_the_alerts_process_answers_and_takes_up_what_a_dead_one_left(dsn: str, tmp_path: Path) -> None:
    world = await registered(dsn, tmp_path)
    _freezer(world, ((0, -20.0), (100, -14.0), (200, -20.0)))
    stop = asyncio.Event()
    config = AlertsConfig(dsn, "http://console", tmp_path)
    working = asyncio.create_task(engine.run(config, stop, replay.portions))
    row = await _ask(dsn, world, WARM)
    assert row.answer is not None
    assert (msgspec.json.decode(row.answer, type=Replayed).new, row.state, row.done) == (1, "done", 2)
    bad = await _ask(dsn, world, msgspec.structs.replace(WARM, predicate="air_temp >"))
    assert (bad.state, "not an expression" in bad.why) == ("failed", True)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE rule_preview SET state = 'running', answer = NULL, tries = 1, taken = now() - interval '2 minutes'"
            " WHERE id = %s",
            (row.id,),
        )
        connection.execute(
            "INSERT INTO rule_preview (person_id, authority, body, begins, ends, state, tries, taken)"
            " SELECT person_id, authority, body, begins, ends, 'running', 3, now() - interval '2 minutes'"
            " FROM rule_preview WHERE id = %s",
            (row.id,),
        )
    owner = await connect(dsn, autocommit=True)
    async with owner:
        assert (await _answered(owner, row.id)).state == "done"
        cursor = await owner.execute("SELECT state, why FROM rule_preview WHERE tries = 3")
        assert await cursor.fetchone() == ("failed", "crashed")
    stop.set()
    await working
