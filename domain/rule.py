"""Rules: what turns readings, events, figures, silence and scenes into an alert. Versioned data (DESIGN, ADR 29)."""

from enum import StrEnum

import msgspec

from domain import derived, predicate
from domain.code import Code
from domain.scene import Scene, SubLabel
from domain.severity import Severity

APPEAL_S = 72 * 3600.0  # ours: three days


class RuleKind(StrEnum):
    """Where a rule takes its truth from."""

    THRESHOLD = "threshold"  # a predicate over a device's metrics, true for `for_s`
    EVENT = "event"  # a device event with one of `codes` began
    TRANSACTION = "transaction"  # a predicate over one transaction's fields
    FIGURE = "figure"  # a predicate over figures that `look` finds of each device, again and again
    SILENCE = "silence"  # nothing heard from a device for its profile's silence_s
    SCENE = "scene"  # an edge reported a scene event
    HEALTH = "health"  # an edge reported a camera in one of `codes`
    EDGE = "edge"  # an edge reported its own disk in one of `codes`
    OUTAGE = "outage"  # what stands at one `place` fell silent together (ADR 35)


class Place(StrEnum):
    """What those that fall silent together have in common."""

    SITE = "site"
    EDGE = "edge"


class Look(StrEnum):
    """What figures a rule of kind FIGURE reads (store.figures says how each is computed)."""

    LATEST = "latest"  # each metric's latest value, and its _age and _unchanged
    EVENTS = "events"  # `count` of `codes` within `window_s`
    SALES = "sales"  # `lost`: numbers that are missing among the scale's sales of `window_s`
    PRICES = "prices"  # `price_ratio` to the market's median, `sellers` of that product, own `sales`, of `window_s`
    TRADE = "trade"  # `quiet_s` since the last sale, `neighbours` that sold today, `selling`: those within `window_s`
    DATES = "dates"  # `days_since` and `days_left` of the duty `codes[0]` in the registry
    SITE = "site"  # each metric's greatest latest value among all devices of the site


FIGURES: dict[Look, frozenset[str]] = {  # of the others: what the device's profile has
    Look.EVENTS: frozenset({"count"}),
    Look.SALES: frozenset({"lost"}),
    Look.PRICES: frozenset({"price_ratio", "sellers", "sales"}),
    Look.TRADE: frozenset({"quiet_s", "neighbours", "selling"}),
    Look.DATES: frozenset({"days_since", "days_left"}),
}


class Hours(StrEnum):
    """When a rule counts, by its site's opening hours."""

    ALWAYS = "always"
    OPEN = "open"
    CLOSED = "closed"


class Guard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What excuses a condition: a predicate that holds, or a device event, for at most so long each time.

    Time that is excused does not count; it does not begin the count anew either: a busy door would do so for ever.
    """

    at_most_s: float
    when: str = ""
    event: str = ""


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
    scene: Scene | None = None  # what kind SCENE is about; of kind FIGURE: what must go on at the site too (ADR 49)
    label: SubLabel = SubLabel.NONE  # the scene's events of this sub-label; without one, of all that have no rule
    deadline_s: float | None = None  # None: the severity's own (DOMAIN §6)
    recheck_s: float = 0.0  # the condition must have been clear for so long before closing
    appeal_s: float = APPEAL_S  # the regulator must have answered an appeal by then
    machine_share: float = 0.0  # of its class III alerts, closed by the machine's re-check alone; the rest by humans
    draw_seed: str = ""  # what the draw of that share can be repeated by
    look: Look | None = None
    window_s: float = 0.0  # how far back the figures go
    every_s: float = 60.0  # how often they are looked at
    share: float = 1.0  # of the samples within `for_s` that must hold; less than 1: k of n
    samples: int = 0  # how many there must be at least
    guards: tuple[Guard, ...] = ()
    hours: Hours = Hours.ALWAYS
    sites: tuple[Code, ...] = ()  # kinds of sites in scope; empty: all
    zones: tuple[Code, ...] = ()  # the scene's zones in scope; empty: all
    place: Place | None = None  # an outage: at least `samples`, and that `share`, silent within `window_s`
    incident: Code | None = None  # rules of one incident share one alert of a subject; the rule of that code names it

    @property
    def needs_predicate(self) -> bool:
        return self.kind in (RuleKind.THRESHOLD, RuleKind.TRANSACTION, RuleKind.FIGURE)

    @property
    def counts(self) -> Hours:
        """A camera's health matters in opening hours: a dark picture at night is no fault (DOMAIN §1)."""
        return Hours.OPEN if self.kind is RuleKind.HEALTH and self.hours is Hours.ALWAYS else self.hours


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
    for fault in (
        _predicate_fault(rule), _subject_fault(rule), _scene_fault(rule), _figure_fault(rule), _time_fault(rule),
        _audit_fault(rule), _outage_fault(rule),
    ):  # fmt: skip
        if fault:
            raise BadRuleError(f"rule {rule.code}: {fault}")


def _predicate_fault(rule: Rule) -> str:
    if not rule.needs_predicate:
        return ""
    known = [derived.read(name) for name in predicate.parse(rule.predicate).metrics]
    if rule.kind is RuleKind.THRESHOLD and any(one and one.how in derived.LOOKS for one in known):
        return "an age is nothing that lands: take kind figure with look latest"
    if rule.kind is RuleKind.FIGURE and any(one and one.how in derived.FLIPS for one in known):
        return "a rate or a change is seen where readings land: take kind threshold"
    return ""


def _subject_fault(rule: Rule) -> str:
    if rule.kind in (RuleKind.EVENT, RuleKind.HEALTH, RuleKind.EDGE) and not rule.codes:
        return f"kind {rule.kind} needs codes"
    if rule.kind is RuleKind.SILENCE and (rule.sites or rule.incident or rule.hours is not Hours.ALWAYS):
        return "silence has no sites, hours or incident"
    return ""


def _scene_fault(rule: Rule) -> str:
    if rule.kind is RuleKind.SCENE and rule.scene is None:
        return "kind scene needs a scene"
    if rule.scene is not None and rule.kind not in (RuleKind.SCENE, RuleKind.FIGURE):
        return "only a rule of scenes or figures has a scene: beside a device's condition take kind figure"
    if rule.label and rule.kind is not RuleKind.SCENE:
        return "only a rule of a scene has a label"
    if rule.zones and rule.scene is None:
        return "only a rule of a scene has zones"
    return ""


def _outage_fault(rule: Rule) -> str:
    if (rule.kind is RuleKind.OUTAGE) != (rule.place is not None):
        return "kind outage, and no other, needs a place"
    if rule.place is None:
        return ""
    if rule.samples < 2 or rule.window_s <= 0 or not rule.codes:
        return (
            "an outage is of 2 or more (samples) within a window_s, with the cameras' states (codes) that are silence"
        )
    if rule.sites or rule.profiles or rule.guards or rule.incident or rule.hours is not Hours.ALWAYS:
        return "an outage has no sites, profiles, guards, hours or incident"
    return ""


def _audit_fault(rule: Rule) -> str:
    if not 0.0 <= rule.machine_share <= 1.0:
        return "machine_share lies between 0 and 1"
    if rule.machine_share and not (rule.severity is Severity.III and rule.recheck_s > 0 and rule.draw_seed):
        return "machine_share needs class III, a recheck_s and a draw_seed"
    return ""


def _figure_fault(rule: Rule) -> str:
    if (rule.kind is RuleKind.FIGURE) != (rule.look is not None):
        return "kind figure, and no other, needs a look"
    if rule.look is None:
        return ""
    if not rule.profiles:
        return "figures are of devices of some profiles: name them"
    if rule.look in (Look.EVENTS, Look.DATES) and not rule.codes:
        return f"look {rule.look} needs codes"
    if rule.look in (Look.EVENTS, Look.SALES, Look.PRICES, Look.TRADE) and rule.window_s <= 0:
        return f"look {rule.look} needs a window_s"
    unknown = predicate.parse(rule.predicate).metrics - FIGURES.get(rule.look, predicate.parse(rule.predicate).metrics)
    return f"look {rule.look} has no {', '.join(sorted(unknown))}" if unknown else ""


def _time_fault(rule: Rule) -> str:
    for name in ("for_s", "recheck_s", "window_s"):
        if getattr(rule, name) < 0:
            return f"a time is not negative: {name}"
    if rule.every_s < 1:
        return "nothing is looked at more than once a second: every_s"
    sampled = rule.kind is RuleKind.OUTAGE or (rule.kind is RuleKind.THRESHOLD and rule.for_s > 0)
    if not 0 < rule.share <= 1 or (rule.share < 1 and not sampled):
        return "a share lies above 0 and up to 1; less than 1 is for kind threshold with a for_s"
    for guard in rule.guards:
        if rule.kind is RuleKind.SCENE or bool(guard.when) == bool(guard.event) or guard.at_most_s <= 0:
            return "a guard of a device's rule has either `when` or `event`, and an at_most_s"
        if guard.when:
            predicate.parse(guard.when)
    return ""
