"""A camera's wanted configuration, checked: the first fault is refused in one sentence that says where it is."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from api.camera_model import CameraSettings, Hours, Polygon, ZoneSettings
from api.problem import FieldFault, ProblemError
from domain import code, polygon, scene_number
from domain.camera import Zone
from domain.scene import Scene
from domain.schedule import Schedule

MOST_POINTS = 400  # of one camera: all cameras of an edge travel in one message
_OF_THE_WHOLE = frozenset({polygon.Fault.FEW, polygon.Fault.MANY, polygon.Fault.SMALL})


def zones(wanted: CameraSettings) -> tuple[Zone, ...]:
    """The zones; ProblemError 422 for the first one that is of no use."""
    seen = set[str]()
    for number, zone in enumerate(wanted.zones):
        place = f"body.zones.{number}"
        if zone.code in seen:
            raise _fault("zone_twice", f"{place}.code", zone=zone.code)
        seen.add(zone.code)
        _check_code(zone, place)
        _check(zone, place)
    if sum(len(points) for zone in wanted.zones for points in (zone.polygon, *zone.masks)) > MOST_POINTS:
        raise _fault("points", "body.zones", most=MOST_POINTS)
    return tuple(msgspec.convert(zone.model_dump(mode="json"), Zone) for zone in wanted.zones)


def schedule(hours: Hours | None) -> Schedule | None:
    """The hours; ProblemError 422 for hours that make no sense."""
    if hours is None:
        return None
    _check_hours(hours, "body.schedule")
    return msgspec.convert(hours.model_dump(mode="json"), Schedule)


def _check_code(zone: ZoneSettings, place: str) -> None:
    try:
        code.check(zone.code)
    except code.BadCodeError as error:
        raise _fault("zone_code", f"{place}.code", zone=zone.code) from error


def _check(zone: ZoneSettings, place: str) -> None:
    if not zone.zh or not zone.en:
        raise _fault("zone_name", f"{place}.{'en' if zone.zh else 'zh'}", zone=zone.code)
    if not zone.scenes:
        raise _fault("zone_idle", f"{place}.scenes", zone=zone.zh)
    _check_polygon(zone, zone.polygon, f"{place}.polygon")
    for number, mask in enumerate(zone.masks):
        _check_polygon(zone, mask, f"{place}.masks.{number}")
    for hours, name in ((zone.breaks, "breaks"), (zone.allowed, "allowed")):
        _check_hours(hours, f"{place}.{name}")
    for scene, name, value in _numbers(zone):
        limits = scene_number.bounds(scene, name)
        where = f"{place}.overrides.{scene}.{name}"
        if limits is None or scene not in zone.scenes:
            raise _fault("zone_number_unknown", where, zone=zone.zh, number=f"{scene} {name}")
        if not scene_number.fits(limits, value):
            raise _fault("zone_number", where, zone=zone.zh, number=f"{scene} {name}", low=limits.low, high=limits.high)


def _numbers(zone: ZoneSettings) -> Iterator[tuple[Scene, str, float]]:
    return ((scene, name, value) for scene, numbers in zone.overrides.items() for name, value in numbers.items())


def _check_polygon(zone: ZoneSettings, points: Polygon, place: str) -> None:
    flaw = polygon.flaw(tuple(points))
    if flaw is None:
        return
    at = (
        f"{place}.{flaw.a - 1}"
        if flaw.fault not in (polygon.Fault.FEW, polygon.Fault.MANY, polygon.Fault.SMALL)
        else place
    )
    x, y = (round(100 * share, 1) for share in flaw.at)
    raise _fault(f"polygon_{flaw.fault}", at, zone=zone.zh, a=flaw.a, b=flaw.b, x=x, y=y)


def _check_hours(hours: Hours, place: str) -> None:
    try:
        ZoneInfo(hours.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _fault("hours_zone", f"{place}.timezone", name=hours.timezone) from error
    for number, opening in enumerate(hours.openings):
        if opening.begin == opening.end or opening.begin.tzinfo or opening.end.tzinfo:
            raise _fault("hours_empty", f"{place}.openings.{number}")


def _fault(reason: str, place: str, **values: object) -> ProblemError:
    return ProblemError(422, reason, values, faults=(FieldFault(place=place, fault=reason),))
