"""The overseer: one part's failure keeps back no other, and is counted; a database that is away is the caller's."""

import psycopg
import pytest

from alerts.counters import Counters
from alerts.overseer import part


async def _raise(error: Exception) -> None:
    raise error


async def _work() -> int:
    return 1


async def test_a_part_that_fails_is_counted_and_the_next_goes_on() -> None:
    counters = Counters()
    assert not await part("risk", _raise(ValueError("a bug")), counters)
    assert not await part("risk", _raise(psycopg.errors.UndefinedColumn("a bug")), counters)
    assert await part("reports", _work(), counters)
    assert counters.totals()["failed_risk"] == 2


async def test_a_database_that_is_away_ends_the_round() -> None:
    with pytest.raises(psycopg.OperationalError):
        await part("risk", _raise(psycopg.OperationalError("gone")), Counters())
