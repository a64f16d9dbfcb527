"""The timekeeper: by how much this machine's clock differs from the platform's, measured as NTP does (RFC 5905 §8)."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import msgspec
import structlog

from domain.wire import CLOCK_BOUND_MS, EdgeClock
from edge.journal import JournalError
from edge.spool import Draft, Priority, Spool

log = structlog.get_logger(__name__)

EVERY_S = 60.0
AGAIN_S = 10.0  # after a failure
TOLD_S = 3600.0  # what has not changed is told so often all the same
CHANGE_MS = 100  # less is the network's, not the clock's
SAMPLES = 5
_APART_S = 0.1
_TIMEOUT_S = 5.0


class _Answer(msgspec.Struct, frozen=True):
    """The platform's own time (µs) when the question came and when the answer went."""

    received: int
    answered: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer: four times in µs, the outer two by our clock, the inner two by the platform's."""

    asked: int
    received: int
    answered: int
    heard: int

    @property
    def rtt(self) -> int:
        """µs on the way, there and back."""
        return (self.heard - self.asked) - (self.answered - self.received)

    @property
    def ahead(self) -> int:
        """By how much our clock is ahead (µs), if both ways took equally long; wrong by half of `rtt` at most."""
        return ((self.asked - self.received) + (self.heard - self.answered)) // 2


def best(exchanges: Sequence[Exchange]) -> Exchange | None:
    """The quickest one: it waited in the fewest queues. One in which our clock was set back does not count."""
    return min((each for each in exchanges if each.rtt >= 0), key=lambda each: each.rtt, default=None)


def is_news(last: EdgeClock | None, now: EdgeClock) -> bool:
    """Whether a measurement is worth telling after the `last` one told."""
    if last is None or abs((now.at - last.at).total_seconds()) >= TOLD_S:
        return True
    return abs(now.offset_ms - last.offset_ms) >= max(CHANGE_MS, (now.rtt_ms + last.rtt_ms) // 2)


class Timekeeper:
    """Runs in a thread of its own. The platform's answer costs it no database."""

    def __init__(self, api_url: str, spool: Spool, now: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        """`now`: this machine's clock in µs."""
        self._url, self._spool, self._now = f"{api_url.rstrip('/')}/edge/time", spool, now
        self._last: EdgeClock | None = None
        self._ahead = 0  # µs
        self._off = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="timekeeper", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Waits for the question in hand."""
        self._stop.set()
        self._thread.join()

    def moment(self) -> datetime:
        """What time it is on the platform, as well as we know: ours, until a comparison has succeeded."""
        return datetime.fromtimestamp((self._now() - self._ahead) / 1_000_000, UTC)

    def _run(self) -> None:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
            while not self._stop.is_set():
                pause = AGAIN_S
                try:
                    self._round(client)
                    pause = EVERY_S
                except (httpx.HTTPError, msgspec.DecodeError, JournalError) as error:
                    log.debug("the clock could not be compared", why=str(error))
                except Exception:
                    log.exception("the timekeeper failed")
                self._stop.wait(pause)

    def _round(self, client: httpx.Client) -> None:
        exchanges: list[Exchange] = []
        for _ in range(SAMPLES):
            exchanges.append(self._ask(client))
            if self._stop.wait(_APART_S):
                return
        found = best(exchanges)
        if found is not None:
            self._ahead = found.ahead
            self._tell(_measured(found))

    def _ask(self, client: httpx.Client) -> Exchange:
        asked = self._now()
        answer = client.get(self._url)
        heard = self._now()
        answer.raise_for_status()
        said = msgspec.json.decode(answer.content, type=_Answer)
        return Exchange(asked, said.received, said.answered, heard)

    def _tell(self, measured: EdgeClock) -> None:
        off = abs(measured.offset_ms) > CLOCK_BOUND_MS
        if off and not self._off:
            why = "this machine's clock is wrong: set it, or let it follow a time server"
            log.warning(why, ahead_ms=measured.offset_ms)
        self._off = off
        if is_news(self._last, measured):
            self._spool.append([Draft(Priority.HEALTH, measured)])
            self._last = measured


def _measured(exchange: Exchange) -> EdgeClock:
    at = datetime.fromtimestamp(exchange.heard / 1_000_000, UTC)
    return EdgeClock(at, round(exchange.ahead / 1000), round(exchange.rtt / 1000))
