"""What a rule would have raised over time that has passed, beside what was raised: a preview's answer (ADR 30)."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.rule import Rule, RuleKind

MOST_DAYS = 90  # readings are kept so long
MOST_SHOWN = 500  # alerts in one answer; all are counted

# What cannot be replayed, and why: a key of the texts, and the sentence for the command line.
CANNOT = {
    RuleKind.FIGURE: "figures, and the scenes beside them, are looked at as they are now: what they were is not kept",
    RuleKind.SILENCE: "silence is judged by when a device was heard last, of which no history is kept",
    RuleKind.EDGE: "of an edge's disk only the newest state is kept",
    RuleKind.OUTAGE: "silence is judged by when a device was heard last, of which no history is kept",
}
# What a replay takes into account. A rule that says more would be replayed as another rule: it is not replayed.
HONOURED = frozenset({
    *("code", "version", "kind", "zh", "en", "severity", "source", "profiles", "predicate", "for_s", "codes"),
    *("scene", "label", "deadline_s", "recheck_s"),
})  # fmt: skip


class Verdict(StrEnum):
    """How a replayed alert stands to what was raised."""

    NEW = "new"  # was not raised
    SAME = "same"
    GONE = "gone"  # was raised, and would not be any more


class Limit(StrEnum):
    """Why a replay did not look at everything."""

    NONE = ""
    ROWS = "rows"
    TIME = "time"


class Place(msgspec.Struct, frozen=True):
    """Whom an alert is about, by names."""

    site_zh: str
    site_en: str
    zh: str
    en: str
    device: int | None = None
    camera: int | None = None
    zone: str = ""


class Spell(msgspec.Struct, frozen=True):
    """One alert. `end` None: it still goes on. `times`: how often the condition began in it. `peak`: the value furthest
    beyond the predicate's limit. `alert`: the one that was raised.
    """

    place: Place
    begin: datetime
    end: datetime | None
    why: str
    verdict: Verdict
    times: int = 1
    peak: float | None = None
    alert: int | None = None


class Replayed(msgspec.Struct, frozen=True):
    """The whole answer: counts of all, the spells themselves up to MOST_SHOWN, new and gone ones first."""

    new: int
    same: int
    gone: int
    spells: tuple[Spell, ...]
    subjects: int
    looked: int  # subjects that were looked at; fewer than `subjects` when a limit was met
    rows: int
    limit: Limit = Limit.NONE


def beyond(rule: Rule) -> list[str]:
    """The fields of the rule that a replay does not take into account."""
    fields = (field for field in msgspec.structs.fields(rule) if field.name not in HONOURED)
    return [field.name for field in fields if field.required or getattr(rule, field.name) != field.default]


def cannot(rule: Rule) -> str | None:
    """Why the rule cannot be replayed, as a sentence; None where it can."""
    if rule.kind in CANNOT:
        return CANNOT[rule.kind]
    fields = beyond(rule)
    return f"{', '.join(fields)} cannot be replayed yet" if fields else None
