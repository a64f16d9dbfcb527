"""A vendor's simulated device at the kit without a broker and without waiting: the facts that the kit would see."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.profile import DeviceProfile
from ingest.library import profiles
from mingchu.conformance.case import Case, open_case
from mingchu.conformance.fact import Connected, Cut, Fact, Heard, Left, Outage, Published, Will
from mingchu.conformance.finding import Verdict
from mingchu.conformance.judge import judge
from simulators import dialect, vendor_double
from simulators.clock import HandClock
from simulators.device import TICK_S, Device, will_of
from simulators.link import Kind
from simulators.scenario_file import DeviceRole, FaultRole
from simulators.vendor_double import VendorDouble
from tests.device_life import BEGAN

SHIPPED = {one.code: one for one in profiles()}
SITE, CODE = "s", "d"


@dataclass(slots=True)
class KitBroker:
    """Notes what it gets, as the kit's mosquitto would; while it is away the client keeps what is published."""

    clock: HandClock
    names: frozenset[str]
    facts: list[Fact] = field(default_factory=list)
    held: deque[tuple[str, bytes, bool]] = field(default_factory=deque)
    up: bool = True

    @property
    def now(self) -> float:
        return self.clock.wall().timestamp()

    async def ready(self) -> None: ...

    def cut(self) -> None:
        self.facts.append(Left(self.now, goodbye=False))
        self.up = False

    def mend(self) -> None:
        self.connect(("", b""))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, kind: Kind = Kind.MESSAGE) -> None:
        if not self.up:
            self.held.append((topic, payload, retain))
            return
        denied = not topic.startswith(f"mc/v1/{SITE}/{CODE}/")
        self.facts.append(
            Published(self.now, topic, 0 if "qos-0" in self.names else 1, retain, repeat=False, denied=denied)
        )
        if not denied:
            self.facts.append(Heard(self.now, topic, payload))

    def connect(self, will: tuple[str, bytes] | None) -> None:
        self.up = True
        self.facts.append(Connected(self.now, 5, clean=True, keepalive=30))
        if will is not None and will[0]:
            self.facts.append(Will(self.now, will[0], 1, retain=True))
        while self.held:
            topic, payload, retain = self.held.popleft()
            self.publish(topic, payload, retain=retain)


def watch(
    kind: str, *mischiefs: str, spoken: str | None = None, faults: Sequence[FaultRole] = (),
    every_s: float = 2.0, quiet_s: float = 300.0, outage_s: float = 20.0, speed: float = 1.0,
    profile: DeviceProfile | None = None,
) -> Case:  # fmt: skip
    """Let the device live before the kit: quietly, then its connection is cut, then its broker is away."""
    names = vendor_double.check(frozenset(mischiefs))
    role = DeviceRole(kind, SITE, CODE, every_s, speed, 1, spoken, {}, fault=tuple(faults))
    clock = HandClock(BEGAN)
    broker = KitBroker(clock, names)
    will = vendor_double.will(names, will_of(role))
    double = VendorDouble(broker, names, lambda: broker.up, clock.wall)
    device = Device(role, double, clock, lambda _: None)
    device.follow(0.0)
    broker.connect(will)
    device._announce(online=True)
    _live(device, clock, quiet_s)
    broker.facts.append(Cut(broker.now))
    if will is not None:
        broker.facts += [Left(broker.now, goodbye=False), Heard(broker.now, *will)]
    broker.connect(will)
    _live(device, clock, 5)
    began, broker.up = broker.now, False
    _live(device, clock, outage_s)
    broker.facts.append(Outage(began, broker.now))
    broker.connect(will)
    _live(device, clock, 30)
    wanted = profile or SHIPPED[dialect.find(kind, spoken).profile]
    return open_case(wanted, (SITE, CODE), broker.facts, broker.now)


def _live(device: Device, clock: HandClock, seconds: float) -> None:
    for _ in range(round(seconds / TICK_S)):
        clock.move(TICK_S)
        device.advance()


def verdicts(case: Case) -> dict[str, Verdict]:
    """Every check's verdict by its code."""
    return {finding.check: finding.verdict for finding in judge(case)}


def faults_of(case: Case) -> set[str]:
    """The checks that failed or warned."""
    return {code for code, verdict in verdicts(case).items() if verdict in (Verdict.FAIL, Verdict.WARN)}
