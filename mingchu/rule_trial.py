"""Trials of rules: a rule's own examples, played through ingest's and the engine's decisions without a database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import msgspec
import numpy as np

from alerts import incident, outage, watch
from alerts.incident import Observation, State, Step
from alerts.outage import Key, Member
from domain import course, derived, predicate
from domain.course import Cell, Spell
from domain.profile import DeviceProfile
from domain.rule import Rule, RuleKind
from domain.scene import Scene, SubLabel
from domain.wire import CameraHealth, DeviceEvent, EdgeState, EventPhase, Health, SceneBegan, Storage, Transaction
from ingest import scene_signals, threshold
from ingest.fact import EventStory, HealthStory, StorageStory, sales
from ingest.landing import Begun
from ingest.looks import Cells, Known, arrange
from ingest.profile_table import Judged
from ingest.roster import Roster
from store.columns import ints
from store.device_events import TransactionRow
from store.edge_storage import StorageRow
from store.figures import Figures
from store.sights import Sight
from store.signals import Signal

START = datetime(2026, 7, 1, 4, tzinfo=UTC)  # noon in Shanghai


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said at `at` seconds: readings or figures, an event, a sale, a state, a scene, or silence.

    Beside figures a scene goes on from the moment that says so until one that does not.
    """

    at: float
    values: dict[str, float] = {}
    event: str = ""
    phase: EventPhase = EventPhase.BEGIN
    sale: dict[str, float] = {}
    state: str = ""
    scene: Scene | None = None
    label: SubLabel = SubLabel.NONE
    silent: bool = False


class Vector(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One example: whether the rule raises an alert of `moments` by the last of them. `open`: in opening hours."""

    rule: str
    name: str
    raises: bool
    moments: tuple[Moment, ...]
    profile: str = ""  # of the device; the first of the rule's own without
    open: bool = True


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    vector: tuple[Vector, ...]


def vectors(text: str | None = None) -> tuple[Vector, ...]:
    """The examples of a file, or those that ship; raises msgspec.ValidationError."""
    shipped = files("alerts").joinpath("rules", "vectors.toml")
    return msgspec.toml.decode(shipped.read_text(encoding="utf-8") if text is None else text, type=_File).vector


def raises(rule: Rule, vector: Vector, rules: Sequence[Rule], profiles: Mapping[str, DeviceProfile]) -> bool:
    """Whether the rule raises an alert of what the vector tells."""
    profile = profiles.get(vector.profile or (rule.profiles[0] if rule.profiles else ""))
    if profile is not None and rule.profiles and not {profile.code, profile.base} & set(rule.profiles):
        return False
    trial = _Trial(rule, vector)
    for signal in sorted(_signals(rule, vector, rules, profile), key=lambda one: one.time):
        trial.hear(signal)
    trial.wait(_moment(vector.moments[-1].at))
    return trial.raised


@dataclass(slots=True)
class _Trial:
    """The engine's part: one rule, one subject, a clock that is told the time."""

    rule: Rule
    vector: Vector
    state: State = field(default_factory=State)
    raised: bool = False

    def hear(self, signal: Signal) -> None:
        self.wait(signal.time)
        if signal.pulse and incident.postponed(self.rule, is_open=self.vector.open):
            return
        since = signal.time - timedelta(seconds=1) if signal.pulse else None
        self._excuse(since or (self.state.waiting.since if self.state.waiting else signal.time), signal.time)
        seen = Observation(signal.value, signal.pulse, signal.time, signal.time, signal.why)
        self._apply(incident.judge(self.rule, self.state, seen))

    def wait(self, now: datetime) -> None:
        """What is due by `now`, unless its hours, its guards or its samples say otherwise."""
        waiting = self.state.waiting
        if waiting is None or waiting.due > now or incident.postponed(self.rule, is_open=self.vector.open):
            return
        self._excuse(waiting.since, now)
        if incident.short_by(self.rule, now - waiting.since, self.state.excused) > timedelta(0):
            return
        if self.rule.share < 1:
            asked = predicate.parse(self.rule.predicate)
            upto = [cell for cell in _cells(self.vector) if cell.at <= now.timestamp()]
            hits = course.hits(asked, upto, waiting.since.timestamp())
            if hits.known < self.rule.samples or hits.share < self.rule.share:
                return
        self._apply(incident.judge_due(self.state))

    def _excuse(self, since: datetime, until: datetime) -> None:
        spells: list[Spell] = []
        for guard in self.rule.guards:
            if guard.when:
                upto = [cell for cell in _cells(self.vector) if cell.at <= until.timestamp()]
                found = course.spells(predicate.parse(guard.when), upto, until.timestamp())
            else:
                found = [_event(one, until) for one in self.vector.moments if one.event == guard.event]
            spells += [course.limited(spell, guard.at_most_s) for spell in found]
        covered = course.covered(spells, since.timestamp(), until.timestamp())
        self.state = State(self.state.waiting, self.state.open, timedelta(seconds=covered))

    def _apply(self, decision: incident.Decision) -> None:
        self.raised = self.raised or (decision.change is not None and decision.change.step is Step.RAISE)
        self.state = decision.apply(self.state)


def _signals(rule: Rule, vector: Vector, rules: Sequence[Rule], profile: DeviceProfile | None) -> list[Signal]:
    """Ingest's part, and that of who looks at figures."""
    told = vector.moments
    match rule.kind:
        case RuleKind.THRESHOLD:
            found = _flips(rule, vector)
        case RuleKind.FIGURE:
            found = _looked(rule, vector)
        case RuleKind.EVENT:
            assert profile is not None
            story = EventStory(1, profile, {})
            events = [DeviceEvent(_moment(one.at), one.event, one.phase) for one in told if one.event]
            found = [signal for said in events for signal in story.tell(said, said.ts, [rule])]
        case RuleKind.TRANSACTION:
            rows = [TransactionRow(1, _moment(one.at), 0, _sale(one)) for one in told if one.sale]
            found = sales([Judged(rule, predicate.parse(rule.predicate))], rows)
        case RuleKind.HEALTH:
            camera = HealthStory(1, Health.OK, START)
            healths = [CameraHealth("c", _moment(one.at), Health(one.state), "") for one in told]
            found = [signal for said in healths for signal in camera.tell(said, said.at, [rule])]
        case RuleKind.EDGE:
            edge = StorageStory(StorageRow(1, "e", Storage.OK, START, 1))
            words = [(EdgeState(True, storage=Storage(one.state)), _moment(one.at)) for one in told]
            found = [signal for said, at in words for signal in edge.tell(said, at, [rule])]
        case RuleKind.SCENE:
            found = _seen(rule, told, rules)
        case RuleKind.SILENCE:
            found = [Signal(rule.code, 1, one.silent, _moment(one.at), "") for one in told]
        case RuleKind.OUTAGE:
            found = [_together(rule, one) for one in told]
    return found


def _together(rule: Rule, one: Moment) -> Signal:
    """`silent` of `all` things of a place fall silent at that moment."""
    at, silent = _moment(one.at), int(one.values["silent"])
    gone = [Member(Key(number), "", at, at, at) for number in range(silent)]
    there = [Member(Key(number), "", at + timedelta(hours=1)) for number in range(silent, int(one.values["all"]))]
    verdict = outage.judge(rule, [*gone, *there], at + timedelta(hours=1)).verdict
    return Signal(rule.code, 1, verdict is outage.Verdict.TOGETHER, at, "")


def _flips(rule: Rule, vector: Vector) -> list[Signal]:
    asked = predicate.parse(rule.predicate)
    said = [one for one in vector.moments if one.values]
    names = list(dict.fromkeys(name for one in said for name in one.values))
    if not {one.metric if (one := derived.read(name)) else name for name in asked.metrics} <= set(names):
        return []
    cells = [(row, names.index(name), value) for row, one in enumerate(said) for name, value in one.values.items()]
    nothing, empty = ints([]), np.empty(0)
    looks = arrange(
        ints([1] * len(said)),
        ints([int(_moment(one.at).timestamp() * 1e6) for one in said]),
        Cells(ints([c[0] for c in cells]), ints([c[1] for c in cells]), np.array([c[2] for c in cells])),
        len(names),
        Known(nothing, nothing, nothing, empty),
    )
    return [
        Signal(rule.code, 1, flip.value, datetime.fromtimestamp(flip.time / 1e6, UTC), flip.why, device=1)
        for flip in threshold.flips(asked, names, looks, {})
    ]


def _looked(rule: Rule, vector: Vector) -> list[Signal]:
    held, found = set[int](), list[Signal]()
    for one in vector.moments:
        figures = Figures([1], {name: np.array([value], dtype=np.float64) for name, value in one.values.items()})
        seen = {1: Sight("0" * 32, "c", sure=True)} if one.scene is not None and one.scene is rule.scene else {}
        for signal in watch.flipped(rule, figures, held, _moment(one.at), seen):
            held = {1} if signal.value else set()
            found.append(signal)
    return found


def _seen(rule: Rule, told: Sequence[Moment], rules: Sequence[Rule]) -> list[Signal]:
    seen = [one for one in rules if one.kind is RuleKind.SCENE]
    roster = Roster(scene_rules={scene: tuple(one for one in seen if one.scene is scene) for scene in Scene})
    began = [(one, _moment(one.at)) for one in told if one.scene is not None]
    events = [
        SceneBegan("0" * 32, "c", one.scene or Scene.PEST, "z", 1, at, at, at, "", (), "0" * 64, 1, label=one.label)
        for one, at in began
    ]
    found = [one for said in events for one in scene_signals.begins(Begun(0, 1, said), roster, 0)]
    return [one for one in found if one.rule == rule.code]


def _sale(one: Moment) -> Transaction:
    said = {"ts": _moment(one.at), "tx_id": "t", "seq": 1, "product": "p"}
    masses = dict.fromkeys(("gross_g", "tare_g", "net_g", "unit_price", "amount"), 0.0)
    return msgspec.convert(said | masses | one.sale, Transaction)


def _cells(vector: Vector) -> list[Cell]:
    return [Cell(_moment(one.at).timestamp(), *item) for one in vector.moments for item in one.values.items()]


def _event(one: Moment, until: datetime) -> Spell:
    return Spell(_moment(one.at).timestamp(), until.timestamp())


def _moment(second: float) -> datetime:
    return START + timedelta(seconds=second)


def faults(rules: Sequence[Rule], tried: Sequence[Vector], profiles: Mapping[str, DeviceProfile]) -> Iterator[str]:
    """A sentence for each vector that does not come out, and for each rule without both kinds of examples."""
    known = {rule.code: rule for rule in rules}
    for vector in tried:
        rule = known.get(vector.rule)
        if rule is None:
            yield f"vector {vector.name!r}: there is no rule {vector.rule!r}"
        elif raises(rule, vector, rules, profiles) is not vector.raises:
            yield f"rule {rule.code}, vector {vector.name!r}: it {'does not raise' if vector.raises else 'raises'}"
    for code in known:
        for wanted, what in ((True, "true"), (False, "only looks like it")):
            if not any(vector.rule == code and vector.raises is wanted for vector in tried):
                yield f"rule {code} has no vector of what is {what}"
