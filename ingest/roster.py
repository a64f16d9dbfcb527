"""The registry in memory: senders by topic, cameras, compiled profiles and rules. Replaced whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec
import structlog

from domain import derived, predicate, topic
from domain.profile import DeviceProfile
from domain.rule import Rule, RuleKind
from domain.scene import Scene
from domain.topic import DeviceTopic, EdgeTopic, ForeignTopic
from ingest import sparkplug
from ingest.fact import SALE_FIELDS
from ingest.profile_table import Judged, ProfileTable, compile_table
from ingest.refusal import RefusedError, UnauthorisedError, UnknownSenderError
from ingest.sparkplug import SparkplugTopic
from store.roster import RosterRows

log = structlog.get_logger()

T = TypeVar("T")

_MOST_ROUTES = 200_000

Route = DeviceTopic | EdgeTopic | ForeignTopic | SparkplugTopic


@dataclass(frozen=True, slots=True)
class Device:
    """A device and how to read what it says."""

    id: int
    site: str
    code: str
    enabled: bool
    table: ProfileTable
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge; it may speak for its own cameras, and relay for the devices of its sites."""

    id: int
    code: str
    enabled: bool
    sites: frozenset[str]


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera and the edge that watches it."""

    id: int
    code: str
    edge: int


@dataclass(frozen=True, slots=True)
class Roster:
    """All that ingest knows of the registry, as of one moment."""

    devices: Mapping[tuple[str, str], Device] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    tables: Mapping[str, ProfileTable] = field(default_factory=dict)
    scene_rules: Mapping[Scene, tuple[Rule, ...]] = field(default_factory=dict)
    health_rules: tuple[Rule, ...] = ()
    edge_rules: tuple[Rule, ...] = ()
    routes: dict[str, Route] = field(default_factory=dict)

    def route(self, name: str) -> Route:
        """Read a topic name, remembering it; raises RefusedError."""
        found = self.routes.get(name)
        if found is None:
            try:
                found = _parse(name)
            except topic.BadTopicError as error:
                raise RefusedError(str(error)) from None
            if len(self.routes) >= _MOST_ROUTES:
                self.routes.clear()
            self.routes[name] = found
        return found

    def device(self, where: DeviceTopic | ForeignTopic, via: Edge | None) -> Device:
        """The device that speaks there, itself or relayed `via` an edge; raises UnauthorisedError."""
        found = self.devices.get((where.site, where.device))
        if found is None:
            raise UnknownSenderError(f"no device {where.device} is registered at site {where.site}")
        if found.revoked:
            raise UnauthorisedError(f"device {where.device} at site {where.site} is revoked")
        if via is None and not found.enabled:
            raise UnauthorisedError(f"device {where.device} at site {where.site} has no credential of its own")
        if via is not None and where.site not in via.sites:
            raise UnauthorisedError(f"edge {via.code} may not relay for site {where.site}, which is not one of its own")
        return found

    def edge(self, code: str) -> Edge:
        """Raises UnauthorisedError."""
        found = self.edges.get(code)
        if found is None:
            raise UnknownSenderError(f"no edge {code} is registered")
        if not found.enabled:
            raise UnauthorisedError(f"the credential of edge {code} is revoked")
        return found

    def camera(self, code: str, edge: Edge) -> Camera:
        """A camera of that edge; raises UnauthorisedError."""
        found = self.cameras.get(code)
        if found is None:
            raise UnknownSenderError(f"no camera {code} is registered")
        if found.edge != edge.id:
            raise UnauthorisedError(f"camera {code} does not belong to edge {edge.code}")
        return found


def _parse(name: str) -> Route:
    root = name.partition("/")[0]
    if root == sparkplug.ROOT:
        return sparkplug.parse(name)
    return topic.parse_foreign(name) if name.startswith(f"{topic.FOREIGN}/") else topic.parse(name)


def build(rows: RosterRows) -> Roster:
    """Compile the registry. What cannot be read is left out with one logged sentence."""
    rules = [rule for text in rows.rules if (rule := _decode(text, Rule)) is not None]
    about = [rule for rule in rules if rule.kind is RuleKind.SCENE]
    tables = _tables(rows, rules)
    return Roster(
        devices={
            (row.site, row.code): Device(row.id, row.site, row.code, row.enabled, tables[row.profile], row.revoked)
            for row in rows.devices
            if row.profile in tables
        },
        edges={row.code: Edge(row.id, row.code, row.enabled, frozenset(row.sites)) for row in rows.edges},
        cameras={row.code: Camera(row.id, row.code, row.edge) for row in rows.cameras},
        tables=tables,
        scene_rules={scene: tuple(rule for rule in about if rule.scene is scene) for scene in Scene},
        health_rules=tuple(rule for rule in rules if rule.kind is RuleKind.HEALTH),
        edge_rules=tuple(rule for rule in rules if rule.kind is RuleKind.EDGE),
    )


def _decode(text: str, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        log.warning("a row of the registry cannot be read and is left out", kind=kind.__name__, reason=str(error))
        return None


def _tables(rows: RosterRows, rules: Sequence[Rule]) -> dict[str, ProfileTable]:
    profiles = [one for text in rows.profiles if (one := _decode(text, DeviceProfile)) is not None]
    return {profile.code: _with_rules(compile_table(profile, _ids(rows, profile.code)), rules) for profile in profiles}


def _ids(rows: RosterRows, profile: str) -> dict[str, int]:
    return {row.name: row.id for row in rows.metrics if row.profile == profile}


def _with_rules(table: ProfileTable, rules: Sequence[Rule]) -> ProfileTable:
    codes = {table.profile.code, table.profile.base}
    scoped = [rule for rule in rules if not rule.profiles or codes & set(rule.profiles)]
    return replace(
        table,
        thresholds=_judged(scoped, RuleKind.THRESHOLD, table.names),
        transactions=_judged(scoped, RuleKind.TRANSACTION, SALE_FIELDS),
        events=tuple(rule for rule in scoped if rule.kind is RuleKind.EVENT),
    )


def _judged(rules: Sequence[Rule], kind: RuleKind, names: Sequence[str]) -> tuple[Judged, ...]:
    """The rules of that kind whose predicates read nothing but `names`."""
    judged: list[Judged] = []
    for rule in rules:
        if rule.kind is kind:
            try:
                parsed = predicate.parse(rule.predicate)
            except predicate.BadPredicateError as error:
                log.warning("a rule cannot be read and is left out", rule=rule.code, reason=str(error))
                continue
            if {derived.base(name, names) for name in parsed.metrics} <= set(names):
                judged.append(Judged(rule, parsed))
    return tuple(judged)
