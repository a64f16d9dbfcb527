"""What pages and REST do with a camera's configuration: read it, change it, go back; audited, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors
from pydantic import TypeAdapter

from api import camera_address, camera_check, camera_diff
from api.alert_model import Named
from api.camera_model import Applied, CameraSettings, CameraState, Hours, NewCamera, Revision, State, ZoneSettings
from api.desk import Desk
from api.problem import FieldFault, ProblemError, not_found
from domain.camera import Mode
from store import configuration, people, places
from store.configuration import CameraRow, RevisionRow, Settings
from store.connection import Connection
from store.people import Person

_zones: TypeAdapter[list[ZoneSettings]] = TypeAdapter(list[ZoneSettings])
PAGE = 50


async def read(at: Desk, person: Person, camera_id: int) -> CameraState:
    """One camera's configuration; 404 where it is not the person's to see."""
    async with at.scoped(person) as connection:
        return _state(await _row(connection, camera_id), person)


async def change(at: Desk, person: Person, camera_id: int, version: int, wanted: CameraSettings) -> CameraState:
    """Make the camera so; 409 when somebody else has changed it since `version`."""
    async with at.scoped(person) as connection:
        row = await _mine(connection, person, camera_id)
        with _published(wanted):
            done = await configuration.change(connection, camera_id, version, _settings(wanted, row))
        return await _after(connection, person, camera_id, "camera_changed", done=done)


async def add(at: Desk, person: Person, site_id: int, wanted: NewCamera) -> CameraState:
    """A new camera at a site; 404 for a site or edge that is not the person's, 409 for a code that is taken."""
    async with at.scoped(person) as connection:
        if await places.site(connection, site_id) is None:
            raise not_found()
        must_configure(person)
        settings = _settings(wanted, None)
        try:
            with _published(wanted):
                made = await configuration.add(connection, site_id, wanted.edge_id, wanted.code, settings)
        except errors.UniqueViolation as error:
            raise ProblemError(409, "code_taken", {"code": wanted.code}) from error
        if made is None:
            raise not_found()
        return await _after(connection, person, made, "camera_added", done=True)


async def remove(at: Desk, person: Person, camera_id: int, version: int) -> CameraState:
    """Have the camera watched no more; what it has seen stays."""
    async with at.scoped(person) as connection:
        await _mine(connection, person, camera_id)
        done = await configuration.remove(connection, camera_id, version)
        return await _after(connection, person, camera_id, "camera_removed", done=done)


async def renew_view(at: Desk, person: Person, camera_id: int, version: int) -> CameraState:
    """What the camera shows next is its view."""
    async with at.scoped(person) as connection:
        await _mine(connection, person, camera_id)
        done = await configuration.renew_view(connection, camera_id, version)
        return await _after(connection, person, camera_id, "camera_view_renewed", done=done)


async def restore(at: Desk, person: Person, camera_id: int, version: int, wanted: int) -> CameraState:
    """Go back to an earlier version; 404 where there is none."""
    async with at.scoped(person) as connection:
        await _mine(connection, person, camera_id)
        found = await configuration.revisions(connection, camera_id, wanted, 1)
        if not found or found[0].version != wanted:
            raise not_found()
        done = await configuration.restore(connection, camera_id, version, wanted)
        return await _after(connection, person, camera_id, "camera_restored", done=done)


async def revisions(at: Desk, person: Person, camera_id: int, before: int, limit: int = PAGE) -> list[Revision]:
    """A camera's versions up to `before`, the newest first, and what each has changed."""
    async with at.scoped(person) as connection:
        await _row(connection, camera_id)
        rows = await configuration.revisions(connection, camera_id, before, limit + 1)
    bodies = [camera_diff.read(row.body) for row in rows]
    earlier = [*bodies[1:], None]
    return [_revision(row, old, new) for row, old, new in zip(rows, earlier, bodies, strict=False)][:limit]


def must_configure(person: Person) -> None:
    """Only who may configure goes on; others are answered 403."""
    if not person.may_configure:
        raise ProblemError(403, "may_not_configure")


@contextmanager
def _published(wanted: CameraSettings) -> Iterator[None]:
    """A model that was never published is refused."""
    try:
        yield
    except errors.ForeignKeyViolation as error:
        fault = FieldFault(place="body.model", fault="model_unknown")
        raise ProblemError(422, "model_unknown", {"model": wanted.model}, faults=(fault,)) from error


async def _row(connection: Connection, camera_id: int) -> CameraRow:
    row = await configuration.camera(connection, camera_id)
    if row is None:
        raise not_found()
    return row


async def _mine(connection: Connection, person: Person, camera_id: int) -> CameraRow:
    row = await _row(connection, camera_id)
    must_configure(person)
    return row


async def _after(connection: Connection, person: Person, camera_id: int, action: str, *, done: bool) -> CameraState:
    """The camera as it is now, with the change on record; 409 where nothing was changed."""
    row = await _row(connection, camera_id)
    if not done:
        raise ProblemError(409, "camera_removed" if row.removed else "changed_meanwhile")
    await people.audit(connection, person, action, {"camera": row.code, "version": row.version})
    return _state(row, person)


def _settings(wanted: CameraSettings, row: CameraRow | None) -> Settings:
    if row is None:
        assert wanted.source is not None
        url: str | None = camera_address.url_of(wanted.source)
    else:
        url = camera_address.changed_url(wanted.source, row.address, row.login) if wanted.source else None
    return Settings(
        zh=wanted.zh,
        en=wanted.en,
        url=url,
        zones=camera_check.zones(wanted),
        schedule=camera_check.schedule(wanted.schedule),
        turns=wanted.turns,
        replay=wanted.replay,
        mode=wanted.mode,
        weight=wanted.weight,
        model=wanted.model,
    )


def _state(row: CameraRow, person: Person) -> CameraState:
    return CameraState(
        id=row.id,
        code=row.code,
        zh=row.zh,
        en=row.en,
        site=Named(id=row.site_id, code=row.site_code, zh=row.site_zh, en=row.site_en),
        version=row.version,
        removed=row.removed,
        health=row.health,
        address=row.address,
        login=row.login,
        zones=_zones.validate_json(row.zones),
        schedule=None if row.schedule is None else Hours.model_validate_json(row.schedule),
        site_schedule=Hours.model_validate_json(row.site_schedule),
        view=row.view,
        turns=row.turns,
        replay=row.replay,
        mode=Mode(row.mode),
        weight=row.weight,
        model=row.model,
        applied=_applied(row),
        may_change=person.may_configure and row.address is not None,
    )


def _applied(row: CameraRow) -> Applied:
    return Applied(
        state=_how(row),
        version=row.edge_version,
        followed=row.applied,
        at=row.applied_at,
        why=row.refused,
        edge=row.edge,
        online=row.online,
    )


def _how(row: CameraRow) -> State:
    if row.removed is not None:
        return "removed"
    if row.applied is None or row.applied < row.edge_version:
        return "waiting"
    return "refused" if row.refused else "applied"


def _revision(row: RevisionRow, old: camera_diff.Body | None, new: camera_diff.Body) -> Revision:
    return Revision(
        version=row.version,
        at=row.at,
        person=row.person,
        restores=row.restores,
        changes=camera_diff.changes(old, new),
    )
