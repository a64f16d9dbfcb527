"""The bench's devices: a small raw-socket MQTT 3.1.1 publisher at QoS 1, so that it takes little of the machine.

Runs as a process of its own, with its plan in a file. It reads from stdin one line for each credit: how many messages
it may have sent in all. It ends when the broker has acknowledged every one.
"""

import os
import select
import selectors
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from ingest.packet import framed

SITE = "bench"
_CHUNK = 500  # messages in one go
_NAP_S = 0.002
_MOST_IDS = 65_535
_PUBACK = 4  # bytes


class Plan(msgspec.Struct, frozen=True):
    """`users`: a single one speaks for all devices over one connection, as a bridge does; else one for each device."""

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


def connect(port: int, user: str, secret: str) -> socket.socket:
    """A connection that is let in; raises ConnectionRefusedError where it is not."""
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = _string("MQTT") + b"\x04\xc2" + struct.pack("!H", 0)
    line.sendall(framed(0x10, head + _string(user) + _string(user) + _string(secret)))
    if line.recv(4) != b"\x20\x02\x00\x00":
        line.close()
        raise ConnectionRefusedError(f"the broker does not let {user} in")
    return line


def publish(number: int, who: str, stamp: int, values: str) -> bytes:
    """One message of telemetry, measured at `stamp` (µs)."""
    second, micro = divmod(stamp, 1_000_000)
    body = f'{{"ts":"{_clock(second)}.{micro:06d}Z","seq":{number},"values":{{{values}}}}}'
    topic = _string(f"mc/v1/{SITE}/{who}/telemetry")
    return framed(0x32, topic + struct.pack("!H", number % _MOST_IDS + 1) + body.encode())


@dataclass(slots=True)
class _Fleet:
    plan: Plan
    lines: list[socket.socket]
    answers: selectors.BaseSelector
    sent: int = 0
    answered: int = 0  # bytes
    credit: int = 0
    stamp: int = 0  # µs; each message has a later one
    began: float = 0.0
    words: bytearray = field(default_factory=bytearray)

    def run(self) -> None:
        self.began = time.monotonic()
        while self.answered < self.plan.total * _PUBACK:
            self._listen()
            until = self._until()
            if until > self.sent:
                self._send(until)
            else:
                time.sleep(_NAP_S)
            self._drain()

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
            *whole, rest = bytes(self.words + said).split(b"\n")
            self.words = bytearray(rest)
            if whole:
                self.credit = int(whole[-1])

    def _send(self, until: int) -> None:
        self.stamp = max(self.stamp, time.time_ns() // 1000)
        packets = [self._packet(number) for number in range(self.sent, until)]
        if len(self.lines) == 1:
            self.lines[0].sendall(b"".join(packets))
        else:
            for number, packet in enumerate(packets, self.sent):
                self.lines[number % len(self.lines)].sendall(packet)
        self.sent = until

    def _packet(self, number: int) -> bytes:
        self.stamp += 1
        return publish(number, device(number % self.plan.devices), self.stamp, self.plan.values % (number % 100))

    def _drain(self) -> None:
        for key, _ in self.answers.select(0):
            said = cast(socket.socket, key.fileobj).recv(1 << 16)
            if not said:
                sys.exit("the broker has closed a connection")
            self.answered += len(said)


_clocks: dict[int, str] = {}


def _clock(second: int) -> str:
    """A second of the wall clock in ISO 8601, without its fraction."""
    found = _clocks.get(second)
    if found is None:
        _clocks.clear()
        found = _clocks[second] = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    return found


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("!H", len(encoded)) + encoded


def main() -> None:
    """Connect, say `ready`, publish."""
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    lines = [connect(plan.port, user, plan.secret) for user in plan.users]
    with selectors.DefaultSelector() as answers:
        for line in lines:
            answers.register(line, selectors.EVENT_READ)
        print("ready", flush=True)
        _Fleet(plan, lines, answers).run()


if __name__ == "__main__":
    main()
