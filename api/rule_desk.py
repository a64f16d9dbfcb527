"""What pages and REST do with rules: read them, change them, go back, try them first; audited, in one transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from api import rule_check, rule_view
from api.desk import Desk
from api.place_view import profile_of
from api.problem import ProblemError, not_found
from api.rule_model import CheckedRule, PreviewOrder, RuleDraft, RuleLine, RulePreview, RuleState, SaveOrder
from domain import replay, rule_text
from domain.alert import Role
from domain.derived import titled
from domain.permission import Permission
from domain.profile import FIGURES, SALE, Metric
from domain.rule import Rule
from store import people, previews, rules
from store.connection import Connection
from store.people import Person
from store.rules import Change


async def listed(at: Desk, person: Person) -> list[RuleLine]:
    """Every rule's current version, the gravest first."""
    _must_see(person)
    async with at.scoped(person) as connection:
        rows = await rules.in_place(connection)
    return sorted((rule_view.line(row) for row in rows), key=lambda line: (line.severity, line.code))


async def read(at: Desk, person: Person, code: str) -> RuleState:
    """One rule with its versions; 404 where there is none."""
    _must_see(person)
    async with at.scoped(person) as connection:
        return await _state(connection, person, code)


async def named(at: Desk, person: Person, profiles: Sequence[str]) -> list[Metric]:
    """What the names in a rule for those device profiles mean: their metrics, and what is derived from these."""
    async with at.scoped(person) as connection:
        texts = [text for code in profiles if (text := await rules.profile(connection, code)) is not None]
    own = [metric for text in texts for metric in profile_of(text).metrics]
    return [*own, *(each for metric in own for each in titled(metric)), *SALE, *FIGURES]


async def template(at: Desk, person: Person, like: str) -> str:
    """Another rule's document as the beginning of a new one, under a code of its own."""
    state = await read(at, person, like)
    return rule_text.write(msgspec.structs.replace(rule_text.read(state.draft.toml), code=f"{like[:60]}-2", version=1))


async def check(at: Desk, person: Person, draft: RuleDraft) -> CheckedRule:
    """The draft as document and as fields; 422 with fault and place where it is not sound."""
    _must_see(person)
    async with at.scoped(person) as connection:
        return rule_view.checked(await rule_check.read(connection, draft, await _base(connection, draft.code)))


async def add(at: Desk, person: Person, order: SaveOrder) -> RuleState:
    """A rule that is not there yet; 409 for a code that is taken."""
    async with at.scoped(person) as connection:
        await _must_govern(connection, person)
        wanted = await rule_check.read(connection, order, None)
        if await rules.history(connection, wanted.code):
            raise ProblemError(409, "code_taken", {"code": wanted.code})
        return await _save(connection, person, "rule_added", Change(wanted, 0, order.enabled, order.why))


async def save(at: Desk, person: Person, code: str, version: int, order: SaveOrder) -> RuleState:
    """The rule's next version; 409 when somebody else has changed it since `version`."""
    async with at.scoped(person) as connection:
        base = await _base(connection, code)
        await _must_govern(connection, person)
        wanted = await rule_check.read(connection, order, base)
        return await _save(connection, person, "rule_changed", Change(wanted, version, order.enabled, order.why))


async def restore(at: Desk, person: Person, code: str, version: int, to: tuple[int, str]) -> RuleState:
    """An earlier version again, as the next one; `to`: which, and why. 404 where there is none."""
    async with at.scoped(person) as connection:
        found = await rules.version(connection, code, to[0])
        if found is None:
            raise not_found()
        await _must_govern(connection, person)
        return await _save(connection, person, "rule_restored", Change(found, version, True, to[1], to[0]))


async def switch(at: Desk, person: Person, code: str, version: int, *, enabled: bool, why: str) -> RuleState:
    """The rule on or off, as its next version."""
    async with at.scoped(person) as connection:
        base = await _base(connection, code)
        await _must_govern(connection, person)
        assert base is not None
        action = "rule_on" if enabled else "rule_off"
        return await _save(connection, person, action, Change(base, version, enabled, why))


async def ask(at: Desk, person: Person, order: PreviewOrder) -> RulePreview:
    """Have the alerts process replay the draft over the last days, for the person's authority."""
    _must_see(person)
    if not person.may_configure:
        raise ProblemError(403, "may_not_configure")
    async with at.scoped(person) as connection:
        wanted = await rule_check.read(connection, order, await _base(connection, order.code))
        if replay.cannot(wanted) is not None:
            raise ProblemError(422, "rule_unpreviewable", texts=rule_view.cannot(wanted))
        now = datetime.now(UTC)
        identity = await previews.ask(connection, wanted, now - timedelta(days=order.days), now)
        return await _preview(connection, identity)


async def preview(at: Desk, person: Person, identity: UUID) -> RulePreview:
    """How far it is, or its answer; 404 where it is another authority's."""
    async with at.scoped(person) as connection:
        return await _preview(connection, identity)


async def governs(at: Desk, person: Person) -> bool:
    """Whether the person may change rules."""
    async with at.scoped(person) as connection:
        return person.may(Permission.RULE_EDIT) and await rules.governs(connection)


async def must_govern(at: Desk, person: Person) -> None:
    """Only who may change rules goes on; others are answered 403."""
    async with at.scoped(person) as connection:
        await _must_govern(connection, person)


def _must_see(person: Person) -> None:
    """Rules are the regulators'; of an operator's alerts the alert's page tells."""
    if person.role is Role.OPERATOR:
        raise ProblemError(403, "role")


async def _must_govern(connection: Connection, person: Person) -> None:
    _must_see(person)
    if not person.may(Permission.RULE_EDIT) or not await rules.governs(connection):
        raise ProblemError(403, "may_not_govern")


async def _base(connection: Connection, code: str | None) -> Rule | None:
    if code is None:
        return None
    row = next((row for row in await rules.history(connection, code) if row.current), None)
    if row is None:
        raise not_found()
    return rule_view.rule(row)


async def _save(connection: Connection, person: Person, action: str, change: Change) -> RuleState:
    made = await rules.save(connection, change)
    if made is None:
        raise ProblemError(409, "changed_meanwhile")
    detail = {"rule": change.rule.code, "version": made, "from": change.made_on, "why": change.why}
    await people.audit(connection, person, action, detail)
    return await _state(connection, person, change.rule.code)


async def _state(connection: Connection, person: Person, code: str) -> RuleState:
    rows = await rules.history(connection, code)
    if not any(row.current for row in rows):
        raise not_found()
    may_change = person.may(Permission.RULE_EDIT) and await rules.governs(connection)
    return rule_view.state(rows, may_change=may_change, may_preview=person.may_configure)


async def _preview(connection: Connection, identity: UUID) -> RulePreview:
    row = await previews.one(connection, identity)
    if row is None:
        raise not_found()
    profiles = rule_view.asked(row).profiles
    profile = await rules.profile(connection, profiles[0]) if profiles else None
    return rule_view.preview(row, profile)
