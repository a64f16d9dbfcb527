"""Rows of rules, of their versions and of their previews, as REST and pages show them."""

from collections.abc import Sequence

import msgspec

from api import language, rule_diff
from api.alert_model import Names
from api.language import Language
from api.rule_model import (
    CheckedRule,
    PreviewedAlert,
    PreviewedPlace,
    RuleLine,
    RulePreview,
    RuleState,
    RuleVersion,
    Threshold,
)
from domain import reason, replay, rule_text
from domain.profile import DeviceProfile
from domain.reason import Glossary
from domain.replay import Limit, Replayed, Spell
from domain.rule import Rule
from store.previews import PreviewRow
from store.rules import VersionRow


def rule(row: VersionRow) -> Rule:
    """The rule of that version."""
    return msgspec.json.decode(row.body, type=Rule)


def line(row: VersionRow) -> RuleLine:
    """A current version in the list."""
    found = rule(row)
    return RuleLine(
        code=row.code,
        zh=found.zh,
        en=found.en,
        kind=found.kind,
        severity=found.severity,
        profiles=list(found.profiles),
        predicate=found.predicate,
        version=row.version,
        enabled=row.enabled,
        at=row.at,
        person=row.person,
        why=row.why,
        offered=row.offered,
    )


def state(rows: Sequence[VersionRow], *, may_change: bool, may_preview: bool) -> RuleState:
    """A rule out of all its versions, the newest first; one of them is current."""
    row = next(row for row in rows if row.current)
    found = rule(row)
    return RuleState(
        **line(row).model_dump(),
        draft=checked(found),
        source=found.source,
        versions=[_version(one, _before(one, rows)) for one in rows],
        may_change=may_change,
        may_preview=may_preview,
    )


def _before(row: VersionRow, rows: Sequence[VersionRow]) -> VersionRow | None:
    """What people started from; of the product's file, its version before."""
    earlier = [one for one in rows if one.version < row.version]
    if row.shipped is not None:
        return next((one for one in earlier if one.shipped is not None), None)
    return next((one for one in earlier if one.version == row.made_on), None)


def _version(row: VersionRow, before: VersionRow | None) -> RuleVersion:
    found = rule(row)
    was_on, old = (None, None) if before is None else (before.enabled, rule(before))
    return RuleVersion(
        version=row.version,
        at=row.at,
        person=row.person,
        why=row.why,
        enabled=row.enabled,
        current=row.current,
        shipped=row.shipped,
        restores=row.restores,
        changes=rule_diff.changes(old, found, was_on=was_on, is_on=row.enabled),
        toml=rule_text.write(found),
    )


def checked(found: Rule) -> CheckedRule:
    """A sound rule as document and as fields."""
    can = replay.cannot(found) is None
    return CheckedRule(
        toml=rule_text.write(found),
        zh=found.zh,
        en=found.en,
        severity=found.severity,
        numbers=[Threshold(label=one.label, value=one.value) for one in rule_text.numbers(found.predicate)],
        for_s=found.for_s,
        recheck_s=found.recheck_s,
        deadline_s=found.deadline_s,
        previewable=can,
        unpreviewable=None if can else Names(**cannot(found)),
    )


def cannot(found: Rule) -> dict[str, str]:
    """Why the rule cannot be replayed, by language."""
    beyond = ", ".join(replay.beyond(found))
    key = found.kind.value if found.kind in replay.CANNOT else "fields"
    return {spoken.value: language.text(spoken, f"rule_cannot.{key}", fields=beyond) for spoken in Language}


def _both(key: str) -> dict[str, str]:
    return {spoken.value: language.text(spoken, key) for spoken in Language}


def asked(row: PreviewRow) -> Rule:
    """The rule that a preview is of."""
    return msgspec.json.decode(row.body, type=Rule)


def preview(row: PreviewRow, profile: str | None) -> RulePreview:
    """A preview; `profile`: JSON text of the device profile whose words its reasons use."""
    found = None if row.answer is None else msgspec.json.decode(row.answer, type=Replayed)
    known = Glossary(
        asked(row).predicate or None, None if profile is None else msgspec.json.decode(profile, type=DeviceProfile)
    )
    told = {"id": row.id, "code": row.code, "state": row.state, "begin": row.begins, "end": row.ends}
    return RulePreview.model_validate(told | (_progress(row) if found is None else _answer(found, known)))


def _progress(row: PreviewRow) -> dict[str, object]:
    return {"done": row.done, "total": row.total, "rows": row.rows, "why": _why(row.why)}


def _why(why: str) -> Names | None:
    if not why:
        return None
    return Names(**_both("rule_limit.crashed")) if why == "crashed" else Names(zh=why, en=why)


def _answer(found: Replayed, known: Glossary) -> dict[str, object]:
    return {
        **{"new": found.new, "same": found.same, "gone": found.gone, "limit": found.limit},
        **{"done": found.looked, "total": found.subjects, "rows": found.rows},
        "why": None if found.limit is Limit.NONE else Names(**_both(f"rule_limit.{found.limit}")),
        "alerts": [_alert(spell, known) for spell in found.spells],
    }


def _alert(spell: Spell, known: Glossary) -> PreviewedAlert:
    place = spell.place
    return PreviewedAlert(
        verdict=spell.verdict,
        place=PreviewedPlace(
            site=Names(zh=place.site_zh, en=place.site_en),
            subject=Names(zh=place.zh, en=place.en),
            device=place.device,
            camera=place.camera,
            zone=place.zone,
        ),
        begin=spell.begin,
        end=spell.end,
        times=spell.times,
        peak=spell.peak,
        wording=Names(zh=reason.wording(spell.why, "zh", known), en=reason.wording(spell.why, "en", known)),
        alert=spell.alert,
    )
