"""What pages and REST do for a site's place and licences: who may, and what is kept of it; audited."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from api import language, place_list
from api import map_model as model
from api.alert_model import Named
from api.desk import Desk
from api.language import Language
from api.problem import ProblemError, not_found
from domain import coordinates
from domain.coordinates import BadCoordinatesError, Coordinates
from domain.schedule import Schedule
from store import people, places, site_facts
from store.connection import Connection
from store.people import Person
from store.site_facts import DayCount, LicenceRow

DAYS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the month's chart: its bars' heights in per cent of the highest day, class I at the bottom."""

    day: date
    n: int
    bars: tuple[tuple[int, float, float], ...]  # class, where it begins from below, height


async def put_place(at: Desk, person: Person, site_id: int, longitude: str, latitude: str) -> None:
    """Say where a site is, as it is typed; both empty: not known. Raises ProblemError."""
    async with at.scoped(person) as connection:
        await _must_see(connection, site_id)
        if not person.may_configure:
            raise ProblemError(403, "role")
        try:
            where = coordinates.parse(longitude, latitude)
        except BadCoordinatesError as error:
            raise ProblemError(422, "coordinates") from error
        if not await site_facts.place(connection, site_id, where):
            raise ProblemError(403, "role")  # passed on to this authority, and not its own
        await people.audit(connection, person, "site_placed", {"site": site_id, **_said(where)})


def _said(where: Coordinates | None) -> dict[str, object]:
    return {} if where is None else {"longitude": where.longitude, "latitude": where.latitude}


async def take_list(at: Desk, person: Person, written: bytes, spoken: Language) -> list[model.PlaceLine]:
    """Place the sites of a CSV list, line by line. Raises ProblemError."""
    if not person.may_configure:
        raise ProblemError(403, "role")
    try:
        lines = place_list.read(written)
    except place_list.PlaceListError as error:
        raise ProblemError(422, "place_list", {"most": place_list.MOST_LINES}) from error
    report = list[model.PlaceLine]()
    async with at.scoped(person) as connection:
        for line in lines:
            why = "coordinates" if not line.good else ""
            if line.good and not await site_facts.place_by_code(connection, line.code, line.where):
                why = "not_found"
            reason = language.text(spoken, f"problem.{why}") if why else ""
            result = model.PlaceLine(line=line.number, code=line.code, result="placed", reason=reason)
            report.append(result.model_copy(update={"result": "refused"}) if why else result)
        placed = [line.code for line in report if line.result == "placed"]
        await people.audit(connection, person, "sites_placed", {"sites": placed})
    return report


async def put_licence(at: Desk, person: Person, site_id: int, wanted: model.NewLicence | None) -> None:
    """An admin writes a licence down; None: what was typed is none. Raises ProblemError."""
    async with at.scoped(person) as connection:
        await _must_see(connection, site_id)
        _must_provision(person)
        if wanted is None:
            raise ProblemError(422, "licence")
        await site_facts.put_licence(connection, site_id, wanted.kind, wanted.number.strip(), wanted.valid_until)
        detail = {"site": site_id, **wanted.model_dump(mode="json")}
        await people.audit(connection, person, "licence_written", detail)


async def drop_licence(at: Desk, person: Person, site_id: int, licence_id: int) -> None:
    """An admin strikes a licence out. Raises ProblemError."""
    async with at.scoped(person) as connection:
        await _must_see(connection, site_id)
        _must_provision(person)
        number = await site_facts.drop_licence(connection, site_id, licence_id)
        if number is None:
            raise not_found()
        await people.audit(connection, person, "licence_struck", {"site": site_id, "number": number})


async def _must_see(connection: Connection, site_id: int) -> None:
    if await places.site(connection, site_id) is None:
        raise not_found()


def _must_provision(person: Person) -> None:
    if not person.may_provision:
        raise ProblemError(403, "role")


def licence(row: LicenceRow) -> model.Licence:
    """One licence as REST says it."""
    return model.Licence.model_validate({
        "id": row.id, "kind": row.kind, "number": row.number, "valid_until": row.valid_until, "days": row.days,
        "site": Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
    })  # fmt: skip


async def hours(connection: Connection, site_id: int) -> Schedule:
    """A site's opening hours."""
    return msgspec.json.decode(await site_facts.schedule(connection, site_id) or "{}", type=Schedule)


async def month(connection: Connection, site_id: int, timezone: str, now: datetime) -> list[Day]:
    """The last 30 days, the oldest first, today last."""
    counts = await site_facts.month(connection, site_id, timezone)
    today = now.astimezone(ZoneInfo(timezone)).date()
    return charted(counts, today)


def charted(counts: list[DayCount], today: date) -> list[Day]:
    """Every one of the 30 days up to today, with the bars of its classes stacked."""
    days = [today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    by_day = {day: sorted((each.severity, each.n) for each in counts if each.day == day) for day in days}
    highest = max((sum(n for _, n in classes) for classes in by_day.values()), default=0) or 1
    return [_day(day, classes, highest) for day, classes in by_day.items()]


def _day(day: date, classes: list[tuple[int, int]], highest: int) -> Day:
    bars, reached = list[tuple[int, float, float]](), 0
    for severity, n in classes:
        bars.append((severity, 100 * reached / highest, 100 * n / highest))
        reached += n
    return Day(day, reached, tuple(bars))
