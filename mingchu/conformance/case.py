"""Everything that is known of a device when it is judged: the facts, and what its messages say by its profile."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from domain.mapping import Readings
from domain.profile import DeviceKind, DeviceProfile
from domain.topic import DEVICE_CHANNELS, FOREIGN, ROOT, Channel, DeviceTopic
from domain.wire import MAX_PAYLOAD, DeviceEvent, DeviceState, Telemetry, Transaction
from ingest import dialect, sparkplug, vectors
from ingest.dialect import Said
from ingest.refusal import RefusedError
from mingchu.conformance.fact import Connected, Cut, Fact, Heard, Outage

T = TypeVar("T")
S = TypeVar("S", Telemetry, DeviceEvent, Transaction, DeviceState)

_NATIVE: dict[Channel, type[Said]] = {
    Channel.TELEMETRY: Telemetry,
    Channel.EVENT: DeviceEvent,
    Channel.TRANSACTION: Transaction,
    Channel.STATE: DeviceState,
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing that a message says. `readings`: of telemetry, in the profile's units; None where a unit is wrong."""

    heard: Heard
    said: Said
    readings: Readings | None = None

    @property
    def lag_s(self) -> float | None:
        """How long before it was heard it says to have been."""
        return None if self.said.ts is None else self.heard.at - self.said.ts.timestamp()

    @property
    def seq(self) -> int | None:
        return None if isinstance(self.said, DeviceState) else self.said.seq

    @property
    def counter(self) -> str:
        """Sales are counted apart: their numbers are the scale's own."""
        return "sales" if isinstance(self.said, Transaction) else "messages"


@dataclass(slots=True)
class Case:
    """One device before its judge."""

    profile: DeviceProfile
    site: str
    device: str
    facts: Sequence[Fact]
    ended: float  # when the kit looked away
    spoken: list[Spoken] = field(default_factory=list)
    unread: list[tuple[Heard, str]] = field(default_factory=list)  # with the reason
    unnamed: list[str] = field(default_factory=list)  # names that nothing reads
    odd_units: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> bool:
        return bool(self.profile.mapping)

    @property
    def sparkplug(self) -> bool:
        return self.profile.sparkplug is not None

    @property
    def state_topic(self) -> str:
        if self.sparkplug:
            return f"{sparkplug.ROOT}/{self.site}/NDEATH/{self.device}"
        return str(DeviceTopic(self.site, self.device, Channel.STATE))

    def of(self, kind: type[T]) -> list[T]:
        """The facts of one kind, in order of time."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def told(self, kind: type[S]) -> Iterator[tuple[Spoken, S]]:
        """What was said of one kind."""
        for one in self.spoken:
            if isinstance(one.said, kind):
                yield one, one.said

    @property
    def outage(self) -> Outage | None:
        return next(iter(self.of(Outage)), None)

    @property
    def began(self) -> float:
        """When the device was first here."""
        return min((one.at for one in self.of(Connected)), default=self.ended)

    @property
    def disturbed(self) -> float:
        """When the kit first meddled."""
        return min((one.at for one in self.facts if isinstance(one, Cut | Outage)), default=self.ended)


def open_case(profile: DeviceProfile, place: tuple[str, str], facts: Iterable[Fact], ended: float) -> Case:
    """Hear what all messages say. `place`: site and device."""
    ordered = sorted(facts, key=lambda fact: fact.at)
    case = Case(profile, *place, ordered, ended)
    nodes = sparkplug.Nodes()
    for heard in case.of(Heard):
        try:
            said, unread = _said(case, heard, nodes)
        except RefusedError as error:
            case.unread.append((heard, str(error)))
            continue
        case.unnamed += unread
        for one in said:
            case.spoken.append(Spoken(heard, one, _readings(case, one)))
    return case


def _said(case: Case, heard: Heard, nodes: sparkplug.Nodes) -> tuple[tuple[Said, ...], tuple[str, ...]]:
    root = heard.topic.partition("/")[0]
    if root == sparkplug.ROOT and case.sparkplug:
        where = sparkplug.parse(heard.topic)
        translation = sparkplug.translate(case.profile, where.place, where.kind, heard.payload, nodes)
        # The profile is the gateway's or that of the devices behind it: the others' names are none of its business.
        mine = bool(where.device) is not is_gateway(case.profile)
        return translation.said, translation.unread if mine else ()
    if heard.topic.startswith(f"{FOREIGN}/") and case.foreign:
        rest = heard.topic.split("/", 4)[4]
        translation = dialect.translate(case.profile, rest, heard.payload)
        return translation.said, translation.unread
    return _native(case.profile, heard)


def _native(profile: DeviceProfile, heard: Heard) -> tuple[tuple[Said, ...], tuple[str, ...]]:
    last = heard.topic.rsplit("/", 1)[-1]
    if not heard.topic.startswith(f"{ROOT}/") or last not in DEVICE_CHANNELS:
        raise RefusedError(f"nothing is published on {heard.topic}")
    if len(heard.payload) > MAX_PAYLOAD:
        raise RefusedError(f"the payload of {len(heard.payload)} bytes is larger than {MAX_PAYLOAD}")
    try:
        said = msgspec.json.decode(heard.payload, type=_NATIVE[Channel(last)])
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"not a {last} message: {' '.join(str(error).split())}") from None
    unread: tuple[str, ...] = ()
    if isinstance(said, Telemetry):
        unread = tuple(name for name in said.values if profile.metric(name) is None)
    return (said,), unread


def _readings(case: Case, said: Said) -> Readings | None:
    if not isinstance(said, Telemetry):
        return None
    try:
        return vectors.stored(case.profile, said)
    except RefusedError as error:
        case.odd_units.append(str(error))
        return None


def is_gateway(profile: DeviceProfile) -> bool:
    return profile.kind is DeviceKind.GATEWAY
