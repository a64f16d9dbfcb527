"""Whether a draft of a rule can be in force: its document or fields read, its names known to the device profiles."""

from collections.abc import Sequence

import msgspec

from api import language
from api.language import Language
from api.problem import FieldFault, ProblemError
from api.rule_model import RuleDraft, RuleFields
from domain import predicate, rule_text
from domain.profile import SALE
from domain.rule import Rule, RuleKind
from domain.rule_text import Fault, FaultKind, FaultyRuleError
from store import rules
from store.connection import Connection

_SALE = frozenset(metric.name for metric in SALE)


async def read(connection: Connection, draft: RuleDraft, base: Rule | None) -> Rule:
    """The rule that is wanted; raises ProblemError 422 that names fault and place."""
    if draft.toml is None and base is None:
        raise ProblemError(422, "rule_draft")
    try:
        text = draft.toml if draft.toml is not None or base is None else rule_text.write(base)
        assert text is not None
        wanted = rule_text.read(text, base)
        if draft.fields is not None:
            text = rule_text.write(_filled(draft.fields, wanted))
            wanted = rule_text.read(text, base)
        fault = await _stranger(connection, text, wanted, base)
    except FaultyRuleError as error:
        fault = error.fault
    if fault is not None:
        raise refused(fault)
    return wanted


def _filled(fields: RuleFields, base: Rule) -> Rule:
    given = {name: value for name in fields.model_fields_set if (value := getattr(fields, name)) is not None}
    numbers = given.pop("numbers", None)
    if numbers is not None:
        try:
            given["predicate"] = rule_text.with_numbers(base.predicate, numbers)
        except ValueError:
            raise ProblemError(422, "rule_numbers") from None
    if given.get("deadline_s") == 0:
        given["deadline_s"] = None
    return msgspec.structs.replace(base, **given)


async def _stranger(connection: Connection, text: str, wanted: Rule, base: Rule | None) -> Fault | None:
    """A name that no device profile in scope has. What the version before had already is left alone."""
    if wanted.kind not in (RuleKind.THRESHOLD, RuleKind.TRANSACTION, RuleKind.EVENT):
        return None
    known = await rules.vocabulary(connection)
    profiles = {one.code for one in known} | {one.base for one in known if one.base}
    for code in set(wanted.profiles) - set(base.profiles if base else ()):
        if code not in profiles:
            return rule_text.at_field(text, Fault(FaultKind.PROFILE, code, "profiles"))
    scoped = [one for one in known if not wanted.profiles or {one.code, one.base} & set(wanted.profiles)]
    if wanted.kind is RuleKind.EVENT:
        return _strange_event(text, wanted, base, {code for one in scoped for code in one.events})
    if base is not None and wanted.predicate == base.predicate:
        return None
    tables = [_SALE] if wanted.kind is RuleKind.TRANSACTION else [frozenset(one.metrics) for one in scoped]
    return _strange_metric(text, wanted.predicate, tables)


def _strange_event(text: str, wanted: Rule, base: Rule | None, codes: set[str]) -> Fault | None:
    for code in wanted.codes:
        if code not in codes and code not in (base.codes if base else ()):
            return rule_text.at_field(text, Fault(FaultKind.EVENT, code, "codes"))
    return None


def _strange_metric(text: str, predicted: str, tables: Sequence[frozenset[str]]) -> Fault | None:
    """A name that is missing in the table that has the most of them."""
    names = predicate.parse(predicted).in_order
    missing = min(([name for name in names if not _known(name, table)] for table in tables), key=len, default=names)
    return rule_text.in_predicate(text, FaultKind.METRIC, missing[0], missing[0]) if missing else None


def _known(name: str, table: frozenset[str]) -> bool:
    """A metric, or what is derived from one: such a name begins with the metric's."""
    return name in table or any(name.startswith(f"{metric}_") for metric in table)


def refused(fault: Fault) -> ProblemError:
    """The fault as a problem: 422, with its place."""
    texts = {spoken.value: _sentence(fault, spoken) for spoken in Language}
    place = f"rule.{fault.field}" if fault.field else "rule"
    named = FieldFault(place=place, fault=fault.detail, line=fault.line, column=fault.column, position=fault.position)
    return ProblemError(422, "rule_fault", faults=(named,), texts=texts)


def _sentence(fault: Fault, spoken: Language) -> str:
    field = language.table(spoken).get(f"rule_field.{fault.field}", fault.field)
    what = language.text(spoken, f"rule_fault.{fault.kind}", field=field, detail=fault.detail)
    if fault.position is not None:
        return language.text(spoken, "rule_fault.in_predicate", position=fault.position, line=fault.line, what=what)
    return language.text(spoken, "rule_fault.at", line=fault.line, column=fault.column, what=what)
