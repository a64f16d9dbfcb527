"""What a device says before any worker has ever connected is kept for it."""

import asyncio

import pytest

from ingest import link
from ingest.config import IngestConfig
from ingest.session import LinkLostError
from tests import ingest_world as world
from tests.ingest_world import Tables, config, ingesting, speaking, telemetry
from tests.servers import PrivateBroker


async def test_a_message_before_the_first_worker_lands(dsn: str, broker: PrivateBroker) -> None:
    await world.build(dsn)
    await asyncio.to_thread(world.users, broker)
    await asyncio.to_thread(link.enrol, config(dsn, broker))
    with speaking(broker, "hall.cold") as device:
        device.say("mc/v1/hall/cold/telemetry", telemetry(air_temp=-18.0))
        device.delivered()
    await asyncio.to_thread(link.enrol, config(dsn, broker))  # takes nothing away
    async with ingesting(config(dsn, broker)):
        await Tables(dsn).until("SELECT count(*) FROM reading", 1)


def test_a_broker_that_does_not_let_us_in_is_one_sentence(broker: PrivateBroker) -> None:
    stranger = IngestConfig("", broker.url(), "mingchu", "wrong")
    with pytest.raises(LinkLostError, match="does not let us in: Not authorized"):
        link.enrol(stranger)
