"""What ingest signals live, and what its replay signals from the stored readings, are the same."""

import random
from datetime import timedelta

import psycopg

from ingest import clock, commit, replay
from ingest.message import Message
from ingest.patience import Patience
from ingest.reader import read
from ingest.roster import build
from store import roster
from store.connection import connect
from store.replay import Span
from tests.ingest_world import WARM, ago, telemetry
from tests.ingest_world import build as build_world


async def test_a_replay_signals_what_was_signalled_live(dsn: str) -> None:
    dice = random.Random(17)
    await build_world(dsn)
    connection = await connect(dsn, autocommit=True)
    async with connection:
        known = build(await roster.read(connection))
        second = 540.0
        while second > 2:  # message by message, in batches of any size; metrics stay away
            batch = []
            for _ in range(dice.randrange(1, 9)):
                second -= dice.choice((0.5, 1.0, 3.0))
                values = {
                    name: value
                    for name, value in (
                        ("air_temp", dice.choice((-20.0, -16.0, -14.0, -10.0, 999.0))),
                        ("defrost", dice.random() < 0.2),
                        ("humidity", 50.0),
                    )
                    if dice.random() < 0.7 or name == "humidity"
                }
                payload = telemetry(ago(second), None, **values)
                batch.append(Message("mc/v1/hall/cold/telemetry", payload, clock.now()))
            landing = read(batch, known)
            assert landing.dead == []
            await commit.land(connection, landing, known, Patience())
        now = clock.moment(clock.now())
        span = Span(now - timedelta(hours=1), now + timedelta(minutes=1))
        again = [
            (signal.device, signal.value, signal.time, signal.why)
            async for portion in replay.portions(connection, WARM, span)
            for signal, _ in portion.told
        ]
        with psycopg.connect(dsn) as owner:
            live = owner.execute("SELECT device_id, value, time, why FROM signal ORDER BY id").fetchall()
    assert len(live) > 20
    assert again == live
