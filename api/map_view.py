"""How places stand, as REST's models: points of the map, and the table along the regulators' tree."""

from collections.abc import Sequence

from api import map_model as model
from domain.risk import Band
from domain.standing import Standing, rolled_up
from store import risk, standing
from store.connection import Connection
from store.standing import AuthorityName, SiteStanding


def counted(how: Standing) -> model.Standing:
    """Counts with their share of deadlines kept."""
    return model.Standing(
        sites=how.sites, classes=how.classes, overdue=how.overdue, on_time=how.on_time,
        cameras=how.cameras, cameras_ok=how.cameras_ok, devices=how.devices,
        devices_online=how.devices_online,
    )  # fmt: skip


async def points(connection: Connection) -> list[model.MapSite]:
    """Every site that the person may see."""
    rows, day = await standing.sites(connection), await risk.whole_day(connection)
    weights = None if day is None else await risk.weights(connection, day.weights)
    if day is None or weights is None:
        return [point(row) for row in rows]
    bands = {site: weights.band(score) for site, score in (await risk.of_sites(connection, day.day)).items()}
    return [point(row, bands.get(row.id)) for row in rows]


def point(row: SiteStanding, band: Band | None = None) -> model.MapSite:
    """One site of the map."""
    how = row.standing
    return model.MapSite(
        id=row.id, code=row.code, zh=row.zh, en=row.en, kind=row.kind, longitude=row.longitude, latitude=row.latitude,
        worst=how.worst, alerts=sum(how.classes), overdue=how.overdue, band=band,
    )  # fmt: skip


def table(names: Sequence[AuthorityName], rows: Sequence[SiteStanding], at: str | None) -> model.Rollup | None:
    """The authority `at` (None: the reader's own) with what is below; None where the reader sees no such one."""
    known = {each.path: each for each in names}
    if not known:
        return None
    here = known.get(min(known, key=_depth) if at is None else at)
    if here is None:
        return None
    sums = rolled_up((row.authority, row.standing) for row in rows)

    def line(each: AuthorityName) -> model.AuthorityStanding:
        whole = counted(sums.get(each.path, Standing()))
        return model.AuthorityStanding(path=each.path, zh=each.zh, en=each.en, standing=whole)

    above = [each for each in names if here.path.startswith(f"{each.path}.")]
    below = [each for each in names if each.path.rpartition(".")[0] == here.path]
    return model.Rollup(
        above=[line(each) for each in above],
        here=line(here),
        below=[line(each) for each in below],
        sites=[_site(row) for row in rows if row.authority == here.path],
    )


def _depth(path: str) -> int:
    return path.count(".")


def _site(row: SiteStanding) -> model.SiteStanding:
    return model.SiteStanding(id=row.id, code=row.code, zh=row.zh, en=row.en, standing=counted(row.standing))
