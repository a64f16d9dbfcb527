"""The timekeeper's arithmetic, and an edge whose clock is five seconds off."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wire import EdgeClock
from edge import timekeeper
from edge.journal import Journal
from edge.spool import Priority, Spool
from edge.timekeeper import Exchange, Timekeeper, best, is_news
from tests.servers import wait_for

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MS = 1000


@given(
    ahead=st.integers(-(10**12), 10**12),
    there=st.integers(0, 10**6),
    back=st.integers(0, 10**6),
    work=st.integers(0, 10**6),
)
def test_the_error_is_at_most_half_of_the_way(ahead: int, there: int, back: int, work: int) -> None:
    asked = 10**15
    exchange = Exchange(asked + ahead, asked + there, asked + there + work, asked + there + work + back + ahead)
    assert exchange.rtt == there + back
    assert abs(exchange.ahead - ahead) <= exchange.rtt // 2 + 1


def test_the_quickest_exchange_counts_and_none_over_which_the_clock_was_set_back() -> None:
    slow, quick = Exchange(0, 90 * MS, 90 * MS, 100 * MS), Exchange(0, 1 * MS, 1 * MS, 2 * MS)
    back = Exchange(0, 5 * MS, 6 * MS, -(50 * MS))
    assert best([slow, quick, back]) is quick
    assert best([back]) is None


@pytest.mark.parametrize(
    ("seconds", "offset", "rtt", "news"),
    [(60, 90, 2, False), (60, 100, 2, True), (60, -100, 2, True), (60, 300, 700, False), (3600, 0, 2, True)],
)
def test_only_what_is_news_is_told(seconds: int, offset: int, rtt: int, news: bool) -> None:
    last = EdgeClock(NOON, 0, 2)
    assert is_news(last, EdgeClock(NOON + timedelta(seconds=seconds), offset, rtt)) is news
    assert is_news(None, last)


class _Platform(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        _Platform.asked += 1
        now = time.time_ns() // 1000
        body = msgspec.json.encode({"received": now, "answered": now})
        self.send_response(200 if self.path == "/edge/time" else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def platform() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Platform)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_edge_that_is_five_seconds_ahead_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timekeeper, "EVERY_S", 0.01)
    monkeypatch.setattr(timekeeper, "_APART_S", 0.0)
    journal = Journal(tmp_path / "spool.db")
    journal.open()
    spool = Spool(journal, 10**6)
    with platform() as url:
        keeper = Timekeeper(url, spool, lambda: time.time_ns() // 1000 + 5_000_000)
        keeper.open()
        wait_for(lambda: spool.load.depth > 0)
        begun = _Platform.asked
        wait_for(lambda: _Platform.asked > begun + 3 * timekeeper.SAMPLES)  # more rounds, no news
        assert abs(keeper.moment() - datetime.now(UTC)) < timedelta(seconds=2)  # what it hears it stamps rightly
        keeper.close()
    (item,) = spool.waiting((Priority.HEALTH,), 9, 10**6, {}).items
    said = msgspec.json.decode(item.body, type=EdgeClock)
    assert said.offset_ms == pytest.approx(5000, abs=said.rtt_ms / 2 + 50)
    assert said.at > datetime.now(UTC) + timedelta(seconds=3)  # by its own clock, as its evidence is
    journal.close()
