"""Rollups brought up to date at once, as the housekeeper or TimescaleDB's jobs do it in time."""

from datetime import datetime

from store import hypertables, rollups
from store.connection import connect
from store.migrate import Edition, edition


async def settle(dsn: str, now: datetime | None = None) -> None:
    """Refresh what is due at `now`."""
    owner = await connect(dsn, autocommit=True)
    try:
        if await edition(owner) is Edition.COMMUNITY:
            for name in hypertables.AGGREGATES:
                await hypertables.refresh_aggregate(owner, name)
        else:
            await rollups.refresh(owner, now)
    finally:
        await owner.close()


async def settle_whatever_is_there(dsn: str) -> None:
    """The same for readings that no ingest has written."""
    owner = await connect(dsn, autocommit=True)
    await owner.execute(
        "INSERT INTO rollup_late SELECT DISTINCT device_id, date_trunc('hour', time, 'UTC') FROM reading"
    )
    await owner.close()
    await settle(dsn)
