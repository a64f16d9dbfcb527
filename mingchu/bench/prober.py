"""One device of a bench's house whose messages are looked for in the table: how long from message to queryable."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import socket

import psycopg

from domain import credential
from mingchu.bench import fleet, intake
from mingchu.bench.house import House
from mingchu.bench.intake import EIGHT
from mingchu.bench.process import BenchError
from store import throughput

LOOK_S = 0.01
PATIENCE_S = 30.0


@dataclass(slots=True)
class Prober:
    """Speaks over a connection of its own and asks over another. `sent`: how many messages."""

    line: socket
    connection: psycopg.Connection
    code: str
    device: int  # its id
    sent: int = 0

    def probe(self) -> float:
        """Seconds until one more message can be queried; raises BenchError where it cannot be in time."""
        stamp = time.time_ns() // 1000
        began = time.monotonic()
        try:
            self.line.sendall(fleet.publish(self.sent, self.code, stamp, EIGHT.values % 0))
        except OSError as error:
            raise BenchError(f"the broker has closed the prober's connection: {error.strerror}") from error
        self.sent += 1
        while throughput.newest(self.connection, self.device) < stamp:
            if time.monotonic() - began > PATIENCE_S:
                raise BenchError(f"a message was not in the table after {PATIENCE_S:.0f} s")
            time.sleep(LOOK_S)
        return time.monotonic() - began


@contextmanager
def prober(where: House) -> Iterator[Prober]:
    """The house's own."""
    device = intake.ask(where.dsn, lambda connection: throughput.device(connection, fleet.SITE, where.prober))
    user = credential.device_user(fleet.SITE, where.prober)
    with (
        fleet.connect(where.broker_port, user, where.secret) as line,
        psycopg.connect(where.dsn, autocommit=True) as connection,
    ):
        yield Prober(line, connection, where.prober, device)
