"""What can go wrong with a device, on purpose: every fault by its name, in one table."""

from dataclasses import dataclass
from enum import StrEnum


class UnknownFaultError(ValueError):
    """A device's fault is one of those that its kind has."""


class BadAmountError(ValueError):
    """A fault's amount lies within its range; a fault without one takes none."""


class Layer(StrEnum):
    """Where a fault sits."""

    BODY = "body"  # in the thing itself
    TERMINAL = "terminal"  # in the box that measures and reports
    LINK = "link"  # between the box and the broker


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a fault: the default, the range with both ends, the unit."""

    default: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """One entry. `shows_s`: within so much of the device's time it is seen in what the device publishes."""

    name: str
    what: str
    shows_s: float
    event: str = ""  # what the device itself reports with it, in this room's words (see dialect.py)
    at_once: bool = True  # False: only when it has come so far
    lasts: bool = True  # False: reported once, without an end
    text: str = ""
    by: Amount | None = None
    layer: Layer = Layer.BODY

    def amount(self, by: float | None) -> float:
        """The amount to use; raises BadAmountError."""
        if self.by is None:
            if by is not None:
                raise BadAmountError(f"fault {self.name!r} takes no amount")
            return 1.0
        if by is None:
            return self.by.default
        if not self.by.low <= by <= self.by.high:
            raise BadAmountError(
                f"fault {self.name!r} takes from {self.by.low} to {self.by.high} {self.by.unit}, not {by}"
            )
        return by


def _late(name: str, what: str, shows_s: float, event: str, by: Amount | None = None) -> DeviceFault:
    """A fault that the device reports once it has found it."""
    return DeviceFault(name, what, shows_s, event, at_once=False, by=by)


def _once(name: str, what: str, event: str, text: str = "") -> DeviceFault:
    """A fault that the device reports once, without an end: it cannot be undone."""
    return DeviceFault(name, what, 1, event, lasts=False, text=text)


def _box(name: str, what: str, by: Amount | None = None) -> DeviceFault:
    return DeviceFault(name, what, 0, by=by, layer=Layer.TERMINAL)


def _link(name: str, what: str, by: Amount | None = None) -> DeviceFault:
    return DeviceFault(name, what, 0, by=by, layer=Layer.LINK)


_FIRMWARE = "sha256 9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a"

_ELEVATOR = (
    _late("entrapment", "stops between floors with somebody inside", 40, "trapped-between"),
    _late("stopped-off-floor", "stops outside the unlocking zone", 40, "off-floor"),
    DeviceFault("door-blocked", "something holds the door open", 60),
    _late("door-close-fault", "the door reopens whenever it closes", 90, "door-close"),
    _late("door-open-fault", "the door stays shut at the floor, with people inside", 60, "door-open"),
    _late("unintended-movement", "the car leaves the floor with its door open", 60, "unintended-movement"),
    _late("safety-circuit", "the safety circuit opens while the car runs", 60, "safety-circuit"),
    _late("overspeed", "the governor trips", 60, "overspeed"),
    _late("motor-limiter", "the motor turns and the car does not move", 90, "motor-limiter"),
    DeviceFault("position-lost", "the controller no longer knows its floor", 1, "position-lost"),
    DeviceFault("power-loss", "mains fail; the car's brakes fall in", 1, "power-off"),
    DeviceFault("inspection", "a mechanic works on it: no fault, and no entrapment", 1, "inspection"),
    DeviceFault("alarm-button", "somebody inside presses the alarm button", 1, "alarm"),
    _late(
        "repeated-faults", "it fails and recovers, again and again", 120, "cannot-restart", Amount(3, 1, 20, "times")
    ),
)

_SCALE = (
    DeviceFault("cover-opened", "the cover is opened without authorisation", 1, "cover_opened"),
    DeviceFault("seal-broken", "the seal is broken", 1, "seal_broken"),
    _once("adjusted", "adjusted without a repair code: the counter goes up, and stays up", "adjusted"),
    _once("firmware-changed", "other firmware answers", "firmware_changed", _FIRMWARE),
    DeviceFault("verification-expired", "its verification has run out", 1, "verification_expired"),
    DeviceFault("zero-drift", "its zero creeps", 600, by=Amount(60, 20, 2000, "g/h")),
    DeviceFault("amount-mismatch", "the next sale asks for more than net × price", 60, by=Amount(50, 2, 1e5, "fen")),
    DeviceFault("sequence-gap", "sales are made that it never tells of", 60, by=Amount(3, 1, 1000, "sales")),
    DeviceFault("price-outlier", "it sells far from the market's price", 60, by=Amount(4, 0.05, 100, "× the price")),
    DeviceFault("sensor-fault", "the load cell fails: it sells nothing", 1, "sensor_fault"),
    DeviceFault("low-battery", "the battery is nearly empty", 1, "low_battery"),
)

_COLD = (
    DeviceFault("compressor-failure", "the compressor stands still", 2400),
    DeviceFault("compressor-fault", "the compressor stands still, and its controller says so", 1, "compressor_fault"),
    DeviceFault("stuck-probe", "the air's probe shows the same, to the last digit, whatever happens", 300),
    DeviceFault("probes-disagree", "the goods' probe reads beside the truth", 1, by=Amount(6, -40, 40, "K")),
    DeviceFault("probe-jumps", "the air's probe has a loose contact", 120, by=Amount(12, 1, 60, "K")),
    DeviceFault("probe-fault", "the terminal itself finds its probe broken", 1, "probe_fault"),
    DeviceFault("door-left-open", "the door stands open", 1),
    DeviceFault("defrost-overrun", "the heater does not stop", 1),
    DeviceFault("power-loss", "mains fail; the terminal has a battery", 1, "power_lost"),
    DeviceFault("trapped-person", "somebody inside presses the button", 1, "trapped"),
    DeviceFault(
        "refrigerant-leak", "refrigerant escapes into the room", 60, "refrigerant_leak", by=Amount(800, 100, 5e4, "ppm")
    ),
    DeviceFault("calibration-expired", "the probe's calibration has run out", 1),
    _box("record-gap", "the recorder records nothing"),
)

_FRIDGE = tuple(
    fault
    for fault in _COLD
    if fault.name
    in {"compressor-failure", "stuck-probe", "probe-jumps", "probe-fault", "door-left-open", "power-loss", "record-gap"}
)

_MORNING_CHECK = (
    _late("fever", "those who come have a fever", 90, "fever", Amount(38.2, 37.5, 42, "°C")),
    _late("certificate-expired", "the health certificates of those who come have run out", 90, "certificate_expired"),
    _late("hand-wound", "those who come have a wound on a hand", 90, "hand_wound"),
    _late("unchecked", "those who come go in without a check", 90, "unchecked"),
)

_LABEL_PRINTER = (
    _late("underweight", "samples are too small", 130, "underweight", Amount(80, 5, 124, "g")),
    _late("sample-missing", "dishes go out without a sample", 130, "sample_missing"),
    _late("discarded-early", "the oldest sample is thrown away before its time", 1, "discarded_early"),
    DeviceFault("paper-out", "the paper is at its end: no labels", 1, "paper_out"),
)

_RECEIVING_SCALE = (
    _late("short-delivery", "less comes than was ordered", 90, "short", Amount(0.15, 0.06, 0.9, "of it")),
    _late("warm-delivery", "what comes is too warm", 90, "warm", Amount(5, 0.5, 40, "K above its limit")),
    _late("trace-missing", "what comes has no batch", 90, "trace_missing"),
)

_GAS_DETECTOR = (
    DeviceFault("gas-on", "somebody opens the valve", 1),
    _late("leak", "the hose of a burner in use leaks", 300, "gas_leak", Amount(6, 1, 60, "m³/h")),
    _late(
        "leak-at-meter", "it leaks before the valve, which cannot stop it", 300, "gas_leak", Amount(6, 1, 60, "m³/h")
    ),
    _late(
        "bad-burning", "a burner gets too little air", 600, "carbon_monoxide", Amount(900, 200, 9000, "ppm in the end")
    ),
    _late("fire", "something burns", 60, "smoke"),
    DeviceFault("sensor-fault", "its sensor fails", 1, "sensor_fault"),
    DeviceFault("sensor-expired", "its sensor is past its years", 1),
)

_EVERY = (
    _box("silent", "it says nothing at all"),
    _box("clock-skew", "its clock is wrong", Amount(-3600, -1e9, 1e9, "s")),
    _link("loss", "messages are lost and tried again", Amount(0.3, 0, 0.99, "of them")),
    _link("duplicates", "messages come twice", Amount(0.5, 0, 1, "of them")),
    _link("reordering", "messages overtake each other", Amount(5, 0.1, 3600, "s")),
    _link("late", "messages come late", Amount(7200, 1, 90 * 86_400, "s")),
    _link("outage", "nothing comes through until it is over, then all"),
    _link("cut-off", "its network is dead: the connection breaks, and all that it says waits"),
    _link("garbage", "nonsense comes beside the messages", Amount(0.2, 0, 1, "of them")),
)

FAULTS: dict[str, dict[str, DeviceFault]] = {
    kind: {fault.name: fault for fault in (*own, *_EVERY)}
    for kind, own in {
        "elevator": _ELEVATOR,
        "scale": _SCALE,
        "cold_store": _COLD,
        "morning_check": _MORNING_CHECK,
        "label_printer": _LABEL_PRINTER,
        "receiving_scale": _RECEIVING_SCALE,
        "fridge": _FRIDGE,
        "gas_detector": _GAS_DETECTOR,
    }.items()
}


def find(kind: str, name: str) -> DeviceFault:
    """The entry of a fault of a kind of device; raises UnknownFaultError."""
    fault = FAULTS[kind].get(name)
    if fault is None:
        raise UnknownFaultError(f"a device of kind {kind} has no fault {name!r}; it has {', '.join(FAULTS[kind])}")
    return fault
