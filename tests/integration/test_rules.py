"""Rules on real tables: what lands, what is looked at, and the one alert that comes of it, with its proof."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from alerts import rulebook, watch
from alerts.counters import Counters
from alerts.decider import Decider
from domain.rule import Hours, Rule, RuleKind
from domain.scene import Scene
from domain.schedule import ALWAYS_CLOSED
from domain.severity import Severity
from domain.wire import SceneBegan, SceneEnded
from ingest import commit, reader, roster
from ingest.landing import Landing
from ingest.message import Message
from ingest.patience import Patience
from store import registry
from store import roster as registry_rows
from store import rules as rule_table
from store.connection import Connection, ServiceRole, connect
from tests import ingest_world as world
from tests.ingest_world import Tables, ago

SHIPPED = {rule.code: rule for rule in rulebook.default()}
OURS = "91990100MA5MCQ0010"


class House:
    """Ingest without its broker, the alert engine without its loop, and the tables."""

    def __init__(self, dsn: str, landing: Connection, engine: Connection, owner: Connection) -> None:
        self.tables = Tables(dsn)
        self.owner = owner
        self.engine = engine
        self.decider = Decider(engine, Counters())
        self._landing = landing
        self._heard = 0

    async def use(self, *rules: Rule) -> None:
        await self.owner.execute("UPDATE rule SET enabled = false")
        await rule_table.install(self.owner, rules)
        codes = [rule.code for rule in rules]
        await self.owner.execute("UPDATE rule SET enabled = true WHERE code = ANY(%s)", (codes,))

    async def say(self, topic: str, **body: Any) -> None:
        """Land one message of a device."""
        await self._land(topic, json.dumps(body).encode())

    async def _land(self, topic: str, payload: bytes) -> None:
        known = roster.build(await registry_rows.read(self._landing))
        landing = Landing()
        reader.add([Message(f"mc/v1/{topic}", payload, time.time_ns() // 1000)], known, landing)
        landed = await commit.land(self._landing, landing, known, Patience())
        assert landed.dead == 0

    async def hear(self, edge: str, body: object) -> None:
        """Land one item of an edge."""
        self._heard += 1
        await self._land(f"edge/{edge}/up", world.batch(body, first=self._heard))

    async def measure(self, device: str, seconds_ago: float, **values: float | bool) -> None:
        await self.say(f"{device}/telemetry", ts=ago(seconds_ago), values=values)

    async def decide(self) -> None:
        """Signals, and all that waits as if its time had come."""
        while await self.decider.signals():
            pass
        await self.owner.execute("UPDATE pending SET due = now()")
        await self.decider.dues()

    async def look(self, rule: Rule) -> int:
        return await watch.look(self.engine, rule)

    async def alerts(self) -> list[tuple[Any, ...]]:
        return await self.tables.rows("SELECT rule_code, severity, condition FROM alert ORDER BY id")

    async def device(self, code: str) -> int:
        return int(await self.tables.one("SELECT id FROM device WHERE code = %s", code))


@pytest.fixture
async def house(dsn: str) -> AsyncIterator[House]:
    await world.build(dsn)
    async with (
        await connect(dsn, ServiceRole.INGEST, autocommit=True) as landing,
        await connect(dsn, ServiceRole.ALERTS, autocommit=True) as engine,
        await connect(dsn, autocommit=True) as owner,
    ):
        yield House(dsn, landing, engine, owner)


async def test_status_button_and_codes_of_trapped_people_are_one_alert(house: House) -> None:
    await house.use(SHIPPED["lift-entrapment"], SHIPPED["lift-alarm-button"])
    stuck = {"door_closed": True, "passenger_present": True, "car_status": 0, "service_mode": 1}
    await house.measure("hall/lift", 90, **stuck)
    await house.say("hall/lift/event", ts=ago(80), code="90", phase="begin")
    await house.measure("hall/lift", 1, **stuck)
    await house.decide()
    assert await house.alerts() == [("lift-entrapment", 1, "ACTIVE")]
    held = await house.tables.rows("SELECT rule_code FROM alert_source WHERE over IS NULL ORDER BY 1")
    assert held == [("lift-alarm-button",), ("lift-entrapment",)]
    await house.say("hall/lift/event", ts=ago(0), code="90", phase="end")
    await house.decide()
    assert await house.alerts() == [("lift-entrapment", 1, "ACTIVE")]  # the button is released, nobody is out
    await house.measure("hall/lift", 0, door_closed=False)
    await house.decide()
    assert await house.alerts() == [("lift-entrapment", 1, "CLEARED")]
    told = await house.tables.rows("SELECT action FROM alert_history ORDER BY id")
    assert told == [("raised",), ("joined",), ("cleared",)]


async def test_an_alarm_button_at_an_inspection_is_excused(house: House) -> None:
    await house.use(SHIPPED["lift-entrapment"], SHIPPED["lift-alarm-button"])
    await house.measure("hall/lift", 60, service_mode=2)
    await house.say("hall/lift/event", ts=ago(30), code="90", phase="pulse")
    await house.say("hall/lift/event", ts=ago(20), code="90", phase="begin")
    await house.decide()
    assert await house.alerts() == []
    assert await house.tables.rows("SELECT outcome FROM signal ORDER BY id") == [("excused",), ("waiting",)]


async def test_one_excursion_is_one_alert_with_its_samples_and_its_ledger(house: House) -> None:
    warm = msgspec.structs.replace(SHIPPED["cold-frozen-warm"], for_s=200.0)
    critical = msgspec.structs.replace(SHIPPED["cold-frozen-critical"], for_s=100.0)
    await house.use(warm, critical)
    await house.measure("hall/cold", 500, air_temp=-20, set_point=-20, defrost=False, door_open=False)
    for seconds, value in ((480, -14), (240, -13), (180, -11), (60, -10)):
        await house.measure("hall/cold", seconds, air_temp=value)
        await house.decide()
    assert await house.alerts() == [("cold-frozen-warm", 1, "ACTIVE")]  # it began as class II
    assert [row[0] for row in await house.tables.rows("SELECT action FROM alert_history ORDER BY id")] == [
        "raised",
        "joined",
    ]
    samples = await house.tables.rows("SELECT name, value FROM alert_sample WHERE name = 'air_temp' ORDER BY at")
    assert samples[0] == ("air_temp", -20.0)
    assert ("air_temp", -14.0) in samples
    await house.measure("hall/cold", 0, air_temp=-16)
    await house.decide()
    assert await house.alerts() == [("cold-frozen-warm", 1, "CLEARED")]
    (ledger,) = await house.tables.rows("SELECT metric, bound, peak, degree_minutes, readings FROM excursion")
    assert ledger[:3] == ("air_temp", -15.0, -10.0)
    assert ledger[3] == pytest.approx((240 * 1 + 60 * 2 + 120 * 4 + 60 * 5) / 60, rel=0.05)


async def test_a_defrost_is_excused_for_its_time_and_no_longer(house: House) -> None:
    rule = msgspec.structs.replace(
        SHIPPED["cold-frozen-warm"],
        for_s=100.0,
        guards=(msgspec.structs.replace(SHIPPED["cold-frozen-warm"].guards[0], at_most_s=150.0),),
    )
    await house.use(rule)
    await house.measure("hall/cold", 210, air_temp=-14, set_point=-20, defrost=True)
    await house.measure("hall/cold", 5, air_temp=-14)
    await house.decide()
    assert await house.alerts() == []  # 210 s, of which 150 are excused
    await house.owner.execute("UPDATE pending SET since = since - interval '60 seconds'")
    await house.owner.execute(
        "UPDATE reading SET time = time - interval '60 seconds' WHERE time < now() - interval '99 s'"
    )
    await house.decide()
    assert [row[0] for row in await house.alerts()] == ["cold-frozen-warm"]


async def test_a_share_of_the_samples_is_enough_where_the_rule_says_so(house: House) -> None:
    rule = Rule(
        "flicker", 1, RuleKind.THRESHOLD, "闪", "Flicker", Severity.III, "test", profiles=("cold-store",),
        predicate="door_open", for_s=100.0, share=0.6, samples=5,
    )  # fmt: skip
    await house.use(rule)
    for seconds, flag in ((200, 1), (160, 0), (120, 1), (80, 0), (40, 1), (2, 1)):
        await house.measure("hall/cold", seconds, door_open=bool(flag))
    await house.decide()
    assert [row[0] for row in await house.alerts()] == ["flicker"]


async def test_a_counter_that_moves_and_a_jump_are_seen_where_they_land(house: House) -> None:
    await house.use(SHIPPED["scale-counter-changed"], SHIPPED["scale-adjusted"], SHIPPED["cold-probe-jumps"])
    await house.measure("market/scale", 120, adjust_counter=3)
    await house.measure("market/scale", 60, adjust_counter=4)
    await house.measure("market/scale", 2, adjust_counter=4)
    await house.measure("hall/cold", 60, air_temp=-20, door_open=False)
    await house.measure("hall/cold", 30, air_temp=-8)
    await house.measure("hall/cold", 2, air_temp=-8)
    await house.decide()
    assert sorted(await house.alerts()) == [("cold-probe-jumps", 3, "CLEARED"), ("scale-adjusted", 2, "CLEARED")]
    whys = await house.tables.rows("SELECT why FROM alert ORDER BY rule_code")
    assert whys == [("air_temp_rate=12",), ("adjust_counter_change=1",)]


async def test_sites_and_hours_narrow_a_rule(house: House) -> None:
    base = Rule("a", 1, RuleKind.EVENT, "报警", "Button", Severity.II, "test", codes=("90",))
    elsewhere = msgspec.structs.replace(base, code="elsewhere", sites=("market",))
    closed = msgspec.structs.replace(base, code="closed", hours=Hours.CLOSED)
    here = msgspec.structs.replace(base, code="here", sites=("kitchen",), hours=Hours.OPEN)
    await house.use(elsewhere, closed, here)
    await house.say("hall/lift/event", ts=ago(5), code="90", phase="pulse")
    await house.decide()
    assert [row[0] for row in await house.alerts()] == ["here"]
    outcomes = await house.tables.rows("SELECT rule_code, outcome FROM signal ORDER BY rule_code")
    assert outcomes == [("closed", "out-of-hours"), ("elsewhere", "out-of-scope"), ("here", "raised")]


async def test_what_lasts_waits_for_the_rules_hours(house: House) -> None:
    rule = Rule("night", 1, RuleKind.EVENT, "夜", "Night", Severity.II, "test", codes=("90",), hours=Hours.CLOSED)
    await house.use(rule)
    await house.say("hall/lift/event", ts=ago(5), code="90", phase="begin")
    await house.decide()
    assert await house.alerts() == []
    schedule = msgspec.json.encode(ALWAYS_CLOSED).decode()
    await house.owner.execute("UPDATE site SET schedule = %s::jsonb", (schedule,))
    await house.decide()
    assert [row[0] for row in await house.alerts()] == ["night"]


async def test_faults_of_a_day_are_counted(house: House) -> None:
    rule = SHIPPED["lift-faults-repeated"]
    await house.use(rule)
    for hours in (30, 20, 3):
        await house.say("hall/lift/event", ts=ago(hours * 3600), code="2", phase="pulse")
    assert await house.look(rule) == 0  # the first is no more than history
    await house.say("hall/lift/event", ts=ago(60), code="4", phase="begin")
    assert await house.look(rule) == 1
    assert await house.look(rule) == 0
    await house.decide()
    assert await house.alerts() == [("lift-faults-repeated", 2, "ACTIVE")]
    assert await house.tables.rows("SELECT name, value FROM alert_sample") == [("count", 3.0)]
    await house.owner.execute("UPDATE device_event SET time = time - interval '1 day'")
    await house.look(rule)
    await house.decide()
    assert await house.alerts() == [("lift-faults-repeated", 2, "CLEARED")]


async def test_a_probe_that_never_changes_and_records_that_stay_away(house: House) -> None:
    stuck, gap = SHIPPED["cold-probe-stuck"], SHIPPED["cold-record-gap"]
    await house.use(stuck, gap)
    await house.measure("hall/cold", 8, air_temp=-19.9)
    await house.measure("hall/cold", 6, air_temp=-20)
    await house.measure("hall/cold", 4, air_temp=-20)
    since = "SELECT extract(epoch FROM time - since)::int FROM reading_latest"
    assert await house.tables.one(since) == 2
    await house.owner.execute("UPDATE reading_latest SET since = now() - interval '3 hours'")
    await house.measure("hall/cold", 2, air_temp=-20)
    await house.say("hall/cold/state", online=True, ts=ago(0))
    assert await house.look(stuck) == 1
    assert await house.look(gap) == 0
    await house.measure("hall/cold", 1, air_temp=-20.1)
    assert await house.look(stuck) == 1  # it moves again
    await house.owner.execute("UPDATE reading_latest SET time = now() - interval '11 minutes'")
    await house.say("hall/cold/event", ts=ago(0), code="probe_fault", phase="begin")
    assert await house.look(gap) == 1
    await house.owner.execute("UPDATE device SET online = false")  # offline is another rule's
    await house.owner.execute("UPDATE predicate_state SET value = false")
    assert await house.look(gap) == 0


_SALE = (
    "INSERT INTO transaction (device_id, tx_id, seq, time, product, gross_g, tare_g, net_g, unit_price, amount, pay,"
    " trace) VALUES (%s, %s, %s, %s, 'pork', 500, 0, 500, %s, 1, '', '')"
)


async def _stalls(house: House, count: int) -> list[int]:
    await house.owner.execute(
        "INSERT INTO device (site_id, code, profile_code, zh, en, online, last_seen) SELECT site.id, 's-' || n,"
        " 'scale-jjg1204', 's', 's', true, now() FROM site, generate_series(1, %s) AS n WHERE site.code = 'market'",
        (count,),
    )
    found = await house.tables.rows("SELECT id FROM device WHERE code LIKE 's-%%' ORDER BY id")
    return [int(row[0]) for row in found]


async def _sell(house: House, device: int, seq: int, minutes_ago: float, price: float = 3600) -> None:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    await house.owner.execute(_SALE, (device, f"t{seq}", seq, at, price))


async def test_a_gap_in_a_scales_numbers(house: House) -> None:
    rule = SHIPPED["scale-sequence-gap"]
    await house.use(rule)
    honest, gap, anew, fresh = await _stalls(house, 4)
    for place, minutes in enumerate((30, 20, 10)):
        await _sell(house, honest, 1 + place, minutes)
        await _sell(house, gap, 1 + place * 4, minutes)
        await _sell(house, anew, (500, 501, 1)[place], minutes)
        await _sell(house, fresh, (1, 2, 9)[place], minutes if place < 2 else 0.5)  # a moment ago: the rest may follow
    assert await house.look(rule) == 1
    assert await house.tables.rows("SELECT device_id, why FROM signal") == [(gap, "lost=6")]
    for seq in (2, 3, 4, 6, 7, 8):
        await _sell(house, gap, seq, 25 if seq < 5 else 15)  # they came late
    assert await house.look(rule) == 1
    assert await house.tables.one("SELECT value FROM signal ORDER BY id DESC") is False


async def test_prices_and_trade_are_compared_with_the_market(house: House) -> None:
    price, silent = SHIPPED["scale-price-outlier"], SHIPPED["scale-silent-among-sellers"]
    await house.use(price, silent)
    stalls = await _stalls(house, 7)
    for place, stall in enumerate(stalls):
        for seq in range(3):
            quiet = place == 6
            await _sell(
                house, stall, seq, 90 + seq if quiet else 5 + seq, 3600 * (1 + place / 50) * (4 if place == 3 else 1)
            )
    assert await house.look(price) == 1
    assert await house.look(silent) == 1
    found = await house.tables.rows("SELECT rule_code, device_id FROM signal ORDER BY rule_code")
    assert found == [("scale-price-outlier", stalls[3]), ("scale-silent-among-sellers", stalls[6])]


async def test_duties_have_dates(house: House) -> None:
    rules = [SHIPPED[code] for code in ("lift-maintenance-overdue", "lift-inspection-due", "lift-inspection-expired")]
    await house.use(*rules)
    lift = await house.device("lift")
    await house.owner.execute(
        "INSERT INTO device_date VALUES (%s, 'maintenance', (now() AT TIME ZONE 'Asia/Shanghai')::date - 15, NULL),"
        " (%s, 'inspection', NULL, (now() AT TIME ZONE 'Asia/Shanghai')::date + 30)",
        (lift, lift),
    )
    assert [await house.look(rule) for rule in rules] == [0, 1, 0]
    await house.owner.execute("UPDATE device_date SET done = done - 1, due = due - 31")
    assert [await house.look(rule) for rule in rules] == [1, 1, 1]
    assert (
        await house.tables.one("SELECT why FROM signal WHERE rule_code = 'lift-inspection-expired'") == "days_left=-1"
    )


async def test_devices_of_a_site_are_looked_at_together(house: House) -> None:
    rule = msgspec.structs.replace(
        SHIPPED["kitchen-stove-nobody"], profiles=("cold-store",), predicate="power and car_status == 0"
    )
    await house.use(rule)
    await house.measure("hall/cold", 5, power=True)
    await house.measure("hall/lift", 5, car_status=1)
    await house.say("hall/cold/state", online=True, ts=ago(0))
    await house.say("hall/lift/state", online=True, ts=ago(0))
    assert await house.look(rule) == 0
    await house.measure("hall/lift", 0, car_status=0)
    assert await house.look(rule) == 1


STOVE = SHIPPED["kitchen-stove-unattended"]


async def gas(house: House, *, open: bool, online: bool = True) -> None:
    """What the gas monitor of the hall says, and what a look makes of it."""
    await house.measure("hall/gas", 0, valve_open=open)
    await house.say("hall/gas/state", online=online, ts=ago(0))
    await house.look(STOVE)
    await house.decide()


async def flame(house: House, event: str, *, seen: bool = True) -> None:
    """A flame that is seen alone at the hall's camera, or not any more."""
    at = datetime.now(UTC)
    begun = SceneBegan(event, "eye", Scene.FIRE_UNATTENDED, "stove", 1, at, at, at, "flame", (), "f" * 64, 1)
    await house.hear("box", begun if seen else SceneEnded(event, "eye", at, "flame attended for 5.0 s"))
    await house.look(STOVE)
    await house.decide()


async def with_gas(house: House) -> None:
    await house.use(STOVE)
    await registry.put_device(
        house.owner, registry.NewDevice("hall", "gas", "kitchen-gas-smoke", "气", "Gas", "secret")
    )


async def test_a_flame_by_video_and_a_valve_are_one_alert_in_both_orders(house: House) -> None:
    await with_gas(house)
    first, second = "a" * 32, "b" * 32
    await gas(house, open=False)
    await flame(house, first)
    assert await house.alerts() == []
    await gas(house, open=True)  # the flame was there before
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "ACTIVE")]
    told = await house.tables.rows("SELECT why, replace(scene_event_id::text, '-', ''), device_id FROM alert")
    assert told == [("FIRE_UNATTENDED at camera eye: valve_open=1", first, await house.device("gas"))]
    assert await house.tables.rows("SELECT name, value FROM alert_sample") == [("valve_open", 1.0)]
    await flame(house, first, seen=False)
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "CLEARED")]
    await flame(house, second)  # the valve was open before
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "ACTIVE")]
    await gas(house, open=False)
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "CLEARED")]
    steps = await house.tables.rows("SELECT action, reason FROM alert_history ORDER BY id")
    assert steps == [
        ("raised", "FIRE_UNATTENDED at camera eye: valve_open=1"),
        ("cleared", "FIRE_UNATTENDED is over: valve_open=1"),
        ("recurred", "FIRE_UNATTENDED at camera eye: valve_open=1"),
        ("cleared", "FIRE_UNATTENDED at camera eye: valve_open=0"),
    ]


async def test_whose_edge_is_away_proves_no_flame_and_a_silent_valve_ends_with_it(house: House) -> None:
    elsewhere = msgspec.structs.replace(STOVE, code="elsewhere", incident=None, zones=("yard",))
    await with_gas(house)
    await rule_table.install(house.owner, (elsewhere,))
    await flame(house, "a" * 32)
    await house.owner.execute("UPDATE edge SET online = false WHERE code = 'box'")
    await gas(house, open=True)
    assert await house.alerts() == []
    await house.owner.execute("UPDATE edge SET online = true WHERE code = 'box'")
    await gas(house, open=True)
    assert await house.look(elsewhere) == 0
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "ACTIVE")]
    await gas(house, open=True, online=False)
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "ACTIVE")]
    await flame(house, "a" * 32, seen=False)
    assert await house.alerts() == [("kitchen-stove-unattended", 1, "CLEARED")]


async def test_strangers_see_nothing_of_what_proves_an_alert(house: House, dsn: str) -> None:
    await test_one_excursion_is_one_alert_with_its_samples_and_its_ledger(house)
    await house.owner.execute(
        "INSERT INTO device_date SELECT id, 'inspection', NULL, (now() AT TIME ZONE 'Asia/Shanghai')::date FROM device"
    )
    counts = {}
    for authority in ("city.district", "city.other"):
        async with await connect(dsn, ServiceRole.API, autocommit=True) as connection:
            await connection.execute("SELECT set_config('mingchu.authority', %s, false)", (authority,))
            found = []
            for table in ("alert_sample", "alert_source", "excursion", "device_date"):
                cursor = await connection.execute(f"SELECT count(*) FROM {table}".encode())
                found.append(int(str((await cursor.fetchall())[0][0])))
            counts[authority] = found
    assert min(counts["city.district"]) > 0
    assert counts["city.other"] == [0, 0, 0, 1]  # a device of its own
