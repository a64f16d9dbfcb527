"""Rules: what turns readings, events, silence and scene events into an alert. Versioned data (DESIGN)."""

from enum import StrEnum

import msgspec

from domain import predicate
from domain.code import Code
from domain.scene import Scene, SubLabel
from domain.severity import Severity

APPEAL_S = 72 * 3600.0  # ours: three days


class RuleKind(StrEnum):
    """Where a rule takes its truth from."""

    THRESHOLD = "threshold"  # a predicate over a device's metrics, true for `for_s`
    EVENT = "event"  # a device event with one of `codes` began
    TRANSACTION = "transaction"  # a predicate over one transaction's fields
    SILENCE = "silence"  # nothing heard from a device for its profile's silence_s
    SCENE = "scene"  # an edge reported a scene event
    HEALTH = "health"  # an edge reported a camera in one of `codes`
    EDGE = "edge"  # an edge reported its own disk in one of `codes`


class BadRuleError(ValueError):
    """A rule has what its kind needs: threshold and transaction a predicate; the rest codes or a scene."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. Times in seconds. Text templates are for the push: {site}, {subject} and the samples' names."""

    code: Code
    version: int
    kind: RuleKind
    zh: str
    en: str
    severity: Severity
    source: str  # the standard's clause, or "ours"
    profiles: tuple[Code, ...] = ()  # device profiles in scope; empty: all that have the metrics
    predicate: str = ""
    for_s: float = 0.0
    codes: tuple[str, ...] = ()
    scene: Scene | None = None
    label: SubLabel = SubLabel.NONE  # the scene's events of this sub-label; without one, of all that have no rule
    deadline_s: float | None = None  # None: the severity's own (DOMAIN §6)
    recheck_s: float = 0.0  # the condition must have been clear for so long before closing
    appeal_s: float = APPEAL_S  # the regulator must have answered an appeal by then
    machine_share: float = 0.0  # of its class III alerts, closed by the machine's re-check alone; the rest by humans
    draw_seed: str = ""  # what the draw of that share can be repeated by

    @property
    def needs_predicate(self) -> bool:
        return self.kind in (RuleKind.THRESHOLD, RuleKind.TRANSACTION)


class RuleBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of rules."""

    rules: tuple[Rule, ...]


def parse(text: str) -> tuple[Rule, ...]:
    """Read rules from TOML (`[[rules]]`); raises BadRuleError with the exact fault."""
    try:
        rules = msgspec.toml.decode(text, type=RuleBook).rules
        for rule in rules:
            check(rule)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadRuleError(str(error)) from error
    return rules


def check(rule: Rule) -> None:
    """Raise BadRuleError unless the rule has what its kind needs."""
    if rule.needs_predicate:
        predicate.parse(rule.predicate)
    if rule.kind in (RuleKind.EVENT, RuleKind.HEALTH, RuleKind.EDGE) and not rule.codes:
        raise BadRuleError(f"rule {rule.code}: kind {rule.kind} needs codes")
    if rule.kind is RuleKind.SCENE and rule.scene is None:
        raise BadRuleError(f"rule {rule.code}: kind scene needs a scene")
    if rule.label and rule.scene is None:
        raise BadRuleError(f"rule {rule.code}: only a rule of a scene has a label")
    if not 0.0 <= rule.machine_share <= 1.0:
        raise BadRuleError(f"rule {rule.code}: machine_share lies between 0 and 1")
    if rule.machine_share and not (rule.severity is Severity.III and rule.recheck_s > 0 and rule.draw_seed):
        raise BadRuleError(f"rule {rule.code}: machine_share needs class III, a recheck_s and a draw_seed")
