"""The risk job: scores all sites and devices each hour, and each day once more when it is over (ADR 34).

It has a connection of its own and works through the sites a few hundred at a time, so that the engine never waits.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import structlog

from domain import risk
from domain.period import SETTLES, ZONE, midnight
from domain.risk import Measure, Weights
from store import patrol_weights, risk_measures
from store import risk as table
from store.connection import Connection
from store.patrol_weights import Patrolled
from store.risk import Day, Score

log = structlog.get_logger("alerts")

AT_ONCE = 250  # sites in one statement: some ten milliseconds of this process at a time
EVERY = timedelta(hours=1)
KEPT_D = 100
MOST_PUSHED = 500  # cameras whose weight is changed in one run


@dataclass(frozen=True, slots=True)
class Proposal:
    """A patrolled camera that should be visited more or less often."""

    camera: Patrolled
    weight: int


def shipped() -> Weights:
    """The weights that ship with the product."""
    return risk.parse(files("alerts").joinpath("weights", "default.toml").read_text(encoding="utf-8"))


async def keep(connection: Connection, now: datetime) -> None:
    """Score what is due at `now`: yesterday when it is over, and today as far as it has gone."""
    weights = await table.weights(connection)
    if weights is None:
        return
    today = now.astimezone(ZONE).date()
    if now - SETTLES >= midnight(today) and not await _is_whole(connection, today - timedelta(days=1)):
        await score_day(connection, weights, today - timedelta(days=1), midnight(today))
        await table.forget(connection, today - timedelta(days=KEPT_D))
        if weights.patrol.apply:
            await apply(connection, weights, today - timedelta(days=1))
    known = await table.day(connection, today)
    if known is None or now - known.at >= EVERY or known.weights != weights.version:
        await score_day(connection, weights, today, now)


async def _is_whole(connection: Connection, day: date) -> bool:
    known = await table.day(connection, day)
    return known is not None and known.at >= midnight(day + timedelta(days=1))


async def score_day(connection: Connection, weights: Weights, day: date, at: datetime) -> Day:
    """Score every site and device as of `at`; a run that breaks off is run again from the beginning."""
    subjects = 0
    async for sites in table.sites(connection, AT_ONCE):
        scores = await score(connection, weights, sites, at)
        await table.put(connection, day, scores)
        subjects += len(scores)
        await asyncio.sleep(0)
    done = Day(day, at, weights.version, subjects)
    await table.close(connection, done)
    log.info("risk.scored", day=str(day), at=at.isoformat(timespec="seconds"), subjects=subjects)
    return done


async def score(connection: Connection, weights: Weights, sites: Sequence[int], at: datetime) -> list[Score]:
    """Some sites with their devices as of `at`."""
    measured: dict[tuple[int, int], dict[Measure, float]] = {(site, 0): {} for site in sites}
    measured |= {subject: {} for subject in await table.devices(connection, sites)}
    for statement in risk_measures.STATEMENTS:
        for one in await risk_measures.measure(connection, statement, sites, at):
            measured.setdefault((one.site, one.device), {})[one.measure] = one.value
    rows = [(site, device, weights.row(measures)) for (site, device), measures in sorted(measured.items())]
    return [Score(site, device, weights.score(row, device=device > 0), row) for site, device, row in rows]


async def differing(connection: Connection, day: date) -> list[Score] | None:
    """What is stored otherwise than scored anew, as of the same moment by the same weights; None: no such day."""
    known = await table.day(connection, day)
    weights = None if known is None else await table.weights(connection, known.weights)
    if known is None or weights is None:
        return None
    found: list[Score] = []
    async for sites in table.sites(connection, AT_ONCE, day):
        again = {(one.site, one.device): one for one in await score(connection, weights, sites, known.at)}
        found += [one for one in await table.stored(connection, day, sites) if again.get((one.site, one.device)) != one]
    return found


async def proposals(connection: Connection, weights: Weights, last: date) -> list[Proposal]:
    """Which patrolled cameras should be visited more or less often, after the whole days up to `last`."""
    days = max(weights.patrol.rise_days, weights.patrol.fall_days)
    cameras = await patrol_weights.patrolled(connection, last, days)
    wanted = [Proposal(camera, risk.visits(camera.weight, camera.scores, weights)) for camera in cameras]
    return [one for one in wanted if one.weight != one.camera.weight]


async def apply(connection: Connection, weights: Weights, last: date) -> int:
    """Make the proposals so, the riskiest first; each edge hears of it by its configuration. Returns how many."""
    wanted = sorted(await proposals(connection, weights, last), key=lambda one: -one.weight)
    done = 0
    for one in wanted[:MOST_PUSHED]:
        done += await patrol_weights.weigh(connection, one.camera.id, one.camera.weight, one.weight)
    log.info("risk.patrol", proposed=len(wanted), applied=done)
    return done


def last_whole_day(now: datetime | None = None) -> date:
    """The newest day of the calendar that is over."""
    return ((now or datetime.now(UTC)) - SETTLES).astimezone(ZONE).date() - timedelta(days=1)
