"""The figures of a report, a statement for each, over an authority's sites or one site (ADR 34)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from domain.period import Period
from domain.report import LONGEST, ClassFigures, Counted, Figures, Fleet, Precision, Thing, Uptime
from store.connection import Connection

_COUNTED: LiteralString = """
    SELECT severity::int, count(*)::int FROM alert
    WHERE raised >= %(begin)s AND raised < %(end)s
        AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
    GROUP BY severity
"""
# Class I is due to be acknowledged, the others to be rectified; a false alarm was never due.
_DUE: LiteralString = """
    SELECT severity::int, count(*)::int, (count(*) FILTER (WHERE answered))::int FROM (
        SELECT severity, EXISTS (SELECT FROM alert_history AS step WHERE alert_id = alert.id AND step.at <= first_due
            AND CASE WHEN severity = 1 THEN target <> 'open' ELSE target IN ('rectified', 'closed') END) AS answered
        FROM alert WHERE first_due >= %(begin)s AND first_due < %(end)s
            AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
            AND NOT EXISTS (SELECT FROM alert_history AS step
                WHERE alert_id = alert.id AND target = 'dismissed' AND step.at < %(closed)s)) AS told
    GROUP BY severity
"""
_MOVED: LiteralString = """
    SELECT severity::int, (count(*) FILTER (WHERE target = 'dismissed'))::int,
        (count(*) FILTER (WHERE target = 'closed'))::int
    FROM alert_history AS step JOIN alert ON alert.id = alert_id
    WHERE step.at >= %(begin)s AND step.at < %(end)s
        AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
        AND target IN ('dismissed', 'closed') AND source IS DISTINCT FROM target
    GROUP BY severity
"""
_TOOK: LiteralString = """
    SELECT severity::int, count(*)::int, percentile_cont(0.5) WITHIN GROUP (ORDER BY s),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY s)
    FROM (SELECT severity, extract(epoch FROM step.at - raised)::float8 AS s
        FROM alert_history AS step JOIN alert ON alert.id = alert_id
        WHERE step.at >= %(begin)s AND step.at < %(end)s
            AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
            AND target = %(target)s AND NOT EXISTS (SELECT FROM alert_history AS earlier
                WHERE earlier.alert_id = alert.id AND earlier.target = step.target AND earlier.id < step.id)) AS told
    GROUP BY severity
"""
# The last verdict of the period on each alert: an accepted rectification says that there was something to rectify.
_VERDICTS: LiteralString = """
    WITH verdict AS (SELECT DISTINCT ON (review.alert_id) review.alert_id, verdict = 'accept' AS good
        FROM review JOIN alert ON alert.id = review.alert_id
        WHERE review.at >= %(begin)s AND review.at < %(end)s AND verdict IN ('accept', 'dismiss')
            AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
        ORDER BY review.alert_id, review.at DESC, review.id DESC)
    SELECT scene, camera.code, camera.zh, camera.en, site.code, (count(*) FILTER (WHERE good))::int,
        (count(*) FILTER (WHERE NOT good))::int
    FROM verdict JOIN alert ON alert.id = alert_id JOIN scene_event ON scene_event.id = alert.scene_event_id
        AND scene_event.camera_id = alert.camera_id  -- not a device's alert that the scene only bears out
    JOIN camera ON camera.id = scene_event.camera_id JOIN site ON site.id = camera.site_id
    GROUP BY scene, camera.id, site.code ORDER BY scene, camera.code
"""
_CAMERAS: LiteralString = """
    WITH watched AS (SELECT camera.id FROM camera WHERE (removed IS NULL OR removed >= %(begin)s)
        AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))),
    said AS (
        SELECT watched.id, state = 'OK' AS well, %(begin)s::timestamptz AS since, 0::bigint AS n
        FROM watched CROSS JOIN LATERAL (SELECT state FROM camera_health WHERE camera_id = watched.id
            AND at <= %(begin)s AND received < %(closed)s ORDER BY at DESC, id DESC LIMIT 1) AS before
        UNION ALL SELECT watched.id, state = 'OK', at, camera_health.id
        FROM watched JOIN camera_health ON camera_id = watched.id
        WHERE at > %(begin)s AND at < %(end)s AND received < %(closed)s),
    spell AS (SELECT id, well,
        extract(epoch FROM lead(since, 1, %(end)s) OVER (PARTITION BY id ORDER BY since, n) - since) AS s FROM said)
    SELECT camera.code, camera.zh, camera.en, site.code, round(sum(s))::bigint,
        round(coalesce(sum(s) FILTER (WHERE well), 0))::bigint
    FROM spell JOIN camera USING (id) JOIN site ON site.id = camera.site_id GROUP BY camera.id, site.code
"""
_DEVICES: LiteralString = """
    WITH owned AS (SELECT device.id FROM device
        WHERE site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))),
    said AS (
        SELECT owned.id, online AS well, %(begin)s::timestamptz AS since
        FROM owned CROSS JOIN LATERAL (SELECT online FROM presence_change WHERE device_id = owned.id
            AND at <= %(begin)s ORDER BY at DESC LIMIT 1) AS before
        UNION ALL SELECT owned.id, online, at FROM owned JOIN presence_change ON device_id = owned.id
        WHERE at > %(begin)s AND at < %(end)s),
    spell AS (SELECT id, well,
        extract(epoch FROM lead(since, 1, %(end)s) OVER (PARTITION BY id ORDER BY since) - since) AS s FROM said)
    SELECT device.code, device.zh, device.en, site.code, round(sum(s))::bigint,
        round(coalesce(sum(s) FILTER (WHERE well), 0))::bigint
    FROM spell JOIN device USING (id) JOIN site ON site.id = device.site_id GROUP BY device.id, site.code
"""
_RULES: LiteralString = """
    SELECT told.code, coalesce(rule.body ->> 'zh', told.code), coalesce(rule.body ->> 'en', told.code), n FROM (
        SELECT rule_code AS code, count(*)::int AS n FROM alert
        WHERE raised >= %(begin)s AND raised < %(end)s
            AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
        GROUP BY rule_code) AS told LEFT JOIN rule ON rule.code = told.code AND rule.active
    ORDER BY n DESC, told.code LIMIT %(longest)s
"""
_BUSY: LiteralString = """
    SELECT site.code, site.zh, site.en, n FROM (
        SELECT site_id, count(*)::int AS n FROM alert
        WHERE raised >= %(begin)s AND raised < %(end)s
            AND site_id IN (SELECT id FROM sites_of(%(authority)s::ltree, %(site)s::bigint))
        GROUP BY site_id) AS told JOIN site ON site.id = site_id
    ORDER BY n DESC, site.code LIMIT %(longest)s
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose sites: an authority's (an ltree path), or one; exactly one of them is set."""

    thing: Thing
    authority: str | None = None
    site: int | None = None


async def figures(connection: Connection, period: Period, scope: Scope, closed: datetime | None = None) -> Figures:
    """All figures of a period; the same ones whenever it is asked after it is closed."""
    end = period.end if closed is None else min(period.end, closed)
    asked: dict[str, object] = {
        "begin": period.begin,
        "end": end,
        "closed": closed or period.closes,
        "authority": scope.authority,
        "site": scope.site,
        "longest": LONGEST,
    }
    scenes, cameras = await _precision(connection, asked)
    return Figures(
        span=period.span,
        first=period.first,
        last=period.last,
        begin=period.begin,
        end=end,
        closed=closed or period.closes,
        scope=scope.thing,
        classes=await _classes(connection, asked),
        rules=await _counted(connection, _RULES, asked),
        sites=await _counted(connection, _BUSY, asked),
        scenes=scenes,
        cameras=cameras,
        camera_time=await _fleet(connection, _CAMERAS, asked),
        device_time=await _fleet(connection, _DEVICES, asked),
    )


async def _rows(connection: Connection, query: LiteralString, asked: Mapping[str, object]) -> list[tuple[object, ...]]:
    return await (await connection.execute(query, asked)).fetchall()


async def _classes(connection: Connection, asked: Mapping[str, object]) -> tuple[ClassFigures, ...]:
    counted: tuple[tuple[LiteralString, tuple[str, ...]], ...] = (
        (_COUNTED, ("raised",)),
        (_MOVED, ("dismissed", "closed")),
        (_DUE, ("due", "met")),
    )
    told: dict[int, dict[str, int | None]] = {severity: {} for severity in (1, 2, 3, 4)}
    for query, names in counted:
        _note(told, await _rows(connection, query, asked), names)
    for target, short in (("acknowledged", "ack"), ("rectified", "rectify")):
        names = (target, f"{short}_p50", f"{short}_p90")
        _note(told, await _rows(connection, _TOOK, {**asked, "target": target}), names)
    return tuple(ClassFigures(severity, **values) for severity, values in told.items())  # type: ignore[arg-type]


def _note(told: dict[int, dict[str, int | None]], rows: list[tuple[object, ...]], names: tuple[str, ...]) -> None:
    for severity, *values in rows:
        told[int(str(severity))] |= {name: _whole(value) for name, value in zip(names, values, strict=True)}


def _whole(value: object) -> int | None:
    return None if value is None else round(float(str(value)))


async def _counted(connection: Connection, query: LiteralString, asked: Mapping[str, object]) -> tuple[Counted, ...]:
    rows = await _rows(connection, query, asked)
    return tuple(Counted(Thing(str(code), str(zh), str(en)), int(str(n))) for code, zh, en, n in rows)


async def _precision(
    connection: Connection, asked: Mapping[str, object]
) -> tuple[tuple[Precision, ...], tuple[Precision, ...]]:
    """By scene, and by scene and camera: those with the most false alarms first."""
    rows = await _rows(connection, _VERDICTS, asked)
    each = [
        Precision(str(scene), Thing(str(code), str(zh), str(en), str(site)), int(str(true)), int(str(false)))
        for scene, code, zh, en, site, true, false in rows
    ]
    scenes: dict[str, Precision] = {}
    for one in each:
        known = scenes.get(one.scene, Precision(one.scene, None, 0, 0))
        scenes[one.scene] = Precision(one.scene, None, known.true + one.true, known.false + one.false)
    worst = sorted(each, key=lambda one: (-one.false, one.scene, one.thing.code if one.thing else ""))
    return tuple(scenes.values()), tuple(worst[:LONGEST])


async def _fleet(connection: Connection, query: LiteralString, asked: Mapping[str, object]) -> Fleet:
    each = [
        Uptime(Thing(str(code), str(zh), str(en), str(site)), int(str(told)), int(str(well)))
        for code, zh, en, site, told, well in await _rows(connection, query, asked)
    ]
    worst = sorted(
        (one for one in each if one.well_s < one.told_s),
        key=lambda one: (one.well_s - one.told_s, one.thing.site, one.thing.code),
    )
    return Fleet(len(each), sum(one.told_s for one in each), sum(one.well_s for one in each), tuple(worst[:LONGEST]))
