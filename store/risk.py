"""Risk scores by day, the weights that they were made with, and what is asked of them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from domain.risk import Weights
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class Score:
    """One subject's day; `device` 0: the site itself. `measures` in the order of the weights' terms."""

    site: int
    device: int
    score: int
    measures: list[float]


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was scored, as of `at`."""

    day: date
    at: datetime
    weights: int
    subjects: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """One site in the order of risk. `before`: its score a week earlier, None where there is none."""

    id: int
    code: str
    kind: str
    zh: str
    en: str
    authority_zh: str
    authority_en: str
    score: int
    measures: list[float]
    before: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """One day of one subject."""

    day: date
    score: int
    measures: list[float]
    weights: int


async def install(connection: Connection, weights: Weights) -> bool:
    """Add a version of the weights; False where it is there already: one once installed never changes. As the owner."""
    cursor = await connection.execute(
        "INSERT INTO risk_weights (version, body) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (weights.version, Jsonb(msgspec.to_builtins(weights))),
    )
    return cursor.rowcount > 0


async def weights(connection: Connection, version: int | None = None) -> Weights | None:
    """That version of the weights, or the newest; None where there is none."""
    cursor = await connection.execute(
        "SELECT body FROM risk_weights WHERE version = %(version)s::int OR %(version)s::int IS NULL"
        " ORDER BY version DESC LIMIT 1",
        {"version": version},
    )
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row[0], Weights)


async def sites(connection: Connection, each: int, day: date | None = None) -> AsyncIterator[list[int]]:
    """Ids of all sites, or of those that were scored on a day, `each` at a time."""
    after = 0
    while True:
        cursor = await connection.execute(
            "SELECT id FROM site WHERE id > %(after)s AND (%(day)s::date IS NULL OR EXISTS (SELECT FROM risk_score"
            " WHERE site_id = id AND device_id = 0 AND day = %(day)s)) ORDER BY id LIMIT %(each)s",
            {"after": after, "each": each, "day": day},
        )
        found = [int(str(row[0])) for row in await cursor.fetchall()]
        if not found:
            return
        yield found
        after = found[-1]


async def devices(connection: Connection, of: Sequence[int]) -> list[tuple[int, int]]:
    """(site, device) of all devices of those sites."""
    cursor = await connection.execute("SELECT site_id, id FROM device WHERE site_id = ANY(%s)", (list(of),))
    return [(int(str(site)), int(str(device))) for site, device in await cursor.fetchall()]


async def put(connection: Connection, day: date, scores: Iterable[Score]) -> None:
    """Write some subjects' day; what is as it was is not written again."""
    rows = list(scores)
    await connection.execute(
        "INSERT INTO risk_score AS old (site_id, device_id, day, score, measures)"
        " SELECT site, device, %s, score, measures::float8[] FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[],"
        " %s::text[]) AS new (site, device, score, measures)"
        " ON CONFLICT (site_id, device_id, day) DO UPDATE SET score = excluded.score, measures = excluded.measures"
        " WHERE (old.score, old.measures) IS DISTINCT FROM (excluded.score, excluded.measures)",
        (
            day,
            [row.site for row in rows],
            [row.device for row in rows],
            [row.score for row in rows],
            ["{" + ",".join(map(repr, row.measures)) + "}" for row in rows],
        ),
    )


async def close(connection: Connection, day: Day) -> None:
    """Say as of when a day is scored, and with which weights."""
    await connection.execute(
        "INSERT INTO risk_day VALUES (%(day)s, %(at)s, %(weights)s, %(subjects)s) ON CONFLICT (day) DO UPDATE"
        " SET at = excluded.at, weights = excluded.weights, subjects = excluded.subjects",
        {"day": day.day, "at": day.at, "weights": day.weights, "subjects": day.subjects},
    )


async def forget(connection: Connection, before: date) -> int:
    """Forget the scores of days before; returns how many."""
    cursor = await connection.execute("DELETE FROM risk_score WHERE day < %s", (before,))
    return cursor.rowcount


async def day(connection: Connection, wanted: date | None = None) -> Day | None:
    """A scored day, or the newest; None where there is none."""
    async with connection.cursor(row_factory=class_row(Day)) as cursor:
        await cursor.execute(
            "SELECT day, at, weights, subjects FROM risk_day WHERE day = %(day)s::date OR %(day)s::date IS NULL"
            " ORDER BY day DESC LIMIT 1",
            {"day": wanted},
        )
        return await cursor.fetchone()


async def whole_day(connection: Connection) -> Day | None:
    """The newest day that was scored as of its end, else the newest; None where there is none."""
    async with connection.cursor(row_factory=class_row(Day)) as cursor:
        await cursor.execute(
            "SELECT day, at, weights, subjects FROM risk_day"
            " ORDER BY at >= (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' DESC, day DESC LIMIT 1"
        )
        return await cursor.fetchone()


async def stored(connection: Connection, on: date, of: Sequence[int]) -> list[Score]:
    """What was scored on a day, of those sites."""
    async with connection.cursor(row_factory=class_row(Score)) as cursor:
        await cursor.execute(
            "SELECT site_id AS site, device_id AS device, score, measures FROM risk_score"
            " WHERE day = %s AND site_id = ANY(%s) ORDER BY site_id, device_id",
            (on, list(of)),
        )
        return await cursor.fetchall()


async def ranking(
    connection: Connection, on: date, limit: int, *, after: tuple[int, int] = (101, 0), kind: str = ""
) -> list[Ranked]:
    """The sites that the person may see, the riskiest first, from after a score and a site on; of a kind, or all."""
    async with connection.cursor(row_factory=class_row(Ranked)) as cursor:
        await cursor.execute(
            "SELECT site.id, site.code, site.kind, site.zh, site.en, authority.zh AS authority_zh,"
            " authority.en AS authority_en, now.score, now.measures, before.score AS before FROM risk_score AS now"
            " JOIN site ON site.id = now.site_id JOIN authority ON authority.path = site.authority"
            " LEFT JOIN risk_score AS before ON before.site_id = now.site_id AND before.device_id = 0"
            "  AND before.day = now.day - 7"
            " WHERE now.day = %(on)s AND now.device_id = 0 AND %(kind)s IN ('', site.kind)"
            " AND (-now.score, now.site_id) > (-%(score)s::int, %(site)s)"
            " ORDER BY now.score DESC, now.site_id LIMIT %(limit)s",
            {"on": on, "limit": limit, "score": after[0], "site": after[1], "kind": kind},
        )
        return await cursor.fetchall()


async def counted(connection: Connection, on: date) -> dict[int, int]:
    """How many of the person's sites have which score."""
    cursor = await connection.execute(
        "SELECT score, count(*)::int FROM risk_score WHERE day = %s AND device_id = 0 GROUP BY score", (on,)
    )
    return {int(str(score)): int(str(number)) for score, number in await cursor.fetchall()}


async def of_sites(connection: Connection, on: date) -> dict[int, int]:
    """What each of the person's sites was scored on a day."""
    cursor = await connection.execute(
        "SELECT site_id, score::int FROM risk_score WHERE day = %s AND device_id = 0", (on,)
    )
    return {int(str(site)): int(str(score)) for site, score in await cursor.fetchall()}


async def trend(connection: Connection, site: int, device: int, days: int) -> list[Told]:
    """A subject's last days, the oldest first."""
    async with connection.cursor(row_factory=class_row(Told)) as cursor:
        await cursor.execute(
            "SELECT day, score, measures, weights FROM (SELECT risk_score.day, score, measures, weights FROM risk_score"
            " JOIN risk_day ON risk_day.day = risk_score.day WHERE site_id = %s AND device_id = %s"
            " ORDER BY day DESC LIMIT %s) AS newest ORDER BY day",
            (site, device, days),
        )
        return await cursor.fetchall()
