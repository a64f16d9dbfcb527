"""What ingest survives (PROMISES R2, R3, R6, R7, R8): kills, outages, repeats, wrong clocks, garbage."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import psutil
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from domain.quality import Quality
from ingest.link import enrol
from tests import ingest_world as world
from tests.ingest_world import Speaker, Tables, ago, config, ingesting, speaking, telemetry
from tests.servers import PrivateBroker

COLD, LIFT, SCALE = "mc/v1/hall/cold", "mc/v1/hall/lift", "mc/v1/market/scale"
DAY_S = 86_400.0


@pytest.fixture
def tables(dsn: str) -> Tables:
    return Tables(dsn)


@pytest.fixture
async def place(dsn: str, broker: PrivateBroker) -> PrivateBroker:
    """The registry filled and its users let in; no worker yet."""
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    return broker


def event(when: str, seq: int, phase: str = "pulse") -> bytes:
    return msgspec.json.encode({"ts": when, "code": "5", "phase": phase, "seq": seq})


def sale(when: str, seq: int) -> bytes:
    sizes = {"gross_g": 510, "tare_g": 10, "net_g": 500, "unit_price": 3000, "amount": 1500}
    return msgspec.json.encode({"ts": when, "tx_id": f"t{seq}", "seq": seq, "product": "猪肉", **sizes})


async def test_a_worker_killed_anywhere_in_a_batch(place: PrivateBroker, dsn: str, tables: Tables, full: bool) -> None:
    """R3. Telemetry and events, which are rows of different tables in one transaction."""
    kills, each, chance, seq = 50 if full else 8, 120, random.Random(3), 0
    await asyncio.to_thread(enrol, config(dsn, place))
    with speaking(place, "hall.cold") as cold, speaking(place, "hall.lift") as lift:
        for kill in range(kills):
            with world.worker_process(config(dsn, place)) as process:
                if kill == 0:  # on a busy machine the others may die before they have begun: this one has
                    cold.say(f"{COLD}/telemetry", telemetry(ago(5), seq=10**6, air_temp=-18, humidity=80))
                    await tables.until("SELECT count(*) FROM ledger", 1)
                end = asyncio.get_running_loop().time() + 0.3 + 0.6 * chance.random()
                for _ in range(each):
                    cold.say(f"{COLD}/telemetry", telemetry(ago(5), seq=seq, air_temp=-18, humidity=80))
                    lift.say(f"{LIFT}/event", event(ago(5), seq))
                    seq += 1
                    await asyncio.sleep(0 if asyncio.get_running_loop().time() > end else 0.005)
                process.kill()
        landed = await tables.one("SELECT count(*) FROM ledger")
        assert 0 < landed < 1 + 2 * seq, "killed at work, and with work left"
        await asyncio.to_thread(cold.delivered)
        await asyncio.to_thread(lift.delivered)
    async with ingesting(config(dsn, place)):
        await tables.until("SELECT count(*) FROM ledger", 1 + 2 * seq)
    assert await tables.one("SELECT count(DISTINCT (source_id, seq)) FROM ledger") == 1 + 2 * seq
    assert await tables.one("SELECT count(*) FROM reading") == 2 * (1 + seq)
    assert await tables.one("SELECT count(*) FROM device_event") == seq


async def test_a_database_that_is_down(place: PrivateBroker, dsn: str, tables: Tables, full: bool) -> None:
    """R2: the rest of the flood waits at the broker, not in ingest's memory."""
    outage_s, rate, unit = (600.0, 200, 200) if full else (3.0, 6000, 2000)
    with world.worker_process(config(dsn, place)) as process, speaking(place, "hall.cold") as device:
        await world.attended(place)
        device.say(f"{COLD}/telemetry", telemetry(seq=0, air_temp=-18))
        await tables.until("SELECT count(*) FROM ledger", 1)
        worker = psutil.Process(process.pid)
        before = worker.memory_info().rss
        async with down(dsn):
            total, most = 1, 0
            for _ in range(round(outage_s * rate / unit)):
                for _ in range(unit):
                    device.say(f"{COLD}/telemetry", telemetry(ago(1), seq=total, air_temp=-18))
                    total += 1
                await asyncio.sleep(unit / rate)
                most = max(most, worker.memory_info().rss)
            await asyncio.to_thread(device.delivered)
        await tables.until("SELECT count(*) FROM ledger", total, patience_s=300)
    assert await tables.one("SELECT count(DISTINCT seq) FROM ledger") == total
    assert await tables.one("SELECT count(*) FROM reading") == total
    assert most - before < 50 * 2**20


@asynccontextmanager
async def down(dsn: str) -> AsyncIterator[None]:
    """The database refuses everybody, and has thrown out who was in."""
    name = str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])
    server = psycopg.conninfo.make_conninfo(dsn, dbname="postgres")
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as owner:
        await owner.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(Identifier(name)))
        await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            await owner.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(Identifier(name)))


LANDED = {
    "reading": "SELECT device_id, metric_id, time, value, quality FROM reading ORDER BY 1, 2, 3, 4",
    "latest": "SELECT device_id, metric_id, time, value, quality FROM reading_latest ORDER BY 1, 2",
    "event": "SELECT device_id, code, phase, time, quality FROM device_event ORDER BY 1, 4, 2, 3",
    "sale": "SELECT device_id, tx_id, seq, time, amount FROM transaction ORDER BY 1, 2",
    "ledger": "SELECT source_id, key, time, seq, rows FROM ledger ORDER BY 1, 3, 2",
    "signal": "SELECT rule_code, device_id, value, time FROM signal ORDER BY 4, 1",
    "dead": "SELECT topic FROM dead_letter ORDER BY 1",
}


async def test_repeats_in_any_order_leave_the_same_tables(
    place: PrivateBroker, dsn: str, tables: Tables, full: bool
) -> None:
    """R6. What is a day late is far too warm: it is stored, and nobody is alarmed."""
    said, chance = list(day(12_000 if full else 1200)), random.Random(6)
    async with ingesting(config(dsn, place)):
        await world.attended(place)
        await tell(place, said)
        await tables.until("SELECT count(*) FROM ledger", len(said))
        in_order = {name: await tables.rows(query) for name, query in LANDED.items()}
        names = ("ledger", "reading", "reading_latest", "device_event", "transaction", "predicate_state", "signal")
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as owner:
            await owner.execute(SQL("TRUNCATE {}").format(SQL(", ").join(map(Identifier, names))))
        thrice = said * 3
        chance.shuffle(thrice)
        await tell(place, thrice)
        await tables.until("SELECT count(*) FROM ledger", len(said))
        await settled(place, tables)
    assert {name: await tables.rows(query) for name, query in LANDED.items()} == in_order
    assert len(in_order["sale"]) == len(said) // 10
    assert in_order["signal"] == []


def day(count: int) -> Iterator[tuple[str, str, bytes]]:
    """User, topic, payload in order of time; three of sixty come a day late."""
    for n in range(count):
        late = n % 60 in (0, 7, 8)
        when = ago(count / 100 - n / 100 + (DAY_S + 60 if late else 0))
        match n % 10:
            case 7:
                yield "market.scale", f"{SCALE}/transaction", sale(when, n)
            case 8:
                yield "hall.lift", f"{LIFT}/event", event(when, n)
            case _:
                values = {"air_temp": 9.0 if late else -18.0, "defrost": False, "humidity": 80.0}
                yield "hall.cold", f"{COLD}/telemetry", telemetry(when, seq=n, **values)


async def tell(place: PrivateBroker, said: list[tuple[str, str, bytes]]) -> None:
    with (
        speaking(place, "hall.cold") as cold,
        speaking(place, "hall.lift") as lift,
        speaking(place, "market.scale") as scale,
    ):
        speakers: dict[str, Speaker] = {"hall.cold": cold, "hall.lift": lift, "market.scale": scale}
        for user, topic, payload in said:
            speakers[user].say(topic, payload)
        for speaker in speakers.values():
            await asyncio.to_thread(speaker.delivered)


async def settled(place: PrivateBroker, tables: Tables) -> None:
    """All that was said before is landed: what is said now is."""
    with speaking(place, "hall.cold") as device:
        device.say(f"{COLD}/state", b'{"online": false}')
        device.delivered()
    await tables.until("SELECT online FROM device WHERE code = 'cold'", False)


CLOCKS: dict[str, tuple[float | datetime, Quality]] = {
    "600 s behind": (-600.0, Quality.HISTORICAL),
    "600 s ahead": (600.0, Quality.CLOCK),
    "a day behind": (-DAY_S, Quality.HISTORICAL),
    "a day ahead": (DAY_S, Quality.CLOCK),
    "1970": (datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC), Quality.CLOCK),
    "2099": (datetime(2099, 1, 1, tzinfo=UTC), Quality.CLOCK),
}


async def test_the_clocks_of_devices(place: PrivateBroker, dsn: str, tables: Tables) -> None:
    """R7, the whole matrix: every kind of message by every wrong clock."""
    before = await tables.one("SELECT now()")
    async with ingesting(config(dsn, place)):
        await world.attended(place)
        said: list[tuple[str, str, bytes]] = []
        for n, (clock, _) in enumerate(CLOCKS.values()):
            when = (datetime.now(UTC) + timedelta(seconds=clock)) if isinstance(clock, float | int) else clock
            said += [
                ("hall.cold", f"{COLD}/telemetry", telemetry(when.isoformat(), seq=n, air_temp=-18)),
                ("hall.lift", f"{LIFT}/event", event(when.isoformat(), n)),
                ("market.scale", f"{SCALE}/transaction", sale(when.isoformat(), n)),
            ]
        await tell(place, said)
        await tables.until("SELECT count(*) FROM ledger", len(said))
    qualities = sorted(quality for _, quality in CLOCKS.values())
    for table in ("reading", "device_event", "transaction"):
        rows = await tables.rows(f"SELECT quality, time FROM {table}")
        assert sorted(quality for quality, _ in rows) == qualities
        stamped = [time for quality, time in rows if quality & Quality.CLOCK]
        assert all(before <= time <= before + timedelta(minutes=5) for time in stamped), "the server's time"
        assert all(time <= before + timedelta(minutes=5) for _, time in rows)
    if await tables.one("SELECT to_regclass('reading_other')"):  # on plain PostgreSQL
        week = timedelta(days=8)
        days = await tables.rows("SELECT relname FROM pg_class WHERE relname ~ '^reading_[0-9]{8}$'")
        dates = [datetime.strptime(name[-8:], "%Y%m%d").replace(tzinfo=UTC) for (name,) in days]
        assert all(before - week <= date <= before + week for date in dates)
        assert await tables.one("SELECT count(*) FROM reading_other") == 0


async def test_garbage_is_kept_whole_and_hurts_nobody(
    place: PrivateBroker, dsn: str, tables: Tables, full: bool
) -> None:
    """R8, a thousand a second. The p99 of valid messages is compared in the full run, which tells both (`-rP`)."""
    rounds, count, every, calm = (10, 10_000, 10, 250) if full else (1, 3000, 30, 100)
    chance, took = random.Random(8), 0.0
    with (
        world.worker_process(config(dsn, place)) as process,
        speaking(place, "hall.cold") as good,
        speaking(place, "hall.lift") as bad,
    ):
        await world.attended(place)
        for one in range(rounds):  # by turns, so that what else the machine does weighs on both alike
            await beside(good, range(one * calm, (one + 1) * calm))
            began = time.monotonic()
            for n in range(one * count, (one + 1) * count, every):
                for number in range(n, n + every):
                    channel = chance.choice(("telemetry", "event", "transaction", "state"))
                    bad.say(f"{LIFT}/{channel}", garbage(chance, number))
                await beside(good, range(_BESIDE + n // every, _BESIDE + n // every + 1))
            took += time.monotonic() - began
            kept = "SELECT coalesce(sum(seen), 0)::int FROM dead_letter"
            await tables.until(kept, (one + 1) * count, patience_s=300)
        valid = rounds * (calm + count // every)
        await tables.until("SELECT count(*) FROM ledger", valid, patience_s=300)
        assert process.is_alive()
    assert await tables.one("SELECT count(*) FROM dead_letter WHERE reason = ''") == 0
    assert await tables.one("SELECT count(*) FROM reading") == valid
    if full:
        without, beside_it = await p99(tables, 0, _BESIDE), await p99(tables, _BESIDE, 2 * _BESIDE)
        rate = rounds * count / took
        print(
            f"R8: {rate:.0f}/s; p99 of valid messages {without * 1000:.1f} ms without, {beside_it * 1000:.1f} ms with"
        )
        assert beside_it < 2 * max(without, 0.05)


_BESIDE = 1_000_000  # numbers from here on belong to what is said beside garbage


async def beside(device: Speaker, numbers: range) -> None:
    """Valid messages, a hundredth of a second apart."""
    for number in numbers:
        device.say(f"{COLD}/telemetry", telemetry(seq=number, air_temp=-18))
        await asyncio.sleep(0.01)


async def p99(tables: Tables, first: int, beyond: int) -> float:
    """Seconds from when a message was measured to the transaction that brought it."""
    await tables.until(f"SELECT count(*) > 0 FROM ledger WHERE seq >= {first}", True)
    return float(
        await tables.one(
            "SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM received - time))"
            " FROM ledger WHERE seq >= %s AND seq < %s",
            first,
            beyond,
        )
    )


def garbage(chance: random.Random, number: int) -> bytes:
    """Something that is no message, on any topic; no two alike."""
    mark, whole = str(number).encode(), telemetry(ago(1), seq=number, car_speed=1.0)
    match number % 9:
        case 0:
            return bytes([0xFF]) + chance.randbytes(chance.randrange(200)) + mark
        case 1:
            return whole[: chance.randrange(1, len(whole))] + mark
        case 2:
            return b'{"ts":"' + ago().encode() + b'","values":{"car_speed":NaN},"n":' + mark + b"}"
        case 3:
            return b'{"ts":"' + ago().encode() + b'","values":{"car_speed":1e400},"n":' + mark + b"}"
        case 4:
            return b'{"n":' + mark + b',"values":' + b"[" * chance.randrange(1, 5000)
        case 5:
            return b'{"ts":' + mark + b',"values":[],"code":7,"online":"maybe","tx_id":{}}'
        case 6:
            return b'{"ts":"\xc3\x28","values":{"\xff":1},"n":' + mark + b"}"
        case 7 if number % 900 == 7:
            return b'{"n":' + mark + b',"values":"' + b"x" * 900_000 + b'"}'
        case _:
            return b"null " + mark
