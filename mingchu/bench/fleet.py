"""The bench's devices: a small raw-socket MQTT 3.1.1 publisher at QoS 1, so that it takes little of the machine.

Runs as a process of its own. It reads its plan as one line of JSON on stdin, then one line for each credit: how many
messages it may have sent in all. It prints how many the broker has acknowledged, and ends when that is all of them.
"""

import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

import msgspec

SITE = "bench"
_CHUNK = 500  # messages in one go
_NAP_S = 0.002
_MOST_IDS = 65_535


class Plan(msgspec.Struct, frozen=True):
    """`users`: one connection each. A single one speaks for all devices, as a bridge does; else one for each."""

    port: int
    users: tuple[str, ...]
    secret: str
    devices: int
    values: str  # the JSON of a message's values, with one %d in it
    total: int
    rate: float | None = None  # messages/s; None: as fast as the credits allow


def device(number: int) -> str:
    """The code of the bench's device of that number."""
    return f"d{number}"


@dataclass(slots=True)
class _Fleet:
    plan: Plan
    lines: list[socket.socket]
    topics: list[bytes]
    sent: int = 0
    acknowledged: int = 0
    credit: int = 0
    stamp: int = 0  # µs; each message has a later one
    began: float = 0.0
    words: bytearray = field(default_factory=bytearray)

    def run(self) -> None:
        self.began, told = time.monotonic(), 0.0
        while self.acknowledged < self.plan.total:
            self._listen()
            until = self._until()
            if until > self.sent:
                self._send(until)
            else:
                time.sleep(_NAP_S)
            self._drain()
            if time.monotonic() - told > 0.1:
                told = time.monotonic()
                print(self.acknowledged, flush=True)
        print(self.acknowledged, flush=True)

    def _until(self) -> int:
        """Up to which message may be sent now."""
        due = min(self.credit, self.plan.total, self.sent + _CHUNK)
        if self.plan.rate is None:
            return due
        return min(due, int((time.monotonic() - self.began) * self.plan.rate))

    def _listen(self) -> None:
        while select.select([sys.stdin], [], [], 0)[0]:
            said = os.read(sys.stdin.fileno(), 4096)
            if not said:
                sys.exit("the bench has gone")
            self.words += said
            *whole, rest = bytes(self.words).split(b"\n")
            self.words = bytearray(rest)
            if whole:
                self.credit = int(whole[-1])

    def _send(self, until: int) -> None:
        self.stamp = max(self.stamp, time.time_ns() // 1000)
        if len(self.lines) == 1:
            self.lines[0].sendall(b"".join([self._packet(number) for number in range(self.sent, until)]))
        else:
            for number in range(self.sent, until):
                self.lines[number % len(self.lines)].sendall(self._packet(number))
        self.sent = until

    def _packet(self, number: int) -> bytes:
        self.stamp += 1
        second, micro = divmod(self.stamp, 1_000_000)
        topic = self.topics[number % self.plan.devices]
        values = self.plan.values % (number % 100)
        body = f'{{"ts":"{_clock(second)}.{micro:06d}Z","seq":{number},"values":{{{values}}}}}'.encode()
        rest = b"".join((_string(topic), struct.pack("!H", number % _MOST_IDS + 1), body))
        return b"\x32" + _length(len(rest)) + rest

    def _drain(self) -> None:
        for line in select.select(self.lines, [], [], 0)[0]:
            said = line.recv(1 << 16)
            if not said:
                sys.exit("the broker has closed the connection")
            self.acknowledged += len(said) / 4  # type: ignore[assignment]  # a PUBACK has four bytes; one may be cut


_clocks: dict[int, str] = {}


def _clock(second: int) -> str:
    """A second of the wall clock in ISO 8601, without its fraction."""
    found = _clocks.get(second)
    if found is None:
        _clocks.clear()
        found = _clocks[second] = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    return found


def _string(text: bytes) -> bytes:
    return struct.pack("!H", len(text)) + text


def _length(size: int) -> bytes:
    """MQTT's variable byte integer."""
    out = bytearray()
    while True:
        size, low = divmod(size, 128)
        out.append(low | 128 if size else low)
        if not size:
            return bytes(out)


def _connect(plan: Plan, user: str) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", plan.port), timeout=60)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    rest = _string(b"MQTT") + b"\x04\xc2" + struct.pack("!H", 0)
    rest += _string(user.encode()) + _string(user.encode()) + _string(plan.secret.encode())
    line.sendall(b"\x10" + _length(len(rest)) + rest)
    if line.recv(4) != b"\x20\x02\x00\x00":
        sys.exit(f"the broker does not let {user} in")
    return line


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.readline(), type=Plan)
    lines = [_connect(plan, user) for user in plan.users]
    print(0, flush=True)
    topics = [f"mc/v1/{SITE}/{device(number)}/telemetry".encode() for number in range(plan.devices)]
    _Fleet(plan, lines, topics).run()


if __name__ == "__main__":
    main()
