"""The spool: nothing that was appended is lost to a kill; what must be shed is the least important first."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.wire import CameraHealth, Health, Relayed
from edge.journal import DamagedError, Journal, JournalError
from edge.spool import Draft, Load, Priority, Spool, TooLargeError, spans

ALL = tuple(Priority)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
KILLS = 10

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from domain.wire import Relayed
from edge.journal import Journal
from edge.spool import Draft, Priority, Spool
journal = Journal(Path(sys.argv[1]))
journal.open()
spool = Spool(journal, 100_000_000)
number = int(sys.argv[2])
while True:
    spool.append([Draft(Priority.TELEMETRY, Relayed(str(number), b"", datetime.now(UTC)))])
    print(number, flush=True)
    number += 1
"""


def draft(name: str, priority: Priority = Priority.TELEMETRY, size: int = 10) -> Draft:
    return Draft(priority, Relayed(name, bytes(size), NOW))


def names(spool: Spool) -> list[str]:
    return [msgspec.json.decode(item.body, type=Relayed).topic for item in spool.waiting(ALL, 1000, 10**9, {}).items]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "spool.db")
    journal.open()
    yield journal
    journal.close()


def test_items_wait_gravest_first_then_oldest_until_acknowledged(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    spool.append([draft("a"), draft("b", Priority.CLASS_I), draft("c")])
    assert names(spool) == ["b", "a", "c"]
    assert spool.acknowledge([1, 99]) == 1
    assert names(spool) == ["b", "c"]
    assert spool.load.depth == 2


def test_a_batch_is_bounded_in_items_and_bytes_and_goes_on_where_the_last_one_ended(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    spool.append([draft(str(i), size=1000) for i in range(10)])
    first = spool.waiting(ALL, 3, 10**6, {})
    assert [item.seq for item in first.items] == [1, 2, 3]
    assert [item.seq for item in spool.waiting(ALL, 2, 10**6, first.upto).items] == [4, 5]
    assert len(spool.waiting(ALL, 10, 5000, {}).items) == 3


def test_each_lane_has_an_order_of_its_own(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    spool.append([draft("a"), draft("sale", Priority.FACT), draft("rat", Priority.CLASS_I), draft("b")])
    portion = spool.waiting((Priority.FACT, Priority.TELEMETRY), 2, 10**6, {})
    assert [item.seq for item in portion.items] == [2, 1]
    assert portion.upto == {Priority.FACT: 2, Priority.TELEMETRY: 1}
    spool.append([draft("event", Priority.FACT)])
    assert [item.seq for item in spool.waiting((Priority.FACT, Priority.TELEMETRY), 9, 10**6, portion.upto).items] == [
        5,
        4,
    ]
    assert [item.seq for item in spool.waiting((Priority.CLASS_I,), 9, 10**6, {}).items] == [3]


@given(st.sets(st.integers(0, 60)))
def test_spans_are_exactly_the_numbers(numbers: set[int]) -> None:
    found = spans(numbers)
    assert {n for first, last in found for n in range(first, last + 1)} == numbers
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))


def test_a_reopened_spool_has_its_name_its_items_and_never_reuses_a_number(tmp_path: Path) -> None:
    first = Journal(tmp_path / "spool.db")
    first.open()
    spool = Spool(first, 10**6)
    spool.append([draft("a")])
    spool.acknowledge([1])
    first.close()
    second = Journal(tmp_path / "spool.db")
    second.open()
    again = Spool(second, 10**6)
    again.append([draft("b")])
    assert again.id == spool.id
    assert [item.seq for item in again.waiting(ALL, 9, 10**6, {}).items] == [2]
    second.close()


def test_what_was_announced_survives_every_kill(tmp_path: Path) -> None:
    path, announced = tmp_path / "spool.db", 0
    for life in range(KILLS):
        argv = (sys.executable, "-c", WRITER, str(path), str(announced))
        writer = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
        assert writer.stdout is not None
        for _ in range(5 + 3 * life):
            announced = int(writer.stdout.readline()) + 1
        os.kill(writer.pid, signal.SIGKILL)
        rest, _ = writer.communicate()
        announced = int(rest.split()[-1]) + 1 if rest.split() else announced
        journal = Journal(path)
        journal.open()
        kept = [int(name) for name in names(Spool(journal, 10**8))]
        journal.close()
        assert set(range(announced)) <= set(kept)
        announced = kept[-1] + 1  # one may be written and not yet announced
    assert list(tmp_path.glob("*.damaged*")) == []


def test_a_full_spool_sheds_the_oldest_of_the_least_important_and_counts(journal: Journal) -> None:
    spool = Spool(journal, 3000)
    grave = [draft(f"grave{i}", Priority.CLASS_I, 300) for i in range(3)]
    spool.append([draft("old", size=300), *grave, draft("new", size=300)])
    spool.append([draft("newest", size=300)])
    assert names(spool) == ["grave0", "grave1", "grave2", "new", "newest"]
    assert spool.load.shed == 1
    spool.append(grave[:2])
    assert names(spool) == ["grave0", "grave1", "grave2", "grave0", "grave1"]
    assert spool.load.shed == 3


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Priority), st.integers(0, 400)), max_size=40))
def test_shedding_never_takes_the_grave_while_something_lesser_remains(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[Priority, int]]
) -> None:
    journal = Journal(tmp_path_factory.mktemp("spool") / "spool.db")
    journal.open()
    spool, appended = Spool(journal, 2500), [(priority, f"{i}") for i, (priority, _) in enumerate(items)]
    for (priority, name), (_, size) in zip(appended, items, strict=True):
        before = set(names(spool))
        spool.append([draft(name, priority, size)])
        after = names(spool)
        shed = [p for p, each in appended if each in (before | {name}) - set(after)]
        kept = [p for p, each in appended if each in after]
        assert not shed or not kept or min(shed) >= max(kept)
        assert spool.load.size <= 2500
    journal.close()


def test_an_item_that_the_platform_would_never_take_is_refused(journal: Journal) -> None:
    with pytest.raises(TooLargeError):
        Spool(journal, 10**7).append([draft("huge", size=300_000)])


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b"SQLite format 3\x00" + bytes(5000)])
def test_a_damaged_file_is_set_aside_and_a_new_spool_begins(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "spool.db"
    path.write_bytes(damage)
    journal = Journal(path)
    journal.open()
    spool = Spool(journal, 10**6)
    spool.append([Draft(Priority.HEALTH, CameraHealth("c1", NOW, Health.OK, "why"))])
    assert spool.load.depth == 1
    assert [file.read_bytes() for file in tmp_path.glob("spool.db.damaged-*Z")] == [damage]
    journal.close()


def test_damage_in_use_is_noticed_so_that_the_agent_starts_anew(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    spool.append([draft(str(i), size=5000) for i in range(50)])
    journal.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.rows("PRAGMA cache_size = 0")
    with journal.path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(200_000))
    with pytest.raises(DamagedError):
        _append_and_read(spool)
    assert journal.damaged.is_set()


def _append_and_read(spool: Spool) -> None:
    for _ in range(20):
        spool.append([draft("more", size=5000)])
        names(spool)


def test_a_transaction_inside_another_is_undone_with_it(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    with pytest.raises(JournalError):
        _append_and_fail(journal, spool)
    assert spool.load == Load(0, 0, 0)
    spool.append([draft("b")])
    assert names(spool) == ["b"]


def _append_and_fail(journal: Journal, spool: Spool) -> None:
    with journal.transaction() as connection:
        spool.append([draft("a")])
        connection.execute("INSERT INTO nowhere VALUES (1)")
