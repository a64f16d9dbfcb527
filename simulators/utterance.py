"""What a device has to say besides its regular status: an event, a record out of turn, a sale."""

from dataclasses import dataclass

from domain.wire import EventPhase


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. `name` is this room's word for it; a dialect turns it into its vendor's code."""

    name: str
    phase: EventPhase = EventPhase.PULSE
    text: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Measured values that belong to one occasion: a person's morning check, a label, a delivery."""

    values: dict[str, float | bool]


@dataclass(frozen=True, slots=True)
class Sale:
    """One weighing that was paid. g, fen/kg, fen."""

    seq: int
    product: str
    gross_g: float
    tare_g: float
    net_g: float
    unit_price: int
    amount: int
    pay: str = "wechat"
    trace: str = ""


Utterance = Event | Record | Sale
