"""What pages and REST do with vendors and profiles: list, change, check a file, install it; audited."""

import msgspec
from anyio import to_thread

from api import profile_diff, provision_words
from api import provision_model as model
from api.camera_desk import must_configure
from api.desk import Desk
from api.place_view import profile_of
from api.problem import FieldFault, ProblemError, not_found
from domain import code as codes
from domain import profile, profile_place
from domain.alert import Role
from domain.mapping import VectorResult
from domain.permission import Permission
from domain.profile import BadProfileError, DeviceProfile
from store import people, profiles, provisioning
from store.connection import Connection
from store.people import Person
from store.profiles import InstalledVersion, ProfileLine


def must_provision(person: Person) -> None:
    """Only an admin who may configure goes on; others are answered 403."""
    if not person.may(Permission.DEVICE_PROVISION):
        raise ProblemError(403, "role" if person.role is not Role.ADMIN else "may_not_configure")
    must_configure(person)


async def must_have_everything(connection: Connection) -> None:
    """Vendors and profiles are everybody's: who has a part of the tree only is answered 403."""
    if not await people.has_everything(connection):
        raise ProblemError(403, "not_whole")


async def vendors(at: Desk, person: Person) -> list[model.Vendor]:
    """All vendors."""
    must_provision(person)
    async with at.scoped(person) as connection:
        return [_vendor(row) for row in await provisioning.vendors(connection)]


async def vendor(at: Desk, person: Person, code: str) -> model.Vendor:
    """One vendor; 404 without."""
    must_provision(person)
    async with at.scoped(person) as connection:
        row = await provisioning.vendor(connection, code)
    if row is None:
        raise not_found()
    return _vendor(row)


def _vendor(row: provisioning.VendorLine) -> model.Vendor:
    return model.Vendor.model_validate(row, from_attributes=True)


async def put_vendor(at: Desk, person: Person, code: str, known: model.VendorNames) -> model.Vendor:
    """Add a vendor, or change what is known of it."""
    must_provision(person)
    try:
        codes.check(code)
    except codes.BadCodeError as error:
        raise provision_words.problem_of(error) from error
    async with at.scoped(person) as connection:
        await must_have_everything(connection)
        await provisioning.put_vendor(connection, code, known.zh.strip(), known.en.strip(), known.contact.strip())
        await people.audit(connection, person, "vendor_put", {"vendor": code, **known.model_dump()})
    return await vendor(at, person, code)


async def summaries(at: Desk, person: Person, vendor: str = "") -> list[model.ProfileSummary]:
    """All profiles, or a vendor's."""
    must_provision(person)
    async with at.scoped(person) as connection:
        rows = await profiles.lines(connection)
    return [_summary(row) for row in rows if not vendor or row.vendor == vendor]


def _summary(row: ProfileLine) -> model.ProfileSummary:
    return model.ProfileSummary.model_validate(row, from_attributes=True)


async def one(at: Desk, person: Person, code: str) -> model.Profile:
    """One profile in the version that is in use, with what its vectors come to."""
    must_provision(person)
    async with at.scoped(person) as connection:
        found = next((row for row in await profiles.lines(connection) if row.code == code), None)
        whole = next((each for each in await profiles.read(connection) if each.code == code), None)
    if found is None or whole is None:
        raise not_found()
    return _whole(whole, _summary(found), await _vectors(at, whole))


async def versions(at: Desk, person: Person, code: str) -> list[model.ProfileVersion]:
    """The versions from the newest on, each with its difference to the one before."""
    must_provision(person)
    async with at.scoped(person) as connection:
        rows = await profiles.versions(connection, code)
    if not rows:
        raise not_found()
    bodies = [profile_of(row.body) for row in rows]
    return [_version(*each) for each in zip(rows, [*bodies[1:], None], bodies, strict=True)]


def _version(row: InstalledVersion, before: DeviceProfile | None, after: DeviceProfile) -> model.ProfileVersion:
    installed = row.installed if row.installed.year > 1970 else None
    return model.ProfileVersion(version=row.version, installed=installed, changes=profile_diff.changes(before, after))


async def check(at: Desk, person: Person, text: str) -> model.ProfileCheck:
    """Read a file as if to install it; 422 with each fault and its place, 409 for a version that is not higher."""
    must_provision(person)
    async with at.scoped(person) as connection:
        read, former, results = await _read(at, connection, text)
        owner = await profiles.of_vendor(connection, read.code)
    summary = model.ProfileSummary(
        code=read.code, version=read.version, kind=read.kind, zh=read.zh, en=read.en, vendor=owner or "", devices=0
    )
    return model.ProfileCheck(
        profile=_whole(read, summary, results),
        installed=former.version if former else None,
        changes=profile_diff.changes(former, read),
    )


async def install(at: Desk, person: Person, text: str, vendor: str) -> model.Profile:
    """Put a file to use; ingest takes it within seconds."""
    must_provision(person)
    async with at.scoped(person) as connection:
        await must_have_everything(connection)
        read, former, _ = await _read(at, connection, text)
        try:
            await profiles.install_vendors(connection, read, vendor or None)
        except provision_words.REFUSALS as error:
            raise provision_words.problem_of(error) from error
        before = former.version if former else None
        detail = {"profile": read.code, "version": read.version, "before": before, "vendor": vendor}
        await people.audit(connection, person, "profile_installed", detail)
    return await one(at, person, read.code)


async def _read(
    at: Desk, connection: Connection, text: str
) -> tuple[DeviceProfile, DeviceProfile | None, tuple[VectorResult, ...]]:
    """The file's profile, the one that is in use under its code, and what its vectors come to."""
    known = {each.code: each for each in await profiles.read(connection)}
    try:
        read = profile.parse(text, known)
    except BadProfileError as error:
        raise ProblemError(422, "profile", faults=(_fault(text, str(error)),)) from error
    former = known.get(read.code)
    if former is not None and read.version <= former.version and read != former:
        raise ProblemError(409, "profile_version", {"version": former.version})
    results = await _vectors(at, read)
    faults = [f"vector {result.name!r}: {fault}" for result in results for fault in result.faults]
    if faults:
        raise ProblemError(422, "profile_vectors", faults=tuple(_fault(text, fault) for fault in faults[:50]))
    return read, former, results


async def _vectors(at: Desk, read: DeviceProfile) -> tuple[VectorResult, ...]:
    if at.config.judge is None:
        raise ProblemError(503, "no_judge")
    return await to_thread.run_sync(at.config.judge, read)


def _fault(text: str, fault: str) -> FieldFault:
    line = profile_place.line_of(text, fault)
    return FieldFault(place="" if line is None else str(line), fault=fault[:500])


def _whole(read: DeviceProfile, summary: model.ProfileSummary, results: tuple[VectorResult, ...]) -> model.Profile:
    return model.Profile(
        **summary.model_dump(),
        source=read.source,
        base=read.base,
        silence_s=read.silence_s,
        metrics=[model.Metric.model_validate(each) for each in msgspec.to_builtins(read.metrics)],
        events=[model.EventCode.model_validate(each) for each in msgspec.to_builtins(read.events)],
        topics=[f"{mapping.topic} → {mapping.gives}" for mapping in read.mapping],
        sparkplug=read.sparkplug is not None,
        vectors=[model.VectorResult(name=each.name, faults=list(each.faults)) for each in results],
    )
