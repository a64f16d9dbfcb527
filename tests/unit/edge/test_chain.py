"""Statements are linked as they are spooled: in one transaction, per camera, and on across restarts."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from domain.chain import GENESIS, Standing, breaks, digest
from domain.wire import CameraHealth, EdgeBody, Health, Link, SceneEnded
from edge.journal import Journal
from edge.spool import Draft, Priority, Spool, TooLargeError

NOW = datetime(2026, 7, 1, tzinfo=UTC)
NO_CHAIN = Draft(Priority.HEALTH, CameraHealth("cam", NOW, Health.OK, ""))


def ended(camera: str = "cam", why: str = "gone") -> Draft:
    return Draft(Priority.CLASS_II, SceneEnded("e" * 32, camera, NOW, why))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "spool.db")
    journal.open()
    yield journal
    journal.close()


def links(spool: Spool, camera: str = "cam") -> list[tuple[Link, str]]:
    bodies = [bytes(item.body) for item in spool.waiting(tuple(Priority), 999, 10**7, {}).items]
    said = [(msgspec.json.decode(body, type=EdgeBody), body) for body in bodies]
    return [
        (one.link, digest(body))
        for one, body in said
        if isinstance(one, SceneEnded) and one.link is not None and one.camera == camera
    ]


def standings(spool: Spool, camera: str = "cam") -> list[Standing]:
    return [
        Standing(link.chain, link.index, link.previous, hashed, sound=True) for link, hashed in links(spool, camera)
    ]


def test_each_camera_has_a_chain_of_its_own_under_the_spools_name(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    spool.append([ended(), ended("other"), NO_CHAIN, ended()])
    (first, hashed), (second, _) = links(spool)
    assert (first, second) == (Link(spool.id, 1, GENESIS), Link(spool.id, 2, hashed))
    assert links(spool, "other")[0][0] == Link(spool.id, 1, GENESIS)


def test_it_goes_on_after_a_restart_and_when_items_are_acknowledged(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    spool.append([ended(why=str(n)) for n in range(3)])
    before = standings(spool)
    spool.acknowledge([item.seq for item in spool.waiting(tuple(Priority), 99, 10**6, {}).items])
    reborn = Spool(journal, 10**6)
    reborn.append([ended(why="after")])
    assert list(breaks([*before, *standings(reborn)])) == []


def test_what_was_not_spooled_has_not_moved_the_chain(journal: Journal) -> None:
    spool = Spool(journal, 10**6)
    with pytest.raises(TooLargeError):
        spool.append([ended(), ended(why="x" * 300_000)])
    with suppress(RuntimeError), journal.transaction():
        spool.append([ended()])
        raise RuntimeError
    spool.append([ended()])
    assert [link.index for link, _ in links(spool)] == [1]


def test_a_lost_spool_begins_a_new_chain_that_says_so_by_its_name(tmp_path: Path) -> None:
    chains = set()
    for name in ("one.db", "two.db"):
        journal = Journal(tmp_path / name)
        journal.open()
        spool = Spool(journal, 10**6)
        spool.append([ended()])
        ((link, _),) = links(spool)
        assert (link.index, link.previous) == (1, GENESIS)
        chains.add(link.chain)
        journal.close()
    assert len(chains) == 2
