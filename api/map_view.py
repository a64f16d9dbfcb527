"""How places stand, as REST's models: points of the map, and the table along the regulators' tree."""

from collections.abc import Sequence

from api import map_model as model
from domain.standing import Standing, rolled_up
from store.standing import AuthorityName, SiteStanding


def counted(standing: Standing) -> model.Standing:
    """Counts with their share of deadlines kept."""
    return model.Standing(
        sites=standing.sites, classes=standing.classes, overdue=standing.overdue, on_time=standing.on_time,
        cameras=standing.cameras, cameras_ok=standing.cameras_ok, devices=standing.devices,
        devices_online=standing.devices_online,
    )  # fmt: skip


def point(row: SiteStanding) -> model.MapSite:
    """One site of the map."""
    standing = row.standing
    return model.MapSite(
        id=row.id, code=row.code, zh=row.zh, en=row.en, kind=row.kind, longitude=row.longitude, latitude=row.latitude,
        worst=standing.worst, alerts=sum(standing.classes), overdue=standing.overdue,
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
        standing = counted(sums.get(each.path, Standing()))
        return model.AuthorityStanding(path=each.path, zh=each.zh, en=each.en, standing=standing)

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
