"""What pages and REST do to let devices in and out: register, import, claim, rotate, revoke; audited."""

from dataclasses import asdict
from typing import cast

from api import intake, problem, provision_words
from api import provision_model as model
from api.alert_model import Named, Names
from api.desk import Desk
from api.intake import Outcome
from api.language import Language
from api.problem import ProblemError, not_found
from api.vendor_desk import must_provision
from domain import claim_code, credential
from domain.topic import FOREIGN, ROOT
from store import people, places, provisioning
from store.connection import Connection
from store.people import Person
from store.provisioning import ClaimedDevice, ListedDevice, ProvisioningError, Result, Standing, Why

MOST_LINES = 2000  # of a list in the console; the command line takes more


async def access(connection: Connection, device_id: int) -> model.Access | None:
    """How a device is let in."""
    row = await provisioning.standing(connection, device_id)
    if row is None:
        return None
    return model.Access(
        profile=row.profile, vendor=row.vendor, serial=row.serial,
        state="revoked" if row.revoked else "own" if row.admitted else "behind",
        issued=row.issued, revoked=row.revoked,
    )  # fmt: skip


async def register(at: Desk, person: Person, site_id: int, wanted: model.NewDevice) -> model.Credential:
    """A new device of that site, and how it logs in."""
    async with at.scoped(person) as connection:
        site = await places.site(connection, site_id)
        if site is None:
            raise not_found()
        must_provision(person)
        names = (wanted.zh.strip(), wanted.en.strip())
        entry = ListedDevice(site.code, wanted.code, wanted.profile, *names, wanted.vendor, wanted.serial.strip())
        secret = None if wanted.behind else credential.generate()
        await _add(connection, entry, secret)
        await people.audit(connection, person, "device_registered", asdict(entry))
        return await _shown(at, connection, entry.site, entry.code, secret)


async def _add(connection: Connection, entry: ListedDevice, secret: str | None) -> None:
    try:
        result = await provisioning.list_device(
            connection, entry, None if secret is None else credential.protect(secret)
        )
        if result is not Result.ADDED:  # the password would be of no device
            raise ProvisioningError("there already", Why.CODE_TAKEN, code=entry.code)
    except provision_words.REFUSALS as error:
        raise provision_words.problem_of(error) from error


async def take_list(
    at: Desk, person: Person, written: bytes, spoken: Language, *, only_check: bool
) -> list[model.ListLine]:
    """Register a list line by line; with `only_check` all is undone again, and no password is shown."""
    must_provision(person)

    def say(error: Exception) -> str:
        return problem.sentence(provision_words.problem_of(error), spoken)

    try:
        lines = intake.read("CSV", written, MOST_LINES)
    except intake.IntakeError as error:
        raise provision_words.problem_of(error) from error
    async with at.scoped(person) as connection:
        async with connection.transaction(force_rollback=only_check):
            outcomes = await intake.take(connection, lines, say)
        if only_check:
            return [_line(one, secret=False) for one in outcomes]
        await people.audit(connection, person, "devices_imported", _counted(outcomes))
    return [_line(one) for one in outcomes]


def _counted(outcomes: list[Outcome]) -> dict[str, object]:
    """For the audit: the devices that came or changed, and how many lines were refused."""
    by = {result: [f"{one.site}/{one.code}" for one in outcomes if one.result == result] for result in Result}
    refused = sum(one.result == "refused" for one in outcomes)
    return {"added": by[Result.ADDED], "changed": by[Result.CHANGED], "refused": refused}


def _line(one: Outcome, *, secret: bool = True) -> model.ListLine:
    shown = asdict(one) | ({} if secret else {"password": ""})
    return model.ListLine.model_validate(shown)


async def label(at: Desk, person: Person, scanned: str) -> model.Label:
    """What a label that was not used yet stands for; few tries a minute."""
    must_provision(person)
    code = await _code(at, person, scanned)
    async with at.scoped(person) as connection:
        try:
            found = await provisioning.label(connection, code)
        except provision_words.REFUSALS as error:
            raise provision_words.problem_of(error) from error
    await at.codes.forgive(_tries(person))
    return model.Label(code=code, vendor=found.vendor, profile=found.profile, serial=found.serial)


async def _code(at: Desk, person: Person, scanned: str) -> str:
    if await at.codes.attempt(_tries(person)):
        raise ProblemError(429, "too_many_logins", {"minutes": 1}, {"retry-after": "60"})
    try:
        return claim_code.read(scanned)
    except claim_code.BadClaimCodeError as error:
        raise provision_words.problem_of(error) from error


def _tries(person: Person) -> str:
    return f"claim {person.id}"


async def claim(at: Desk, person: Person, wanted: model.Claim) -> model.Credential:
    """Register the device that a label stands for at a site of the person's; the label is used up."""
    must_provision(person)
    code, secret = await _code(at, person, wanted.label), credential.generate()
    names = (wanted.zh.strip(), wanted.en.strip())
    entry = ClaimedDevice(wanted.site, wanted.code, *names, credential=credential.protect(secret))
    async with at.scoped(person) as connection:
        try:
            found = await provisioning.claim(connection, code, entry)
        except provision_words.REFUSALS as error:
            raise provision_words.problem_of(error) from error
        detail = {"site": entry.site, "code": entry.code, "vendor": found.vendor, "serial": found.serial}
        await people.audit(connection, person, "device_claimed", {**detail, "profile": found.profile})
        made = await _shown(at, connection, entry.site, entry.code, secret)
    await at.codes.forgive(_tries(person))
    return made


async def rotate(at: Desk, person: Person, device_id: int) -> model.Credential:
    """A new secret; the old one ends its connection within seconds. A revoked device is let in again by it."""
    async with at.scoped(person) as connection:
        row = await _standing(connection, device_id)
        must_provision(person)
        secret = credential.generate()
        await provisioning.readmit(connection, row.site, row.code, credential.protect(secret))
        action = "device_readmitted" if row.revoked else "device_rotated"
        await people.audit(connection, person, action, {"site": row.site, "code": row.code})
        return await _shown(at, connection, row.site, row.code, secret)


async def revoke(at: Desk, person: Person, device_id: int) -> model.Access:
    """Nobody may speak for it any more: its connection ends within seconds."""
    async with at.scoped(person) as connection:
        row = await _standing(connection, device_id)
        must_provision(person)
        await provisioning.revoke(connection, row.site, row.code)
        await people.audit(connection, person, "device_revoked", {"site": row.site, "code": row.code})
        return cast(model.Access, await access(connection, device_id))


async def _standing(connection: Connection, device_id: int) -> Standing:
    row = await provisioning.standing(connection, device_id)
    if row is None:
        raise not_found()
    return row


async def _shown(at: Desk, connection: Connection, site: str, code: str, secret: str | None) -> model.Credential:
    device = await places.device_by_code(connection, site, code)
    assert device is not None  # it was written in this transaction
    return model.Credential(
        device=Named(id=device.id, code=code, zh=device.zh, en=device.en),
        site=Names(zh=device.site_zh, en=device.site_en),
        user=None if secret is None else credential.device_user(site, code),
        password=secret,
        topic=f"{ROOT}/{site}/{code}/telemetry",
        foreign_topic=f"{FOREIGN}/{site}/{code}/",
        mqtt_url=at.config.edge_mqtt_url,
    )


def report(lines: list[model.ListLine]) -> str:
    """The lines as CSV, as the command line writes them."""
    return intake.report(Outcome(**line.model_dump()) for line in lines)
