"""The box beside a device: reports its status in time, events and sales at once, numbered and dated, in its dialect."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from domain.topic import Channel, DeviceTopic
from domain.wire import DeviceEvent, Telemetry, Transaction
from simulators.body import Body, Status
from simulators.dialect import Dialect
from simulators.utterance import Event, Record, Sale, Utterance

SAME = timedelta(seconds=1)  # a clock that goes back further than this was set


@dataclass(frozen=True, slots=True)
class Message:
    """What one publish carries."""

    topic: str
    payload: bytes


class Terminal:
    """Turns a body's life into messages. It knows no time but what its caller tells it."""

    def __init__(self, body: Body, dialect: Dialect, site: str, code: str, every_s: float) -> None:
        self.body, self.dialect = body, dialect
        self._site, self._code, self._every = site, code, every_s
        self._seq = 0
        self._shown: Status = {}
        self._spoken = float("-inf")
        self._stamped = datetime.min.replace(tzinfo=UTC)

    def advance(self, dt: float, now: float, wall: datetime) -> list[Message]:
        """Let `dt` seconds of physics pass; what there is to say at `now` (clock) and `wall` (date)."""
        words = self.body.step(dt)
        status = self.body.status()
        if self.body.has("silent"):
            self._spoken = float("-inf")
            return []
        date = wall + timedelta(seconds=self.body.faults.get("clock-skew", 0.0))
        messages = [message for word in words for message in self._word(word, date)]
        return messages + self._report(status, now, date)

    def _report(self, status: Status, now: float, date: datetime) -> list[Message]:
        """The regular status: in its time, and at once when a flag or a small code changes."""
        is_due = now - self._spoken >= self._every or _flags(status) != _flags(self._shown)
        if self.body.has("record-gap") or not status or not is_due:
            return []
        self._shown, self._spoken = status, now
        return [self._telemetry(status, date)]

    def _word(self, word: Utterance, date: datetime) -> list[Message]:
        match word:
            case Event():
                return self._event(word, date)
            case Record(values):
                return [] if self.body.has("record-gap") else [self._telemetry(values, date)]
            case Sale():
                return [self._sale(word, date)]

    def _event(self, event: Event, date: datetime) -> list[Message]:
        code = self.dialect.code(event.name)
        if code is None:
            return []
        return [self._message(Channel.EVENT, DeviceEvent(date, code, event.phase, self._next(), event.text))]

    def _telemetry(self, values: Status, date: datetime) -> Message:
        said, date = self.dialect.values(values), self._stamp(date)
        return self._message(Channel.TELEMETRY, Telemetry(date, said, self._next(), self.dialect.units_of(values)))

    def _sale(self, sale: Sale, date: datetime) -> Message:
        tx_id = f"{date:%Y%m%d%H%M%S}-{sale.seq:06d}"
        masses = (sale.gross_g, sale.tare_g, sale.net_g)
        price = (sale.unit_price, sale.amount)
        return self._message(
            Channel.TRANSACTION,
            Transaction(date, tx_id, sale.seq, sale.product, *masses, *price, pay=sale.pay, trace=sale.trace),
        )

    def _message(self, channel: Channel, body: Telemetry | DeviceEvent | Transaction) -> Message:
        return Message(str(DeviceTopic(self._site, self._code, channel)), msgspec.json.encode(body))

    def _stamp(self, date: datetime) -> datetime:
        """A millisecond after the last telemetry where it would have the same time: a reading is known by its time."""
        if timedelta() <= self._stamped - date < SAME:
            date = self._stamped + timedelta(milliseconds=1)
        self._stamped = date
        return date

    def _next(self) -> int:
        self._seq += 1
        return self._seq


def _flags(status: Status) -> list[float | bool]:
    """What a terminal reports at once when it changes: flags and small codes, not measured values."""
    return [value for value in status.values() if isinstance(value, int)]
