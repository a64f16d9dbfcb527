"""The alert queue's pages on a real database: the same rows in the same order as by sorting all that may be seen."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.alert import FINISHED, Status
from store import alert_load, queue
from store.connection import Connection, connect
from store.people import Person
from store.queue import QueueFilter, QueueRow
from tests import alert_world as world

UNFINISHED = tuple(one for one in Status if one not in FINISHED)
LIMIT = 7
_Narrowed = tuple[dict[str, Any], Callable[[QueueRow], bool]]
_NOT: _Narrowed = ({}, lambda _: True)


async def _town(dsn: str) -> world.Town:
    town = await world.build(dsn, devices=6)
    async with await connect(dsn, autocommit=True) as owner:
        await alert_load.plant_alerts(owner, [*town.devices, town.foreign], 300)
        await owner.execute("UPDATE alert SET status = 'acknowledged' WHERE status = 'open' AND id % 2 = 0")
        await owner.execute("UPDATE alert SET severity = 1 + id % 4")
    return town


async def _all_pages(connection: Connection, wanted: QueueFilter) -> list[QueueRow]:
    found: list[QueueRow] = []
    after = None
    while rows := await queue.page(connection, QueueFilter(*_parts(wanted), after=after), LIMIT):
        assert len(rows) <= LIMIT
        found += rows
        after = rows[-1].severity, rows[-1].id
    return found


def _parts(
    wanted: QueueFilter,
) -> tuple[tuple[str, ...] | None, tuple[int, ...] | None, int | None, str | None, bool]:
    return wanted.statuses, wanted.severities, wanted.site, wanted.condition, wanted.newest


def _expected(rows: list[QueueRow], wanted: QueueFilter) -> list[int]:
    kept = [
        row
        for row in rows
        if (wanted.statuses is None or row.status in wanted.statuses)
        and (wanted.severities is None or row.severity in wanted.severities)
        and wanted.site in (None, row.site_id)
        and wanted.condition in (None, row.condition)
    ]
    order = sorted(kept, key=lambda row: (0 if wanted.newest else row.severity, -row.id))
    return [row.id for row in order]


async def _seen(connection: Connection, dsn: str) -> list[QueueRow]:
    ids = [int(str(row[0])) for row in world.rows(dsn, "SELECT id FROM alert")]
    return await queue.some(connection, ids)


def _who(town: world.Town, name: str) -> Person:
    return {"regulator": town.regulator, "operator": town.operator}[name]


@pytest.mark.parametrize("few", [0, 50])  # sites: one list for all, or lists of each
@pytest.mark.parametrize("who", ["regulator", "operator"])
async def test_pages_are_what_sorting_everything_would_give(
    dsn: str, monkeypatch: pytest.MonkeyPatch, few: int, who: str
) -> None:
    monkeypatch.setattr(queue, "_FEW", few)
    town = await _town(dsn)
    async with await world.as_api(dsn, _who(town, who)) as connection:
        rows = await _seen(connection, dsn)
        assert len({row.site_id for row in rows}) == (2 if who == "regulator" else 1)
        site = rows[0].site_id
        choices = itertools.product(
            (None, UNFINISHED, tuple(FINISHED)), (None, (1,), (2, 4)), (None, site), (None, "ACTIVE"), (False, True)
        )
        for statuses, severities, place, condition, newest in choices:
            wanted = QueueFilter(statuses, severities, place, condition, newest)
            assert [row.id for row in await _all_pages(connection, wanted)] == _expected(rows, wanted), wanted


@pytest.mark.parametrize("few", [0, 50])
@pytest.mark.parametrize("who", ["regulator", "operator"])
async def test_each_filter_keeps_what_it_names_alone_and_with_others(
    dsn: str, monkeypatch: pytest.MonkeyPatch, few: int, who: str
) -> None:
    monkeypatch.setattr(queue, "_FEW", few)
    town = await _town(dsn)
    async with await world.as_api(dsn, _who(town, who)) as connection:
        rows = sorted(await _seen(connection, dsn), key=lambda row: row.id)
        early, late = rows[len(rows) // 4].raised, rows[3 * len(rows) // 4].raised
        one = rows[len(rows) // 2]
        narrowed: dict[str, _Narrowed] = {
            "rule": ({"rule": one.rule_code}, lambda row: row.rule_code == one.rule_code),
            "no rule": ({"rule": "nobody's"}, lambda _: False),
            "device": ({"device": one.device_id}, lambda row: row.device_id == one.device_id),
            "camera": ({"camera": 1}, lambda row: row.camera_id == 1),
            "since": ({"since": early}, lambda row: row.raised >= early),
            "until": ({"until": late}, lambda row: row.raised < late),
            "condition": ({"condition": "ACTIVE"}, lambda row: row.condition == "ACTIVE"),
        }
        pairs = [*itertools.combinations(narrowed.values(), 2), *((each, _NOT) for each in narrowed.values())]
        for (first, fits), (second, also) in pairs:
            wanted = QueueFilter(statuses=("open", "closed"), severities=(1, 3), **(first | second))
            kept = [row for row in rows if row.status in ("open", "closed") and row.severity in (1, 3)]
            kept = sorted((row for row in kept if fits(row) and also(row)), key=lambda row: (row.severity, -row.id))
            assert await _ids(connection, wanted) == [row.id for row in kept], wanted
        assert len(await _ids(connection, QueueFilter(since=early, until=late))) > 10


async def _ids(connection: Connection, wanted: QueueFilter) -> list[int]:
    """The ids of all pages."""
    found: list[QueueRow] = []
    while rows := await queue.page(connection, replace(wanted, after=_last(found)), LIMIT):
        found += rows
    return [row.id for row in found]


def _last(found: list[QueueRow]) -> tuple[int, int] | None:
    return (found[-1].severity, found[-1].id) if found else None


async def test_the_first_alert_of_a_moment_is_found_by_halving(dsn: str) -> None:
    await _town(dsn)
    async with await connect(dsn, autocommit=True) as owner:
        cursor = await owner.execute(
            "SELECT count(*) FROM alert AS one, LATERAL (SELECT alert_of(one.raised) AS first) AS found"
            " WHERE (SELECT min(id) FROM alert WHERE id >= first)"
            "  <> (SELECT min(id) FROM alert WHERE raised >= one.raised)"
        )
        assert await cursor.fetchone() == (0,)
        cursor = await owner.execute(
            "SELECT alert_of('infinity') > max(id), alert_of('-infinity') <= min(id) FROM alert"
        )
        assert await cursor.fetchone() == (True, True)


@pytest.mark.parametrize("few", [0, 50])
async def test_what_finished_long_ago_is_not_counted(dsn: str, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(queue, "_FEW", few)
    town = await _town(dsn)
    async with await world.as_api(dsn, town.operator) as connection:
        counted = {(one.status, one.severity): one.n for one in await queue.counts(connection)}
        expected = world.rows(
            dsn,
            "SELECT status, severity::int, count(*)::int FROM alert JOIN site ON site.id = site_id"
            " WHERE code = 'site-0' AND (status NOT IN ('closed', 'dismissed')"
            " OR changed > now() - interval '24 hours') GROUP BY 1, 2",
        )
        assert counted == {(status, severity): n for status, severity, n in expected}
        assert 0 < counted["closed", 1] < sum(row.status == "closed" for row in await _seen(connection, dsn))


async def test_another_tenants_site_shows_nothing(dsn: str) -> None:
    town = await _town(dsn)
    theirs = world.count(dsn, "SELECT id FROM site WHERE code = 'site-1'")
    async with await world.as_api(dsn, town.operator) as connection:
        assert await queue.page(connection, QueueFilter(site=theirs), LIMIT) == []
        assert await queue.counts(connection, theirs) == []
