"""Sites, cameras, devices and readings as REST's models."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from api import place_model as model
from api.alert_model import Named, Names
from api.case_view import worded
from api.problem import ProblemError
from api.vault import Vault
from domain.profile import DeviceProfile
from domain.quality import Quality
from store import places, series
from store.connection import Connection

_LONGEST = timedelta(days=800)
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=256)
def profile_of(body: str) -> DeviceProfile:
    """A device profile from its JSON in the registry."""
    return msgspec.json.decode(body, type=DeviceProfile)


def site(row: places.SiteRow) -> model.Site:
    """One site."""
    return model.Site(
        id=row.id,
        code=row.code,
        zh=row.zh,
        en=row.en,
        kind=row.kind,
        address=row.address,
        authority=Names(zh=row.authority_zh, en=row.authority_en),
        operator=Names(zh=row.operator_zh, en=row.operator_en),
        uscc=row.uscc,
        cameras=row.cameras,
        cameras_ok=row.cameras_ok,
        devices=row.devices,
        devices_online=row.devices_online,
        alerts=row.alerts,
        gravest=row.gravest,
        card="red" if row.card == "red" else "yellow" if row.card else None,
    )


def _of_site(row: places.CameraRow | places.DeviceRow) -> Named:
    return Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en)


def camera(row: places.CameraRow, vault: Vault) -> model.Camera:
    """One camera."""
    picture = vault.shown(row.picture)
    return model.Camera(
        id=row.id,
        code=row.code,
        zh=row.zh,
        en=row.en,
        site=_of_site(row),
        health=row.health,
        health_at=row.health_at,
        health_why=row.health_why,
        health_wording=worded(row.health_why),
        zones=row.zones,
        alerts=row.alerts,
        picture=picture,
        picture_awaited=picture != row.picture,
        picture_at=row.picture_at,
        mode="patrol" if row.mode == "patrol" else "watch",
        weight=row.weight,
    )


def _device(row: places.DeviceRow, latest: Sequence[series.LatestRow]) -> model.Device:
    profile = profile_of(row.profile)
    return model.Device(
        id=row.id,
        code=row.code,
        zh=row.zh,
        en=row.en,
        site=_of_site(row),
        kind=profile.kind,
        profile=Names(zh=profile.zh, en=profile.en),
        online=row.online,
        last_seen=row.last_seen,
        alerts=row.alerts,
        readings=sorted((_reading(profile, last) for last in latest), key=lambda reading: not reading.chart),
    )


def _reading(profile: DeviceProfile, row: series.LatestRow) -> model.Reading:
    metric = profile.metric(row.metric)
    word = metric.word(row.value) if metric else None
    return model.Reading(
        metric=row.metric,
        zh=metric.zh if metric else row.metric,
        en=metric.en if metric else row.metric,
        unit=row.unit,
        time=row.time,
        value=row.value,
        quality=row.quality,
        suspect=bool(row.quality & ~Quality.HISTORICAL),
        historical=bool(row.quality & Quality.HISTORICAL),
        flag=metric is not None and metric.flag,
        said=None if word is None else Names(zh=word.zh, en=word.en),
        chart=metric is not None and metric.chart,
    )


async def devices(connection: Connection, rows: Sequence[places.DeviceRow]) -> list[model.Device]:
    """Devices with their latest readings, read at once."""
    latest: dict[int, list[series.LatestRow]] = {row.id: [] for row in rows}
    for last in await series.latest(connection, list(latest)):
        latest[last.device_id].append(last)
    return [_device(row, latest[row.id]) for row in rows]


async def device_series(
    connection: Connection, row: places.DeviceRow, metric: str, begin: datetime | None, end: datetime | None
) -> model.Series:
    """One metric's points of [begin, end); by default the last six hours."""
    since, upto = _span(begin, end)
    identity = await series.metric_id(connection, row.id, metric)
    known = profile_of(row.profile).metric(metric)
    if identity is None or known is None:
        raise ProblemError(404, "metric", {"metric": metric})
    fineness, points = await series.series(connection, row.id, identity, since, upto)
    return model.Series(
        metric=metric,
        unit=known.unit,
        resolution=fineness.value,
        time=[point.at.timestamp() for point in points],
        mean=[point.mean for point in points],
        low=[point.low for point in points],
        high=[point.high for point in points],
    )


def _span(begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    upto = _aware(end) if end else datetime.now(UTC)
    since = _aware(begin) if begin else max(upto, _EARLIEST) - timedelta(hours=6)
    if not timedelta(0) < upto - since <= _LONGEST:
        raise ProblemError(422, "span", {"days": _LONGEST.days})
    return since, upto


def _aware(moment: datetime) -> datetime:
    """A time without a zone is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
